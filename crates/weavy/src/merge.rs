//! `mergeData`: two records of an entity become one (fact sheet 17).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::Result;
use simcore::entity::model::Table;
use simcore::said;
use simcore::store::rows::Record;

use crate::body::{self, Envelope};
use crate::call::Call;
use crate::record::export_of;
use crate::tables::{self, Access, code_field};
use crate::write::{Export, Writer, alive_by};
use crate::{company, error};

/// What referred to the source refers to the target, which takes what it lacks from it; the source is deleted.
pub(crate) async fn merge(call: Call) -> Result<Response> {
    tables::open(&call.ctx, &call.entity, Access::Update)?;
    let body = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let code = |name: &str| {
        body.get(name).ok_or_else(|| error::missing(name)).and_then(|value| body::code(value, name))
    };
    let (source, target) = (code("sourceRowCode")?, code("targetRowCode")?);
    if source == target {
        return Err(said!(MERGE_SAME).into());
    }
    let export = Export::Unless(export_of(&call, &body)?);
    let ctx = call.ctx.clone();
    ctx.write_long(move |db| {
        let table = tables::find(db.model, &call.entity)?;
        let tenant = company::of_call(&call, db, body.get("companyCode"))?;
        let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
        let alive = |writer: &Writer<'_>, code: &str| {
            writer.find_alive(table, code)?.ok_or_else(|| error::unknown_record(&table.name, code))
        };
        let (lost, kept) = (alive(&writer, &source)?, alive(&writer, &target)?);
        repoint(&mut writer, table, &source, &target)?;
        // The target may have been repointed itself.
        let kept = db.load(table, kept.id)?;
        let taken = taken(&writer, table, &lost, &kept)?;
        writer.change(table, &kept, taken, false)?;
        let lost = db.load(table, lost.id)?;
        writer.delete(table, &lost, false)?;
        writer.finish()
    })
    .await?;
    Ok(StatusCode::OK.into_response())
}

/// What referred to the source refers to the target; where that would be the target itself, to nothing.
fn repoint(writer: &mut Writer<'_>, table: &Table, source: &str, target: &str) -> Result<()> {
    let db = writer.db;
    for (other, field) in tables::referring(db.model, &table.name) {
        for record in alive_by(db, writer.tenant, other, field, source)? {
            let is_target = other.name == table.name && record.text(code_field(table)) == target;
            let value = if is_target { Value::Null } else { target.into() };
            writer.change(other, &record, Map::from_iter([(field.to_owned(), value)]), false)?;
        }
    }
    Ok(())
}

/// The source's values for fields in which the target has none. References to one of the two, and those that lead
/// nowhere, are left behind.
fn taken(writer: &Writer<'_>, table: &Table, lost: &Record, kept: &Record) -> Result<Map<String, Value>> {
    let mut taken = Map::new();
    for (name, value) in &lost.values {
        if value.is_null() || kept.values.get(name).is_some_and(|value| !value.is_null()) {
            continue;
        }
        let target = table.entity.fields.get(name).and_then(|field| field.references.as_ref());
        if let (Some(target), Some(code)) = (target, value.as_str()) {
            let is_own = *target == table.name
                && [lost, kept].iter().any(|record| record.text(code_field(table)) == code);
            if is_own || !writer.leads_somewhere(target, code)? {
                continue;
            }
        }
        taken.insert(name.clone(), value.clone());
    }
    Ok(taken)
}
