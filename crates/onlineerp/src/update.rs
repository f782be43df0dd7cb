//! `PUT` and `DELETE`, by id or by the key in the body (fact sheet 2, Q13, Q14, Q17).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::model::Table;
use simcore::entity::profile::Writable;
use simcore::entity::validate::{Purpose, check_record};
use simcore::store::rows::Record;
use simcore::{Db, Result, said};

use crate::call::Call;
use crate::{back_office, body, error, fill, list};

/// Changes the fields that the body names; the others stay (Q13).
pub(crate) async fn update(call: &Call, id: Option<&str>) -> Result<Response> {
    let table = call.table()?;
    let changes = body::record(body::json(call)?)?;
    let shown = call
        .ctx
        .write(|db| {
            let record = target(call, db, table, id, Some(&changes))?;
            keys_stay(table, &record, &changes)?;
            let changes = check_record(&call.ctx.model, table, changes, Purpose::Change);
            let mut changes = changes.map_err(error::problems)?;
            (call.own.change)(call, db, &mut changes)?;
            if table.field("DateDerniereModification").is_some() {
                changes.insert(
                    "DateDerniereModification".to_owned(),
                    fill::local_now(&call.ctx.settings, db).into(),
                );
            }
            db.update(table, record.id, &changes)?;
            list::shown(db, table, record.id)
        })
        .await?;
    Ok(list::json(shown))
}

/// Removes a record, where `delete_enabled` lists its entity.
pub(crate) async fn delete(call: &Call, id: Option<&str>) -> Result<Response> {
    let table = call.table()?;
    let keys =
        if id.is_some() || call.body.is_empty() { None } else { Some(body::record(body::json(call)?)?) };
    call.ctx
        .write(|db| {
            let record = target(call, db, table, id, keys.as_ref())?;
            db.delete(table, record.id)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The record that the URL names, or the key in the body: the technical one first.
fn target(
    call: &Call,
    db: &Db<'_>,
    table: &Table,
    id: Option<&str>,
    body: Option<&Map<String, Value>>,
) -> Result<Record> {
    let tenant = &call.principal.tenant;
    let (key, found) = match id {
        Some(id) => (id.to_owned(), db.find_key(table, tenant, id)?),
        None => {
            let named = table.entity.keys.iter().find_map(|field| Some((field, key_of(body?, field)?)));
            let (field, key) = named.ok_or_else(|| error::missing(table.entity.keys.join(" / ")))?;
            let found = db.find(table, tenant, field, &key)?;
            (key, found)
        }
    };
    let record = found.ok_or_else(|| error::unknown_record(&table.name, &key))?;
    if back_office::is_locked(db, &table.name, tenant, record.id)? {
        return Err(error::locked(&table.name, &key));
    }
    Ok(record)
}

/// The key field of a body, whatever the case of its name.
fn key_of(body: &Map<String, Value>, field: &str) -> Option<String> {
    let (_, value) = body.iter().find(|(name, _)| name.eq_ignore_ascii_case(field))?;
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A business number can be repeated in the body, never changed (Q13).
fn keys_stay(table: &Table, record: &Record, changes: &Map<String, Value>) -> Result<()> {
    for field in &table.entity.keys {
        let fixed = table.entity.fields.get(field).is_some_and(|field| field.write == Writable::Create);
        if fixed && key_of(changes, field).is_some_and(|key| key != record.text(field)) {
            return Err(error::bad_field(field, said!(NUMBER_FIXED)));
        }
    }
    Ok(())
}
