//! Single records: found by id or code, shown as the API shows them.

use odata::{Bind, Sql};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::store::rows::{ColumnSelection, Record};
use simcore::{Db, Result, Select};

use crate::error;

/// A condition on the rows of a table.
pub(crate) fn condition(text: impl Into<String>, binds: Vec<Bind>) -> Sql {
    Sql { text: text.into(), binds }
}

/// Rows that are not marked as deleted.
pub(crate) fn alive() -> Sql {
    condition("coalesce(supprime, 0) = 0", Vec::new())
}

/// The record that `key`, the text of a path, names by its id; deleted ones are not found.
///
/// # Errors
/// 404 `NOT_FOUND`.
pub(crate) fn by_id(db: &Db<'_>, entity: &str, key: &str) -> Result<Record> {
    let table = db.table(entity)?;
    let field = table.entity.keys.first().map(String::as_str).unwrap_or_default();
    let found = db.find(table, "", field, key)?.filter(|record| !record.flag("supprime"));
    found.ok_or_else(|| error::NOT_FOUND.into())
}

/// The record of that id, deleted or not there as nothing.
pub(crate) fn known(db: &Db<'_>, entity: &str, id: i64) -> Result<Option<Record>> {
    match by_id(db, entity, &id.to_string()) {
        Ok(record) => Ok(Some(record)),
        Err(error) if error::NOT_FOUND.is(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The first record alive whose `field` is `value`, whatever its case.
pub(crate) fn by_text(db: &Db<'_>, entity: &str, field: &str, value: &str) -> Result<Option<Record>> {
    let table = db.table(entity)?;
    let column = simcore::entity::model::quote(field);
    let equal = condition(format!("{column} = ? COLLATE FOLD"), vec![Bind::Text(value.to_owned())]);
    let select = Select { filters: vec![equal, alive()], limit: Some(1), ..Select::default() };
    Ok(db.records(table, &select)?.pop())
}

/// A stored record as the API shows it.
pub(crate) fn shown(db: &Db<'_>, table: &Table, row: i64) -> Result<Vec<u8>> {
    db.shown(table, &ColumnSelection::plain(table), row)
}

/// A whole number of a record, nothing when it is null or absent.
pub(crate) fn integer(values: &Map<String, Value>, field: &str) -> Option<i64> {
    values.get(field).and_then(Value::as_i64)
}

/// A text of a record that is neither absent nor blank.
pub(crate) fn text<'a>(values: &'a Map<String, Value>, field: &str) -> Option<&'a str> {
    values.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The objects of a list field.
pub(crate) fn items(values: &Map<String, Value>, field: &str) -> Vec<Map<String, Value>> {
    let items = values.get(field).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_object).cloned().collect()
}

/// Where in `items` the one is whose `field` is the id `key`, the text of a path.
///
/// # Errors
/// 404 `NOT_FOUND`.
pub(crate) fn place(items: &[Map<String, Value>], field: &str, key: &str) -> Result<usize> {
    let id: Option<i64> = key.parse().ok();
    let place = items.iter().position(|item| id.is_some() && integer(item, field) == id);
    place.ok_or_else(|| error::NOT_FOUND.into())
}
