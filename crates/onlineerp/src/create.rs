//! `POST`: one record, or a batch of stock movements.

use axum::http::StatusCode;
use axum::http::header::IF_NONE_MATCH;
use axum::response::Response;
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::validate::{Purpose, check_record};
use simcore::simulator::rest;
use simcore::{Db, Error, Result};

use crate::call::Call;
use crate::{body, complete, error, list};

/// Creates what the body holds: 201 with the record as the ERP has it (Q11).
pub(crate) async fn create(call: &Call) -> Result<Response> {
    one(call, body::json(call)?).await
}

/// The same, of a body that has been read.
pub(crate) async fn one(call: &Call, content: Value) -> Result<Response> {
    let table = call.table()?;
    let record = (call.own.unwrap)(body::record(content)?);
    let (shown, key) = call.ctx.write(|db| store(call, db, table, record)).await?;
    if !call.own.has_one {
        return Ok(rest::answer_with(StatusCode::CREATED, shown));
    }
    let key = rest::segment(&key);
    Ok(rest::created(&format!("{}/api/Entity/{}/{key}", call.ctx.prefix, table.name), shown))
}

/// Checks, completes and stores one record with all its effects; gives it as shown, and its technical key.
pub(crate) fn store(
    call: &Call,
    db: &Db<'_>,
    table: &Table,
    record: Map<String, Value>,
) -> Result<(Vec<u8>, String)> {
    let record = check_record(&call.ctx.model, table, record, Purpose::Create);
    let mut record = record.map_err(error::problems)?;
    (call.own.check)(call, db, &mut record)?;
    let tenant = &call.principal.tenant;
    let stored = complete::complete(db, &table.name, tenant, &mut record)
        .and_then(|()| db.insert(table, tenant, &record));
    // The database finds them as well as a look before, which nearly all would take for nothing.
    let id = match stored {
        Ok(id) => id,
        Err(error) => return Err(duplicates(call, db, table, &record)?.unwrap_or(error)),
    };
    (call.own.post)(db, tenant, &record)?;
    let technical = table.entity.keys.first().and_then(|key| record.get(key));
    let key = technical.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
    Ok((list::shown(db, table, id)?, key.unwrap_or_default()))
}

/// The ERP refuses a business number that it has already (Q15); with `If-None-Match: *` the precondition fails.
/// Of whatever else is wrong with a record, this is said first.
fn duplicates(call: &Call, db: &Db<'_>, table: &Table, record: &Map<String, Value>) -> Result<Option<Error>> {
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
            return Ok(Some(error::duplicate(&table.name, &values.join(" / "), create_only)));
        }
    }
    Ok(None)
}
