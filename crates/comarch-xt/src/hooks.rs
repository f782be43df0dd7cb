//! What seed data and the control API do: they name the entity of a record, no call.

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::Resource;
use crate::complete::Complete;
use crate::resources::RESOURCES;
use crate::{edition, history};

/// What holds the records of an entity.
fn resource(entity: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.name == entity)
}

/// Dates that a person writes are days of the firm, as those of clients are (DECISIONS).
pub(crate) fn received(db: &Db<'_>, entity: &str, record: &mut Map<String, Value>) -> Result<()> {
    // What is no day is left to whoever checks the fields.
    edition::to_days(&edition::zone(&db.settings()), &db.table(entity)?.entity.fields, record);
    Ok(())
}

/// What else changes when a person deletes a record.
pub(crate) fn deleted(db: &Db<'_>, entity: &str, record: &Record) -> Result<()> {
    let id = record.values.get("Id").and_then(Value::as_i64).unwrap_or_default();
    let removed = resource(entity).map_or_else(|| Ok(Vec::new()), |resource| (resource.removed)(db, id))?;
    removed.into_iter().try_for_each(|change| history::by_person(db, change))
}

/// Completes a record that seed data or a person brings.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    let plain: Complete = |db, record| {
        history::complete(db, record);
        Ok(())
    };
    let own = resource(entity).map_or(plain, |resource| resource.complete);
    crate::complete::complete(db, entity, own, record)
}
