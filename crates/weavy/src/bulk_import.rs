//! `POST /v1/Data/P/BulkImport`: many rows of one entity, all or none (fact sheet 11).

use std::collections::HashSet;

use axum::response::Response;
use serde_json::{Value, json};
use simcore::Result;
use simcore::said;

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::record::{code_of, export_of};
use crate::write::{Export, Outcome, Writer};
use crate::{company, error, fetch, statistics, tables};

pub(crate) async fn import(call: Call) -> Result<Response> {
    let mut body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    tables::find(&call.ctx.model, body.mandatory("entityName")?)?;
    let rows = body.take_list("rows")?.ok_or_else(|| error::missing("rows"))?;
    let export = export_of(&call, &body)?;
    let ctx = call.ctx.clone();
    let answer = ctx
        .write_long(move |db| {
            let table = tables::find(db.model, body.mandatory("entityName")?)?;
            let tenant = company::of_call(&call, db, body.get("companyCode"))?;
            let mut writer = Writer::new(db, &tenant, Export::Unless(export), call.ctx.strict);
            let (mut seen, mut added, mut updated) = (HashSet::with_capacity(rows.len()), 0, 0);
            let count = rows.len();
            for row in rows {
                let Value::Object(record) = row else {
                    return Err(said!(NOT_OBJECT, what = said!(A_ROW)).into());
                };
                let code =
                    code_of(table, &record)?.ok_or_else(|| error::missing(tables::code_field(table)))?;
                if !seen.insert(code.clone()) {
                    return Err(said!(CODE_TWICE, code = &code).into());
                }
                match writer.upsert(table, &code, record, true)? {
                    Outcome::Added => added += 1,
                    Outcome::Updated | Outcome::Unchanged => updated += 1,
                }
            }
            writer.finish()?;
            Ok(json!({ "addedRow": added, "updatedRow": updated, "statistics": statistics::of(count) }))
        })
        .await?;
    Ok(fetch::json(answer.to_string()))
}
