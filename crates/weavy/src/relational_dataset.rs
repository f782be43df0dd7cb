//! `POST /v1/Data/P/RelationalDataSet`: deletes, then records, then relations, atomically (fact sheet 12).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::{Db, Result, said};

use crate::body::{self, Envelope, boolean};
use crate::call::Call;
use crate::record::{DeleteMode, code_of, delete_option, export_of};
use crate::tables::code_field;
use crate::write::{Export, Writer};
use crate::{company, error, fetch, tables};

/// Rows of one entity, as sent: name, records or codes.
type Lists = Vec<(String, Vec<Value>)>;

/// A request, taken apart.
struct Request {
    envelope: Envelope,
    deletes: Lists,
    data: Lists,
    relations: Vec<Value>,
    is_silent: bool,
}

pub(crate) async fn import(call: Call) -> Result<Response> {
    let mut envelope = Envelope::of(body::json(&call.headers, &call.body)?, said!(THE_BODY))?;
    let is_silent = match envelope.get("noResultData") {
        None => false,
        Some(value) => {
            boolean(value).ok_or_else(|| error::bad_value("noResultData", said!(EXPECTED_BOOLEAN)))?
        }
    };
    let (deletes, data) = (envelope.take_lists("deletes")?, envelope.take_lists("data")?);
    let relations = envelope.take_list("relations")?.unwrap_or_default();
    for (entity, _) in deletes.iter().chain(&data) {
        tables::find(&call.ctx.model, entity)?;
    }
    let request = Request { envelope, deletes, data, relations, is_silent };
    let mode = delete_option(&call)?.unwrap_or(DeleteMode::Logical);
    if mode == DeleteMode::None {
        return Err(error::bad_value("deleteMode", said!(EXPECTED_DELETE_MODE)));
    }
    let export = Export::Unless(export_of(&call, &request.envelope)?);
    let is_silent = request.is_silent;
    let ctx = call.ctx.clone();
    let shown = ctx.write_long(move |db| apply(&call, db, request, mode, export)).await?;
    Ok(if is_silent { StatusCode::OK.into_response() } else { fetch::json(shown) })
}

fn apply(call: &Call, db: &Db<'_>, request: Request, mode: DeleteMode, export: Export) -> Result<Vec<u8>> {
    let tenant = company::of_call(call, db, request.envelope.get("companyCode"))?;
    let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
    for (entity, codes) in &request.deletes {
        let table = tables::find(db.model, entity)?;
        for code in codes {
            if let Some(before) = writer.find_alive(table, &body::code(code, entity)?)? {
                writer.delete(table, &before, mode == DeleteMode::Physical)?;
            }
        }
    }
    let mut written: Vec<(&Table, Vec<String>)> = Vec::with_capacity(request.data.len());
    for (entity, records) in request.data {
        let table = tables::find(db.model, &entity)?;
        let mut codes = Vec::with_capacity(records.len());
        for record in records {
            let Value::Object(record) = record else {
                return Err(said!(RECORD_NOT_OBJECT, entity = &entity).into());
            };
            let code = code_of(table, &record)?.ok_or_else(|| error::missing(code_field(table)))?;
            writer.upsert(table, &code, record, false)?;
            codes.push(code);
        }
        written.push((table, codes));
    }
    for relation in request.relations {
        relate(&mut writer, &Envelope::of(relation, said!(A_RELATION))?)?;
    }
    writer.finish()?;
    if request.is_silent { Ok(Vec::new()) } else { shown(db, &tenant, &written) }
}

/// Writes the code of the source into a field of the target.
fn relate(writer: &mut Writer<'_>, relation: &Envelope) -> Result<()> {
    let model = writer.db.model;
    let source = tables::find(model, relation.mandatory("SourceEntityName")?)?;
    let target = tables::find(model, relation.mandatory("TargetEntityName")?)?;
    let code = |name: &str| {
        relation.get(name).ok_or_else(|| error::missing(name)).and_then(|value| body::code(value, name))
    };
    let (source_code, target_code) = (code("SourceRowCode")?, code("TargetRowCode")?);
    let field = relation.mandatory("TargetFieldName")?;
    let known = target.field(field).filter(|(_, _, known)| known.references.as_ref() == Some(&source.name));
    let (_, field, _) = known
        .ok_or_else(|| said!(NO_FOREIGN_KEY, field = field, target = &target.name, source = &source.name))?;
    let unknown =
        |table: &Table, code: &str| said!(RELATION_UNKNOWN, entity = &table.name, code = code).into();
    if writer.find_alive(source, &source_code)?.is_none() {
        return Err(unknown(source, &source_code));
    }
    let before = writer.find_alive(target, &target_code)?.ok_or_else(|| unknown(target, &target_code))?;
    let change = Map::from_iter([(field.to_owned(), source_code.into())]);
    writer.change(target, &before, change, false)?;
    Ok(())
}

/// The records as they stand after the call, entities and order as sent.
fn shown(db: &Db<'_>, tenant: &str, written: &[(&Table, Vec<String>)]) -> Result<Vec<u8>> {
    let mut out = b"{\"data\":{".to_vec();
    for (place, (table, codes)) in written.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.extend_from_slice(format!("{}:[", Value::from(table.name.as_str())).as_bytes());
        for (place, code) in codes.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            if let Some(record) = db.find(table, tenant, code_field(table), code)? {
                out.extend(fetch::shown(db, table, record.id)?);
            }
        }
        out.push(b']');
    }
    out.extend_from_slice(b"}}");
    Ok(out)
}
