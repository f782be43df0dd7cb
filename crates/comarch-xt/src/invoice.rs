//! Sales invoices: confirming and paying them (fact sheet 4.5.5 and 5).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::{Call, Written};
use crate::history::{self, Change};
use crate::product::cents;
use crate::{body, document, error, names, write};

/// `PUT /v1.2/invoices/confirm`, and that of v1.4, v1.5 and v1.7, with `{"Id": n}`: Status 0 becomes 1 for good.
pub(crate) async fn confirm(call: &Call) -> Result<Response> {
    let id = body::own_id(&body::record(call)?)?;
    call.ctx
        .write(|db| {
            let invoice = write::find(call, db, id)?;
            document::check_open(&invoice)?;
            let fields = set(db, &invoice, "Status", 1.into())?;
            let change = Change { fields, ..Change::of(call.resource.singular, id, "confirmed") };
            history::by_client(&call.ctx, db, change)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// What a client wrote of it, beside what all documents have: who says unpaid says that nothing was paid.
pub(crate) fn check(call: &Call, db: &Db<'_>, written: Written<'_>) -> Result<()> {
    let Written { record, given, stored } = written;
    document::check(call, db, Written { record: &mut *record, given, stored })?;
    if record.get("PaymentStatus").and_then(Value::as_i64).unwrap_or_default() == 0 {
        record.insert("_paid".to_owned(), Value::Null);
    }
    Ok(())
}

/// Writes one field of an invoice, and gives what that changed.
pub(crate) fn set(db: &Db<'_>, invoice: &Record, field: &str, value: Value) -> Result<Vec<Value>> {
    let change: Map<String, Value> = [(field.to_owned(), value)].into_iter().collect();
    db.update(db.table(names::INVOICE.0)?, invoice.id, &change)?;
    Ok(history::between(&invoice.values, &change))
}

/// Adds a payment in the document's currency: partly paid until the gross total is reached. Without an amount, all that
/// is due is paid. Gives the new payment status, and what changed.
///
/// # Errors
/// 409 of the control API for an amount that is none.
pub(crate) fn pay(db: &Db<'_>, invoice: &Record, amount: Option<Decimal>) -> Result<(i64, Vec<Value>)> {
    let total = invoice.decimal("CurrencyGrossTotal");
    let paid = match amount {
        None => total,
        Some(amount) if amount <= Decimal::ZERO => {
            return Err(error::not_possible("the amount must be more than 0"));
        }
        Some(amount) => cents(invoice.decimal("_paid").saturating_add(amount)),
    };
    let status = if paid >= total { 1 } else { 2 };
    set(db, invoice, "_paid", decimal::to_json(paid))?;
    Ok((status, set(db, invoice, "PaymentStatus", status.into())?))
}
