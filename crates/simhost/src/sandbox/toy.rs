//! A simulator of nothing in particular: the core is tested without a vendor.

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;

use crate::base::error::{Error, Kind};
use crate::contract::Contract;
use crate::sandbox::sandboxes::{Options, Sandboxes, Shared};
use crate::scenario::{Library, Ready, Scenario};
use crate::simulator::{Habits, Loaded, Principal, Simulator};

const PROFILE: &str = "
settings:
  mood: { kind: text, default: calm, evidence: assumed, about: How it feels. }
entities:
  Thing:
    about: A thing.
    evidence: assumed
    keys: [Id]
    unique: [[Id]]
    fields:
      Id: { kind: integer, required: true, evidence: assumed }
      Price: { kind: decimal, evidence: assumed }
";

pub(crate) const TOY: Simulator = Simulator {
    slug: "toy",
    title: "A toy",
    port: 0,
    base_path: "/",
    credentials: &[],
    profile: PROFILE,
    schema: "",
    routes: Router::new,
    auth_first: false,
    contract: |_, _| Contract::new("1", ""),
    refuse: |_, _| Error::new(StatusCode::BAD_REQUEST, Kind::Vendor),
    admit: None,
    authenticate: |_, _, _| Ok(Principal::default()),
    render: |_, error| error.status.into_response(),
    complete: |_, _, _, _| Ok(()),
    changed: |_, _, _, _| Ok(()),
    check_start: |_| Ok(()),
    announce: |_| String::new(),
    back_office: &[],
    token_path: "",
    paging: &[],
    habits: Habits::NONE,
    secrets: &[],
};

/// All sandboxes of a house with the toy alone.
pub(crate) async fn house(scenario: Scenario) -> Arc<Sandboxes> {
    let servers = vec![Loaded::new(&TOY, None).expect("a good profile")];
    let library = Library::default();
    let initial = Ready::new(scenario, &servers, &library).expect("a good scenario");
    Sandboxes::start(Shared::new(servers, library, Options::default()), initial).await.expect("it starts")
}
