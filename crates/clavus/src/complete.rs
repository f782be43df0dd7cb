//! What the ERP fills in by itself in records of seed data, scenarios and the control API.

use axum::http::StatusCode;
use serde_json::{Map, Value};
use simcore::base::diagnostics::unknown;
use simcore::{Db, Error, Result};

use crate::search::token::folded;
use crate::{column, cuid};

/// Ids, a column's slug, and the slugs of a folder's values where they are named by id or label.
///
/// # Errors
/// 400 for a key without its text, and for a value of a column that there is not.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    let has_id = db.table(entity)?.entity.keys.iter().any(|key| key == "id");
    if has_id && record.get("id").is_none_or(Value::is_null) {
        record.insert("id".to_owned(), cuid::next(db)?.into());
    }
    let own = COMPLETED.iter().find(|(name, _)| *name == entity);
    own.map_or(Ok(()), |(_, complete)| complete(db, record))
}

/// What is an entity's own.
const COMPLETED: [(&str, Complete); 3] = [
    ("keys", |_, record| key(record)),
    ("columns", |_, record| {
        column(record);
        Ok(())
    }),
    ("folders", folder),
];

type Complete = fn(&Db<'_>, &mut Map<String, Value>) -> Result<()>;

fn key(record: &Map<String, Value>) -> Result<()> {
    match record.get("key").and_then(Value::as_str) {
        Some(key) if !key.is_empty() && !key.contains(char::is_whitespace) => Ok(()),
        _ => Err(invalid("not a keys").detail("key", "must be a text without blanks")),
    }
}

fn column(record: &mut Map<String, Value>) {
    if record.get("name").is_none_or(Value::is_null) {
        let label = record.get("label").and_then(Value::as_str).unwrap_or_default();
        record.insert("name".to_owned(), slug(label).into());
    }
}

fn folder(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    if let Some(Value::Object(values)) = record.get_mut("values") {
        *values = by_slug(db, std::mem::take(values))?;
    }
    Ok(())
}

fn by_slug(db: &Db<'_>, values: Map<String, Value>) -> Result<Map<String, Value>> {
    let text = "SELECT 1 FROM columns WHERE _tenant = '' AND name = ?";
    let mut is_slug = db.conn.prepare_cached(text)?;
    let mut named = Map::with_capacity(values.len());
    for (reference, value) in values {
        let slug = if is_slug.exists([&reference])? { reference } else { slug_of(db, &reference)? };
        named.insert(slug, value);
    }
    Ok(named)
}

/// The slug of the column that `reference` names otherwise.
fn slug_of(db: &Db<'_>, reference: &str) -> Result<String> {
    let columns = column::all(db)?;
    if let Some(place) = columns.find(reference) {
        return Ok(columns.0[place].slug.clone());
    }
    let message = unknown("column", reference, columns.0.iter().map(|column| column.slug.as_str()));
    Err(invalid("not a folders").detail(format!("values.{reference}"), message))
}

/// A label as a technical name: `Commercial accompagnant` is `commercial_accompagnant`.
pub(crate) fn slug(label: &str) -> String {
    let folded = folded(label);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

pub(crate) fn invalid(message: &str) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "invalid_record", message)
}
