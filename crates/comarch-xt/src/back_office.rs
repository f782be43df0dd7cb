//! What happens inside the application: confirming, converting, paying, blocking (fact sheet 5, section 10, 27).

use serde_json::{Map, Value, json};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::history::{self, Change};
use crate::{document, error, invoice, names, proforma, references};

pub(crate) fn confirm_invoice(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let (id, invoice) = open(db, names::INVOICE.0, with)?;
    let fields = invoice::set(db, &invoice, "Status", 1.into())?;
    history::by_person(db, Change { fields, ..Change::of(names::INVOICE.1, id, "confirmed") })?;
    Ok(json!({ "Id": id, "Number": invoice.text("Number"), "Status": 1 }))
}

pub(crate) fn convert_proforma(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let (id, record) = open(db, names::PROFORMA.0, with)?;
    let (invoice, fields) = proforma::convert(db, &record)?;
    history::by_person(db, Change::of(names::INVOICE.1, invoice, "created"))?;
    history::by_person(db, Change { fields, ..Change::of(names::PROFORMA.1, id, "converted") })?;
    Ok(json!({ "Id": id, "Number": record.text("Number"), "Status": 1, "InvoiceDocIdNum": invoice }))
}

pub(crate) fn record_payment(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let (id, invoice) = named(db, names::INVOICE.0, with)?;
    let (status, fields) = invoice::pay(db, &invoice, with.get("amount").and_then(decimal::from_json))?;
    history::by_person(db, Change { fields, ..Change::of(names::INVOICE.1, id, "paid") })?;
    Ok(json!({ "Id": id, "Number": invoice.text("Number"), "PaymentStatus": status }))
}

pub(crate) fn block_account(_: &Ctx, db: &Db<'_>, _: &Map<String, Value>) -> Result<Value> {
    account(db, "blocked")
}

pub(crate) fn unblock_account(_: &Ctx, db: &Db<'_>, _: &Map<String, Value>) -> Result<Value> {
    account(db, "active")
}

fn account(db: &Db<'_>, state: &str) -> Result<Value> {
    db.set_setting("account", &state.into())?;
    Ok(json!({ "account": state }))
}

/// The record that the parameter `id` names.
fn named(db: &Db<'_>, entity: &str, with: &Map<String, Value>) -> Result<(i64, Record)> {
    let id = with.get("id").and_then(Value::as_i64).unwrap_or_default();
    let record = references::related(db, entity, with.get("id"))?;
    Ok((id, record.ok_or_else(|| error::no_record(entity, id))?))
}

/// The same, while it is in the buffer.
fn open(db: &Db<'_>, entity: &str, with: &Map<String, Value>) -> Result<(i64, Record)> {
    let (id, record) = named(db, entity, with)?;
    if document::is_closed(&record) {
        return Err(error::not_possible(format!("{} is no longer in the buffer", record.text("Number"))));
    }
    Ok((id, record))
}
