//! What runs.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::base::error::{Error, Result};
use simcore::contract::JSON;
use simcore::simulator::extract::{Path, Query};
use simcore::simulator::{Loaded, Simulator};

use crate::{App, answer};

/// A running server, for users.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// Its name in URLs, commands and files.
    pub slug: &'static str,
    /// What it simulates.
    pub title: &'static str,
    /// Scheme, host and port, no path.
    pub url: String,
    /// The port it listens on.
    pub port: u16,
    /// Where its API begins.
    pub base_path: &'static str,
    /// What a client signs in with in the default sandbox.
    pub credentials: &'static [(&'static str, &'static str)],
    /// The first call of a newcomer, as a shell command; `{url}` stands where the server's URL belongs.
    pub first_call: &'static str,
}

impl ServerInfo {
    /// The simulator `sim`, served at `url`, which is on `port`.
    pub fn new(sim: &Simulator, url: String, port: u16) -> Self {
        let Simulator { slug, title, base_path, credentials, first_call, .. } = *sim;
        Self { slug, title, url, port, base_path, credentials, first_call }
    }

    /// What `GET /servers` says of it; `loaded` is the same simulator.
    pub fn to_json(&self, loaded: &Loaded) -> Value {
        let mut shown = json!({
            "slug": self.slug,
            "title": self.title,
            "url": self.url,
            "port": self.port,
            "base_path": self.base_path,
            "first_call": self.first_call,
            "contract": contract_kind(loaded),
        });
        if !self.credentials.is_empty() {
            let credentials =
                self.credentials.iter().map(|(name, value)| (name.to_lowercase(), Value::from(*value)));
            shown["credentials"] = Value::Object(credentials.collect::<Map<_, _>>());
        }
        shown
    }
}

/// What a vendor's contract is written in: `openapi` or `graphql`.
pub fn contract_kind(server: &Loaded) -> &'static str {
    if server.usual_contract().text.is_some() { "graphql" } else { "openapi" }
}

pub(crate) async fn health(State(app): State<App>) -> Result<Json<Value>> {
    if app.ready.load(Ordering::Acquire) {
        return Ok(Json(json!({ "status": "ok" })));
    }
    Err(Error::vendor(
        StatusCode::SERVICE_UNAVAILABLE,
        "starting",
        "not every server accepts connections yet",
    ))
}

/// The contract of a server: OpenAPI, or the language of its API; with `?format=postman` as a collection.
pub(crate) async fn contract(
    State(app): State<App>,
    Path(slug): Path<String>,
    query: Query,
) -> Result<Response> {
    let (place, server) = app.server(&slug)?;
    let (sim, url, contract) = (server.sim, &app.servers[place].url, server.usual_contract());
    let (media, text) = match (query.get("format"), &contract.text) {
        (None, _) => contract.document(sim.title, url),
        (Some("postman"), None) => (JSON, contract.postman(sim.title, url, sim.credentials).to_string()),
        (Some("postman"), Some(_)) => {
            return Err(answer::bad_request(format!("{slug} has no REST API, so there is no collection")));
        }
        (Some(other), _) => {
            return Err(answer::bad_request(format!("`format` is postman or nothing, not `{other}`")));
        }
    };
    Ok(([(CONTENT_TYPE, media)], text).into_response())
}

pub(crate) async fn list(State(app): State<App>) -> Json<Value> {
    let servers = app.servers.iter().zip(&app.sandboxes.shared().servers);
    answer::list(servers.map(|(server, loaded)| server.to_json(loaded)))
}
