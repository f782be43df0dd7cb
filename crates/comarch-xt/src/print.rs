//! Prints: a JSON string that holds a data URI with the document as a PDF of one page (fact sheet 6).

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::Call;
use crate::edition::Edition;
use crate::pdf::{Layout, Line, Sheet};
use crate::product::cents;
use crate::{body, custom_print, error, lines, names, references};

/// What clients cut off before they decode the rest: 28 characters.
const PREFIX: &str = "data:application/pdf;base64,";

/// The words of a print in the languages of templates; another language is printed in English.
const LAYOUTS: &[(&str, Layout)] = &[
    (
        "DE",
        Layout {
            invoice: "Rechnung",
            proforma: "Auftrag",
            issued: "Datum",
            columns: ["Bezeichnung", "Menge", "Einheit", "Preis", "Betrag"],
            totals: ["Netto", "MwSt.", "Gesamt"],
            more: "weitere Positionen",
        },
    ),
    (
        "PL",
        Layout {
            invoice: "Faktura",
            proforma: "Faktura proforma",
            issued: "Data wystawienia",
            columns: ["Nazwa", "Ilość", "J.m.", "Cena", "Wartość"],
            totals: ["Netto", "VAT", "Razem"],
            more: "dalszych pozycji",
        },
    ),
    (
        "EN",
        Layout {
            invoice: "Invoice",
            proforma: "Proforma invoice",
            issued: "Date",
            columns: ["Description", "Quantity", "Unit", "Price", "Amount"],
            totals: ["Net", "VAT", "Total"],
            more: "more lines",
        },
    ),
];

/// Prints a document, by the template that `customPrintId` names or the standard one.
///
/// # Errors
/// 400 for a document or a template that is not there: of prints, that is what was seen (fact sheet 6).
pub(crate) async fn print(call: &Call, id: i64) -> Result<Response> {
    let template = call.option("customPrintId").filter(|id| !id.is_empty());
    let template = template.map(body::id).transpose()?;
    let pdf = call
        .ctx
        .read(|db| {
            let record = db.find(call.table()?, "", "Id", &id.to_string())?;
            let record =
                record.ok_or_else(|| error::unknown_reference(call.resource.singular, &id.to_string()))?;
            let kind = call.resource.print.map(|print| print.kind).unwrap_or_default();
            let template = template.map(|id| custom_print::find(db, kind, id)).transpose()?;
            sheet(call, db, &record, template.as_ref())
        })
        .await?;
    Ok(body::json(Value::from(format!("{PREFIX}{}", STANDARD.encode(pdf))).to_string()))
}

fn sheet(call: &Call, db: &Db<'_>, record: &Record, template: Option<&Record>) -> Result<Vec<u8>> {
    let layout = layout(call.edition(), template);
    let customer = references::related(db, names::CUSTOMER.0, record.values.get("PurchasingPartyId"))?;
    let mut printed = Vec::new();
    for line in lines::of(&record.values) {
        printed.push(self::line(db, line)?);
    }
    let sheet = Sheet {
        title: format!(
            "{} {}",
            call.resource.print.map(|print| (print.title)(layout)).unwrap_or_default(),
            record.text("Number")
        ),
        issued: format!("{}: {}", layout.issued, record.text("IssueDate")),
        customer: customer.as_ref().map(address).unwrap_or_default(),
        lines: printed,
        totals: ["NetTotal", "VatTotal", "GrossTotal"].map(|field| cents(record.decimal(field))),
        currency: record.text("CurrencyCode").to_owned(),
        template: template.map(|template| template.text("Name").to_owned()).unwrap_or_default(),
    };
    Ok(sheet.to_pdf(layout))
}

fn layout(edition: Edition, template: Option<&Record>) -> &'static Layout {
    let language = template.map_or(edition.say("DE", "PL"), |template| template.text("Language"));
    let found = LAYOUTS.iter().find(|(known, _)| known.eq_ignore_ascii_case(language));
    &found.unwrap_or(&LAYOUTS[LAYOUTS.len() - 1]).1
}

/// Name, street, town and tax number, without what is empty.
fn address(customer: &Record) -> Vec<String> {
    let address = customer.values.get("Address").and_then(Value::as_object);
    let part = |field: &str| address.and_then(|address| address.get(field)?.as_str()).unwrap_or_default();
    let lines = [
        customer.text("Name").to_owned(),
        format!("{} {} {}", part("Street"), part("BuildingNumber"), part("FlatNumber")),
        format!("{} {}", part("PostalCode"), part("City")),
        customer.text("CustomerTaxNumber").to_owned(),
    ];
    lines.into_iter().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

fn line(db: &Db<'_>, line: &Map<String, Value>) -> Result<Line> {
    let product = references::related(db, names::PRODUCT.0, line.get("ProductId"))?;
    let number = |field: &str| line.get(field).and_then(decimal::from_json).unwrap_or_default();
    let description = line.get("ProductDescription").and_then(Value::as_str).unwrap_or_default();
    let name = product.as_ref().map_or(description, |product| product.text("Name"));
    let (quantity, price): (Decimal, Decimal) = (number("Quantity"), number("ProductCurrencyPrice"));
    Ok(Line {
        name: name.to_owned(),
        quantity: quantity.normalize(),
        unit: product.as_ref().map(|product| product.text("UnitOfMeasurment").to_owned()).unwrap_or_default(),
        price,
        amount: cents(quantity.saturating_mul(price)),
    })
}
