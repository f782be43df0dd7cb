//! Tickets, which are open, answered by somebody inside, and closed for good; and the customers who write them.

use serde_json::{Map, Value, json};
use simcore::simulator::records::Records;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result, said};

pub(crate) const CUSTOMERS: Records = Records::of("customer", "number").coded("C-");
pub(crate) const TICKETS: Records =
    Records { filters: &["state"], check_open, ..Records::of("ticket", "number").coded("T-") };

fn check_open(_: &Ctx, ticket: &Record) -> Result<()> {
    if ticket.text("state") == "closed" { Err(said!(CLOSED).into()) } else { Ok(()) }
}

/// Closes it: with `close_needs_answer` only once it is answered.
pub(crate) fn close(ctx: &Ctx, _: &Db<'_>, ticket: &Record) -> Result<Map<String, Value>> {
    if ticket.text("answer").is_empty() && ctx.settings.flag("close_needs_answer") {
        return Err(said!(NO_ANSWER).into());
    }
    Ok(Map::from_iter([("state".to_owned(), "closed".into())]))
}

/// The back office: somebody answers it.
pub(crate) fn answer(ctx: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let ticket = TICKETS.find(db, "", with["number"].as_str().unwrap_or_default())?;
    check_open(ctx, &ticket)?;
    TICKETS.change(ctx, db, ticket, Map::from_iter([("answer".to_owned(), with["answer"].clone())]))?;
    Ok(json!({ "number": with["number"], "answer": with["answer"] }))
}
