//! Every refusal: `{"error": sentence, "fields": {field: sentence}}`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use simcore::entity::validate::{Problem, refuse};
use simcore::simulator::rest;
use simcore::{Ctx, Error};

/// An error as bytes, the core's own included.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let standard = error.status.canonical_reason().unwrap_or("refused");
    let message = if error.message.is_empty() { standard } else { &error.message };
    let fields = error.details.iter().map(|detail| (detail.field.clone(), detail.message.clone().into()));
    let body = json!({ "error": message, "fields": Value::Object(fields.collect()) });
    rest::answer_with(error.status, body.to_string())
}

/// A refusal by the help desk's own rules.
pub(crate) fn refused(status: StatusCode, message: impl Into<String>) -> Error {
    Error::vendor(status, "", message)
}

/// 400 with everything that is wrong with a body.
pub(crate) fn problems(problems: Vec<Problem>) -> Error {
    refuse(refused(StatusCode::BAD_REQUEST, "the body is not valid"), problems, |_| None)
}
