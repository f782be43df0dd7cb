//! What happens inside the ERP: the robot comes and goes, records are locked (fact sheet 8.6, Q19, Q20).

use serde_json::{Map, Value, json};
use simcore::{Ctx, Db, Result};

use crate::error;

pub(crate) fn robot_offline(_: &Ctx, db: &Db<'_>, _: &Map<String, Value>) -> Result<Value> {
    robot(db, "offline")
}

pub(crate) fn robot_online(_: &Ctx, db: &Db<'_>, _: &Map<String, Value>) -> Result<Value> {
    robot(db, "online")
}

fn robot(db: &Db<'_>, state: &str) -> Result<Value> {
    db.set_setting("robot", &state.into())?;
    Ok(json!({ "robot": state }))
}

pub(crate) fn lock_record(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    lock(db, with, "INSERT OR IGNORE INTO _locks VALUES (?, ?, ?)", true)
}

pub(crate) fn unlock_record(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    lock(db, with, "DELETE FROM _locks WHERE entity = ? AND tenant = ? AND id = ?", false)
}

fn lock(db: &Db<'_>, with: &Map<String, Value>, text: &str, locked: bool) -> Result<Value> {
    let parameter = |name: &str| with.get(name).and_then(Value::as_str);
    let (entity, id) = (parameter("entity").unwrap_or_default(), parameter("id").unwrap_or_default());
    let tenant = parameter("company").unwrap_or("0");
    let table = db.model.table(entity).ok_or_else(|| error::unknown_entity(entity))?;
    let record = db.find_key(table, tenant, id)?.ok_or_else(|| error::unknown_record(entity, id))?;
    db.conn.execute(text, (&table.name, tenant, record.id))?;
    Ok(json!({ "entity": table.name, "id": id, "company": tenant, "locked": locked }))
}

/// Whether somebody edits the record inside the ERP.
pub(crate) fn is_locked(db: &Db<'_>, entity: &str, tenant: &str, id: i64) -> Result<bool> {
    let text = "SELECT 1 FROM _locks WHERE entity = ? AND tenant = ? AND id = ?";
    Ok(db.conn.prepare_cached(text)?.exists((entity, tenant, id))?)
}
