//! Calls on the lines of a quote (fact sheet 6.7).

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use simcore::base::map::IndexMap;
use simcore::entity::profile::Field;
use simcore::entity::validate::Purpose;
use simcore::simulator::route::Call;
use simcore::store::rows::Record;
use simcore::{Ctx, Db, Result};

use crate::body::Body;
use crate::ligne::{self, Line};
use crate::{dates, devis, error, record, wire};

/// Adds a line: 201 with it.
pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    let sent = body.record(ctx, fields(ctx)?, Purpose::Create)?;
    let (quote, line) = ctx
        .write(|db| {
            let quote = devis::open(ctx, db, id)?;
            let mut lines = record::items(&quote.values, "lignes");
            lines.push(ligne::build(db, sent, "")?);
            let stored = store(ctx, db, &quote, lines)?;
            Ok((quote.values["devID"].to_string(), stored.last().cloned().unwrap_or_default()))
        })
        .await?;
    let line_id = line["ligID"].to_string();
    Ok(wire::created(ctx, &["devis", &quote, "ligne", &line_id], line.to_string().into_bytes()))
}

/// Changes what the body names. Another article brings its own label and price, and no discount.
pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, part, body) = (&call.ctx, call.variable("id"), call.variable("part"), Body::of(&call));
    let changes = body.record(ctx, fields(ctx)?, Purpose::Change)?;
    let line = ctx
        .write(|db| {
            let quote = devis::open(ctx, db, id)?;
            let mut lines = record::items(&quote.values, "lignes");
            let place = record::place(&lines, "ligID", part)?;
            let line = ligne::build(db, ligne::merged(&lines[place], changes), "")?;
            lines[place] = line;
            let stored = store(ctx, db, &quote, lines)?;
            Ok(stored.get(place).cloned().unwrap_or_default())
        })
        .await?;
    Ok(wire::json(ctx, StatusCode::OK, line.to_string().into_bytes()))
}

pub(crate) async fn remove(call: Call) -> Result<Response> {
    let (ctx, id, part) = (&call.ctx, call.variable("id"), call.variable("part"));
    ctx.write(|db| {
        let quote = devis::open(ctx, db, id)?;
        let mut lines = record::items(&quote.values, "lignes");
        lines.remove(record::place(&lines, "ligID", part)?);
        store(ctx, db, &quote, lines)
    })
    .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn fields(ctx: &Ctx) -> Result<&IndexMap<String, Field>> {
    let list = ctx.model.table("devis").and_then(|table| table.entity.fields.get("lignes"));
    list.map(|list| &list.fields).ok_or_else(|| error::NOT_FOUND.into())
}

fn store(ctx: &Ctx, db: &Db<'_>, quote: &Record, lines: Vec<Line>) -> Result<Vec<Value>> {
    let mut change = Map::new();
    let known = record::items(&quote.values, "lignes");
    let stored = ligne::put(db, &mut change, lines, &known)?;
    change.insert("dateModif".to_owned(), dates::stamp(&ctx.settings, db.now).into());
    db.update(db.table("devis")?, quote.id, &change)?;
    Ok(stored)
}
