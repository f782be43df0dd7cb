//! Names and paths that a user's profile has otherwise on the wire: a request is read with the server's own, its answer
//! goes out with the profile's. What the journal shows is what was sent.

use std::borrow::Cow;

use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use axum::http::{StatusCode, Uri};
use bytes::Bytes;

use super::{Exchange, Handled};
use crate::base::error::Result;
use crate::base::request::RequestView;
use crate::contract::FORM;

/// A request with the server's own names.
pub(super) struct Own {
    query: String,
    body: Bytes,
}

impl Exchange {
    /// Reads query and body with the server's own names, where there are others.
    pub(super) fn translate(&mut self) {
        let server = self.gate.server();
        if server.renames.is_empty() {
            return;
        }
        let (names, documents) = (server.sim.names_in, server.sim.documents_in);
        let query = server.renames.query(self.parts.uri.query().unwrap_or_default(), documents);
        let body = self.read.as_ref().ok().cloned().unwrap_or_default();
        let is_form = self
            .parts
            .headers
            .get(CONTENT_TYPE)
            .is_some_and(|media| media.as_bytes().starts_with(FORM.as_bytes()));
        let body = match std::str::from_utf8(&body) {
            Ok(text) if is_form => server.renames.query(text, &[]).into(),
            Ok(text) => server.renames.json(text, names, documents).into(),
            Err(_) => body,
        };
        self.own = Some(Own { query, body });
    }

    /// The request as the contract is held against it.
    pub(super) fn own_view(&self) -> RequestView<'_> {
        let view = self.view();
        match &self.own {
            Some(own) => RequestView { query: &own.query, body: &own.body, json: None, ..view },
            None => view,
        }
    }

    /// The body as handlers read it.
    pub(super) fn own_body(&self) -> Result<Bytes> {
        let read = self.read.clone()?;
        Ok(self.own.as_ref().map_or(read, |own| own.body.clone()))
    }

    /// The address as handlers read it: with the usual path of a call that is elsewhere, and the server's own names.
    pub(super) fn own_uri(&self) -> Cow<'_, Uri> {
        let uri = &self.parts.uri;
        let operation = self.found.operation.and_then(|place| self.contract.operations.get(place));
        let usual = operation.and_then(|operation| operation.own_path.as_ref());
        if usual.is_none() && self.own.is_none() {
            return Cow::Borrowed(uri);
        }
        let path = match usual {
            Some(usual) => self.contract.paths().filled(usual, &self.found),
            None => self.gate.server().renames.path(uri.path()).into_owned(),
        };
        let query = self.own.as_ref().map(|own| own.query.as_str()).or(uri.query()).unwrap_or_default();
        let whole = if query.is_empty() { path } else { format!("{path}?{query}") };
        whole.parse().map_or(Cow::Borrowed(uri), Cow::Owned)
    }

    /// Whether a profile has taken the call away that a router of the vendor's own would answer.
    pub(super) fn is_taken_away(&self) -> bool {
        !self.gate.server().model.profile.routes.is_empty() && !self.found.is_path()
    }

    /// The answer with the status that the profile has for those of this call that succeed.
    pub(super) fn with_status(&self, mut handled: Handled) -> Handled {
        let operation = self.found.operation.and_then(|place| self.contract.operations.get(place));
        let status = operation.and_then(|operation| StatusCode::from_u16(operation.status?).ok());
        if let Some(status) = status.filter(|_| handled.response.status().is_success()) {
            *handled.response.status_mut() = status;
            if status == StatusCode::NO_CONTENT {
                handled.body = Bytes::new();
                handled.response.headers_mut().remove(CONTENT_LENGTH);
                handled.response.headers_mut().remove(CONTENT_TYPE);
            }
        }
        handled
    }

    /// The answer with the names and paths of the profile.
    pub(super) fn on_the_wire(&self, mut handled: Handled) -> Handled {
        let server = self.gate.server();
        let headers = handled.response.headers_mut();
        if !server.model.profile.routes.is_empty() || !server.renames.is_empty() {
            let location = headers.get(LOCATION).and_then(|place| place.to_str().ok()).map(str::to_owned);
            if let Some(moved) = location.and_then(|place| HeaderValue::from_str(&self.moved(&place)).ok()) {
                headers.insert(LOCATION, moved);
            }
        }
        if server.renames.is_empty() {
            return handled;
        }
        let is_json = headers.get(CONTENT_TYPE).is_some_and(|media| {
            String::from_utf8_lossy(media.as_bytes()).to_ascii_lowercase().contains("json")
        });
        if let Some(text) = std::str::from_utf8(&handled.body).ok().filter(|_| is_json) {
            let renamed = Bytes::from(server.renames.json(text, server.sim.names_in, &[]));
            if headers.contains_key(CONTENT_LENGTH) && !handled.body.is_empty() {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(renamed.len()));
            }
            handled.body = renamed;
        }
        handled
    }

    /// The address of a record as the profile has it.
    fn moved(&self, place: &str) -> String {
        let own = place.strip_prefix(&*self.prefix).unwrap_or(place);
        let moved = self.contract.moved("GET", own);
        moved.map_or_else(|| place.to_owned(), |path| format!("{}{path}", self.prefix))
    }
}
