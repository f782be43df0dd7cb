#![doc = include_str!("../README.md")]

mod auth;
mod back_office;
mod bank_account;
mod body;
mod call;
mod codes;
mod complete;
mod consistency;
mod contract;
mod currency;
mod custom_print;
mod customer;
mod document;
mod document_views;
mod edition;
mod error;
mod history;
mod hooks;
mod invoice;
mod lines;
mod list;
mod names;
mod options;
mod payment;
mod payment_detail;
mod payment_type;
mod pdf;
mod print;
mod product;
mod proforma;
mod references;
mod resources;
mod routes;
mod series;
mod token;
mod totals;
mod vat_rate;
mod views;
mod wire;
mod write;

use simcore::Simulator;
use simcore::simulator::Routes;
use simcore::simulator::habits::{Habits, Session};

/// Comarch ERP XT public API.
pub const SIMULATOR: Simulator = Simulator {
    slug: "comarch-xt",
    title: "Comarch ERP XT public API",
    port: 8083,
    base_path: "/api2/public",
    hosts: &["app.erpxt.de", "app.erpxt.pl"],
    credentials: &[("CLIENT_ID", "demo-client"), ("CLIENT_SECRET", "demo-secret")],
    first_call: "curl -u demo-client:demo-secret -d grant_type=client_credentials {url}/api2/public/token",
    profile: concat!(
        include_str!("profile.yaml"),
        "\n",
        include_str!("descriptions.yaml"),
        "\n",
        include_str!("errors.yaml")
    ),
    routes: Routes::Table(routes::TABLE),
    contract: contract::contract,
    refuse: error::outside_contract,
    authenticate: auth::authenticate,
    challenge: "Bearer",
    render: error::render,
    problems: error::problems,
    received: hooks::received,
    complete: hooks::complete,
    deleted: hooks::deleted,
    consistency: consistency::check,
    back_office: &[
        ("confirm-invoice", back_office::confirm_invoice),
        ("convert-proforma", back_office::convert_proforma),
        ("record-payment", back_office::record_payment),
        ("block-account", back_office::block_account),
        ("unblock-account", back_office::unblock_account),
    ],
    token_path: "/api2/public/token",
    paging: &[("$top", "$skip")],
    habits: Habits {
        order: "$orderby",
        session: Some(Session { lifetime: "token_lifetime", is_idle: false, can_close: false }),
        ..Habits::NONE
    },
    secrets: &["client_secret", "access_token"],
    ..Simulator::BASE
};
