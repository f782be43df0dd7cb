//! What does not add up, beside what the rules of the profile say: proformas and the invoices made of them, payments,
//! numbers.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use simcore::base::decimal;
use simcore::simulator::consistency::Findings;
use simcore::store::rows::Record;
use simcore::{Db, Result, Select};

use crate::edition::Edition;
use crate::{lines, names, vat_rate};

pub(crate) fn check(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    let all = |entity: &str| -> Result<Vec<Record>> { db.records(db.table(entity)?, &Select::default()) };
    let (invoices, proformas, customers) =
        (all(names::INVOICE.0)?, all(names::PROFORMA.0)?, all(names::CUSTOMER.0)?);
    let suppliers: HashSet<i64> =
        customers.iter().filter(|it| number(it, "CustomerKind") == Some(2)).filter_map(id).collect();
    for (entity, documents) in [(names::INVOICE.0, &invoices), (names::PROFORMA.0, &proformas)] {
        for document in documents {
            numbered(entity, document, findings);
            taxed(db, entity, document, findings)?;
            let party = number(document, "PurchasingPartyId");
            if party.is_some_and(|party| suppliers.contains(&party)) {
                findings.add(entity, document.id, "PurchasingPartyId", "is a supplier (CustomerKind 2)");
            }
        }
    }
    for invoice in &invoices {
        paid(invoice, findings);
    }
    let by_id: HashMap<i64, &Record> = invoices.iter().filter_map(|it| Some((id(it)?, it))).collect();
    let mut changed = HashSet::new();
    for change in all("history")? {
        if (change.text("EntityName"), change.text("Change")) == ("Invoice", "changed") {
            changed.extend(number(&change, "EntityId"));
        }
    }
    for proforma in &proformas {
        converted(proforma, &by_id, &changed, findings);
    }
    Ok(())
}

fn number(record: &Record, field: &str) -> Option<i64> {
    record.values.get(field).and_then(Value::as_i64)
}

fn id(record: &Record) -> Option<i64> {
    number(record, "Id")
}

/// `FS/26/2/7` is of February 2026.
fn numbered(entity: &str, document: &Record, findings: &mut Findings) {
    let issued: Option<Date> = document.text("IssueDate").parse().ok();
    let parts: Vec<&str> = document.text("Number").split('/').collect();
    if let (Some(issued), [_, year, month, _]) = (issued, parts.as_slice())
        && (year.parse(), month.parse()) != (Ok(issued.year().rem_euclid(100)), Ok(issued.month()))
    {
        let message = format!("{} is not of the month of `IssueDate`, {issued}", document.text("Number"));
        findings.add(entity, document.id, "Number", message);
    }
}

/// Lines name rates that there are, of the country that the document is taxed in.
fn taxed(db: &Db<'_>, entity: &str, document: &Record, findings: &mut Findings) -> Result<()> {
    let country = vat_rate::country(Edition::of(&db.settings()), &document.values);
    for (place, line) in lines::of(&document.values).enumerate() {
        let Some(id) = line.get("VatRateId").and_then(Value::as_i64).filter(|id| *id != 0) else { continue };
        let wrong = match vat_rate::of_line(db, line)? {
            None => format!("{id} is no vatrates.RateId"),
            Some(rate) if !rate.text("CountryCode").eq_ignore_ascii_case(country) => {
                format!(
                    "{id} is a rate of {}, and the document is taxed in {country}",
                    rate.text("CountryCode")
                )
            }
            Some(_) => continue,
        };
        findings.add(entity, document.id, format!("Items[{place}].VatRateId"), wrong);
    }
    Ok(())
}

/// The payment status is that of what was paid.
fn paid(invoice: &Record, findings: &mut Findings) {
    let (paid, total) = (invoice.decimal("_paid"), invoice.decimal("CurrencyGrossTotal"));
    let fits = match number(invoice, "PaymentStatus") {
        Some(0) => paid.is_zero(),
        Some(2) => paid > Decimal::ZERO && paid < total,
        _ => true,
    };
    if !fits {
        findings.add("invoices", invoice.id, "PaymentStatus", format!("does not fit {paid} paid of {total}"));
    }
}

/// The invoice made of a proforma has its customer and its lines, unless somebody changed it since, and is not older.
fn converted(
    proforma: &Record,
    invoices: &HashMap<i64, &Record>,
    changed: &HashSet<i64>,
    findings: &mut Findings,
) {
    let made = number(proforma, "InvoiceDocIdNum");
    if (number(proforma, "Status") == Some(1)) != made.is_some() {
        findings.add("proformas", proforma.id, "Status", "does not fit `InvoiceDocIdNum`");
    }
    let Some(made) = made else { return };
    let Some(invoice) = invoices.get(&made) else {
        findings.add("proformas", proforma.id, "InvoiceDocIdNum", format!("{made} is no invoices.Id"));
        return;
    };
    let mut differs = |message: String| findings.add("proformas", proforma.id, "InvoiceDocIdNum", message);
    let (ours, theirs) = (proforma.text("IssueDate"), invoice.text("IssueDate"));
    if theirs < ours {
        differs(format!("invoice {made} is of {theirs}, before its proforma of {ours}"));
    }
    if changed.contains(&made) {
        return;
    }
    if number(proforma, "PurchasingPartyId") != number(invoice, "PurchasingPartyId") {
        differs(format!("invoice {made} is of another customer"));
    }
    let content = |document: &Record| -> Vec<(Option<i64>, Option<Decimal>, Option<Decimal>)> {
        let amount =
            |line: &serde_json::Map<String, Value>, field: &str| line.get(field).and_then(decimal::from_json);
        lines::of(&document.values)
            .map(|line| {
                let product = line.get("ProductId").and_then(Value::as_i64);
                (product, amount(line, "Quantity"), amount(line, "ProductCurrencyPrice"))
            })
            .collect()
    };
    if content(proforma) != content(invoice) {
        differs(format!("invoice {made} has other lines"));
    }
}
