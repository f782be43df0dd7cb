//! Payments of invoices, read only (fact sheet 4.8): nothing but invoices is paid here, so each has one, its `PaymentId`.

use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use simcore::base::decimal;
use simcore::{Db, Result};

use crate::edition::midnight;
use crate::product::cents;
use crate::references::related;
use crate::views::{Access, Shown, Version, View, field, read};
use crate::{currency, names};

/// Where `$fts` looks.
pub(crate) const SEARCHED: &[&str] = &["Number"];

/// What of an invoice stands under another name; what only follows from others is no condition.
pub(crate) const RENAMED: &[(&str, &str)] = &[
    ("Amount", "CurrencyGrossTotal"),
    ("Currency", "CurrencyCode"),
    ("DocumentId", "Id"),
    ("DocumentNumber", "Number"),
    ("DueDate", "PaymentDeadline"),
    ("VatAmount", "CurrencyVatTotal"),
];

/// `ApartmentNumbe` is what the page itself spells.
const ADDRESS: &[Shown] =
    &[read("Street"), read("BuildingNumber"), read("ApartmentNumbe"), read("PostalCode"), read("City")];

const FIELDS: &[Shown] = &[
    read("Amount"),
    read("Balance"),
    read("CashAccounting"),
    read("CreationDate"),
    read("Currency"),
    read("DocumentId"),
    read("DocumentNumber"),
    read("DocumentType"),
    read("DueDate"),
    read("ExchangeRate"),
    read("ExportStatus"),
    read("IssueDate"),
    read("Payable"),
    read("PaymentDirection"),
    read("PaymentId"),
    read("PaymentStatus"),
    read("PaymentType"),
    read("RecipientAccountNumber"),
    field("RecipientAddress", Access::Read, ADDRESS),
    read("RecipientName"),
    read("RecipientTaxId"),
    read("SenderAccountNumber"),
    field("SenderAddress", Access::Read, ADDRESS),
    read("SenderName"),
    read("SenderTaxId"),
    read("SplitPayment"),
    read("Title"),
    read("UpdateDate"),
    read("VatAmount"),
];

pub(crate) const VIEWS: &[View] =
    &[View { version: Version::V1_4, fields: FIELDS }, View { version: Version::V1_5, fields: FIELDS }];

/// The payment of an invoice: from its customer, to the firm. What nobody documents of it is assumed: no split
/// payment, no cash accounting, nothing exported, times of the day of issue.
pub(crate) fn derive(db: &Db<'_>, zone: &TimeZone, values: &mut Map<String, Value>) -> Result<()> {
    let customer = related(db, names::CUSTOMER.0, values.get("PurchasingPartyId"))?;
    let account = related(db, names::BANK_ACCOUNT.0, values.get("BankAccountId"))?;
    let amount = |field: &str| values.get(field).and_then(decimal::from_json).unwrap_or_default();
    let total = amount("CurrencyGrossTotal");
    let balance = match values.get("PaymentStatus").and_then(Value::as_i64) {
        Some(1) => cents(Decimal::ZERO),
        Some(2) => total.saturating_sub(amount("_paid")),
        _ => total,
    };
    let day = |field: &str| midnight(zone, values.get(field).and_then(Value::as_str).unwrap_or_default());
    let sender = |field: &str| customer.as_ref().map(|it| it.text(field).to_owned()).unwrap_or_default();
    let address = customer.as_ref().and_then(|customer| customer.values.get("Address"));
    let address = address.filter(|address| address.is_object()).map(|address| {
        json!({
            "Street": address["Street"],
            "BuildingNumber": address["BuildingNumber"],
            "ApartmentNumbe": address["FlatNumber"],
            "PostalCode": address["PostalCode"],
            "City": address["City"],
        })
    });
    let derived = json!({
        "Amount": decimal::to_json(total),
        "Balance": decimal::to_json(balance),
        "CashAccounting": false,
        "CreationDate": day("IssueDate"),
        "Currency": values.get("CurrencyCode"),
        "DocumentId": values.get("Id"),
        "DocumentNumber": values.get("Number"),
        "DocumentType": 0,
        "DueDate": day("PaymentDeadline"),
        "ExchangeRate": decimal::to_json(currency::rate(values)),
        "ExportStatus": 0,
        "Payable": balance > Decimal::ZERO,
        "PaymentDirection": 0,
        "PaymentType": "INCOME",
        "RecipientAccountNumber": account.map(|account| account.text("AccountNumber").to_owned()),
        "RecipientAddress": null,
        "RecipientName": "",
        "RecipientTaxId": "",
        "SenderAccountNumber": null,
        "SenderAddress": address,
        "SenderName": sender("Name"),
        "SenderTaxId": sender("CustomerTaxNumber"),
        "SplitPayment": false,
        "Title": values.get("Number"),
        "UpdateDate": day("IssueDate"),
        "VatAmount": values.get("CurrencyVatTotal"),
    });
    values.extend(derived.as_object().cloned().unwrap_or_default());
    Ok(())
}
