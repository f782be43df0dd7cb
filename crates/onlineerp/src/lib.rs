#![doc = include_str!("../README.md")]

mod ageing;
mod amounts;
mod auth;
mod back_office;
mod batch;
mod body;
mod call;
mod complete;
mod consistency;
mod contract;
mod create;
mod customer_invoice;
mod entities;
mod error;
mod fill;
mod journal_entry;
mod list;
mod product;
mod product_trail;
mod project;
mod routes;
mod supplier_documents;
mod update;
mod work_order;

use simcore::Simulator;
use simcore::simulator::Routes;
use simcore::simulator::habits::Habits;

/// OnlineERP / ERPConnector v4.
pub const SIMULATOR: Simulator = Simulator {
    slug: "onlineerp",
    title: "OnlineERP / ERPConnector v4",
    port: 8081,
    base_path: "/api/Entity/{Entity}",
    hosts: &["*.onlineerp.solution.quebec"],
    credentials: &[("USER", "DEMO-LICENCE"), ("PASSWORD", "demo-secret")],
    first_call: "curl -u DEMO-LICENCE:demo-secret -H 'COMPANY_ID: 0' '{url}/api/Entity/Product/?$top=3'",
    profile: concat!(
        include_str!("profile.yaml"),
        "\n",
        include_str!("descriptions.yaml"),
        "\n",
        include_str!("errors.yaml")
    ),
    schema: "CREATE TABLE _locks (entity TEXT, tenant TEXT, id INTEGER, PRIMARY KEY (entity, tenant, id)) WITHOUT ROWID;",
    routes: Routes::Table(routes::TABLE),
    auth_first: true,
    contract: contract::contract,
    refuse: error::outside_contract,
    authenticate: auth::authenticate,
    challenge: auth::CHALLENGE,
    render: error::render,
    problems: error::problems,
    details: error::details,
    complete: complete::complete,
    consistency: consistency::check,
    catch_up: Some((ageing::is_behind, ageing::catch_up)),
    check_start: |db| ageing::start(db).map_err(|error| error.cause.unwrap_or(error.message)),
    back_office: &[
        ("robot-offline", back_office::robot_offline),
        ("robot-online", back_office::robot_online),
        ("lock-record", back_office::lock_record),
        ("unlock-record", back_office::unlock_record),
    ],
    paging: &[("$top", "$skip")],
    habits: Habits { order: "$orderby", company: "COMPANY_ID", ..Habits::NONE },
    takes_entities: true,
    secrets: &["CLESECRETE", "secret"],
    ..Simulator::BASE
};
