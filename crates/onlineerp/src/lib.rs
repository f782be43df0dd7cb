#![doc = include_str!("../README.md")]

mod auth;
mod back_office;
mod body;
mod complete;
mod contract;
mod create;
mod customer_invoice;
mod error;
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
    credentials: &[("USER", "DEMO-LICENCE"), ("PASSWORD", "demo-secret")],
    profile: include_str!("profile.yaml"),
    schema: "CREATE TABLE _locks (entity TEXT, tenant TEXT, id INTEGER, PRIMARY KEY (entity, tenant, id)) WITHOUT ROWID;",
    routes: Routes::Router(routes::routes),
    auth_first: true,
    contract: |model, settings, _| contract::contract(model, settings),
    refuse: error::outside_contract,
    admit: None,
    authenticate: auth::authenticate,
    render: error::render,
    complete: complete::complete,
    changed: |_, _, _, _| Ok(()),
    check_start: |_| Ok(()),
    announce: |_| String::new(),
    back_office: &[
        ("robot-offline", back_office::robot_offline),
        ("robot-online", back_office::robot_online),
        ("lock-record", back_office::lock_record),
        ("unlock-record", back_office::unlock_record),
    ],
    token_path: "",
    paging: &[("$top", "$skip")],
    habits: Habits { order: "$orderby", company: "COMPANY_ID", ..Habits::NONE },
    secrets: &["CLESECRETE", "secret"],
};
