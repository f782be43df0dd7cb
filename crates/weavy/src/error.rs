//! Every refusal of weavy: status, English sentence, body. All of it is assumed (fact sheet 20).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::base::error::Detail;
use simcore::contract::Violation;
use simcore::entity::validate::Problem;
use simcore::{Ctx, Error, ErrorKind};

/// An error as bytes: `{"message": …, "details": [{entityName, rowCode, fieldName, message}]}`.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let mut body = Map::new();
    let message = if error.message.is_empty() { sentence(error) } else { &error.message };
    body.insert("message".to_owned(), message.into());
    if !error.details.is_empty() {
        body.insert("details".to_owned(), error.details.iter().map(detail).collect());
    }
    let body = Value::Object(body).to_string();
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// What stands between entity, code and field in the place of a detail: no name has it.
const BETWEEN: char = '\u{1f}';

fn detail(detail: &Detail) -> Value {
    let (row, field) = detail.field.rsplit_once(BETWEEN).unwrap_or(("", &detail.field));
    let (entity, code) = row.split_once(BETWEEN).unwrap_or(("", row));
    let known = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "entityName": known(entity),
        "rowCode": known(code),
        "fieldName": known(field),
        "message": detail.message,
    })
}

/// Where in a record something is wrong; see [`detail`].
pub(crate) fn place(entity: &str, code: &str, field: &str) -> String {
    format!("{entity}{BETWEEN}{code}{BETWEEN}{field}")
}

/// What is said of errors that the core raises.
fn sentence(error: &Error) -> &'static str {
    match error.kind {
        ErrorKind::Route => "No resource was found that matches the request URL.",
        ErrorKind::Method => "The requested resource does not support this HTTP method.",
        ErrorKind::Auth => "Authorization has been denied for this request.",
        ErrorKind::MediaType => "The request needs the header Content-Type: application/json.",
        ErrorKind::TooLarge => "The request body is too large.",
        ErrorKind::Headers => "The request headers are too large.",
        ErrorKind::Syntax => "The request body is not valid JSON.",
        ErrorKind::Unreadable => "The request cannot be read.",
        ErrorKind::Encoding => "The request body must not be compressed (Content-Encoding).",
        ErrorKind::RateLimited => "API calls quota exceeded.",
        ErrorKind::Amount
        | ErrorKind::Injected
        | ErrorKind::Internal
        | ErrorKind::Ended
        | ErrorKind::Vendor => match error.status {
            StatusCode::UNAUTHORIZED => "Authorization has been denied for this request.",
            status if status.is_client_error() => "The request is invalid.",
            _ => "An internal error has occurred.",
        },
    }
}

/// 400.
pub(crate) fn bad_request(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "", message)
}

/// 400 for a property that must be there.
pub(crate) fn missing(name: &str) -> Error {
    bad_request(format!("The property '{name}' is mandatory."))
}

/// 400 for an option or a property with a value that it does not take.
pub(crate) fn bad_value(name: &str, expected: &str) -> Error {
    bad_request(format!("The value of '{name}' is not valid: {expected} is expected."))
}

/// 401 with the challenge, for every call but the login.
pub(crate) fn unauthorized(message: &str) -> Error {
    login_refused(message).header(WWW_AUTHENTICATE, "Bearer")
}

/// 401 of the login itself.
pub(crate) fn login_refused(message: &str) -> Error {
    Error { message: message.to_owned(), ..Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth) }
}

/// 403.
pub(crate) fn forbidden(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::FORBIDDEN, "", message)
}

/// 404.
pub(crate) fn not_found(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "", message)
}

/// 404 for an entity.
pub(crate) fn unknown_entity(entity: &str) -> Error {
    not_found(format!("The entity '{entity}' does not exist."))
}

/// 404 for a record.
pub(crate) fn unknown_record(entity: &str, code: &str) -> Error {
    not_found(format!("No {entity} has the code '{code}'."))
}

/// 400 in strict mode, for what nobody documents: every place of it, with the nearest documented form.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    let refusal = bad_request("The request is outside what is documented.");
    violations.iter().fold(refusal, |error, violation| {
        let nearest = violation.nearest.as_ref();
        let nearest = nearest.map(|nearest| format!(" The nearest documented form is '{nearest}'."));
        let why = format!("Not documented: {}.{}", violation.message, nearest.unwrap_or_default());
        error.detail(&violation.position, why)
    })
}

/// 400 for a body that is not JSON.
pub(crate) fn not_json(place: &str) -> Error {
    let message = format!("The request body is not valid JSON ({place}).");
    Error { kind: ErrorKind::Syntax, ..bad_request(message) }
}

/// 409.
pub(crate) fn conflict(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::CONFLICT, "", message)
}

/// 415.
pub(crate) fn media_type() -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType)
}

/// 400 with everything that is wrong with the record `code` of `entity`.
pub(crate) fn problems(entity: &str, code: &str, problems: Vec<Problem>) -> Error {
    let said: Vec<(String, String)> =
        problems.into_iter().map(|problem| (problem.path.clone(), problem.plain())).collect();
    let first = said.first().map(|(_, message)| message.as_str()).unwrap_or_default();
    let error = bad_request(format!("{entity} '{code}': {first}"));
    said.into_iter().fold(error, |error, (field, message)| error.detail(place(entity, code, &field), message))
}
