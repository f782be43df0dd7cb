//! Every refusal of Comarch ERP XT by its name; status, code and sentence are in `errors.yaml` (fact sheet 3.5 and 7).

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use odata::ErrorKind as ODataError;
use serde_json::{Map, Value};
use simcore::base::said::Said;
use simcore::contract::Violation;
use simcore::entity::validate::Problem;
use simcore::{Ctx, Error, ErrorKind, said};

/// The refusals of the token endpoint.
const OAUTH: &[&str] = &["INVALID_CLIENT", "INVALID_REQUEST", "UNSUPPORTED_GRANT_TYPE", "ACCESS_DENIED"];

/// An error as bytes: `{"Message", "Data", "Code"}`, the last two only where there is something to say; the token
/// endpoint adds what OAuth 2.0 asks for.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let mut body = Map::new();
    if error.refusal().is_some_and(is_oauth) {
        let code = Some(error.code.as_ref()).filter(|code| !code.is_empty());
        body.extend(code.map(|code| ("error".to_owned(), code.into())));
        body.insert("error_description".to_owned(), error.message.as_str().into());
        body.insert("Message".to_owned(), error.message.as_str().into());
        body.extend(code.map(|code| ("Code".to_owned(), own_code(code).into())));
    } else {
        body.insert("Message".to_owned(), error.message.as_str().into());
        if !error.details.is_empty() {
            let data =
                error.details.iter().map(|detail| (detail.field.clone(), detail.message.clone().into()));
            body.insert("Data".to_owned(), Value::Object(data.collect()));
        }
        if !error.code.is_empty() {
            body.insert("Code".to_owned(), error.code.as_ref().into());
        }
    }
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    (error.status, content_type, Value::Object(body).to_string()).into_response()
}

/// Whether a refusal is one of the token endpoint.
pub(crate) fn is_oauth(name: &str) -> bool {
    OAUTH.contains(&name)
}

/// A code of OAuth in the vendor's own spelling: `invalid_client` is `InvalidClient`.
pub(crate) fn own_code(code: &str) -> String {
    let words = code.split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// 401 without a good token.
pub(crate) fn unauthorized() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth).header(WWW_AUTHENTICATE, "Bearer")
}

/// 403: the account is blocked, expired, or has no API access.
pub(crate) fn forbidden(ctx: &Ctx) -> Error {
    account(ctx).into()
}

fn account(ctx: &Ctx) -> Said {
    match ctx.settings.text("account") {
        "expired" => said!(ACCOUNT_EXPIRED),
        "no_api_access" => said!(ACCOUNT_WITHOUT_API),
        _ => said!(ACCOUNT_BLOCKED),
    }
}

/// 401 of the token endpoint.
pub(crate) fn invalid_client() -> Error {
    Error::from(said!(INVALID_CLIENT)).header(WWW_AUTHENTICATE, "Basic realm=\"Comarch ERP XT\"")
}

/// 403 of the token endpoint.
pub(crate) fn access_denied(ctx: &Ctx) -> Error {
    said!(ACCESS_DENIED, why = account(ctx)).into()
}

/// 404 for a path that no resource has.
pub(crate) fn no_route(ctx: &Ctx, path: &str) -> Error {
    let uri = format!("{}{path}", ctx.prefix);
    Error::from(said!(ROUTE_NOT_FOUND, uri = uri)).of_kind(ErrorKind::Route)
}

/// 405 with `Allow`.
pub(crate) fn no_method(method: &str, allowed: &[&str]) -> Error {
    let refusal = Error::from(said!(METHOD_NOT_SUPPORTED, method = method)).of_kind(ErrorKind::Method);
    refusal.header(ALLOW, &allowed.join(", "))
}

/// What is not there, in the words of the fixture (fact sheet 7.2).
fn missing(said: Said, entity: &str, id: &str) -> Error {
    Error::from(said.with("entity", entity).with("id", id))
        .detail("EntityId", id)
        .detail("EntityName", entity)
}

/// 404, or what `unknown_id_status` says.
pub(crate) fn unknown_id(entity: &str, id: &str) -> Error {
    missing(said!(RECORD_NOT_FOUND), entity, id)
}

/// 400 for an id that a body or a print names and nothing has.
pub(crate) fn unknown_reference(entity: &str, id: &str) -> Error {
    missing(said!(REFERENCE_NOT_FOUND), entity, id)
}

/// 400 for an id that is no whole number.
pub(crate) fn bad_id(id: &str) -> Error {
    said!(ID_INVALID, id = id).into()
}

/// 400 about one field.
pub(crate) fn invalid_field(field: &str, why: Said) -> Error {
    said!(BODY_INVALID, problems = said!(FIELD_INVALID, field = field, why = why)).into()
}

/// 400 for a document that can be read and printed only.
pub(crate) fn confirmed(number: &str) -> Error {
    said!(DOCUMENT_CONFIRMED, number = number).into()
}

/// 400 for a record that others need.
pub(crate) fn in_use(entity: &str, id: i64) -> Error {
    said!(IN_USE, entity = entity, id = id).into()
}

/// 400 with every problem of a body.
pub(crate) fn problems(problems: Vec<Problem>) -> Error {
    let each = |problem: Problem| {
        let why = problem.said();
        said!(FIELD_INVALID, field = problem.path, why = why)
    };
    said!(BODY_INVALID, problems = problems.into_iter().map(each).collect::<Vec<_>>()).into()
}

/// 400 in strict mode, for what nobody documents: of query options as of every other one, of bodies with every problem.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    let each = |violation: &Violation| match &violation.nearest {
        Some(nearest) => said!(NOT_DOCUMENTED_NEAREST, place = &violation.position, nearest = nearest),
        None => said!(NOT_DOCUMENTED, place = &violation.position),
    };
    let all: Vec<Said> = violations.iter().map(each).collect();
    if violations.iter().all(|violation| violation.rule == "parameter") {
        said!(QUERY_OUTSIDE_CONTRACT, problems = all).into()
    } else {
        said!(OUTSIDE_CONTRACT, problems = all).into()
    }
}

/// 400 for a query option that cannot be read or is not served; the position counts from 1.
pub(crate) fn option(name: &str, error: &odata::Error) -> Error {
    let why = match &error.kind {
        ODataError::UnknownField(field) => said!(QUERY_FIELD, field = field),
        ODataError::TypeMismatch { field, .. } => said!(QUERY_TYPE, field = field),
        ODataError::BadCount(count) => said!(QUERY_COUNT, count = count),
        _ => said!(QUERY_SYNTAX),
    };
    query(name, said!(QUERY_PLACE, why = why, position = error.position + 1))
}

/// 400 for a query option, with what is wrong with it.
pub(crate) fn query(name: &str, why: Said) -> Error {
    said!(QUERY_INVALID, name = name, why = why).into()
}

/// What a back-office action says when it cannot be done: 409 in the control API.
pub(crate) fn not_possible(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::CONFLICT, "not_possible", message)
}

/// What a back-office action says of a record that is not there: 404 in the control API.
pub(crate) fn no_record(entity: &str, id: i64) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "unknown_record", format!("no {entity} {id}"))
}
