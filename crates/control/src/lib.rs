#![doc = include_str!("../README.md")]

mod actions;
mod answer;
mod caller;
mod capsule;
mod clock;
mod console;
mod data;
mod expectations;
mod export;
mod faults;
mod guard;
mod journal;
pub mod junit;
mod layers;
mod life;
pub mod markdown;
mod metrics;
mod openapi;
pub mod outcome;
mod pact_states;
mod peers;
mod reader;
pub mod report;

mod sandboxes;
mod scenarios;
pub mod screen;
mod servers;
mod settings;
mod snapshots;
mod steps;
mod streams;
pub mod text;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use simcore::base::error::{Error, ErrorKind, Result};
use simcore::simulator::{Loaded, find};
use simhost::sandbox::Sandbox;
use simhost::sandbox::sandboxes::Sandboxes;
use simhost::scenario::Ready;
use simhost::tls::authority::Authority;

use crate::peers::Peers;

pub use guard::Access;
pub use journal::DEFAULT_LIMIT;
pub use openapi::document;
pub use peers::MAX_PEERS;
pub use scenarios::yaml_of;
pub use servers::{ServerInfo, contract_kind};

/// What the control API works on.
pub struct Control {
    sandboxes: Arc<Sandboxes>,
    servers: Vec<ServerInfo>,
    access: Access,
    /// The other replicas behind one front.
    peers: Peers,
    /// What HTTPS needs, where it is spoken.
    tls: Option<Arc<Authority>>,
    ready: Arc<AtomicBool>,
    /// How many names were made up.
    named: AtomicU64,
    /// The known scenarios that were loaded before: sandboxes of one scenario share its images.
    known: Mutex<HashMap<String, Arc<Ready>>>,
    /// Scenarios that were sent last, for the same reason; the newest at the end.
    sent: Mutex<VecDeque<Arc<Ready>>>,
}

/// What handlers share.
type App = Arc<Control>;

impl Control {
    /// The control API over `sandboxes`; `servers` come in the same order, `tls` is what HTTPS needs where it is spoken,
    /// `ready` turns true once all of them accept connections; `peers` are the URLs of the other replicas' control APIs.
    pub fn new(
        sandboxes: Arc<Sandboxes>,
        servers: Vec<ServerInfo>,
        (access, peers): (Access, Vec<String>),
        tls: Option<Arc<Authority>>,
        ready: Arc<AtomicBool>,
    ) -> Self {
        let (named, known, sent) = (AtomicU64::new(0), Mutex::default(), Mutex::default());
        let peers = Peers::new(peers, access.token.clone());
        Self { sandboxes, servers, access, peers, tls, ready, named, known, sent }
    }

    /// The sandbox of that name; a look never creates one.
    fn sandbox(&self, name: &str) -> Result<Arc<Sandbox>> {
        let refuse = || {
            Error::vendor(StatusCode::NOT_FOUND, "unknown_sandbox", format!("there is no sandbox `{name}`"))
        };
        self.sandboxes.get(name).ok_or_else(refuse)
    }

    /// The simulator of that slug, and its place in the registry.
    fn server(&self, slug: &str) -> Result<(usize, &Loaded)> {
        find(&self.sandboxes.shared().servers, slug)
            .map_err(|message| Error::vendor(StatusCode::NOT_FOUND, "unknown_server", message))
    }

    fn slugs(&self) -> Vec<&'static str> {
        self.sandboxes.shared().servers.iter().map(|server| server.sim.slug).collect()
    }
}

/// The routes of the control API.
pub fn router(control: Control) -> Router {
    let control = Arc::new(control);
    let said = || from_fn_with_state(control.clone(), life::say);
    let routes = Router::new()
        .route("/healthz", get(servers::health))
        .route("/servers", get(servers::list))
        .route("/ca.pem", get(servers::root))
        .route("/", get(console::page))
        .route("/console/{*path}", get(console::file))
        .route("/contracts/{slug}", get(reader::contract))
        .route("/assets/redoc.js", get(reader::redoc))
        .route("/assets/contract.js", get(reader::start))
        .route("/servers/{slug}/contract", get(servers::contract))
        .route("/scenarios", get(scenarios::list))
        .route("/scenarios/{name}", get(scenarios::show))
        .route("/metrics", get(metrics::show))
        .route("/openapi.json", get(openapi::show))
        .route("/reset", post(sandboxes::reset_all))
        .route("/report", get(report::run))
        .route("/events", get(streams::events))
        .route("/sandboxes", get(sandboxes::list).post(sandboxes::create).delete(sandboxes::remove_all))
        .route("/sandboxes/{s}", get(sandboxes::show).delete(sandboxes::remove).fallback(verb).layer(said()))
        .nest("/sandboxes/{s}", inside().layer(said()))
        .fallback(nothing)
        .method_not_allowed_fallback(verb)
        .layer(from_fn_with_state(control.clone(), guard::check));
    layers::around(layers::catch_panics(routes).layer(from_fn(answer::speak))).with_state(control)
}

/// Nothing is at this path.
async fn nothing() -> Error {
    Error::new(StatusCode::NOT_FOUND, ErrorKind::Route)
}

/// The path does not take this verb.
async fn verb() -> Error {
    Error::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method)
}

/// The routes inside one sandbox.
fn inside() -> Router<App> {
    Router::new()
        .route("/reset", post(sandboxes::reset))
        .route("/export", get(export::show))
        .route("/capsule", get(capsule::save))
        .route("/report", get(report::show))
        .route("/judged", post(report::judged))
        .route("/expectations", get(expectations::list).post(expectations::add))
        .route("/expectations/{id}", get(expectations::show).delete(expectations::remove))
        .route("/verify", post(expectations::verify))
        .route("/scenario", get(scenarios::in_force).put(scenarios::load))
        .route("/steps", post(steps::run))
        .route("/pact-states", post(pact_states::change))
        .route("/settings/{slug}", get(settings::show).patch(settings::change))
        .route("/snapshots", get(snapshots::list))
        .route("/snapshots/{id}", get(snapshots::show).put(snapshots::take).delete(snapshots::remove))
        .route("/snapshots/{id}/restore", post(snapshots::restore))
        .route("/clock", get(clock::show).patch(clock::change))
        .route("/faults", get(faults::list).post(faults::add).delete(faults::clear))
        .route("/faults/{id}", get(faults::show).delete(faults::remove))
        .route("/journal", get(journal::list).delete(journal::clear))
        .route("/journal.har", get(journal::archive))
        .route("/journal/stream", get(streams::journal))
        .route("/journal/{id}", get(journal::show))
        .route("/journal/{id}/why", get(journal::why))
        .route("/data", get(data::overview))
        .route("/data/{slug}", get(data::overview_of))
        .route("/data/{slug}/{entity}", get(data::list).post(data::create))
        .route("/data/{slug}/{entity}/{key}", get(data::show).put(data::change).delete(data::remove))
        .route("/actions", get(actions::list))
        .route("/actions/{slug}/{action}", post(actions::run))
        .fallback(nothing)
        .method_not_allowed_fallback(verb)
}
