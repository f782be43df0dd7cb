//! `POST /v1/Data/P/DeleteDataSet`: many rows at once, all or none (fact sheet 13).

use axum::response::Response;
use serde_json::{Value, json};
use simcore::Result;
use simcore::said;

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::record::{DeleteMode, delete_mode, delete_option, export_of};
use crate::write::{Export, Writer};
use crate::{company, error, fetch, statistics, tables};

pub(crate) async fn delete(call: Call) -> Result<Response> {
    let mut body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let lists = lists(&mut body)?;
    for (entity, _) in &lists {
        tables::find(&call.ctx.model, entity)?;
    }
    let mode = match body.get("deleteMode") {
        Some(Value::String(text)) => delete_mode(text)?,
        Some(value) => delete_mode(&value.to_string())?,
        None => delete_option(&call)?.unwrap_or(DeleteMode::Logical),
    };
    if mode == DeleteMode::None {
        return Err(error::bad_value("deleteMode", said!(EXPECTED_DELETE_MODE)));
    }
    let export = Export::Unless(export_of(&call, &body)?);
    let ctx = call.ctx.clone();
    let answer = ctx
        .write_long(move |db| {
            let tenant = company::of_call(&call, db, body.get("companyCode"))?;
            let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
            let (mut deleted, mut rows) = (0, 0);
            for (entity, codes) in &lists {
                let table = tables::find(db.model, entity)?;
                rows += codes.len();
                for code in codes {
                    if let Some(before) = writer.find_alive(table, &body::code(code, "rows")?)? {
                        writer.delete(table, &before, mode == DeleteMode::Physical)?;
                        deleted += 1;
                    }
                }
            }
            writer.finish()?;
            Ok(json!({ "deletedRow": deleted, "statistics": statistics::of(rows) }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}

/// Codes by entity, from either form of the body.
fn lists(body: &mut Envelope) -> Result<Vec<(String, Vec<Value>)>> {
    if body.get("deletes").is_some() {
        return body.take_lists("deletes");
    }
    let entity = body.mandatory("entityName")?.to_owned();
    let rows = body.take_list("rows")?.ok_or_else(|| error::missing("rows"))?;
    Ok(vec![(entity, rows)])
}
