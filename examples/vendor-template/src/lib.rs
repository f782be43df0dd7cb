//! A help desk that no vendor sells: what a new simulator is copied from (docs/sixth-vendor.md).
//!
//! Customers and their tickets over REST, with a key in a header.

mod records;
mod routes;

use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use simcore::entity::validate::{Problem, refuse};
use simcore::simulator::{Routes, rest};
use simcore::{Ctx, Db, Error, ErrorKind, Principal, Result, Simulator, said};
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
    first_call: "curl -H 'X-Api-Key: demo-key' {url}/api/customers",
    profile: include_str!("profile.yaml"),
    routes: Routes::Table(routes::TABLE),
    contract: routes::contract,
    authenticate,
    render,
    problems,
    complete: records::complete,
    back_office: &[("answer-ticket", records::answer)],
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

/// Every refusal, the core's own included: `{"error": sentence, "fields": {field: sentence}}`.
fn render(_: &Ctx, error: &Error) -> Response {
    let standard = error.status.canonical_reason().unwrap_or("refused");
    let message = if error.message.is_empty() { standard } else { &error.message };
    let fields = error.details.iter().map(|detail| (detail.field.clone(), detail.message.clone().into()));
    let body = json!({ "error": message, "fields": Value::Object(fields.collect()) });
    rest::answer_with(error.status, body.to_string())
}

/// 400 with everything that is wrong with a body.
fn problems(problems: Vec<Problem>) -> Error {
    refuse(said!(INVALID).into(), problems)
}
