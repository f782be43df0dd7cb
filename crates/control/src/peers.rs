//! The other replicas behind one front (`--peers`): they are asked where a call is about the sandboxes of all.

pub(crate) mod living;

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use futures_util::future::join_all;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use simcore::base::error::{Error, Result};
use simhost::judge::life::{LIFE_HEADER, Life};

use crate::App;

/// The header by which a replica says that it asks, and which it is: who is asked so asks nobody else.
const ASKED_BY: HeaderName = HeaderName::from_static("erpsatz-peer");

/// How many peers there may be.
pub const MAX_PEERS: usize = 64;

/// How long a peer may take to accept a connection; one that does not has no sandboxes any more.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a peer may take to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Those that are asked, and as whom.
pub(crate) struct Peers {
    urls: Vec<String>,
    token: Option<String>,
    /// This replica among all: it may stand in its own list.
    own: HeaderValue,
    client: Client,
}

/// What the peers said.
#[derive(Default)]
pub(crate) struct Said {
    /// Each peer's answer, null where it has no body, with the peer's URL.
    pub(crate) answers: Vec<(String, Value)>,
    /// The URLs of those that cannot be reached: what they had is gone.
    pub(crate) unreachable: Vec<String>,
}

/// Who asks for the sandboxes of all replicas.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asker {
    /// Somebody who wants to know of all.
    Client,
    /// Another replica, which wants to know of this one alone.
    Peer,
    /// This replica, which stands in its own list: it has said what it has to say.
    Own,
}

impl FromRequestParts<App> for Asker {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(match parts.headers.get(ASKED_BY) {
            None => Self::Client,
            Some(by) if *by == app.peers.own => Self::Own,
            Some(_) => Self::Peer,
        })
    }
}

impl Peers {
    /// Those at `urls`, which take the token of this one.
    pub(crate) fn new(urls: Vec<String>, token: Option<String>) -> Self {
        let client = Client::builder().redirect(Policy::none()).no_proxy();
        let client = client.connect_timeout(CONNECT_TIMEOUT).timeout(TIMEOUT).build().unwrap_or_default();
        Self { urls, token, own: Life::new().to_header(), client }
    }

    /// Whether there is nobody to ask.
    pub(crate) fn is_alone(&self) -> bool {
        self.urls.is_empty()
    }

    fn request(&self, method: Method, url: &str, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{url}{path}")).header(ASKED_BY, &self.own);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Asks all of them at once.
    ///
    /// # Errors
    /// 502 that names a peer which is there and did not do as it was asked.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Result<Said> {
        let asked = self.urls.iter().map(|url| self.ask_one(method.clone(), url, path));
        let mut said = Said::default();
        for (url, answer) in self.urls.iter().zip(join_all(asked).await) {
            match answer? {
                Some(answer) => said.answers.push((url.clone(), answer)),
                None => {
                    tracing::warn!(peer = url, "a peer cannot be reached: its sandboxes are gone");
                    said.unreachable.push(url.clone());
                }
            }
        }
        Ok(said)
    }

    /// What one answers; nothing when it cannot be reached.
    async fn ask_one(&self, method: Method, url: &str, path: &str) -> Result<Option<Value>> {
        let response = match self.request(method, url, path).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Ok(None),
            Err(error) => return Err(failed(url, &error.without_url().to_string())),
        };
        let response = good(url, response)?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(Some(Value::Null));
        }
        let answer = response.json().await;
        answer.map(Some).map_err(|error| failed(url, &error.without_url().to_string()))
    }

    /// Removes, at a peer, one life of a sandbox of which there is a younger one elsewhere. What comes to nothing is
    /// tried again with the next list.
    pub(crate) async fn remove(&self, url: &str, name: &str, id: &str) {
        let path = format!("/sandboxes/{name}");
        let _ = self.request(Method::DELETE, url, &path).header(LIFE_HEADER, id).send().await;
    }
}

fn good(url: &str, response: Response) -> Result<Response> {
    let status = response.status();
    if status.is_success() { Ok(response) } else { Err(failed(url, &format!("it answered {status}"))) }
}

fn failed(url: &str, why: &str) -> Error {
    Error::vendor(StatusCode::BAD_GATEWAY, "peer_failed", format!("the peer {url} failed: {why}"))
}
