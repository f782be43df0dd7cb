//! A help desk that no vendor sells: what a new simulator is copied from (docs/sixth-vendor.md).
//!
//! Customers and their tickets over REST, with a key in a header.

mod routes;
mod ticket;

use axum::response::Response;
use serde_json::{Value, json};
use simcore::entity::validate::refuse;
use simcore::simulator::{Routes, records, rest};
use simcore::{Ctx, Error, Simulator, said};

use crate::ticket::{CUSTOMERS, TICKETS};

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
    authenticate: |ctx, _, parts| rest::holder_of_key(ctx, parts, KEY, "api_key"),
    render,
    problems: |problems| refuse(said!(INVALID).into(), problems),
    complete: |db, entity, tenant, record| {
        records::complete(&[&CUSTOMERS, &TICKETS], db, entity, tenant, record)
    },
    back_office: &[("answer-ticket", ticket::answer)],
    paging: &[("limit", "offset")],
    secrets: &["x-api-key", "api_key"],
    ..Simulator::BASE
};

/// Every refusal, the core's own included: `{"error": sentence, "fields": {field: sentence}}`.
fn render(_: &Ctx, error: &Error) -> Response {
    let standard = error.status.canonical_reason().unwrap_or("refused");
    let message = if error.message.is_empty() { standard } else { &error.message };
    let fields = error.details.iter().map(|detail| (detail.field.clone(), detail.message.clone().into()));
    let body = json!({ "error": message, "fields": Value::Object(fields.collect()) });
    rest::answer_with(error.status, body.to_string())
}
