//! What happens inside the project: tasks are processed, accounts closed, licences bought (fact sheet 14, 15).

use serde_json::{Map, Value, json};
use simcore::{Ctx, Db, Result, said};

use crate::{account, error, tables, tasks};

pub(crate) fn finish_task(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let code = with.get("code").and_then(Value::as_str);
    let finished = tasks::finish(db, code.map(|code| tables::equals("code", code)).into_iter().collect())?;
    match code {
        Some(code) if finished.is_empty() => Err(said!(TASK_UNKNOWN, code = code).into()),
        _ => Ok(json!({ "finished": finished })),
    }
}

pub(crate) fn disable_account(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let user = with.get("userName").and_then(Value::as_str).unwrap_or_default();
    let account = account::find(db, user)?;
    let account = account.ok_or_else(|| said!(ACCOUNT_UNKNOWN, user = user))?;
    let change = Map::from_iter([("status".to_owned(), "Disabled".into())]);
    db.update(db.table("account")?, account.id, &change)?;
    account::note_licence(db, user, "Disabled");
    let remaining = account::remaining_licences(&db.settings(), db)?;
    Ok(json!({ "userName": account.text("userName"), "status": "Disabled", "remainingLicences": remaining }))
}

pub(crate) fn set_licences(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let licences = with.get("licences").and_then(Value::as_i64).filter(|licences| *licences >= 0);
    let licences = licences.ok_or_else(|| error::bad_value("licences", said!(EXPECTED_FROM_ZERO)))?;
    db.set_setting("licences", &licences.into())?;
    let remaining = account::remaining_licences(&db.settings(), db)?;
    Ok(json!({ "licences": licences, "remainingLicences": remaining }))
}
