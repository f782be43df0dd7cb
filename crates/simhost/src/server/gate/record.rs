//! The end of a request: its effects, its entry in the journal, and the judge.

use std::sync::atomic::Ordering;

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::journal::Entry;
use crate::judge::Arrival;
use crate::rules::fault::Injection;
use crate::server::client_stream::Connection;
use crate::server::effect;
use crate::server::gate::{Exchange, Handled, with_body};
use crate::store::effects::Effects;

/// What became of a request, for the journal.
#[derive(Default)]
pub(super) struct Record<'a> {
    pub(super) principal: String,
    pub(super) injection: Option<&'a Injection>,
    pub(super) handled: Option<StatusCode>,
    pub(super) status: Option<StatusCode>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Exchange {
    pub(super) fn finish(self, handled: Handled, injection: Option<&Injection>) -> Response {
        let Handled { mut response, body, principal } = handled;
        self.head(response.headers_mut());
        let lost = injection.is_some_and(|injection| injection.rule.then.lose_response);
        self.record(Record {
            principal,
            injection,
            handled: Some(response.status()),
            status: (!lost).then_some(response.status()),
            headers: response.headers().clone(),
            body: body.clone(),
        });
        match injection {
            Some(injection) => effect::damage(&injection.rule.then, response, &body),
            None => with_body(response, body),
        }
    }

    /// Writes the journal; the answer goes out after that.
    pub(super) fn record(self, record: Record<'_>) {
        let sim = self.gate.sim();
        let then = record.injection.map(|injection| &injection.rule.then);
        let is_damaged =
            then.is_some_and(|then| then.lose_response || then.truncate.is_some() || then.corrupt);
        let is_unread = is_damaged || self.client_has_gone();
        let effects = self.effects(is_unread, record.status);
        let Parts { method, uri, headers, .. } = self.parts;
        let entry = Entry {
            id: 0,
            at: self.sandbox.now(),
            server: sim.slug,
            secrets: sim.secrets,
            method,
            path: uri.path().to_owned(),
            query: uri.query().unwrap_or_default().to_owned(),
            headers,
            body: self.body.unwrap_or_default(),
            principal: record.principal,
            handled_status: record.handled.map(|status| status.as_u16()),
            status: record.status.map(|status| status.as_u16()),
            fault: record.injection.map(|injection| injection.rule.id.clone()),
            violations: self.checked.violations,
            ignored: self.checked.ignored,
            contract: self.contract,
            assumptions: self.checked.assumptions,
            unreadable: None,
            operation: self.checked.operation,
            effects,
            has_companies: !sim.habits.company.is_empty(),
            arrived: self.came.began,
            duration_us: u64::try_from(self.came.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            response_headers: record.headers,
            response_body: record.body,
        };
        tracing::info!(
            target: "erpsatz::request",
            sandbox = self.sandbox.name,
            server = entry.server,
            method = entry.method.as_str(),
            path = &*entry.shown_path(),
            status = entry.status,
            duration_us = entry.duration_us,
        );
        let arrival = Arrival { at: self.at, peer: self.came.peer, is_unread };
        self.sandbox.finish(self.gate.index, entry, &arrival, self.world);
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
