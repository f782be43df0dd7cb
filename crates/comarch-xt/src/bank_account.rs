//! The firm's own bank accounts (fact sheet 4.4).

use serde_json::{Map, Value};
use simcore::{Db, Result, Select, said};

use crate::call::Call;
use crate::views::Version;
use crate::{error, names, payment_type};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["BankName", "Symbol", "AccountNumber"];

/// The reporting period of an account that names none: indefinite.
const INDEFINITE: i64 = 4;

/// From v1.7 on a document may name the account by its number instead of its id (fact sheet 4.5.4); spaces do not count.
///
/// # Errors
/// 400 for a number that no account of the firm has.
pub(crate) fn by_number(call: &Call, db: &Db<'_>, given: &mut Map<String, Value>) -> Result<()> {
    if call.view.version < Version::V1_7 {
        return Ok(());
    }
    let named = |name: &str, given: &Map<String, Value>| {
        let found = given.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
        found.map(|(_, value)| value.clone())
    };
    let number = named("BankAccountNumber", given).filter(|number| number != "");
    let (Some(number), None) = (number, named("BankAccountId", given)) else { return Ok(()) };
    let bare = |text: &str| text.replace(' ', "");
    let accounts = db.records(db.table(names::BANK_ACCOUNT.0)?, &Select::default())?;
    let account = number.as_str().and_then(|number| {
        accounts.iter().find(|account| bare(account.text("AccountNumber")) == bare(number))
    });
    let account =
        account.ok_or_else(|| error::invalid_field("BankAccountNumber", said!(ACCOUNT_NUMBER_UNKNOWN)))?;
    given.retain(|name, _| !name.eq_ignore_ascii_case("BankAccountId"));
    given.insert("BankAccountId".to_owned(), account.values.get("Id").cloned().unwrap_or_default());
    Ok(())
}

/// What is missing of an account.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    if record.get("ReportingPeriod").is_none_or(Value::is_null) {
        record.insert("ReportingPeriod".to_owned(), INDEFINITE.into());
    }
    payment_type::keep_one_primary(db, names::BANK_ACCOUNT.0, record)
}
