//! Errors as bytes: the vendor's, and the house's own.

use std::sync::Arc;

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::base::error::Error;
use crate::simulator::ctx::Ctx;
use crate::simulator::envelope;

/// An error of the house itself, before there is a simulator to speak for it.
pub(super) fn plain(error: &Error) -> Response {
    let error = &*error.bounded();
    if let Some(cause) = &error.cause {
        tracing::error!(cause, "a request failed before it reached its simulator");
    }
    let message = if error.message.is_empty() { "the sandbox cannot be opened" } else { &error.message };
    let body = json!({ "error": { "code": error.code, "message": message } }).to_string();
    (error.status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Turns an error in the response into the vendor's bytes; other responses stay as they are.
pub(super) fn dialect(ctx: &Ctx, mut response: Response) -> Response {
    let Some(error) = response.extensions_mut().remove::<Arc<Error>>() else { return response };
    let mut spoken = rendered(ctx, &error);
    if let Some(allow) = response.headers_mut().remove(ALLOW)
        && !spoken.headers().contains_key(ALLOW)
    {
        spoken.headers_mut().insert(ALLOW, spaced(&allow));
    }
    spoken
}

/// `Allow` with a space after each comma, as servers write it.
fn spaced(allow: &HeaderValue) -> HeaderValue {
    let text = String::from_utf8_lossy(allow.as_bytes());
    let verbs: Vec<&str> = text.split(',').map(str::trim).collect();
    HeaderValue::from_str(&verbs.join(", ")).unwrap_or_else(|_| allow.clone())
}

pub(super) fn rendered(ctx: &Ctx, error: &Error) -> Response {
    let worded = ctx.worded(error);
    let error = &*worded.bounded();
    if let Some(cause) = &error.cause {
        tracing::error!(server = ctx.sim.slug, cause, "internal error");
    }
    let mut response = envelope::own(ctx, error).unwrap_or_else(|| (ctx.sim.render)(ctx, error));
    let headers: &mut HeaderMap = response.headers_mut();
    for (name, value) in &error.headers {
        headers.insert(name.clone(), value.clone());
    }
    response
}
