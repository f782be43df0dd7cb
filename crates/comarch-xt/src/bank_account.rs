//! The firm's own bank accounts (fact sheet 4.4).

use serde_json::{Map, Value};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["BankName", "Symbol", "AccountNumber"];

/// The reporting period of an account that names none: indefinite.
const INDEFINITE: i64 = 4;

/// What is missing of an account.
pub(crate) fn complete(record: &mut Map<String, Value>) {
    if record.get("ReportingPeriod").is_none_or(Value::is_null) {
        record.insert("ReportingPeriod".to_owned(), INDEFINITE.into());
    }
}
