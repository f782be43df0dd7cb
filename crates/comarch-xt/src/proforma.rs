//! Proformas, in German Aufträge: conversion into an invoice (fact sheet 4.6 and 5).

use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::complete::complete;
use crate::history::{self, Change};
use crate::{document, names};

/// What an invoice takes over from its proforma; line ids are its own.
const TAKEN_OVER: &[&str] = &[
    "PurchasingPartyId",
    "ReceivingPartyId",
    "PaymentTypeId",
    "BankAccountId",
    "InvoiceType",
    "Items",
    "Description",
    "IsOSSProcedure",
    "OSSProcedureCountryCode",
    "CurrencyCode",
    "CurrencyRateType",
    "CurrencyRateDate",
    "CurrencyConverter",
    "CurrencyRate",
];

/// Makes an invoice in the buffer from a proforma, which is closed then. Gives the id of the invoice, and what that
/// changed of the proforma.
pub(crate) fn convert(db: &Db<'_>, proforma: &Record) -> Result<(i64, Vec<Value>)> {
    let taken = |name: &&str| Some(((*name).to_owned(), proforma.values.get(*name)?.clone()));
    let mut invoice: Map<String, Value> = TAKEN_OVER.iter().filter_map(taken).collect();
    let lines = invoice.get_mut("Items").and_then(Value::as_array_mut).into_iter().flatten();
    for line in lines.filter_map(Value::as_object_mut) {
        line.shift_remove("Id");
    }
    complete(db, names::INVOICE.0, document::complete_invoice, &mut invoice)?;
    db.insert(db.table(names::INVOICE.0)?, "", &invoice)?;
    let id = invoice.get("Id").and_then(Value::as_i64).unwrap_or_default();
    let closed = [("Status".to_owned(), 1.into()), ("InvoiceDocIdNum".to_owned(), id.into())];
    let closed: Map<String, Value> = closed.into_iter().collect();
    db.update(db.table(names::PROFORMA.0)?, proforma.id, &closed)?;
    Ok((id, history::between(&proforma.values, &closed)))
}

/// Gives the proforma that an invoice was made from its state back, when that invoice goes (DECISIONS).
pub(crate) fn reopened(db: &Db<'_>, invoice: i64) -> Result<Vec<Change<'static>>> {
    let table = db.table(names::PROFORMA.0)?;
    let Some(proforma) = db.find(table, "", "InvoiceDocIdNum", &invoice.to_string())? else {
        return Ok(Vec::new());
    };
    let open = [("Status".to_owned(), 0.into()), ("InvoiceDocIdNum".to_owned(), Value::Null)];
    let open: Map<String, Value> = open.into_iter().collect();
    db.update(table, proforma.id, &open)?;
    let id = proforma.values.get("Id").and_then(Value::as_i64).unwrap_or_default();
    let fields = history::between(&proforma.values, &open);
    Ok(vec![Change { fields, ..Change::of(names::PROFORMA.1, id, "reopened") }])
}
