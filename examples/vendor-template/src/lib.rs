//! A help desk that no vendor sells: what a new simulator is copied from (docs/sixth-vendor.md).
//!
//! Customers and their tickets over REST, with a key in a header.

mod error;
mod records;
mod routes;
mod ticket;

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use simcore::simulator::Routes;
use simcore::{Ctx, Db, Error, ErrorKind, Principal, Result, Simulator};
use subtle::ConstantTimeEq;

/// The header that carries the key.
const KEY: &str = "X-Api-Key";

/// The help desk.
pub const SIMULATOR: Simulator = Simulator {
    slug: "helpdesk",
    title: "Help desk (template)",
    port: 8099,
    base_path: "/api",
    credentials: &[("API_KEY", "demo-key")],
    profile: include_str!("profile.yaml"),
    routes: Routes::Table(routes::TABLE),
    contract: routes::contract,
    authenticate,
    render: error::render,
    complete: records::complete,
    back_office: &[("answer-ticket", ticket::answer)],
    paging: &[("limit", "offset")],
    secrets: &["x-api-key", "api_key"],
    ..Simulator::BASE
};

/// Who is asking: 401 without the key that the settings name.
fn authenticate(ctx: &Ctx, _: &Db<'_>, parts: &Parts) -> Result<Principal> {
    let known = ctx.settings.text("api_key").as_bytes();
    let given = parts.headers.get(KEY).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_known = !known.is_empty() && bool::from(given.ct_eq(known));
    let key = is_known.then(|| Principal { name: "key".to_owned(), tenant: String::new() });
    key.ok_or_else(|| Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth))
}
