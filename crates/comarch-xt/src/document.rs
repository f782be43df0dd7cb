//! What invoices and proformas share: dates, number, references, the buffer, and what later versions show beside
//! what is stored (fact sheet 4.5, 4.6 and 5).

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use simcore::base::decimal;
use simcore::entity::settings::Settings;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::{Call, Written};
use crate::edition::today;
use crate::references::related;
use crate::{currency, error, lines, names, references, series, totals, vat_rate};

/// Where `$fts` looks in the document itself.
pub(crate) const SEARCHED: &[&str] = &["Number", "Description"];

/// Where `$fts` looks around it: line descriptions and the customer's name.
pub(crate) const SEARCHED_AROUND: &[&str] = &[
    "EXISTS (SELECT 1 FROM json_each(path_values(\"Items\", '[\"ProductDescription\"]')) \
     WHERE instr(fold(value), ?) > 0)",
    "\"PurchasingPartyId\" IN (SELECT \"Id\" FROM \"customers\" WHERE instr(fold(\"Name\"), ?) > 0)",
];

/// Only documents in the buffer can be changed or deleted (fact sheet 4.5.6).
///
/// # Errors
/// 400 for a confirmed or converted one.
pub(crate) fn check_open(record: &Record) -> Result<()> {
    if is_closed(record) { Err(error::confirmed(record.text("Number"))) } else { Ok(()) }
}

/// Whether it is confirmed or converted.
pub(crate) fn is_closed(record: &Record) -> bool {
    record.values.get("Status").and_then(Value::as_i64) == Some(1)
}

/// Checks what a client wrote, in `record` as it will be; `given` is what the body named.
///
/// # Errors
/// 400 for a bad line, or an id that nothing has.
pub(crate) fn check(call: &Call, db: &Db<'_>, written: Written<'_>) -> Result<()> {
    let Written { record, given, .. } = written;
    lines::check(given)?;
    if call.ctx.settings.flag("check_references") {
        references::check(db, call.table()?, given)?;
    }
    let net_prices = lines::of(given).any(|line| line.contains_key("ProductCurrencyNetPrice"));
    if net_prices {
        // Lines of the unversioned API replace those with gross prices, and are net.
        record.insert("InvoiceType".to_owned(), 0.into());
    }
    vat_rate::check(call, db, record)?;
    currency::check(&call.ctx, record)
}

/// What is missing of an invoice: its sale is of today, its deadline that of the payment method.
pub(crate) fn complete_invoice(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    fill_today(db, "SalesDate", record);
    series::identify_by(db, "payments", "PaymentId", record)?;
    complete(db, names::INVOICE.0, record)?;
    if is_absent(record, "PaymentDeadline") {
        let method = related(db, names::PAYMENT_TYPE.0, record.get("PaymentTypeId"))?;
        let days = method.and_then(|method| method.values.get("Deadline").and_then(Value::as_i64));
        let issued = issued(record);
        let deadline =
            Span::new().try_days(days.unwrap_or_default()).and_then(|days| issued.checked_add(days));
        record.insert("PaymentDeadline".to_owned(), deadline.unwrap_or(issued).to_string().into());
    }
    Ok(())
}

/// What is missing of a proforma.
pub(crate) fn complete_proforma(db: &Db<'_>, record: &mut Map<String, Value>) -> Result<()> {
    complete(db, names::PROFORMA.0, record)
}

fn fill_today(db: &Db<'_>, field: &str, record: &mut Map<String, Value>) {
    if is_absent(record, field) {
        record.insert(field.to_owned(), today(&db.settings(), db).to_string().into());
    }
}

fn issued(record: &Map<String, Value>) -> Date {
    let day = record.get("IssueDate").and_then(Value::as_str).and_then(|day| day.parse().ok());
    day.unwrap_or_default()
}

/// What is missing of a document; totals follow from the lines.
fn complete(db: &Db<'_>, entity: &str, record: &mut Map<String, Value>) -> Result<()> {
    let settings = db.settings();
    fill_today(db, "IssueDate", record);
    let issued = issued(record);
    number(db, &settings, entity, issued, record)?;
    currency::complete(&settings, record);
    totals::complete(db, &settings, entity, record)
}

fn is_absent(record: &Map<String, Value>, field: &str) -> bool {
    record.get(field).is_none_or(Value::is_null)
}

/// Prefix, year, month of issue, and a counter that begins anew each month; a number that is there counts too, so
/// that none comes twice, also after a deletion (section 10, 26).
fn number(
    db: &Db<'_>,
    settings: &Settings,
    entity: &str,
    issued: Date,
    record: &mut Map<String, Value>,
) -> Result<()> {
    if let Some(number) = record.get("Number").and_then(Value::as_str) {
        let counted = number.rsplit_once('/').and_then(|(month, count)| Some((month, count.parse().ok()?)));
        return counted.map_or(Ok(()), |(month, count)| db.advance(month, count).map(drop));
    }
    let own = settings.value("number_prefixes").get(entity).and_then(Value::as_str);
    let standard = settings.default("number_prefixes").and_then(|prefixes| prefixes.get(entity)?.as_str());
    let prefix = own.or(standard).unwrap_or_default();
    let month = format!("{prefix}/{:02}/{}", issued.year().rem_euclid(100), issued.month());
    let count = db.next(&month, 1)?;
    record.insert("Number".to_owned(), format!("{month}/{count}").into());
    Ok(())
}

/// Adds what versions from 1.3 show and nothing stores (fact sheet 4.5.4).
pub(crate) fn derive(db: &Db<'_>, _: &TimeZone, values: &mut Map<String, Value>) -> Result<()> {
    for field in ["PurchasingParty", "ReceivingParty"] {
        let customer = related(db, names::CUSTOMER.0, values.get(&format!("{field}Id")))?;
        values.insert(field.to_owned(), customer.map_or(Value::Null, |customer| party(&customer)));
    }
    let method = related(db, names::PAYMENT_TYPE.0, values.get("PaymentTypeId"))?;
    let account = related(db, names::BANK_ACCOUNT.0, values.get("BankAccountId"))?;
    let of = |record: Option<Record>, field: &str| {
        record.and_then(|record| record.values.get(field).cloned()).unwrap_or_default()
    };
    let derived = json!({
        "PaymentType": of(method, "Type"),
        "BankAccountNumber": of(account, "AccountNumber"),
        "IsFinal": false,
        "DocumentCreatedByTaxPayer": false,
    });
    values.extend(derived.as_object().cloned().unwrap_or_default());
    let mut items = values.get("Items").cloned().unwrap_or_default();
    for line in items.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
        let product = related(db, names::PRODUCT.0, line.get("ProductId"))?;
        line.insert("ProductName".to_owned(), of(product.clone(), "Name"));
        line.insert("UnitOfMeasurement".to_owned(), of(product, "UnitOfMeasurment"));
        let price = line.get("ProductCurrencyPrice").and_then(decimal::from_json).unwrap_or_default();
        line.insert("ProductPrice".to_owned(), decimal::to_json(currency::local(values, price)));
    }
    values.insert("Items".to_owned(), items);
    Ok(())
}

fn party(customer: &Record) -> Value {
    let address = customer.values.get("Address").cloned().unwrap_or_default();
    json!({
        "Name": customer.text("Name"),
        "NipPrefix": customer.text("CountryCode"),
        "Nip": customer.text("CustomerTaxNumber"),
        "Country": "",
        "City": address["City"],
        "Street": address["Street"],
        "BuildingNumber": address["BuildingNumber"],
        "FlatNumber": address["FlatNumber"],
        "BankName": "",
        "BankAccountNumber": "",
        "CustomerType": customer.values.get("CustomerType"),
    })
}
