//! Every refusal of Clavus that is not the answer of an executed operation, by its name; status, code and sentence are in
//! `errors.yaml` (fact sheet 2.4, 10).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use simcore::base::said::{Part, Said};
use simcore::contract::Violation;
use simcore::{Ctx, Error, ErrorKind, said};

/// What the names of refusals begin with that the download call and the links of files answer.
const OF_FILES: (&str, &str) = ("FILE_", "LINK_");

/// `{"errors": [{"message", "extensions": {"code"}}]}`; `{"status": "error", "message"}` of the download call; S3's XML of
/// the links it gives; `{"error": "Not Found"}` on unknown paths.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let refusal = error.refusal().unwrap_or_default();
    let (code, message) = (&error.code, &error.message);
    if refusal.starts_with(OF_FILES.1) {
        let code = if code.is_empty() { String::new() } else { format!("<Code>{code}</Code>") };
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>{code}<Message>{message}</Message></Error>"
        );
        return (error.status, [(CONTENT_TYPE, "application/xml")], body).into_response();
    }
    let body = if error.kind == ErrorKind::Route {
        json!({ "error": message })
    } else if refusal.starts_with(OF_FILES.0) {
        json!({ "status": "error", "message": message })
    } else if code.is_empty() {
        json!({ "errors": [{ "message": message }] })
    } else {
        json!({ "errors": [{ "message": message, "extensions": { "code": code } }] })
    };
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// 401, or what `auth_error_status` says, with the one sentence for every bad key (10.2).
pub(crate) fn unauthorized() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth).header(WWW_AUTHENTICATE, "Bearer")
}

/// 400 in strict mode, for what nobody documents of the HTTP around an operation.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    let each = |violation: &Violation| match &violation.nearest {
        Some(nearest) => said!(NOT_DOCUMENTED_NEAREST, what = &violation.message, nearest = nearest),
        None => said!(NOT_DOCUMENTED, what = &violation.message),
    };
    let all: Vec<Said> = violations.iter().map(each).collect();
    said!(OUTSIDE_CONTRACT, what = Part::Said(all, "; ")).into()
}

/// 404 of the back office.
pub(crate) fn unknown(what: &str, key: &str) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "NOT_FOUND", format!("no {what} `{key}`"))
}
