//! Customers and tickets: what they share, and the life of a ticket, which is open, answered by somebody inside, and closed
//! for good.

use axum::response::Response;
use odata::{Bind, Sql};
use serde_json::{Map, Value, json};
use simcore::entity::validate::{Purpose, check_record};
use simcore::simulator::rest;
use simcore::simulator::route::Call;
use simcore::store::numbers::Code;
use simcore::store::rows::{ColumnSelection, Record};
use simcore::{Ctx, Db, Result, Select, said};

use crate::problems;

/// Records in order of creation: `limit` of them from `offset` on, and of tickets those in a `state`.
pub(crate) async fn list(call: Call, entity: &str) -> Result<Response> {
    let count = |name| call.query.count(name).map_err(|_| said!(NO_COUNT, field = name));
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
            let found = db.find_id(db.table("customer")?, "", "number", customer)?;
            found.ok_or_else(|| said!(NO_CUSTOMER, number = customer))?;
        }
        complete(db, entity, "", &mut record)?;
        let shown = shown(db, entity, db.insert(table, "", &record)?)?;
        let number = record["number"].as_str().unwrap_or_default();
        Ok(rest::created(&format!("{}/api/{entity}s/{number}", call.ctx.prefix), shown))
    });
    created.await
}

/// The record of that number, or 404.
fn find(db: &Db<'_>, entity: &str, number: &str) -> Result<Record> {
    let found = db.find(db.table(entity)?, "", "number", number)?;
    found.ok_or_else(|| said!(NOT_FOUND, entity = entity, number = number).into())
}

/// A stored record as the API shows it.
fn shown(db: &Db<'_>, entity: &str, id: i64) -> Result<Vec<u8>> {
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

/// Changes what the body names, while the ticket is open.
pub(crate) async fn change(call: Call) -> Result<Response> {
    let body = rest::object(&call.headers, &call.body, &["application/json"])?;
    let changed = call.ctx.write(|db| {
        let ticket = open(db, call.variable("number"))?;
        let changes = check_record(db.model, db.table("ticket")?, body, Purpose::Change);
        update(db, &ticket, &changes.map_err(problems)?)
    });
    Ok(rest::answer(changed.await?))
}

/// Closes it: with `close_needs_answer` only once it is answered.
pub(crate) async fn close(call: Call) -> Result<Response> {
    let closed = call.ctx.write(|db| {
        let ticket = open(db, call.variable("number"))?;
        if ticket.text("answer").is_empty() && call.ctx.settings.flag("close_needs_answer") {
            return Err(said!(NO_ANSWER).into());
        }
        update(db, &ticket, &Map::from_iter([("state".to_owned(), "closed".into())]))
    });
    Ok(rest::answer(closed.await?))
}

/// The back office: somebody answers it.
pub(crate) fn answer(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let ticket = open(db, with["number"].as_str().unwrap_or_default())?;
    update(db, &ticket, &Map::from_iter([("answer".to_owned(), with["answer"].clone())]))?;
    Ok(json!({ "number": with["number"], "answer": with["answer"] }))
}

fn open(db: &Db<'_>, number: &str) -> Result<Record> {
    let ticket = find(db, "ticket", number)?;
    if ticket.text("state") == "closed" { Err(said!(CLOSED).into()) } else { Ok(ticket) }
}

fn update(db: &Db<'_>, ticket: &Record, changes: &Map<String, Value>) -> Result<Vec<u8>> {
    db.update(db.table("ticket")?, ticket.id, changes)?;
    shown(db, "ticket", ticket.id)
}
