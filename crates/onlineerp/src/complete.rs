//! What the ERP fills in by itself: technical keys, document numbers, dates, totals.

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use simcore::entity::settings::Settings;
use simcore::{Db, Result};

use crate::{customer_invoice, product, supplier_documents, work_order};

/// Completes a new record, from a client, from seed data or from the control API. What is there stays.
pub(crate) fn complete(
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
) -> Result<()> {
    let settings = db.settings();
    match entity {
        "Product" => product::complete(db, tenant, record)?,
        "CustomerInvoice" => customer_invoice::complete(&settings, db, tenant, record)?,
        "SupplierInvoice" => supplier_documents::complete_invoice(record),
        "SupplierOrder" => {
            today(&settings, db, record, "DateCommande");
            number(db, entity, tenant, record, "NoCommande", 20001)?;
        }
        "GLJournalEntry" => number(db, entity, tenant, record, "NoEcriture", 30001)?,
        "ProductTrail" => today(&settings, db, record, "DateMouvement"),
        "WorkOrder" => work_order::complete(db, tenant, record)?,
        _ => {}
    }
    let table = db.table(entity)?;
    if table.field("NoUniqueSystemeSource").is_some() {
        number(db, entity, tenant, record, "NoUniqueSystemeSource", 1001)?;
    }
    for field in ["DateDerniereModification", "LastModifiedDate"] {
        if table.field(field).is_some() && is_absent(record, field) {
            record.insert(field.to_owned(), local_now(&settings, db).into());
        }
    }
    Ok(())
}

/// Gives `field` the next number of its series, as text, unless it has one.
pub(crate) fn number(
    db: &Db<'_>,
    entity: &str,
    tenant: &str,
    record: &mut Map<String, Value>,
    field: &str,
    first: i64,
) -> Result<()> {
    if is_absent(record, field) {
        let number = db.next_number(db.table(entity)?, tenant, field, first)?;
        record.insert(field.to_owned(), number.to_string().into());
    }
    Ok(())
}

/// Gives `field` today's date, unless it has one.
pub(crate) fn today(settings: &Settings, db: &Db<'_>, record: &mut Map<String, Value>, field: &str) {
    if is_absent(record, field) {
        record.insert(field.to_owned(), local(settings, db).date().to_string().into());
    }
}

pub(crate) fn is_absent(record: &Map<String, Value>, field: &str) -> bool {
    record.get(field).is_none_or(Value::is_null)
}

/// The date and time in Québec, without an offset (Q26).
pub(crate) fn local_now(settings: &Settings, db: &Db<'_>) -> String {
    local(settings, db).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn local(settings: &Settings, db: &Db<'_>) -> jiff::civil::DateTime {
    let zone = TimeZone::get(settings.text("time_zone")).unwrap_or(TimeZone::UTC);
    zone.to_datetime(db.now)
}
