//! Records that name others: what the profile's `references` says, checked on writes and on deletions.

use serde_json::{Map, Value};
use simcore::entity::model::{Table, quote};
use simcore::entity::profile::Field;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::error;
use crate::names::singular;

/// The record that an id names; nothing where the id is null or unknown.
pub(crate) fn related(db: &Db<'_>, entity: &str, id: Option<&Value>) -> Result<Option<Record>> {
    let Some(id) = id.and_then(Value::as_i64) else { return Ok(None) };
    db.find(db.table(entity)?, "", "Id", &id.to_string())
}

/// What a document names must exist (section 10, 20).
///
/// # Errors
/// 400 with the first id that nothing has.
pub(crate) fn check(db: &Db<'_>, table: &Table, record: &Map<String, Value>) -> Result<()> {
    for (name, field) in &table.entity.fields {
        exists(db, field, record.get(name))?;
        let items = record.get(name).and_then(Value::as_array).into_iter().flatten();
        for (item, (name, field)) in
            items.flat_map(|item| field.fields.iter().map(move |field| (item, field)))
        {
            exists(db, field, item.get(name))?;
        }
    }
    Ok(())
}

fn exists(db: &Db<'_>, field: &Field, id: Option<&Value>) -> Result<()> {
    let (Some(target), Some(id)) = (&field.references, id.and_then(Value::as_i64)) else { return Ok(()) };
    match db.find_id(db.table(target)?, "", "Id", &id.to_string())? {
        Some(_) => Ok(()),
        None => Err(error::unknown_reference(singular(target), &id.to_string())),
    }
}

/// Whether any record names the one of `target` with this id.
pub(crate) fn is_used(db: &Db<'_>, target: &str, id: i64) -> Result<bool> {
    let names = |field: &Field| field.references.as_deref() == Some(target);
    for table in db.model.tables.values() {
        for (name, field) in &table.entity.fields {
            if names(field) && exists_in(db, table, &format!("{} = ?", quote(name)), id)? {
                return Ok(true);
            }
            for (inner, _) in field.fields.iter().filter(|(_, field)| names(field)) {
                let values = format!("path_values({}, '[\"{inner}\"]')", quote(name));
                let condition = format!("EXISTS (SELECT 1 FROM json_each({values}) WHERE value = ?)");
                if exists_in(db, table, &condition, id)? {
                    return Ok(true);
                }
            }
        }
    }
    Ok(false)
}

fn exists_in(db: &Db<'_>, table: &Table, condition: &str, id: i64) -> Result<bool> {
    let text = format!("SELECT 1 FROM {} WHERE {condition}", table.sql);
    Ok(db.conn.prepare_cached(&text)?.exists([id])?)
}
