#![doc = include_str!("../README.md")]

mod address;
mod article;
mod auth;
mod back_office;
mod body;
mod client;
mod commande;
mod complete;
mod consistency;
mod contract;
mod dates;
mod devis;
mod error;
mod kinds;
mod ligne;
mod lignes;
mod list;
mod login;
mod numbering;
mod party;
mod prospect;
mod record;
mod reference;
mod routes;
mod start;
mod stock;
mod totals;
mod transformation;
mod wire;

use simcore::Simulator;
use simcore::simulator::Routes;
use simcore::simulator::habits::{Habits, Session};

/// 8sens REST.
pub const SIMULATOR: Simulator = Simulator {
    slug: "8sens",
    title: "8sens REST",
    port: 8082,
    base_path: "/v1",
    credentials: &[("API_KEY", "ZghY887665YhGH"), ("USER", "CLIENTREST"), ("PASSWORD", "clientrest")],
    first_call: "curl -H 'api_key: ZghY887665YhGH' -d 'login=CLIENTREST&password=clientrest' {url}/v1/login/user",
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
    entered: Some(auth::entered),
    render: error::render,
    problems: error::problems,
    complete: complete::complete,
    changed: complete::changed,
    generated: stock::reserve_all,
    consistency: consistency::check,
    check_start: start::check,
    announce: start::announce,
    back_office: &[
        ("deliver-order", back_office::deliver_order),
        ("set-stock", back_office::set_stock),
        ("set-price", back_office::set_price),
        ("disable-user", back_office::disable_user),
        ("enable-user", back_office::enable_user),
        ("restart", back_office::restart),
    ],
    token_path: "/v1/login/user",
    paging: &[("limit", "page")],
    habits: Habits {
        session: Some(Session { lifetime: "inactivity_seconds", is_idle: true, can_close: true }),
        ..Habits::NONE
    },
    names_in: &["field"],
    secrets: &["api_key", "access_token", "token", "password", "userMotDePasse"],
    ..Simulator::BASE
};
