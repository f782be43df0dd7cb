//! Clients (fact sheet 6.4).

use axum::http::StatusCode;
use axum::response::Response;
use simcore::Result;
use simcore::simulator::route::Call;

use crate::body::Body;
use crate::party::CLIENT;
use crate::{error, record, reference, wire};

pub(crate) async fn list(call: Call) -> Result<Response> {
    let ctx = &call.ctx;
    CLIENT.list(ctx, &call.query).await
}

pub(crate) async fn one(call: Call) -> Result<Response> {
    let (ctx, id) = (&call.ctx, call.variable("id"));
    CLIENT.one(ctx, id).await
}

pub(crate) async fn by_code(call: Call) -> Result<Response> {
    let (ctx, code) = (&call.ctx, call.variable("code"));
    let shown = ctx.read(|db| {
        let found = record::by_text(db, "client", "cliCode", code)?.ok_or(error::NOT_FOUND)?;
        record::shown(db, db.table("client")?, found.id)
    });
    Ok(wire::json(ctx, StatusCode::OK, shown.await?))
}

pub(crate) async fn create(call: Call) -> Result<Response> {
    let (ctx, body) = (&call.ctx, Body::of(&call));
    CLIENT.create(ctx, &body).await
}

pub(crate) async fn change(call: Call) -> Result<Response> {
    let (ctx, id, body) = (&call.ctx, call.variable("id"), Body::of(&call));
    CLIENT.change(ctx, id, &body, |client| reference::may_change(ctx, client)).await
}
