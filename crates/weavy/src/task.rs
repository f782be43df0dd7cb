//! A task that waits for its event (fact sheet 15).

use serde_json::{Value, json};
use simcore::entity::settings::Settings;
use simcore::{Db, Result, Select, said};

use crate::{auth, company, tables};

/// # Errors
/// 400 for an event that the project does not have.
pub(crate) fn check(settings: &Settings, code: &str) -> Result<()> {
    let mut known = settings.texts("event_codes").peekable();
    if known.peek().is_none() || known.any(|known| known == code) {
        return Ok(());
    }
    Err(said!(EVENT_UNKNOWN, event = code).into())
}

/// A pending task for `code`, unless one waits already.
pub(crate) fn create(db: &Db<'_>, code: &str) -> Result<Option<Value>> {
    let table = db.table("task")?;
    let filters = vec![tables::equals("code", code), tables::equals("status", "Pending")];
    if db.count(table, &Select { filters, ..Select::default() })? > 0 {
        return Ok(None);
    }
    let shown = json!({ "code": code, "status": "Pending", "createdDateUTC": auth::second(db.now) });
    let mut record = shown.as_object().cloned().unwrap_or_default();
    record.insert("taskId".to_owned(), db.next("task", 1)?.into());
    db.insert(table, &company::home(db), &record)?;
    Ok(Some(shown))
}
