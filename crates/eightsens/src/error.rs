//! Every refusal of 8sens by its name; status, code and French sentence are in `errors.yaml` (fact sheet 7; all of it is
//! assumed).

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use simcore::base::error::Detail;
use simcore::base::said::{Part, Said};
use simcore::contract::Violation;
use simcore::entity::validate::{Problem, Rule, refuse};
use simcore::simulator::rest::answer_with;
use simcore::{Ctx, Error, ErrorKind, said};

use crate::wire;

/// A refusal by its name in the profile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(&'static str);

pub(crate) const BAD_PARAMETER: Refusal = Refusal("BAD_PARAMETER");
pub(crate) const MISSING_FIELD: Refusal = Refusal("MISSING_FIELD");
pub(crate) const API_KEY_MISSING: Refusal = Refusal("API_KEY_MISSING");
pub(crate) const API_KEY_INVALID: Refusal = Refusal("API_KEY_INVALID");
pub(crate) const INVALID_CREDENTIALS: Refusal = Refusal("INVALID_CREDENTIALS");
pub(crate) const TOKEN_MISSING: Refusal = Refusal("TOKEN_MISSING");
pub(crate) const TOKEN_INVALID: Refusal = Refusal("TOKEN_INVALID");
pub(crate) const TOKEN_EXPIRED: Refusal = Refusal("TOKEN_EXPIRED");
pub(crate) const USER_DISABLED: Refusal = Refusal("USER_DISABLED");
pub(crate) const ADMIN_NOT_ALLOWED: Refusal = Refusal("ADMIN_NOT_ALLOWED");
pub(crate) const REST_NOT_ALLOWED: Refusal = Refusal("REST_NOT_ALLOWED");
pub(crate) const LICENCE_INVALID: Refusal = Refusal("LICENCE_INVALID");
pub(crate) const CLIENT_DIVERS_READONLY: Refusal = Refusal("CLIENT_DIVERS_READONLY");
pub(crate) const NOT_FOUND: Refusal = Refusal("NOT_FOUND");
pub(crate) const DUPLICATE_CODE: Refusal = Refusal("DUPLICATE_CODE");
pub(crate) const DUPLICATE_REF: Refusal = Refusal("DUPLICATE_REF");
pub(crate) const ALREADY_TRANSFORMED: Refusal = Refusal("ALREADY_TRANSFORMED");
pub(crate) const ALREADY_CONVERTED: Refusal = Refusal("ALREADY_CONVERTED");
pub(crate) const DEVIS_LOCKED: Refusal = Refusal("DEVIS_LOCKED");
pub(crate) const VALIDATION: Refusal = Refusal("VALIDATION");
pub(crate) const RACINE_NOT_ALLOWED: Refusal = Refusal("RACINE_NOT_ALLOWED");
pub(crate) const CLIENT_UNKNOWN: Refusal = Refusal("CLIENT_UNKNOWN");
pub(crate) const CLIENT_AND_PROSPECT: Refusal = Refusal("CLIENT_AND_PROSPECT");
pub(crate) const CLIENT_DIVERS: Refusal = Refusal("CLIENT_DIVERS");
pub(crate) const EMPTY_DOCUMENT: Refusal = Refusal("EMPTY_DOCUMENT");
pub(crate) const ARTICLE_UNKNOWN: Refusal = Refusal("ARTICLE_UNKNOWN");
pub(crate) const ARTICLE_NOT_SELLABLE: Refusal = Refusal("ARTICLE_NOT_SELLABLE");
pub(crate) const NOT_DISCOUNTABLE: Refusal = Refusal("NOT_DISCOUNTABLE");
pub(crate) const DISABLED: Refusal = Refusal("DISABLED");
pub(crate) const SERVER_NOT_READY: Refusal = Refusal("SERVER_NOT_READY");
const UNKNOWN_FIELD: Refusal = Refusal("UNKNOWN_FIELD");

impl Refusal {
    /// The refusal about one field or parameter.
    pub(crate) fn on(self, field: impl Into<String>) -> Error {
        Error::from(self).detail(field, "")
    }

    /// The refusal that names the record in the way: `{"cdeID": 12}`.
    pub(crate) fn because_of(self, field: &str, id: i64) -> Error {
        Error::from(self).detail(field, id.to_string())
    }

    /// Whether it is this one.
    pub(crate) fn is(self, error: &Error) -> bool {
        error.said.as_ref().is_some_and(|said| said.name == self.0)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Said::new(refusal.0).into()
    }
}

/// 422 about one field, with the rule that it breaks.
pub(crate) fn invalid(field: impl Into<String>, rule: Said) -> Error {
    Error::from(VALIDATION).detail_said(field, rule)
}

/// 404 for a path that is not served.
fn no_route() -> Error {
    Error::new(StatusCode::NOT_FOUND, ErrorKind::Route)
}

/// 415.
pub(crate) fn media_type() -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType)
}

/// 413.
pub(crate) fn too_large() -> Error {
    Error::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge)
}

/// Every problem of a body: 400 when something is missing, otherwise 422.
pub(crate) fn problems(mut problems: Vec<Problem>) -> Error {
    // A value of the wrong kind is there, although it leaves its field empty.
    let malformed: Vec<String> = problems
        .iter()
        .filter(|problem| problem.rule != Rule::Required)
        .map(|problem| problem.path.clone())
        .collect();
    problems.retain(|problem| problem.rule != Rule::Required || !malformed.contains(&problem.path));
    let has = |wanted: fn(&Rule) -> bool| problems.iter().any(|problem| wanted(&problem.rule));
    let (refusal, shown): (Refusal, fn(&Rule) -> bool) = if has(|rule| *rule == Rule::Required) {
        (MISSING_FIELD, |rule| *rule == Rule::Required)
    } else if has(|rule| *rule == Rule::Unknown) {
        (UNKNOWN_FIELD, |rule| *rule == Rule::Unknown)
    } else {
        (VALIDATION, |_| true)
    };
    refuse(refusal.into(), problems.into_iter().filter(|problem| shown(&problem.rule)).collect())
}

/// Strict mode's refusal of what nobody documents, each with the nearest right form in the message.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    // Another word in the path is another path.
    if violations.iter().any(|violation| violation.rule == "alias" && violation.position.starts_with('/')) {
        return no_route();
    }
    let has = |rules: &[&str]| violations.iter().any(|violation| rules.contains(&violation.rule));
    let (refusal, with_nearest) = if has(&["parameter", "header"]) {
        (BAD_PARAMETER.into(), said!(BAD_PARAMETER_NEAREST))
    } else if has(&["field", "alias"]) {
        (UNKNOWN_FIELD.into(), said!(UNKNOWN_FIELD_NEAREST))
    } else {
        (VALIDATION.into(), said!(VALIDATION_NEAREST))
    };
    let meant = violations.iter().filter_map(|violation| {
        Some(said!(NEAREST, place = &violation.position, nearest = violation.nearest.as_deref()?))
    });
    let meant: Vec<Said> = meant.collect();
    let refusal: Error =
        if meant.is_empty() { refusal } else { with_nearest.with("nearest", Part::Said(meant, ", ")).into() };
    violations.iter().fold(refusal, |error, violation| match rule_of(violation) {
        Some(rule) => error.detail_said(&violation.position, rule),
        None => error.detail(&violation.position, ""),
    })
}

fn rule_of(violation: &Violation) -> Option<Said> {
    Some(match (violation.rule, violation.nearest.as_deref()) {
        ("type", Some("integer" | "decimal")) => said!(RULE_DECIMAL),
        ("type", Some("date")) => said!(RULE_DATE),
        ("type", Some("boolean")) => said!(RULE_BOOLEAN),
        ("type", Some("text")) => said!(RULE_TEXT),
        ("type", Some("an object")) => said!(RULE_OBJECT),
        ("type", Some("a list")) => said!(RULE_LIST),
        ("type", None) => said!(RULE_TOO_LONG),
        ("value", _) => said!(RULE_ONE_OF),
        _ => return None,
    })
}

/// An error as bytes: `{"status", "code", "message", "details"}`, details only where there are some.
pub(crate) fn render(ctx: &Ctx, error: &Error) -> Response {
    let mut body = json!({ "status": error.status.as_u16() });
    if !error.code.is_empty() {
        body["code"] = error.code.as_ref().into();
    }
    body["message"] = error.message.as_str().into();
    if !error.details.is_empty() {
        body["details"] = error.details.iter().map(|detail| shown(ctx, error.status, detail)).collect();
    }
    answer_with(error.status, body.to_string())
}

/// `{"cdeID": 12}` where another record is in the way, otherwise `{"field"}` with the `code` of the broken rule.
fn shown(ctx: &Ctx, status: StatusCode, detail: &Detail) -> Value {
    let name = wire::name(&ctx.settings, &detail.field);
    match detail.message.parse::<i64>() {
        Ok(id) if status == StatusCode::CONFLICT => {
            let id =
                if ctx.settings.flag("ids_as_strings") { detail.message.clone().into() } else { id.into() };
            Value::Object([(name.to_owned(), id)].into_iter().collect())
        }
        _ if detail.message.is_empty() => json!({ "field": name }),
        _ => json!({ "field": name, "code": detail.message }),
    }
}
