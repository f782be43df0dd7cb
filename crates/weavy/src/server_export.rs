//! Export validation: rows that were read are not to be exported again, unless they changed meanwhile (fact sheet 10).

use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::entity::model::Table;
use simcore::store::effects::Refused;
use simcore::{Db, Error, Result, said};

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::record::export_value;
use crate::tables::{Access, code_field};
use crate::{company, error, fetch, statistics, tables, write};

/// The rows of one entity to be validated.
struct Batch {
    entity: String,
    company: Option<Value>,
    export: i64,
    rows: Vec<(String, String)>,
}

/// One entity or several, on both routes.
pub(crate) async fn validate(call: Call) -> Result<Response> {
    let batches = match body::json(&call.headers, &call.body)? {
        Value::Array(batches) => batches,
        one => vec![one],
    };
    let batches = batches.into_iter().map(|batch| read(&call, batch)).collect::<Result<Vec<_>>>()?;
    let is_strict = call.ctx.settings.flag("strict_export_validation");
    let ctx = call.ctx.clone();
    let done = ctx
        .write_long(move |db| {
            let (mut updated, mut rejected, mut rows) = (0, Vec::new(), 0);
            for batch in batches {
                rows += batch.rows.len();
                updated += apply(&call, db, batch, &mut rejected)?;
            }
            let is_refused = is_strict && !rejected.is_empty();
            let body = json!({
                "updatedRow": if is_refused { 0 } else { updated },
                "rejectedRows": rejected,
                "statistics": statistics::of(rows),
            });
            // An error undoes what was written; its detail carries the body that is answered.
            if is_refused {
                Err(Error::from(said!(STALE_ROWS)).detail("", body.to_string()))
            } else {
                Ok(body)
            }
        })
        .await;
    match done {
        Ok(body) => Ok(fetch::json(body.to_string())),
        Err(stale) if stale.refusal() == Some("STALE_ROWS") => {
            let body = stale.details.into_iter().next().map(|detail| detail.message).unwrap_or_default();
            Ok((stale.status, fetch::json(body)).into_response())
        }
        Err(error) => Err(error),
    }
}

fn read(call: &Call, batch: Value) -> Result<Batch> {
    let mut batch = Envelope::of(batch, said!(AN_EXPORT_VALIDATION))?;
    let entity = batch.mandatory("entityName")?.to_owned();
    tables::open(&call.ctx, &entity, Access::Update)?;
    let named = ["srvExport", "serverExport"].into_iter().find_map(|name| Some((name, batch.get(name)?)));
    let (name, export) = named.ok_or_else(|| error::missing("srvExport"))?;
    let export = export_value(name, export)?;
    let rows =
        batch.take_list("rows")?.filter(|rows| !rows.is_empty()).ok_or_else(|| error::missing("rows"))?;
    let row = |row: Value| {
        let row = Envelope::of(row, said!(A_ROW))?;
        let code = row.get("rowCode").ok_or_else(|| error::missing("rowCode"))?;
        let date = row.get("srvDateUTC").ok_or_else(|| error::missing("srvDateUTC"))?;
        let date =
            write::date_of(date).ok_or_else(|| error::bad_value("srvDateUTC", said!(EXPECTED_DATETIME)))?;
        Ok((body::code(code, "rowCode")?, date))
    };
    let rows = rows.into_iter().map(row).collect::<Result<Vec<_>>>()?;
    Ok(Batch { entity, company: batch.take("companyCode"), export, rows })
}

/// Validates what has not changed; gives how many rows, and puts the others into `rejected`.
fn apply(call: &Call, db: &Db<'_>, batch: Batch, rejected: &mut Vec<Value>) -> Result<u64> {
    let table: &Table = tables::find(db.model, &batch.entity)?;
    let tenant = company::of_call(call, db, batch.company.as_ref())?;
    let export = Map::from_iter([("srvExport".to_owned(), batch.export.into())]);
    let mut updated = 0;
    for (code, date) in batch.rows {
        let found = db.find(table, &tenant, code_field(table), &code)?;
        if let Some(record) = &found {
            db.note_validated(table, &tenant, &code, record.id, &date);
        }
        let (date, reason) = match found {
            Some(record) if record.text("srvDateUTC") == date => {
                db.update(table, record.id, &export)?;
                updated += 1;
                continue;
            }
            Some(record) => (Value::from(record.text("srvDateUTC")), "Modified"),
            None => (Value::Null, "NotFound"),
        };
        // The answer may be a 200: that the row was refused stands inside it.
        db.note_refused(Refused {
            entity: table.name.clone(),
            company: tenant.clone(),
            key: Some(code.clone()),
            reason: reason.to_owned(),
            ..Refused::default()
        });
        let row = json!({ "entityName": table.name, "rowCode": code, "srvDateUTC": date, "reason": reason });
        rejected.push(row);
    }
    Ok(updated)
}
