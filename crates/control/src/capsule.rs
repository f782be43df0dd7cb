//! A run as one file, and the notes of control's own changes that it needs.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;
use simcore::base::error::Result;
use simcore::simulator::extract::Path;
use simhost::sandbox::Sandbox;

use crate::App;

/// What changes nothing that a run could depend on, or is noted where it is done.
const NOT_NOTED: [&str; 6] = ["reset", "scenario", "judged", "verify", "journal", "report"];

/// Answers with the capsule of a sandbox; its headers say what is to be said of it.
pub(crate) async fn save(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let capsule = app.sandbox(&name)?.capsule().await?;
    let headers = [
        (CONTENT_TYPE.as_str(), "application/gzip".to_owned()),
        (CONTENT_DISPOSITION.as_str(), format!("attachment; filename=\"{name}.capsule\"")),
        ("erpsatz-capsule-requests", capsule.requests.to_string()),
        ("erpsatz-capsule-dropped", capsule.dropped.to_string()),
        ("erpsatz-capsule-whole", capsule.is_whole.to_string()),
    ];
    Ok((headers, capsule.bytes).into_response())
}

/// A call that may change a sandbox, while it is under way.
pub(crate) struct UnderWay {
    sandbox: Arc<Sandbox>,
    begun: u64,
    at: Timestamp,
    method: Method,
    path: String,
    body: Bytes,
}

impl UnderWay {
    /// Nothing for a call that changes nothing.
    pub(crate) fn of(app: &App, parts: &Parts, body: &Bytes) -> Option<Self> {
        if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return None;
        }
        let target = parts.uri.path_and_query()?.as_str().strip_prefix("/sandboxes/")?;
        let (name, path) = target.split_once('/')?;
        let first = path.split(['/', '?']).next().unwrap_or_default();
        let is_restore = first == "snapshots" && path.ends_with("/restore");
        if NOT_NOTED.contains(&first) || is_restore {
            return None;
        }
        let sandbox = app.sandboxes.get(name)?;
        let (begun, at) = (sandbox.beginnings(), sandbox.now());
        let (method, path, body) = (parts.method.clone(), format!("/{path}"), body.clone());
        Some(Self { sandbox, begun, at, method, path, body })
    }

    /// Keeps it, when it was done.
    pub(crate) fn ended(self, status: StatusCode) {
        if status.is_success() {
            let Self { sandbox, begun, at, method, path, body } = self;
            sandbox.note_change(begun, at, (method.as_str(), &path), body);
        }
    }
}
