//! Customers and suppliers: code, kind, address (fact sheet 4.2).

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::{Call, Written};
use crate::{codes, series};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Name", "CustomerCode", "CustomerTaxNumber"];

/// An address is replaced field by field: what `body` does not name stays (section 10, 16).
pub(crate) fn keep_address(body: &mut Map<String, Value>, stored: &Record) {
    let given = body.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("Address"));
    if let Some((_, Value::Object(given))) = given
        && let Some(Value::Object(address)) = stored.values.get("Address")
    {
        let mut whole = address.clone();
        whole.extend(std::mem::take(given));
        *given = whole;
    }
}

/// # Errors
/// 400 for a code that another customer has.
pub(crate) fn check(_: &Call, db: &Db<'_>, written: Written<'_>) -> Result<()> {
    let Written { record, stored, .. } = written;
    if let Some(stored) = stored {
        keep_address_id(record, stored);
    }
    codes::check(db, "customers", "CustomerCode", record, stored)
}

/// A changed address is the same address: its id stays (section 10, 16).
fn keep_address_id(record: &mut Map<String, Value>, stored: &Record) {
    if let Some(Value::Object(address)) = record.get_mut("Address")
        && let Some(id) = stored.values.get("Address").and_then(|stored| stored.get("Id"))
    {
        address.insert("Id".to_owned(), id.clone());
    }
}

/// What is missing of a customer: every one has an address, if an empty one.
pub(crate) fn complete(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    codes::complete(db, "customers", "CustomerCode", "K/", record)?;
    let has = |field: &str| record.get(field).is_some_and(|value| !value.is_null());
    if !has("CustomerType") {
        let tax_number = record.get("CustomerTaxNumber").and_then(Value::as_str).unwrap_or_default();
        let is_business = !tax_number.trim().is_empty();
        record.insert("CustomerType".to_owned(), i64::from(is_business).into());
    }
    if record.get("CustomerKind").is_none_or(Value::is_null) {
        record.insert("CustomerKind".to_owned(), 1.into());
    }
    // A profile may have taken it away.
    let Some(field) = db.table("customers")?.entity.fields.get("Address") else { return Ok(()) };
    if !record.get("Address").is_some_and(Value::is_object) {
        record.insert("Address".to_owned(), Value::Object(Map::new()));
    }
    if let Some(Value::Object(address)) = record.get_mut("Address") {
        for (name, field) in field.fields.iter().filter(|(_, field)| !field.default.is_null()) {
            address.entry(name.as_str()).or_insert_with(|| field.default.clone());
        }
        series::identify(db, "customers.Address", address)?;
    }
    Ok(())
}
