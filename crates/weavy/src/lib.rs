#![doc = include_str!("../README.md")]

mod account;
mod accounts;
mod auth;
mod back_office;
mod body;
mod bulk_import;
mod business;
mod call;
mod column;
mod company;
mod contract;
mod dataset;
mod dataset_delete;
mod dataset_document;
mod definition;
mod dictionary;
mod entrypoints;
mod error;
mod events;
mod fetch;
mod filter;
mod hooks;
mod jwt;
mod merge;
mod operators;
mod outbox;
mod quota;
mod record;
mod relational_dataset;
mod routes;
mod select;
mod server_export;
mod start;
mod statistics;
mod tables;
mod task;
mod tasks;
mod write;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use simcore::simulator::Routes;
use simcore::simulator::habits::{Habits, Session};
use simcore::{Ctx, Db, Result, Simulator};

/// The Divalto weavy data API.
pub const SIMULATOR: Simulator = Simulator {
    slug: "weavy",
    title: "Divalto weavy data API",
    port: 8084,
    base_path: "/v1",
    hosts: &["api.weavy.divalto.com", "swing-ca.swingmobility.com"],
    credentials: &[("PROJECT", "DEMO"), ("USER", "api"), ("PASSWORD", "api")],
    first_call: "curl -H 'Content-Type: application/json' {url}/v1/Authenticate -d '{ \"projectCode\": \"DEMO\", \"userName\": \"api\", \"password\": \"api\" }'",
    profile: concat!(
        include_str!("profile.yaml"),
        include_str!("entities.yaml"),
        include_str!("labels.yaml"),
        include_str!("errors.yaml"),
        include_str!("descriptions.yaml")
    ),
    routes: Routes::Table(routes::TABLE),
    contract: contract::contract,
    refuse: error::outside_contract,
    admit: Some(admit),
    authenticate: auth::authenticate,
    challenge: "Bearer",
    throttled: quota::throttled,
    render: error::render,
    details: error::details,
    complete: hooks::complete,
    changed: hooks::changed,
    generated: |_| Ok(()),
    consistency: |_, _| Ok(()),
    check_start: start::check,
    back_office: &[
        ("finish-task", back_office::finish_task),
        ("disable-account", back_office::disable_account),
        ("set-licences", back_office::set_licences),
    ],
    token_path: "/v1/Authenticate",
    paging: &[("limit", "offset")],
    habits: Habits {
        reads: &["Select"],
        session: Some(Session { lifetime: "token_lifetime", is_idle: false, can_close: false }),
        ..Habits::NONE
    },
    names_in: &["entityName", "fieldName", "sourceEntity", "targetEntity", "field"],
    takes_entities: true,
    secrets: &["password", "authToken", "token_key"],
    ..Simulator::BASE
};

/// What time has done by now, then the quota.
fn admit(ctx: &Ctx, db: &Db<'_>, parts: &Parts) -> Result<HeaderMap> {
    tasks::finish_overdue(&ctx.settings, db)?;
    quota::admit(ctx, db, parts)
}
