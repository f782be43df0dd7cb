//! `mergeData`: two records of an entity become one (fact sheet 17).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::model::Table;
use simcore::rows::Record;
use simcore::{Db, Result};

use crate::body::{self, Envelope};
use crate::record::export_option;
use crate::routes::Call;
use crate::tables::{self, Access};
use crate::write::{Export, Writer, alive_by};
use crate::{company, error};

/// What referred to the source refers to the target, which takes what it lacks from it; the source is deleted.
pub(crate) async fn merge(call: Call) -> Result<Response> {
    tables::open(&call.ctx, &call.entity, Access::Update)?;
    let body = Envelope::of(body::json(&call.headers, &call.body)?, "The request body")?;
    let code = |name: &str| {
        body.get(name).ok_or_else(|| error::missing(name)).and_then(|value| body::code(value, name))
    };
    let (source, target) = (code("sourceRowCode")?, code("targetRowCode")?);
    if source == target {
        return Err(error::bad_request("The source and the target are the same record."));
    }
    let export = Export::Unless(export_option(&call)?);
    let ctx = call.ctx.clone();
    ctx.write_long(move |db| {
        let table = tables::find(db.model, &call.entity)?;
        let tenant = company::of_call(&call, db, body.get("companyCode"))?;
        let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
        let alive = |writer: &Writer<'_>, code: &str| {
            writer.find_alive(table, code)?.ok_or_else(|| error::unknown_record(&table.name, code))
        };
        let (lost, kept) = (alive(&writer, &source)?, alive(&writer, &target)?);
        repoint(&mut writer, db, &tenant, table, &source, &target)?;
        // The target may have been repointed itself.
        let kept = db.load(table, kept.id)?;
        writer.change(table, &kept, taken(table, &lost, &kept, &source), false)?;
        let lost = db.load(table, lost.id)?;
        writer.delete(table, &lost, false)?;
        writer.finish()
    })
    .await?;
    Ok(StatusCode::OK.into_response())
}

fn repoint(
    writer: &mut Writer<'_>,
    db: &Db<'_>,
    tenant: &str,
    table: &Table,
    source: &str,
    target: &str,
) -> Result<()> {
    for (other, field) in tables::referring(db.model, &table.name) {
        for record in alive_by(db, tenant, other, field, source)? {
            let change = Map::from_iter([(field.to_owned(), target.into())]);
            writer.change(other, &record, change, false)?;
        }
    }
    Ok(())
}

/// The source's values for fields in which the target has none. A reference of the source to itself is none.
fn taken(table: &Table, lost: &Record, kept: &Record, source: &str) -> Map<String, Value> {
    let code_field = tables::code_field(table);
    let is_lacking = |name: &str| kept.values.get(name).is_none_or(Value::is_null);
    let refers_to_itself = |name: &str, value: &Value| {
        let refers =
            table.entity.fields.get(name).is_some_and(|field| field.references.as_ref() == Some(&table.name));
        refers && (value.as_str() == Some(source) || value.as_str() == Some(kept.text(code_field)))
    };
    lost.values
        .iter()
        .filter(|(name, value)| !value.is_null() && is_lacking(name) && !refers_to_itself(name, value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
