//! The history of changes, with the name of the application that made them (fact sheet 3.1 and 5). The API does not
//! show it; the control API's data route `history` does.

use serde_json::{Map, Value, json};
use simcore::{Ctx, Db, Result};

use crate::{auth, series};

/// What happens inside the ERP is done by the ERP's own application.
const IN_THE_APPLICATION: &str = "Comarch ERP XT";

/// The longest value that an entry keeps, in characters; lines of documents can be longer.
const LONGEST: usize = 1000;

/// One change of one record.
pub(crate) struct Change<'a> {
    /// What errors call one of its kind.
    pub(crate) entity: &'a str,
    pub(crate) id: i64,
    /// What happened.
    pub(crate) what: &'a str,
    /// The fields that differ, from [`between`]; none where the record is new or gone.
    pub(crate) fields: Vec<Value>,
}

impl<'a> Change<'a> {
    /// Of a record that is new, or gone.
    pub(crate) fn of(entity: &'a str, id: i64, what: &'a str) -> Self {
        Self { entity, id, what, fields: Vec::new() }
    }
}

/// The fields that differ between a record as it was and what is written of it, each with both values.
pub(crate) fn between(before: &Map<String, Value>, written: &Map<String, Value>) -> Vec<Value> {
    let differs = |(name, after): &(&String, &Value)| before.get(*name).unwrap_or(&Value::Null) != *after;
    let changed = written.iter().filter(|(name, _)| !name.starts_with('_')).filter(differs);
    let field = |(name, after): (&String, &Value)| json!({ "Field": name, "Before": before.get(name).and_then(text), "After": text(after) });
    changed.map(field).collect()
}

/// A value as text: texts as they are, everything else as JSON; null is none.
fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    })
}

/// Notes what a client did.
pub(crate) fn by_client(ctx: &Ctx, db: &Db<'_>, change: Change<'_>) -> Result<()> {
    let client = ctx.principal().name;
    note(db, change, auth::application(&ctx.settings, &client))
}

/// Notes what a person did in the application.
pub(crate) fn by_person(db: &Db<'_>, change: Change<'_>) -> Result<()> {
    note(db, change, IN_THE_APPLICATION)
}

/// What is missing of an entry: when it was.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) {
    if record.get("At").is_none_or(Value::is_null) {
        record.insert("At".to_owned(), db.now.to_string().into());
    }
}

fn note(db: &Db<'_>, change: Change<'_>, application: &str) -> Result<()> {
    let Change { entity, id, what, fields } = change;
    let entry = json!({
        "EntityName": entity,
        "EntityId": id,
        "Change": what,
        "Fields": fields,
        "Application": application,
        "At": db.now.to_string(),
    });
    let mut entry: Map<String, Value> = entry.as_object().cloned().unwrap_or_default();
    series::identify(db, "history", &mut entry)?;
    db.insert(db.table("history")?, "", &entry)?;
    Ok(())
}
