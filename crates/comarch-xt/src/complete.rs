//! What the ERP fills in by itself: ids, codes, numbers, dates, totals.

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::Resource;
use crate::resources::RESOURCES;
use crate::{edition, history, series};

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

/// Completes a record, from a client, from seed data or from the control API. What is there stays, except what
/// follows from the rest.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    for (name, field) in &db.table(entity)?.entity.fields {
        if !field.default.is_null() && record.get(name).is_none_or(Value::is_null) {
            record.insert(name.clone(), field.default.clone());
        }
    }
    let key = db.table(entity)?.entity.keys.first().map_or("Id", String::as_str);
    series::identify_by(db, entity, key, record)?;
    match resource(entity) {
        Some(resource) => (resource.complete)(db, record),
        None => {
            history::complete(db, record);
            Ok(())
        }
    }
}
