//! Writing: POST and PUT on the collection, DELETE by id (fact sheet 4.0), each in one transaction.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::entity::profile::{FieldKind, Unknown};
use simcore::entity::validate::{self, Problem, Purpose, Rule};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::call::{Call, Written};
use crate::complete::complete;
use crate::history::{self, Change};
use crate::{bank_account, body, currency, document, edition, error, references, views};

/// `POST`: 200, and the body is the new id alone, a bare integer.
pub(crate) async fn create(call: &Call) -> Result<Response> {
    let given = body::record(call)?;
    let id = call
        .ctx
        .write(|db| {
            let given = checked(call, db, given, Purpose::Create)?;
            let mut record = given.clone();
            let written = Written { record: &mut record, given: &given, stored: None };
            (call.resource.check)(call, db, written)?;
            complete(db, call.resource.name, call.resource.complete, &mut record)?;
            db.insert(call.table()?, "", &record)?;
            let id = record.get("Id").and_then(Value::as_i64).unwrap_or_default();
            history::by_client(&call.ctx, db, Change::of(call.resource.singular, id, "created"))?;
            Ok(id)
        })
        .await?;
    Ok(body::json(id.to_string()))
}

/// `PUT` on the collection, with `Id` in the body: 204. Whole or partial, as `put_mode` says (section 10, 14).
pub(crate) async fn update(call: &Call) -> Result<Response> {
    let mut given = body::record(call)?;
    let id = body::own_id(&given)?;
    call.ctx
        .write(|db| {
            let stored = find(call, db, id)?;
            if call.resource.is_document() {
                document::check_open(&stored)?;
            }
            (call.resource.merge)(&mut given, &stored);
            let is_whole = call.ctx.settings.text("put_mode") != "partial";
            let purpose = if is_whole { Purpose::Create } else { Purpose::Change };
            let mut given = checked(call, db, given, purpose)?;
            given.retain(|name, value| !value.is_null() || !views::is_kept_by_put(call.view, name));
            let mut record = stored.values.clone();
            if is_whole {
                views::reset_by_put(call.view, call.edition())
                    .for_each(|name| drop(record.insert(name.to_owned(), Value::Null)));
            }
            record.extend(given.clone());
            let written = Written { record: &mut record, given: &given, stored: Some(&stored) };
            (call.resource.check)(call, db, written)?;
            complete(db, call.resource.name, call.resource.complete, &mut record)?;
            db.update(call.table()?, stored.id, &record)?;
            let fields = history::between(&stored.values, &record);
            let change = Change { fields, ..Change::of(call.resource.singular, id, "changed") };
            history::by_client(&call.ctx, db, change)
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `DELETE` of one record by its id, or of several proformas: all of them or none. 204.
pub(crate) async fn delete(call: &Call, ids: &[i64]) -> Result<Response> {
    call.ctx
        .write(|db| {
            for id in ids {
                let record = find(call, db, *id)?;
                if call.resource.is_document() {
                    document::check_open(&record)?;
                }
                (call.resource.check_deletion)(call, &record)?;
                for change in (call.resource.removed)(db, *id)? {
                    history::by_client(&call.ctx, db, change)?;
                }
                if references::is_used(db, call.resource.name, *id)? {
                    return Err(error::in_use(call.resource.singular, *id));
                }
                db.delete(call.table()?, record.id)?;
                history::by_client(&call.ctx, db, Change::of(call.resource.singular, *id, "deleted"))?;
            }
            Ok(())
        })
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The record of that id.
///
/// # Errors
/// 404, or what `unknown_id_status` says.
pub(crate) fn find(call: &Call, db: &Db<'_>, id: i64) -> Result<Record> {
    let found = db.find(call.table()?, "", "Id", &id.to_string())?;
    found.ok_or_else(|| error::unknown_id(call.resource.singular, &id.to_string()))
}

/// A body with what this version takes; other properties are ignored (fact sheet 4.0).
///
/// # Errors
/// 400 for what is missing or is no value of its field, and for a currency that the version cannot express.
fn checked(
    call: &Call,
    db: &Db<'_>,
    mut given: Map<String, Value>,
    purpose: Purpose,
) -> Result<Map<String, Value>> {
    if call.resource.is_document() {
        currency::check_version(call, &given)?;
        bank_account::by_number(call, db, &mut given)?;
    }
    let fields = views::writable(call.view.fields, call.edition(), &call.table()?.entity.fields);
    let unset = edition::to_days(&edition::zone(&call.ctx.settings), &fields, &mut given).into_iter();
    let unset: Vec<Problem> = unset.map(|path| Problem { path, rule: Rule::Kind(FieldKind::Date) }).collect();
    let checked = validate::check(&fields, given, purpose, Unknown::Ignore);
    let checked = if unset.is_empty() { checked } else { Err(unset) };
    checked.map_err(error::problems)
}
