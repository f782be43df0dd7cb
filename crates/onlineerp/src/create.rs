//! `POST`: one record, or a batch of stock movements.

use axum::http::header::{IF_NONE_MATCH, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::validate::{self, Purpose};
use simcore::{Db, Result};

use crate::routes::{Call, has_one};
use crate::{
    body, complete, customer_invoice, error, journal_entry, list, product_trail, supplier_documents,
};

/// Creates what the body holds: 201 with the record as the ERP has it (Q11).
pub(crate) async fn create(call: &Call) -> Result<Response> {
    let table = call.table()?;
    let content = body::json(&call.headers, &call.body)?;
    if let (Value::Array(items), "ProductTrail") = (&content, table.name.as_str()) {
        return product_trail::batch(call, items).await;
    }
    let mut record = body::record(content)?;
    if table.name == "CustomerInvoice" {
        record = body::unwrapped(record);
    }
    let (shown, key) = call.ctx.write(|db| store(call, db, table, record)).await?;
    let mut response = (StatusCode::CREATED, list::json(shown)).into_response();
    if has_one(table)
        && let Ok(location) =
            HeaderValue::from_str(&format!("{}/api/Entity/{}/{key}", call.ctx.prefix, table.name))
    {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

/// Checks, completes and stores one record with all its effects; gives it as shown, and its technical key.
pub(crate) fn store(
    call: &Call,
    db: &Db<'_>,
    table: &Table,
    record: Map<String, Value>,
) -> Result<(Vec<u8>, String)> {
    let unknown = call.ctx.model.profile.unknown_properties;
    let mut record =
        validate::check(&table.entity.fields, record, Purpose::Create, unknown).map_err(error::problems)?;
    check(call, db, table, &mut record)?;
    duplicates(call, db, table, &record)?;
    complete::complete(db, &table.name, &call.principal.tenant, &mut record)?;
    let id = db.insert(table, &call.principal.tenant, &record)?;
    if call.ctx.settings.flag("post_effects") && table.name == "CustomerInvoice" {
        customer_invoice::post(db, &call.principal.tenant, &record)?;
    }
    if table.name == "ProductTrail" {
        product_trail::post(db, &call.principal.tenant, &record)?;
    }
    let technical = table.entity.keys.first().and_then(|key| record.get(key));
    let key = technical.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
    Ok((list::shown(db, table, id)?, key.unwrap_or_default()))
}

/// What an entity's own rules ask of a new record.
fn check(call: &Call, db: &Db<'_>, table: &Table, record: &mut Map<String, Value>) -> Result<()> {
    match table.name.as_str() {
        "CustomerInvoice" => customer_invoice::check(call, db, record),
        "SupplierInvoice" => supplier_documents::check_invoice(call, db, record),
        "SupplierOrder" => supplier_documents::check_order(call, db, record),
        "GLJournalEntry" => journal_entry::check(record),
        "ProductTrail" => product_trail::check(call, db, record),
        _ => Ok(()),
    }
}

/// The ERP refuses a business number that it has already (Q15); with `If-None-Match: *` the precondition fails.
fn duplicates(call: &Call, db: &Db<'_>, table: &Table, record: &Map<String, Value>) -> Result<()> {
    let create_only =
        call.headers.get(IF_NONE_MATCH).is_some_and(|value| value.as_bytes().trim_ascii() == b"*");
    for fields in &table.entity.unique {
        let values: Option<Vec<&str>> =
            fields.iter().map(|field| record.get(field).and_then(Value::as_str)).collect();
        let Some(values) = values else { continue };
        let conditions: Vec<String> =
            fields.iter().map(|field| format!("{} = ?", simcore::entity::model::quote(field))).collect();
        let filter = odata::Sql {
            text: conditions.join(" AND "),
            binds: values.iter().map(|value| odata::Bind::Text((*value).to_owned())).collect(),
        };
        let select = simcore::Select {
            tenant: Some(&call.principal.tenant),
            filters: vec![filter],
            ..Default::default()
        };
        if db.count(table, &select)? > 0 {
            return Err(error::duplicate(&table.name, &values.join(" / "), create_only));
        }
    }
    Ok(())
}
