//! One request and its answer, and how users see them.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, Method};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::base::error::ErrorKind;
use crate::base::request::RequestView;
use crate::contract::{Contract, Fact, Ignored, Violation};
use crate::entity::profile::Evidence;
use crate::journal::mask::{Known, MASK, is_secret_header, mask_bytes, mask_json, mask_text};
use crate::journal::processing::Processing;
use crate::simulator::Simulator;
use crate::store::effects::Effects;

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Counts from 1 in each sandbox.
    pub id: u64,
    /// Simulated time.
    pub at: Timestamp,
    /// The simulator's slug.
    pub server: &'static str,
    /// Names of headers and fields that are secret there.
    pub secrets: &'static [&'static str],
    /// What its sandbox knows of secrets.
    pub known: Arc<Known>,
    /// The verb.
    pub method: Method,
    /// The path, without the sandbox prefix.
    pub path: String,
    /// The query, without its question mark.
    pub query: String,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The request's body.
    pub body: Bytes,
    /// Who asked; empty when nobody was let in.
    pub principal: String,
    /// What the simulator answered; none when a fault answered first.
    pub handled_status: Option<u16>,
    /// What the client saw; none when nothing was answered.
    pub status: Option<u16>,
    /// The id of the fault rule that applied.
    pub fault: Option<String>,
    /// What of it is outside the contract.
    pub violations: Vec<Violation>,
    /// Fields of its body that the server has no use for.
    pub ignored: Vec<Ignored>,
    /// The contract that was in force.
    pub contract: Arc<Contract>,
    /// The assumed facts of that contract that it used, and the recorded ones, by number.
    pub assumptions: Vec<u32>,
    /// Which operation of that contract it was, by its place.
    pub operation: Option<usize>,
    /// What it did to the world, and what it was given of it.
    pub effects: Effects,
    /// Whether its records belong to companies that users name.
    pub has_companies: bool,
    /// Why it could not be read, where it is none that a client managed to say: it has no verb then, and is no
    /// request for anybody who judges.
    pub unreadable: Option<Cow<'static, str>>,
    /// How far it came, and what refused it.
    pub processing: Processing,
    /// How it came, for those who send it again.
    pub way: Way,
    /// When it came, in real time.
    pub arrived: Instant,
    /// How long it took, in real microseconds.
    pub duration_us: u64,
    /// The answer's headers.
    pub response_headers: HeaderMap,
    /// The answer's body, before a fault damaged it.
    pub response_body: Bytes,
}

/// How a request came, as far as its answer may depend on it.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// What its simulator took for now.
    pub now: Timestamp,
    /// What its path began with: `/~NAME` or nothing.
    pub prefix: Arc<str>,
    /// Whether it came by HTTPS.
    pub is_encrypted: bool,
    /// Why its body was not read to its end, where it was not.
    pub unread: Option<ErrorKind>,
    /// Whether its client had gone before it was answered.
    pub has_gone: bool,
    /// Which connection it came on.
    pub peer: u64,
    /// When that was opened, where it is the first on it.
    pub opened: Option<Instant>,
}

/// How bodies are written that are no text.
pub const BASE64: &str = "base64";

/// Whether a body is shown as text.
pub fn is_text(body: &[u8]) -> bool {
    str::from_utf8(body).is_ok()
}

impl Entry {
    /// An entry of `server` that says nothing yet; whoever has seen a request fills in what it was.
    pub fn blank(server: &Simulator, contract: Arc<Contract>, at: Timestamp, arrived: Instant) -> Self {
        Self {
            id: 0,
            at,
            server: server.slug,
            secrets: server.secrets,
            known: Arc::default(),
            method: Method::GET,
            path: String::new(),
            query: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            principal: String::new(),
            handled_status: None,
            status: None,
            fault: None,
            violations: Vec::new(),
            ignored: Vec::new(),
            contract,
            assumptions: Vec::new(),
            operation: None,
            effects: Effects::default(),
            has_companies: false,
            unreadable: None,
            processing: Processing::default(),
            way: Way::default(),
            arrived,
            duration_us: 0,
            response_headers: HeaderMap::new(),
            response_body: Bytes::new(),
        }
    }

    /// The request as rules see it.
    pub fn view(&self) -> RequestView<'_> {
        RequestView {
            server: self.server,
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            body: &self.body,
            json: None,
            read: OnceCell::new(),
        }
    }

    /// The facts with this evidence that it used: assumed ones, which nobody was seen saying, or recorded ones.
    pub fn facts(&self, evidence: Evidence) -> impl Iterator<Item = &Fact> {
        let facts = self.assumptions.iter().filter_map(|fact| self.contract.facts().get(*fact));
        facts.filter(move |fact| fact.evidence == evidence)
    }

    /// The entry as users see it, secrets masked.
    pub fn to_json(&self) -> Value {
        let mut shown = self.summary();
        shown["headers"] = self.shown_headers(&self.headers).into();
        shown["body"] = self.shown_body(&self.body);
        shown["assumptions"] = self.facts(Evidence::Assumed).map(Fact::to_json).collect();
        let recorded: Vec<Value> = self.facts(Evidence::Recorded).map(|fact| fact.to_json().into()).collect();
        if !recorded.is_empty() {
            shown["recorded"] = recorded.into();
        }
        shown["effects"] = self.effects.to_json(self.has_companies);
        shown["response"] = json!({
            "headers": self.shown_headers(&self.response_headers),
            "body": self.shown_body(&self.response_body),
        });
        if !is_text(&self.body) {
            shown["body_encoding"] = BASE64.into();
        }
        if !is_text(&self.response_body) {
            shown["response"]["body_encoding"] = BASE64.into();
        }
        if let Some(why) = &self.unreadable {
            shown["unreadable"] = why.as_ref().into();
        }
        // What a name tells in one part of it is masked in all of them.
        self.known.hide_in(&mut shown);
        shown
    }

    /// The entry without headers, bodies, assumptions and effects: a line of a list.
    pub fn summary(&self) -> Value {
        let path = self.shown_path();
        let mut violations: Vec<Value> = self.violations.iter().map(Violation::to_json).collect();
        if path != self.path {
            // They repeat what of the request is outside.
            violations.iter_mut().for_each(mask_json);
        }
        let mut shown = json!({
            "id": self.id,
            "at": self.at.to_string(),
            "server": self.server,
            "method": if self.unreadable.is_some() { "" } else { self.method.as_str() },
            "path": path,
            "query": self.masked(&self.query),
            "principal": self.principal,
            "handled_status": self.handled_status,
            "status": self.status,
            "fault": self.fault,
            "violations": violations,
            "duration_us": self.duration_us,
        });
        self.known.hide_in(&mut shown);
        shown
    }

    /// A text of it or about it, secrets masked: those that a name tells, and those that its sandbox knows.
    pub fn masked(&self, text: &str) -> String {
        let masked = mask_text(text, self.secrets, |secret| self.known.meet(secret));
        self.known.hide(masked).into_owned()
    }

    /// The path, secrets masked that a client put into it.
    pub fn shown_path(&self) -> Cow<'_, str> {
        // Nothing has a value without a sign before it; most paths have none, and every request asks.
        if self.path.contains(['=', ':', '%']) {
            Cow::Owned(self.masked(&self.path))
        } else {
            self.known.hide(&*self.path)
        }
    }

    /// Headers by name, secrets masked, also in the URLs of others, several values of one name joined.
    pub fn shown_headers(&self, headers: &HeaderMap) -> Map<String, Value> {
        let mut shown: Map<String, Value> = Map::new();
        for name in headers.keys() {
            let values: Vec<String> = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into())
                .collect();
            let secret = is_secret_header(name.as_str(), self.secrets);
            let value = if secret {
                for value in &values {
                    self.known.meet(value);
                }
                MASK.to_owned()
            } else {
                self.masked(&values.join(", "))
            };
            shown.insert(name.as_str().to_owned(), value.into());
        }
        shown
    }

    /// A body as text, or in Base64 where it is none (see [`is_text`]), secrets masked; null when there is none.
    pub fn shown_body(&self, body: &Bytes) -> Value {
        if body.is_empty() {
            return Value::Null;
        }
        match str::from_utf8(body) {
            Ok(text) => self.masked(text).into(),
            Err(_) => STANDARD.encode(self.known.hide_bytes(mask_bytes(body, self.secrets))).into(),
        }
    }
}
