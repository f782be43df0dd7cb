//! The firm's own bank accounts (fact sheet 4.4).

use serde_json::{Map, Value};
use simcore::{Db, Result};

use crate::{names, payment_type};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["BankName", "Symbol", "AccountNumber"];

/// The reporting period of an account that names none: indefinite.
const INDEFINITE: i64 = 4;

/// What is missing of an account.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    if record.get("ReportingPeriod").is_none_or(Value::is_null) {
        record.insert("ReportingPeriod".to_owned(), INDEFINITE.into());
    }
    payment_type::keep_one_primary(db, names::BANK_ACCOUNT.0, record)
}
