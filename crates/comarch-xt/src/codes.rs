//! Codes of products and customers: the client's own, or `P/` and `K/` with six digits (fact sheet 4.1 and 4.2).

use serde_json::{Map, Value};
use simcore::store::numbers::Code;
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::error;

/// Gives `record` the next free code with `prefix` unless it has one.
pub(crate) fn complete(
    db: &Db<'_>,
    entity: &str,
    field: &str,
    prefix: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    if record.get(field).and_then(Value::as_str).is_some_and(|code| !code.trim().is_empty()) {
        return Ok(());
    }
    let code = Code { prefix, digits: 6, ..Code::default() };
    let code = db.next_code(db.table(entity)?, "", field, code)?;
    record.insert(field.to_owned(), code.into());
    Ok(())
}

/// A code is taken once (section 10, 18); an empty one is none, and leaves a stored one as it is.
///
/// # Errors
/// 400 when another record has it.
pub(crate) fn check(
    db: &Db<'_>,
    entity: &str,
    field: &str,
    record: &mut Map<String, Value>,
    stored: Option<&Record>,
) -> Result<()> {
    let code = record.get(field).and_then(Value::as_str).unwrap_or_default();
    if code.trim().is_empty() {
        let kept = stored.and_then(|stored| stored.values.get(field)).cloned();
        record.insert(field.to_owned(), kept.unwrap_or_default());
        return Ok(());
    }
    let other = db.find_id(db.table(entity)?, "", field, code)?;
    if other.is_some() && other != stored.map(|stored| stored.id) {
        return Err(error::invalid_field(field, said!(CODE_TAKEN)));
    }
    Ok(())
}
