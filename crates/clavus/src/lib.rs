#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod back_office;
mod column;
mod columns;
mod complete;
mod consistency;
mod contract;
mod cuid;
mod download;
mod endpoint;
mod error;
mod execute;
mod failure;
mod fields;
mod filter;
mod folders;
mod index;
mod operation;
mod persisted;
mod prospects;
mod rate_limit;
mod request;
mod routes;
mod scalar;
mod schema;
mod search;
mod shown;
mod sort;
mod sql;
mod teams;
mod users;
mod value;
mod values_by_ids;
mod violations;

use simcore::Simulator;
use simcore::simulator::Routes;
use simcore::simulator::habits::Habits;

pub use schema::sdl;

/// Clavus external GraphQL API.
pub const SIMULATOR: Simulator = Simulator {
    slug: "clavus",
    title: "Clavus GraphQL",
    port: 8085,
    base_path: "/api/external/graphql",
    hosts: &["api-v2.clavus.io"],
    credentials: &[("API_KEY", "demo-key")],
    first_call: "curl -H 'Authorization: Bearer demo-key' -H 'Content-Type: application/json' {url}/api/external/graphql -d '{ \"query\": \"{ erpEnrAPI { getTeams { id name } } }\" }'",
    profile: concat!(include_str!("profile.yaml"), include_str!("errors.yaml")),
    schema: include_str!("index.sql"),
    routes: Routes::Router(routes::routes),
    inflates: true,
    contract: |model, settings, _| contract::contract(model, settings),
    refuse: error::outside_contract,
    authenticate: auth::authenticate,
    challenge: "Bearer",
    throttled: rate_limit::throttled,
    render: error::render,
    headers: routes::HEADERS,
    complete: complete::complete,
    consistency: consistency::check,
    check_start: |db| index::refresh(db).map_err(|error| error.cause.unwrap_or(error.message)),
    back_office: &[
        ("convert-prospect", back_office::convert_prospect),
        ("set-value", back_office::set_value),
        ("add-column", back_office::add_column),
        ("suspend-key", back_office::suspend_key),
        ("restore-key", back_office::restore_key),
    ],
    paging: &[("itemParPage", "page")],
    habits: Habits {
        reads: &["downloadFile"],
        writes_say: "mutation",
        calls: &["getFolders", "getColumns", "getTeams", "getUsers", "getValuesByIds", "upsertProspect"],
        ..Habits::NONE
    },
    names_in: &["operationName", "__typename", "__schema.name", "__type.name"],
    documents_in: &["query"],
    shown: Some(shown::shown),
    secrets: &["X-Amz-Signature", "s3Url"],
    ..Simulator::BASE
};
