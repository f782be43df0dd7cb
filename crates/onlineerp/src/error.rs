//! Every refusal of OnlineERP by its name; status and French sentence are in `errors.yaml`. All of it is assumed (fact
//! sheet 7).

use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use odata::ErrorKind as ODataError;
use serde_json::{Map, Value, json};
use simcore::base::said::Said;
use simcore::contract::Violation;
use simcore::entity::validate::{Problem, Rule, refuse};
use simcore::{Ctx, Error, ErrorKind, said};

/// An error as bytes where no `error_template` says otherwise: `{"Message": …}`.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let body = json!({ "Message": error.message }).to_string();
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// `{details}` of the template: `{field: [sentences]}`.
pub(crate) fn details(error: &Error) -> Value {
    let mut state: Map<String, Value> = Map::new();
    for detail in &error.details {
        let sentences = state.entry(detail.field.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(sentences) = sentences {
            sentences.push(detail.message.clone().into());
        }
    }
    Value::Object(state)
}

/// 401.
pub(crate) fn auth() -> Error {
    Error::from(said!(CREDENTIALS_INVALID)).of_kind(ErrorKind::Auth)
}

/// 404, or what `unknown_company_status` says (Q2).
pub(crate) fn unknown_company<'a>(company: &str, known: impl Iterator<Item = &'a String>) -> Error {
    let mut known: Vec<&str> = known.map(String::as_str).collect();
    known.sort_unstable();
    Error::from(said!(COMPANY_NOT_FOUND, company = company))
        .nearest(format!("COMPANY_ID: {}", known.join(", ")))
}

/// 404 for an entity that is not served.
pub(crate) fn unknown_entity(entity: &str) -> Error {
    Error::from(said!(ENTITY_NOT_FOUND, entity = entity)).of_kind(ErrorKind::Route)
}

/// 404 for a record.
pub(crate) fn unknown_record(entity: &str, id: &str) -> Error {
    said!(RECORD_NOT_FOUND, entity = entity, id = id).into()
}

/// 405 with `Allow`, or what `unsupported_verb_status` says (Q18).
pub(crate) fn unsupported(verb: &str, entity: &str, (erp, company): (&str, &str), allowed: &[&str]) -> Error {
    let erp = erp_name(erp);
    let outside = Some(format!("{entity} takes no {verb} at {erp}, company {company}"));
    let refusal = Error::from(said!(VERB_NOT_SUPPORTED, verb = verb, entity = entity, erp = erp));
    Error { kind: ErrorKind::Method, outside, ..refusal }.header(ALLOW, &allowed.join(", "))
}

fn erp_name(erp: &str) -> &str {
    match erp {
        "acomba" => "Acomba",
        "quickbooks" => "QuickBooks Online",
        "avantage" => "Avantage",
        "sage50" => "Sage 50",
        "servex" => "Servex",
        "servicentre" => "Servicentre",
        other => other,
    }
}

/// 415.
pub(crate) fn media_type() -> Error {
    Error::new(axum::http::StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType)
}

/// 400 for a body that is not JSON; `why` is what stands in the way.
pub(crate) fn not_json(why: Said) -> Error {
    Error::from(said!(BODY_UNREADABLE, why = why)).of_kind(ErrorKind::Syntax)
}

/// 400 about one field.
pub(crate) fn bad_field(field: impl Into<String>, why: Said) -> Error {
    Error::from(said!(INVALID)).detail_said(field, why)
}

/// 400 about one missing field.
pub(crate) fn missing(field: impl Into<String>) -> Error {
    problems(vec![Problem { path: field.into(), rule: Rule::Required }])
}

/// 400 with every problem of a body under `ModelState`.
pub(crate) fn problems(problems: Vec<Problem>) -> Error {
    refuse(said!(INVALID).into(), problems)
}

/// 409, or 412 when the client asked for a creation only (Q15, `If-None-Match: *`).
pub(crate) fn duplicate(entity: &str, key: &str, create_only: bool) -> Error {
    let refusal = if create_only { said!(DUPLICATE_CREATE_ONLY) } else { said!(DUPLICATE) };
    refusal.with("entity", entity).with("key", key).into()
}

/// 400 in strict mode, for what nobody documents.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    violations.iter().fold(said!(OUTSIDE_CONTRACT).into(), |error: Error, violation| {
        let why = match &violation.nearest {
            Some(nearest) => said!(NOT_DOCUMENTED_NEAREST, nearest = nearest),
            None => said!(NOT_DOCUMENTED),
        };
        error.detail_said(&violation.position, why)
    })
}

/// 422, or what `locked_status` says (Q20).
pub(crate) fn locked(entity: &str, key: &str) -> Error {
    Error::from(said!(LOCKED, entity = entity, key = key)).temporary()
}

/// 400 for a query option that cannot be read or is not served; the position counts from 1.
pub(crate) fn option(name: &str, error: &odata::Error) -> Error {
    let why = match &error.kind {
        ODataError::Empty => said!(OPTION_EMPTY),
        ODataError::Unexpected { found: Some(found), .. } => said!(OPTION_UNEXPECTED, found = found),
        ODataError::Unexpected { found: None, .. } => said!(OPTION_END),
        ODataError::UnterminatedString => said!(OPTION_OPEN_TEXT),
        ODataError::BadNumber(number) => said!(OPTION_NUMBER, number = number),
        ODataError::BadDate(date) => said!(OPTION_DATE, date = date),
        ODataError::BadCount(count) => said!(OPTION_COUNT, count = count),
        ODataError::UnknownField(field) => said!(OPTION_FIELD, field = field),
        ODataError::TypeMismatch { field, .. } => said!(OPTION_TYPE, field = field),
        _ => said!(OPTION_TOO_LONG),
    };
    said!(OPTION_INVALID, name = name, why = why, position = error.position + 1).into()
}
