//! For each simulator: how a client signs in, what it can ask in the default data, and which operations may come in any
//! order. A new simulator is one more
//! struct in `samples/vendors.rs`.

mod vendors;

use std::collections::HashSet;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::App;

pub(crate) use vendors::ALL;

/// Verb, path, and JSON body or nothing. `{n}` is a number that the test chooses.
pub(crate) type Call = (Method, &'static str, &'static str);

/// Names and values of headers.
type Headers = Vec<(&'static str, String)>;

/// What the checks that run on every simulator need to know of one.
pub(crate) struct Sample {
    pub(crate) slug: &'static str,
    sign_in: SignIn,
    /// Answers 200 with data.
    read: Call,
    /// The `{n}`th write: answers with success and leaves a record of `entity`.
    write: Call,
    /// What stands before the number in a field of the record that a write leaves.
    mark: &'static str,
    /// As in `data/SLUG/ENTITY` of the control API.
    pub(crate) entity: &'static str,
    /// Random operations of a client, `{n}` from 0 to 9, so that they meet the same records.
    pub(crate) calls: &'static [Call],
    /// Random operations of the control API on this server, below `/sandboxes/default/`.
    pub(crate) controls: &'static [Call],
    /// A setting as in a scenario, and a call with the status that it then has: without the setting it is answered
    /// otherwise. Settings that flows of the vendor's own try need none.
    pub(crate) settings: &'static [(&'static str, Call, u16)],
}

/// How a client of the default data signs in.
enum SignIn {
    /// These headers with every request.
    Always(fn() -> Headers),
    /// A token first.
    Token {
        path: &'static str,
        /// Headers of this call, its media type included.
        with: fn() -> Headers,
        body: &'static str,
        /// The member of the answer that holds the token.
        member: &'static str,
        /// The headers of every other request with that token.
        then: fn(&str) -> Headers,
    },
}

/// The sample of a simulator.
pub(crate) fn of(slug: &str) -> &'static Sample {
    let found = ALL.iter().chain([&vendors::TEMPLATE]).find(|sample| sample.slug == slug);
    found.unwrap_or_else(|| panic!("tests/support/samples has none for {slug}"))
}

impl SignIn {
    async fn headers(&self, app: &App, slug: &str, prefix: &str) -> HeaderMap {
        match self {
            Self::Always(headers) => map(headers()),
            Self::Token { path, with, body, member, then } => {
                let request = app.request(slug, Method::POST, &format!("{prefix}{path}"));
                let answer = super::send(request.headers(map(with())).body(*body)).await;
                map(then(answer.json()[member].as_str().expect("a token")))
            }
        }
    }
}

fn map(headers: Headers) -> HeaderMap {
    let headers = headers.into_iter().map(|(name, value)| {
        let name: HeaderName = name.parse().expect("a name");
        (name, HeaderValue::try_from(value).expect("a value"))
    });
    headers.collect()
}

/// How the checks that run on every simulator speak to one of them.
pub(crate) struct Client<'a> {
    app: &'a App,
    pub(crate) slug: &'static str,
    sample: &'static Sample,
    /// `/~NAME` or nothing.
    prefix: String,
    headers: HeaderMap,
}

impl<'a> Client<'a> {
    /// Signs in to `slug` in the sandbox `default`.
    pub(crate) async fn of(app: &'a App, slug: &'static str) -> Self {
        Self::within(app, slug, "").await
    }

    /// Signs in to `slug` in the sandbox that `prefix` (`/~NAME`) names.
    pub(crate) async fn within(app: &'a App, slug: &'static str, prefix: &str) -> Self {
        // A sandbox exists from its first request on.
        super::send(app.request(slug, Method::GET, &format!("{prefix}/"))).await;
        let sample = of(slug);
        let headers = sample.sign_in.headers(app, slug, prefix).await;
        Self { app, slug, sample, prefix: prefix.to_owned(), headers }
    }

    /// The contract of a server, as the control API gives it: status and text.
    pub(crate) async fn contract(app: &App, slug: &str) -> (u16, String) {
        let answer = super::send(app.control(Method::GET, &format!("/servers/{slug}/contract"))).await;
        (answer.status.as_u16(), answer.body)
    }

    /// A read that answers 200 with data.
    pub(crate) fn read(&self) -> RequestBuilder {
        let (method, path, body) = &self.sample.read;
        self.request(method.clone(), path, (*body).to_owned())
    }

    /// The `n`th write: answers with success and leaves a record that [`Client::count`] counts.
    pub(crate) fn write(&self, n: usize) -> RequestBuilder {
        let (method, path, body) = &self.sample.write;
        self.request(method.clone(), path, body.replace("{n}", &n.to_string()))
    }

    /// How many records there are of the entity that [`Client::write`] creates.
    pub(crate) async fn count(&self) -> usize {
        self.records().await.len()
    }

    /// The records of the entity that [`Client::write`] creates.
    pub(crate) async fn records(&self) -> Vec<Value> {
        let sandbox = self.prefix.strip_prefix("/~").unwrap_or("default");
        let path = format!("/sandboxes/{sandbox}/data/{}/{}", self.slug, self.sample.entity);
        let answer = super::send(self.app.control(Method::GET, &path)).await;
        match answer.json()["items"].take() {
            Value::Array(records) => records,
            other => panic!("no list: {other}"),
        }
    }

    /// The number of every [`Client::write`] that left its record.
    pub(crate) async fn written(&self) -> HashSet<usize> {
        let mark = format!("\"{}", self.sample.mark);
        let number = move |record: &Value| {
            let text = record.to_string();
            text.split_once(&mark)?.1.split('"').next()?.parse().ok()
        };
        self.records().await.iter().filter_map(number).collect()
    }

    /// A signed-in request; a body is JSON.
    pub(crate) fn request(&self, method: Method, path: &str, body: String) -> RequestBuilder {
        let request = self.bare(method, path).headers(self.headers.clone());
        if body.is_empty() { request } else { request.header("content-type", "application/json").body(body) }
    }

    /// A request without credentials.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(self.slug, method, &format!("{}{path}", self.prefix))
    }

    /// The path of the sample read.
    pub(crate) fn read_path(&self) -> &'static str {
        self.sample.read.1
    }

    /// The path of the sample write.
    pub(crate) fn write_path(&self) -> &'static str {
        self.sample.write.1
    }

    /// The verb of the sample write.
    pub(crate) fn write_method(&self) -> Method {
        self.sample.write.0.clone()
    }
}
