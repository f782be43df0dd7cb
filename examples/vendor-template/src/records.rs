//! What customers and tickets share: lists, one record, a new one.

use axum::http::StatusCode;
use axum::response::Response;
use odata::{Bind, Sql};
use serde_json::{Map, Value};
use simcore::entity::validate::{Purpose, check_record};
use simcore::simulator::rest;
use simcore::simulator::route::Call;
use simcore::store::numbers::Code;
use simcore::store::rows::{ColumnSelection, Record};
use simcore::{Db, Error, Result, Select};

use crate::error::{problems, refused};

/// Records in order of creation: `limit` of them from `offset` on, and of tickets those in a `state`.
pub(crate) async fn list(call: Call, entity: &str) -> Result<Response> {
    let count = |name| call.query.count(name).map_err(|_| refused(StatusCode::BAD_REQUEST, name));
    let (limit, offset) = (count("limit")?, count("offset")?.unwrap_or(0));
    let state = call.query.get("state").filter(|_| entity == "ticket").map(str::to_owned);
    let filter = state.map(|state| Sql { text: "state = ?".to_owned(), binds: vec![Bind::Text(state)] });
    let select = Select { filters: filter.into_iter().collect(), limit, offset, ..Select::default() };
    let listed = call.ctx.read(|db| {
        let table = db.table(entity)?;
        db.list(table, &ColumnSelection::plain(table), &select)
    });
    Ok(rest::answer(listed.await?))
}

/// The record whose number is in the path.
pub(crate) async fn one(call: Call, entity: &str) -> Result<Response> {
    let found = call.ctx.read(|db| shown(db, entity, find(db, entity, call.variable("number"))?.id));
    Ok(rest::answer(found.await?))
}

/// A new record; a customer that it names must be there.
pub(crate) async fn create(call: Call, entity: &str) -> Result<Response> {
    let body = rest::object(&call.headers, &call.body, &["application/json"])?;
    let created = call.ctx.write(|db| {
        let table = db.table(entity)?;
        let mut record = check_record(db.model, table, body, Purpose::Create).map_err(problems)?;
        if let Some(customer) = record.get("customer").and_then(Value::as_str) {
            let refused = |error| Error { status: StatusCode::BAD_REQUEST, ..error };
            find(db, "customer", customer).map_err(refused)?;
        }
        complete(db, entity, "", &mut record)?;
        let shown = shown(db, entity, db.insert(table, "", &record)?)?;
        let number = record["number"].as_str().unwrap_or_default();
        Ok(rest::created(&format!("{}/api/{entity}s/{number}", call.ctx.prefix), shown))
    });
    created.await
}

/// The record of that number, or 404.
pub(crate) fn find(db: &Db<'_>, entity: &str, number: &str) -> Result<Record> {
    let found = db.find(db.table(entity)?, "", "number", number)?;
    found.ok_or_else(|| refused(StatusCode::NOT_FOUND, format!("there is no {entity} {number}")))
}

/// A stored record as the API shows it.
pub(crate) fn shown(db: &Db<'_>, entity: &str, id: i64) -> Result<Vec<u8>> {
    let table = db.table(entity)?;
    db.shown(table, &ColumnSelection::plain(table), id)
}

/// What the server fills in, also in seed data and in records from the control API.
pub(crate) fn complete(db: &Db<'_>, entity: &str, _: &str, record: &mut Map<String, Value>) -> Result<()> {
    let table = db.table(entity)?;
    if record.get("number").is_none_or(Value::is_null) {
        let prefix = if entity == "ticket" { "T-" } else { "C-" };
        let code = db.next_code(table, "", "number", Code { prefix, digits: 4, first: 1 })?;
        record.insert("number".to_owned(), code.into());
    }
    Ok(())
}
