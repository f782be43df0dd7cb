//! The end of a request: its effects, its entry in the journal, and the judge.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use jiff::Timestamp;

use crate::journal::{Entry, Way};
use crate::judge::Arrival;
use crate::rules::fault::Injection;
use crate::sandbox::Sandbox;
use crate::server::client_stream::Connection;
use crate::server::effect;
use crate::server::gate::{Came, Exchange, Handled, with_body};
use crate::server::transport::Transport;
use crate::store::effects::Effects;

/// What became of a request, for the journal.
#[derive(Default)]
pub(super) struct Record<'a> {
    /// When it was answered, where it was.
    pub(super) at: Option<Timestamp>,
    pub(super) principal: String,
    pub(super) injection: Option<&'a Injection>,
    pub(super) handled: Option<StatusCode>,
    pub(super) status: Option<StatusCode>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Exchange {
    pub(super) fn finish(self: Box<Self>, handled: Handled, injection: Option<&Injection>) -> Response {
        let Handled { mut response, body, principal } = handled;
        let at = self.sandbox.now();
        self.gate.sign(at, response.headers_mut());
        let lost = injection.is_some_and(|injection| injection.rule.then.lose_response);
        // Nobody reads an answer to what is played again, and it has come whole.
        let injection_out =
            injection.filter(|injection| !(self.is_again() && injection.rule.then.drip.is_some()));
        let is_slow = injection_out.is_some_and(|injection| injection.rule.then.drip.is_some());
        let (sandbox, world) = (self.sandbox.clone(), self.world);
        let over = Box::pin(async move { sandbox.end_of_world(world).await });
        let reading = is_slow.then(|| self.reading(body.len()));
        let (request, headers) = self.record(Record {
            at: Some(at),
            principal,
            injection,
            handled: Some(response.status()),
            status: (!lost).then_some(response.status()),
            headers: std::mem::take(response.headers_mut()),
            body: body.clone(),
        });
        *response.headers_mut() = headers;
        let response = match injection_out {
            Some(injection) => effect::damage(&injection.rule.then, response, &body, over),
            None => with_body(response, body),
        };
        match reading.zip(request) {
            Some((reading, request)) => response.map(|body| reading.of(request, body)),
            None => response,
        }
    }

    fn reading(&self, length: usize) -> Reading {
        Reading {
            sandbox: self.sandbox.clone(),
            world: self.world,
            request: None,
            left: length,
            connection: self.parts.extensions.get::<Connection>().cloned(),
            was_closed: self.came.was_closed,
            was_read: length == 0,
        }
    }

    /// Writes the journal; the answer goes out after that. The id of its entry, nothing when its world is gone; and the
    /// answer's headers.
    pub(super) fn record(self: Box<Self>, record: Record<'_>) -> (Option<u64>, HeaderMap) {
        let sim = self.gate.sim();
        let then = record.injection.map(|injection| &injection.rule.then);
        let is_damaged =
            then.is_some_and(|then| then.lose_response || then.truncate.is_some() || then.corrupt);
        let (is_again, has_gone) = (self.is_again(), self.client_has_gone());
        let is_unread = is_damaged || has_gone;
        let effects = self.effects(is_unread, record.status);
        let way = self.way(has_gone);
        let exchange = *self;
        let Came { peer, opened, took, .. } = exchange.came;
        let took = took.unwrap_or_else(|| exchange.came.began.elapsed());
        let Parts { method, uri, headers, .. } = exchange.parts;
        let mut entry = Entry {
            id: 0,
            at: record.at.unwrap_or_else(|| exchange.sandbox.now()),
            server: sim.slug,
            secrets: sim.secrets,
            known: exchange.sandbox.known.clone(),
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            body: exchange.body.unwrap_or_default(),
            principal: record.principal,
            handled_status: record.handled.map(|status| status.as_u16()),
            status: record.status.map(|status| status.as_u16()),
            fault: record.injection.map(|injection| injection.rule.id.clone()),
            violations: exchange.checked.violations,
            ignored: exchange.checked.ignored,
            contract: exchange.contract,
            assumptions: exchange.checked.assumptions,
            unreadable: None,
            processing: exchange.processing,
            way,
            operation: exchange.checked.operation,
            effects,
            has_companies: !sim.habits.company.is_empty(),
            arrived: exchange.came.began,
            duration_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
            response_headers: record.headers,
            response_body: record.body,
        };
        entry.known.meet_headers(&entry.headers, sim.secrets);
        tracing::info!(
            target: "erpsatz::request",
            sandbox = exchange.sandbox.name,
            server = entry.server,
            method = entry.method.as_str(),
            path = &*entry.shown_path(),
            status = entry.status,
            duration_us = entry.duration_us,
        );
        let is_under_way = !(is_unread || is_again) && then.is_some_and(|then| then.drip.is_some());
        let arrival = Arrival { at: exchange.at, peer, is_unread, is_under_way, opened };
        let id = exchange.sandbox.finish(exchange.gate.index, &mut entry, &arrival, exchange.world);
        (id, entry.response_headers)
    }

    /// How it came.
    fn way(&self, has_gone: bool) -> Way {
        let transport = self.parts.extensions.get::<Transport>();
        Way {
            now: self.now,
            prefix: self.prefix.clone(),
            is_encrypted: transport.is_some_and(|transport| transport.is_encrypted),
            unread: self.body.as_ref().err().map(|error| error.kind),
            has_gone,
            peer: self.came.peer,
            opened: self.came.opened,
        }
    }

    /// Whether it is played again.
    pub(super) fn is_again(&self) -> bool {
        self.came.took.is_some()
    }

    /// Whether nobody waits for the answer any more.
    fn client_has_gone(&self) -> bool {
        let is_closed = || self.parts.extensions.get::<Connection>().is_some_and(Connection::is_closed);
        self.came.is_alone.load(Ordering::Relaxed) || !self.came.was_closed && is_closed()
    }

    /// What the request did. What its client could not read was not delivered; what stands in the answer to a write is
    /// told, not delivered.
    fn effects(&self, is_unread: bool, status: Option<StatusCode>) -> Effects {
        let mut effects = self.trace.take();
        let Parts { method, uri, .. } = &self.parts;
        let is_good = status.is_some_and(|status| status.is_success());
        if is_unread || !is_good || method == Method::HEAD {
            effects.delivered.clear();
        }
        if self.gate.sim().habits.is_write(method, uri.path(), self.body.as_deref().unwrap_or_default()) {
            effects.told = std::mem::take(&mut effects.delivered);
        }
        effects
    }
}

/// An answer that is sent piece by piece: whether its client takes all of it is known when it has gone, or is given up.
struct Reading {
    sandbox: Arc<Sandbox>,
    world: u64,
    /// Until it is told.
    request: Option<u64>,
    /// How many bytes are still to be sent.
    left: usize,
    connection: Option<Connection>,
    was_closed: bool,
    /// Whether the client was there when the last of it was sent.
    was_read: bool,
}

impl Reading {
    /// `body` as the answer to that request.
    fn of(mut self, request: u64, body: Body) -> Body {
        self.request = Some(request);
        let mut reading = self;
        Body::new(body.map_frame(move |frame| {
            reading.sent(frame.data_ref().map_or(0, Bytes::len));
            frame
        }))
    }

    fn sent(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
        let has_gone = !self.was_closed && self.connection.as_ref().is_some_and(Connection::is_closed);
        self.was_read = self.left == 0 && !has_gone;
        if has_gone || self.left == 0 {
            self.end();
        }
    }

    /// Tells what has become of it, once.
    fn end(&mut self) {
        if let Some(request) = self.request.take() {
            self.sandbox.answered(request, self.was_read, self.world);
        }
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.end();
    }
}
