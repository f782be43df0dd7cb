//! One record: create, read, update, delete (fact sheet 8).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::validate::Purpose;
use simcore::{Db, Result, said};

use crate::body::Envelope;
use crate::call::Call;
use crate::tables::{self, Access, code_field};
use crate::write::{Export, Writer, is_alive, next_code};
use crate::{body, company, error, fetch};

/// How rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeleteMode {
    None,
    Logical,
    Physical,
}

/// Creates a record; the answer is the record, with 200 (Q6).
pub(crate) async fn create(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, &call.entity, Access::Insert)?;
    let record = record(call)?;
    let export = Export::Unless(export_option(call)?);
    let shown = call
        .ctx
        .write(|db| {
            let tenant = company::of_call(call, db, None)?;
            let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
            let code = match code_of(table, &record)? {
                Some(code) => code,
                None => next_code(db, table, &tenant)?,
            };
            let record = writer.check(table, &code, record, Purpose::Create)?;
            let id = writer.create(table, &code, record)?;
            writer.finish()?;
            shown(db, table, id)
        })
        .await?;
    Ok(fetch::json(shown))
}

/// The record of that code, logically deleted or not (Q8).
pub(crate) async fn read(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, &call.entity, Access::Read)?;
    let body = call
        .ctx
        .read(|db| {
            let tenant = company::of_call(call, db, None)?;
            let record = db.find(table, &tenant, code_field(table), &call.code)?;
            let record = record.ok_or_else(|| error::unknown_record(&table.name, &call.code))?;
            shown(db, table, record.id)
        })
        .await?;
    Ok(fetch::json(body))
}

/// Changes the fields that the body names (8.2).
pub(crate) async fn update(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, &call.entity, Access::Update)?;
    let record = record(call)?;
    let export = Export::Unless(export_option(call)?);
    let shown = call
        .ctx
        .write(|db| {
            let tenant = company::of_call(call, db, None)?;
            let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
            let before = writer.find_alive(table, &call.code)?;
            let before = before.ok_or_else(|| error::unknown_record(&table.name, &call.code))?;
            if code_of(table, &record)?.is_some_and(|code| code != call.code) {
                return Err(said!(CODE_MISMATCH).into());
            }
            let given = writer.check(table, &call.code, record, Purpose::Change)?;
            writer.change(table, &before, given, false)?;
            writer.finish()?;
            shown(db, table, before.id)
        })
        .await?;
    Ok(fetch::json(shown))
}

/// Deletes a record, by marking it unless `deleteMode` says otherwise (8.4).
pub(crate) async fn delete(call: &Call) -> Result<Response> {
    let table = tables::open(&call.ctx, &call.entity, Access::Update)?;
    let mode = delete_option(call)?.unwrap_or(DeleteMode::Logical);
    if mode == DeleteMode::None {
        return Err(error::bad_value("deleteMode", said!(EXPECTED_DELETE_MODE)));
    }
    let export = Export::Unless(export_option(call)?);
    call.ctx
        .write(|db| {
            let tenant = company::of_call(call, db, None)?;
            let mut writer = Writer::new(db, &tenant, export, call.ctx.strict);
            let before = writer.find(table, &call.code)?;
            let before = before.filter(|before| is_alive(before) || mode == DeleteMode::Physical);
            let before = before.ok_or_else(|| error::unknown_record(&table.name, &call.code))?;
            writer.delete(table, &before, mode == DeleteMode::Physical)?;
            writer.finish()
        })
        .await?;
    Ok(StatusCode::OK.into_response())
}

fn record(call: &Call) -> Result<Map<String, Value>> {
    match body::json(&call.headers, &call.body)? {
        Value::Object(record) => Ok(record),
        _ => Err(said!(NOT_OBJECT, what = said!(THE_BODY)).into()),
    }
}

fn shown(db: &Db<'_>, table: &Table, id: i64) -> Result<Vec<u8>> {
    fetch::shown(db, table, id)
}

/// The code that a record carries, under any of its names; nothing when it carries none or an empty one.
///
/// # Errors
/// 400 when it is no code.
pub(crate) fn code_of(table: &Table, record: &Map<String, Value>) -> Result<Option<String>> {
    let field = code_field(table);
    let named = |name: &str| table.field(name).is_some_and(|(_, known, _)| known == field);
    // The canonical name is looked up first: batches are long.
    let value = match record.get(field) {
        Some(value) => Some(value),
        None => record.iter().find(|(name, _)| named(name)).map(|(_, value)| value),
    };
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(value) => body::code(value, field).map(Some),
    }
}

/// What the field is called in calls: its new name, and the one of older versions of the page.
const EXPORT: [&str; 2] = ["serverExport", "srvExport"];

/// The value that the options give srvExport.
///
/// # Errors
/// 400 when it is neither 0 nor 1.
pub(crate) fn export_option(call: &Call) -> Result<Option<i64>> {
    let given = EXPORT.iter().find_map(|name| Some((name, call.query.get(name)?)));
    given.map(|(name, text)| export_value(name, &Value::from(text))).transpose()
}

/// The value that a body gives srvExport, under either of its names, or else the options.
///
/// # Errors
/// 400 when it is neither 0 nor 1.
pub(crate) fn export_of(call: &Call, body: &Envelope) -> Result<Option<i64>> {
    match EXPORT.iter().find_map(|name| Some((name, body.get(name)?))) {
        Some((name, value)) => export_value(name, value).map(Some),
        None => export_option(call),
    }
}

/// # Errors
/// 400 when it is neither 0 nor 1.
pub(crate) fn export_value(name: &str, value: &Value) -> Result<i64> {
    let value = body::integer(value).filter(|value| matches!(value, 0 | 1));
    value.ok_or_else(|| error::bad_value(name, said!(EXPECTED_FLAG)))
}

/// The option `deleteMode`.
///
/// # Errors
/// 400 when it is none of the enumeration.
pub(crate) fn delete_option(call: &Call) -> Result<Option<DeleteMode>> {
    call.query.get("deleteMode").map(delete_mode).transpose()
}

/// `0`, `1`, `2` or the names of these.
///
/// # Errors
/// 400 for anything else.
pub(crate) fn delete_mode(text: &str) -> Result<DeleteMode> {
    match text.to_ascii_lowercase().as_str() {
        "0" | "none" => Ok(DeleteMode::None),
        "1" | "logical" => Ok(DeleteMode::Logical),
        "2" | "physical" => Ok(DeleteMode::Physical),
        _ => Err(error::bad_value("deleteMode", said!(EXPECTED_ANY_DELETE_MODE))),
    }
}
