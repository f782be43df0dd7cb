//! Every refusal of Clavus that is not the answer of an executed operation: status, code, body (fact sheet 2.4, 10).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use simcore::contract::Violation;
use simcore::{Ctx, Error, ErrorKind};

/// The code of refusals of the REST companion, whose body has another shape.
const REST: &str = "rest";

/// `{"errors": [{"message", "extensions": {"code"}}]}`; `{"status": "error", "message"}` on the REST companion;
/// `{"error": "Not Found"}` on unknown paths.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let message = if error.message.is_empty() { sentence(error) } else { &error.message };
    let body = if error.kind == ErrorKind::Route {
        json!({ "error": "Not Found" })
    } else if error.code == REST {
        json!({ "status": "error", "message": message })
    } else {
        let code = if error.code.is_empty() { code(error) } else { &error.code };
        json!({ "errors": [{ "message": message, "extensions": { "code": code } }] })
    };
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn code(error: &Error) -> &'static str {
    match error.status {
        StatusCode::UNAUTHORIZED => "UNAUTHENTICATED",
        StatusCode::FORBIDDEN => "FORBIDDEN",
        StatusCode::NOT_FOUND => "NOT_FOUND",
        StatusCode::TOO_MANY_REQUESTS => "TOO_MANY_REQUESTS",
        status if status.is_client_error() => "BAD_REQUEST",
        _ => "INTERNAL_SERVER_ERROR",
    }
}

fn sentence(error: &Error) -> &'static str {
    match (error.kind, error.status) {
        (ErrorKind::Auth, _) | (_, StatusCode::UNAUTHORIZED) => "Unauthorized",
        (ErrorKind::TooLarge, _) => "request entity too large",
        (ErrorKind::Headers, _) => "request header fields too large",
        (ErrorKind::Encoding, _) => "unsupported content encoding",
        (ErrorKind::Method, _) => "Method Not Allowed",
        (ErrorKind::Syntax | ErrorKind::MediaType, _) => BODY_MISSING,
        (_, StatusCode::TOO_MANY_REQUESTS) => "Too many requests",
        (_, StatusCode::NOT_FOUND) => "Not Found",
        (_, StatusCode::FORBIDDEN) => "Forbidden",
        (_, StatusCode::SERVICE_UNAVAILABLE) => "Service Unavailable",
        (_, status) if status.is_client_error() => "Bad Request",
        _ => "Internal server error",
    }
}

/// What Apollo Server says of a body without keys (10.3).
pub(crate) const BODY_MISSING: &str = "POST body missing, invalid Content-Type, or JSON object has no keys.";

/// 401, or what `auth_error_status` says, with the one sentence for every bad key (10.2).
pub(crate) fn unauthorized(ctx: &Ctx) -> Error {
    let status = u16::try_from(ctx.settings.integer("auth_error_status")).ok();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let error = Error::new(status.unwrap_or(StatusCode::UNAUTHORIZED), ErrorKind::Auth);
    Error { code: "UNAUTHENTICATED".into(), ..error }.header(WWW_AUTHENTICATE, "Bearer")
}

/// 400 `BAD_REQUEST` (10.3).
pub(crate) fn bad_request(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "BAD_REQUEST", message)
}

/// 400 in strict mode, for what nobody documents of the HTTP around an operation.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    let said: Vec<String> = violations
        .iter()
        .map(|violation| match &violation.nearest {
            Some(nearest) => format!("{} (did you mean \"{nearest}\"?)", violation.message),
            None => violation.message.clone(),
        })
        .collect();
    bad_request(format!("Not documented: {}.", said.join("; ")))
}

/// A refusal of the REST companion.
pub(crate) fn rest(status: StatusCode, message: &str) -> Error {
    Error::vendor(status, REST, message)
}

/// 404 of the back office.
pub(crate) fn unknown(what: &str, key: &str) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "NOT_FOUND", format!("no {what} `{key}`"))
}
