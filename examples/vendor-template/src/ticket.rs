//! The life of a ticket: open, answered by somebody inside, closed for good.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};
use simcore::entity::validate::{Purpose, check_record};
use simcore::simulator::rest;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::error::{problems, refused};
use crate::records::{find, shown};

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
            return Err(refused(StatusCode::CONFLICT, "the ticket has no answer"));
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
    if ticket.text("state") == "closed" {
        Err(refused(StatusCode::CONFLICT, "the ticket is closed"))
    } else {
        Ok(ticket)
    }
}

fn update(db: &Db<'_>, ticket: &Record, changes: &Map<String, Value>) -> Result<Vec<u8>> {
    db.update(db.table("ticket")?, ticket.id, changes)?;
    shown(db, "ticket", ticket.id)
}
