//! Every refusal of weavy by its name; status and English sentence are in `errors.yaml`. All of it is assumed (fact sheet
//! 20).

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use simcore::base::error::Detail;
use simcore::base::said::Said;
use simcore::contract::Violation;
use simcore::entity::validate::Problem;
use simcore::{Ctx, Error, ErrorKind, said};

/// An error as bytes: `{"message": …, "details": [{entityName, rowCode, fieldName, message}]}`.
pub(crate) fn render(_: &Ctx, error: &Error) -> Response {
    let mut body = Map::new();
    body.insert("message".to_owned(), error.message.as_str().into());
    if !error.details.is_empty() {
        body.insert("details".to_owned(), details(error));
    }
    let body = Value::Object(body).to_string();
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body).into_response()
}

/// What is wrong, each with its place.
pub(crate) fn details(error: &Error) -> Value {
    error.details.iter().map(detail).collect()
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

/// 400 for a property that must be there.
pub(crate) fn missing(name: &str) -> Error {
    said!(MISSING, name = name).into()
}

/// 400 for an option or a property with a value that it does not take.
pub(crate) fn bad_value(name: &str, expected: Said) -> Error {
    said!(BAD_VALUE, name = name, expected = expected).into()
}

/// 401 with the challenge, for every call but the login.
pub(crate) fn unauthorized(why: Said) -> Error {
    login_refused(why).header(WWW_AUTHENTICATE, "Bearer")
}

/// 401 of the login itself.
pub(crate) fn login_refused(why: Said) -> Error {
    Error::from(why).of_kind(ErrorKind::Auth)
}

/// 404 for an entity.
pub(crate) fn unknown_entity(entity: &str) -> Error {
    said!(ENTITY_UNKNOWN, entity = entity).into()
}

/// 404 for a record.
pub(crate) fn unknown_record(entity: &str, code: &str) -> Error {
    said!(RECORD_UNKNOWN, entity = entity, code = code).into()
}

/// 400 in strict mode, for what nobody documents: every place of it, with the nearest documented form.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    violations.iter().fold(said!(OUTSIDE_CONTRACT).into(), |error: Error, violation| {
        let why = match &violation.nearest {
            Some(nearest) => said!(NOT_DOCUMENTED_NEAREST, what = &violation.message, nearest = nearest),
            None => said!(NOT_DOCUMENTED, what = &violation.message),
        };
        error.detail_said(&violation.position, why)
    })
}

/// 415.
pub(crate) fn media_type() -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType)
}

/// 400 with everything that is wrong with the record `code` of `entity`.
pub(crate) fn problems(entity: &str, code: &str, problems: Vec<Problem>) -> Error {
    let said: Vec<(String, Said)> =
        problems.into_iter().map(|problem| (problem.path.clone(), problem.said())).collect();
    let refusal = said!(RECORD_INVALID, entity = entity, code = code);
    let error = match said.first() {
        Some((_, first)) => refusal.with("problem", first.clone()).into(),
        None => Error::from(refusal),
    };
    said.into_iter().fold(error, |error, (field, why)| error.detail_said(place(entity, code, &field), why))
}
