//! `PUT /v1.4/payments`: the status of a payment (fact sheet 4.8). Of its body nothing was seen: `PaymentId` and
//! `PaymentStatus` are assumed, after what `paymentdetails` shows.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::entity::profile::Unknown;
use simcore::entity::validate::{self, Purpose};
use simcore::{Db, Result};

use crate::call::Call;
use crate::history::{self, Change};
use crate::product::cents;
use crate::views::{Version, View, must};
use crate::{body, error, names, views};

/// Unpaid or paid: that a part was paid only the application can say, as of invoices (DECISIONS).
pub(crate) const VIEWS: &[View] =
    &[View { version: Version::V1_4, fields: &[must("PaymentId"), must("PaymentStatus").but(2)] }];

/// Sets the status of the payment, and so of its invoice, confirmed or not: 204.
///
/// # Errors
/// 400 for a body without both, and for another status; 404 for a payment that there is not.
pub(crate) async fn update(call: &Call) -> Result<Response> {
    let fields = views::writable(call.view.fields, call.edition(), &call.table()?.entity.fields);
    let given = validate::check(&fields, body::record(call)?, Purpose::Create, Unknown::Ignore);
    let given = given.map_err(error::problems)?;
    let payment = given.get("PaymentId").map(ToString::to_string).unwrap_or_default();
    call.ctx.write(|db| set(call, db, &payment, &given["PaymentStatus"])).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn set(call: &Call, db: &Db<'_>, payment: &str, status: &Value) -> Result<()> {
    let table = db.table(names::INVOICE.0)?;
    let invoice = db.find(table, "", "PaymentId", payment)?;
    let invoice = invoice.ok_or_else(|| error::unknown_id(call.resource.singular, payment))?;
    let paid = if status == 1 {
        decimal::to_json(cents(invoice.decimal("CurrencyGrossTotal")))
    } else {
        Value::Null
    };
    let change = [("PaymentStatus".to_owned(), status.clone()), ("_paid".to_owned(), paid)];
    let change: Map<String, Value> = change.into_iter().collect();
    db.update(table, invoice.id, &change)?;
    let id = invoice.values.get("Id").and_then(Value::as_i64).unwrap_or_default();
    let fields = history::between(&invoice.values, &change);
    history::by_client(&call.ctx, db, Change { fields, ..Change::of(names::INVOICE.1, id, "paid") })
}
