//! What the ERP fills in by itself: ids, codes, numbers, dates, totals.

use serde_json::{Map, Value};
use simcore::{Db, Result};

use crate::{bank_account, customer, document, payment_type, product, series};

/// Completes a record, from a client, from seed data or from the control API. What is there stays, except what
/// follows from the rest.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    for (name, field) in &db.table(entity)?.entity.fields {
        if !field.default.is_null() && record.get(name).is_none_or(Value::is_null) {
            record.insert(name.clone(), field.default.clone());
        }
    }
    series::identify(db, entity, record)?;
    match entity {
        "products" => product::complete(db, record),
        "customers" => customer::complete(db, record),
        "paymenttypes" => {
            payment_type::complete(record);
            payment_type::keep_one_primary(db, entity, record)
        }
        "bankaccounts" => {
            bank_account::complete(record);
            payment_type::keep_one_primary(db, entity, record)
        }
        "invoices" | "proformas" => document::complete(db, entity, record),
        "history" => {
            if record.get("At").is_none_or(Value::is_null) {
                record.insert("At".to_owned(), db.now.to_string().into());
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
