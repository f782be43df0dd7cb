//! Payment methods (fact sheet 4.3), and what they share with bank accounts: one of them is the primary one.

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::call::{Call, Written};
use crate::{error, names};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Name"];

/// The longest time to pay, in days.
const LONGEST: i64 = 366;

/// # Errors
/// 400 for a deadline outside 0 to 366 days.
pub(crate) fn check(_: &Call, _: &Db<'_>, written: Written<'_>) -> Result<()> {
    let Written { record, .. } = written;
    match record.get("Deadline").and_then(Value::as_i64) {
        Some(days) if !(0..=LONGEST).contains(&days) => {
            Err(error::invalid_field("Deadline", said!(DEADLINE_RANGE)))
        }
        _ => Ok(()),
    }
}

/// A new primary one takes the place of the old one; called for every written payment method and bank account.
pub(crate) fn keep_one_primary(db: &Db<'_>, entity: &str, record: &Map<String, Value>) -> Result<()> {
    if record.get("Primary") != Some(&Value::Bool(true)) {
        return Ok(());
    }
    let id = record.get("Id").and_then(Value::as_i64).unwrap_or_default();
    let text =
        format!("UPDATE {} SET \"Primary\" = 0 WHERE \"Primary\" = 1 AND \"Id\" <> ?", db.table(entity)?.sql);
    db.conn.prepare_cached(&text)?.execute([id])?;
    Ok(())
}

/// # Errors
/// 400: the primary payment method cannot be deleted.
pub(crate) fn check_deletion(_: &Call, record: &Record) -> Result<()> {
    if record.flag("Primary") {
        return Err(error::invalid_field("Primary", said!(STANDARD_PAYMENT)));
    }
    Ok(())
}

/// What is missing of a payment method: paid at once, in cash.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    for field in ["Deadline", "Type"] {
        let value = record.entry(field).or_insert(Value::Null);
        if value.is_null() {
            *value = 0.into();
        }
    }
    keep_one_primary(db, names::PAYMENT_TYPE.0, record)
}
