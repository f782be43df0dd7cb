//! What runs.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::base::error::{Error, Result};
use simcore::base::origin::Origin;
use simcore::contract::{JSON, Scheme};
use simcore::simulator::extract::{Path, Query};
use simcore::simulator::{Loaded, Simulator};

use crate::caller::Caller;
use crate::{App, answer};

/// A running server, for users.
#[derive(Clone, Debug)]
pub struct ServerInfo {
    /// Its name in URLs, commands and files.
    pub slug: &'static str,
    /// What it simulates.
    pub title: &'static str,
    /// Scheme, host and port, no path: where it is bound to.
    pub url: String,
    /// The same by HTTPS, where that is spoken.
    pub https_url: Option<String>,
    /// The port it listens on.
    pub port: u16,
    /// Where its API begins.
    pub base_path: String,
    /// What a client signs in with in the default sandbox.
    pub credentials: &'static [(&'static str, &'static str)],
    /// The first call of a newcomer, as a shell command; `{url}` stands where the server's URL belongs.
    pub first_call: String,
}

impl ServerInfo {
    /// The simulator `server`, served by HTTP, and with `tls` by HTTPS, at `authority`, which is on `port`.
    pub fn new(server: &Loaded, authority: &str, port: u16, tls: bool) -> Self {
        let Simulator { slug, title, credentials, .. } = *server.sim;
        let (base_path, first_call) = (server.base_path(), server.first_call());
        let (url, https_url) = (format!("http://{authority}"), tls.then(|| format!("https://{authority}")));
        Self { slug, title, url, https_url, port, base_path, credentials, first_call }
    }

    /// The same with the host by which a client reached the control API, and its scheme.
    pub(crate) fn seen_from(&self, origin: &Origin) -> Self {
        let https_url = self.https_url.as_ref().map(|_| origin.encrypted_at(self.port));
        Self { url: origin.at(self.port), https_url, ..self.clone() }
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
        let headers = self.key_headers(loaded);
        if !headers.is_empty() {
            shown["headers"] = headers.into();
        }
        if let Some(url) = &self.https_url {
            shown["https_url"] = url.as_str().into();
        }
        shown
    }

    /// What every request of a client of the default sandbox carries, where keys in headers are all that signs in.
    fn key_headers(&self, loaded: &Loaded) -> Map<String, Value> {
        let contract = loaded.usual_contract();
        let schemes = contract.security.first().filter(|_| loaded.sim.token_path.is_empty());
        let key = |scheme: &Scheme| {
            let (_, key) =
                self.credentials.iter().find(|(name, _)| name.eq_ignore_ascii_case(scheme.variable))?;
            let is_key = scheme.openapi["type"] == "apiKey" && scheme.openapi["in"] == "header";
            is_key.then(|| (scheme.header.clone(), Value::from(*key)))
        };
        let all = schemes.and_then(|all| all.iter().map(key).collect::<Option<_>>());
        all.unwrap_or_default()
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
    Caller(origin): Caller,
    query: Query,
) -> Result<Response> {
    let (place, server) = app.server(&slug)?;
    let (sim, url, contract) = (server.sim, &origin.at(app.servers[place].port), server.usual_contract());
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

pub(crate) async fn list(State(app): State<App>, Caller(origin): Caller) -> Json<Value> {
    let servers = app.servers.iter().zip(&app.sandboxes.shared().servers);
    answer::list(servers.map(|(server, loaded)| server.seen_from(&origin).to_json(loaded)))
}

/// The root certificate, for those who are to trust it.
pub(crate) async fn root(State(app): State<App>) -> Result<Response> {
    let Some(tls) = &app.tls else {
        let message = "HTTPS is not spoken here (--no-tls), so there is no root";
        return Err(Error::vendor(StatusCode::NOT_FOUND, "no_tls", message));
    };
    let pem = tls.pem().await.map_err(Error::internal)?;
    Ok(([(CONTENT_TYPE, "application/x-pem-file")], pem).into_response())
}
