//! The history of changes, with the name of the application that made them (fact sheet 3.1 and 5). The API does not
//! show it; the control API's data route `history` does.

use serde_json::{Map, Value, json};
use simcore::{Ctx, Db, Result};

use crate::{auth, series};

/// What happens inside the ERP is done by the ERP's own application.
const IN_THE_APPLICATION: &str = "Comarch ERP XT";

/// Notes what a client did.
pub(crate) fn by_client(ctx: &Ctx, db: &Db<'_>, entity: &str, id: i64, change: &str) -> Result<()> {
    let client = ctx.principal().name;
    note(db, entity, id, change, auth::application(&ctx.settings, &client))
}

/// Notes what a person did in the application.
pub(crate) fn by_person(db: &Db<'_>, entity: &str, id: i64, change: &str) -> Result<()> {
    note(db, entity, id, change, IN_THE_APPLICATION)
}

/// What is missing of an entry: when it was.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) {
    if record.get("At").is_none_or(Value::is_null) {
        record.insert("At".to_owned(), db.now.to_string().into());
    }
}

fn note(db: &Db<'_>, entity: &str, id: i64, change: &str, application: &str) -> Result<()> {
    let entry = json!({
        "EntityName": entity,
        "EntityId": id,
        "Change": change,
        "Application": application,
        "At": db.now.to_string(),
    });
    let mut entry: Map<String, Value> = entry.as_object().cloned().unwrap_or_default();
    series::identify(db, "history", &mut entry)?;
    db.insert(db.table("history")?, "", &entry)?;
    Ok(())
}
