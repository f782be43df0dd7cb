//! The end of a request: what it came to, for the journal.

use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::journal::Entry;
use crate::rules::fault::Injection;
use crate::sandbox::events::Topic;
use crate::server::effect;
use crate::server::gate::{Exchange, Handled, with_body};

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
            operation: self.checked.operation,
            unreadable: None,
            arrived: self.began,
            duration_us: u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX),
            response_headers: record.headers,
            response_body: record.body,
        };
        tracing::info!(
            target: "erpsatz::request",
            sandbox = self.sandbox.name,
            server = entry.server,
            method = entry.method.as_str(),
            path = entry.path,
            status = entry.status,
            duration_us = entry.duration_us,
        );
        self.sandbox.finish(entry, self.at, self.world);
        self.sandbox.tell(Topic::Entry, "added", None);
    }
}
