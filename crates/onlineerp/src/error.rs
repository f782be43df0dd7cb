//! Every refusal of OnlineERP: status, French sentence, body. All of it is assumed (fact sheet 7).

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use odata::ErrorKind as ODataError;
use serde_json::{Map, Value};
use simcore::contract::Violation;
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::{self, Problem, Rule, refuse};
use simcore::{Ctx, Error, ErrorKind};

/// An error as bytes: `{"Message": …, "ModelState": {field: [sentences]}}`, or what `error_template` says.
pub(crate) fn render(ctx: &Ctx, error: &Error) -> Response {
    if let Some(amounts) = validate::out_of_range(error) {
        return render(ctx, &problems(amounts));
    }
    let message = if error.message.is_empty() { sentence(error) } else { &error.message };
    let body = fill(ctx.settings.value("error_template"), message, error).unwrap_or_default();
    (error.status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

fn fill(template: &Value, message: &str, error: &Error) -> Option<Value> {
    match template {
        Value::String(text) if text == "{details}" => (!error.details.is_empty()).then(|| details(error)),
        Value::String(text) => {
            let text = text.replace("{message}", message).replace("{status}", error.status.as_str());
            Some(text.into())
        }
        Value::Object(members) => {
            let filled =
                members.iter().filter_map(|(key, member)| Some((key.clone(), fill(member, message, error)?)));
            Some(Value::Object(filled.collect()))
        }
        other => Some(other.clone()),
    }
}

fn details(error: &Error) -> Value {
    let mut state: Map<String, Value> = Map::new();
    for detail in &error.details {
        let sentences = state.entry(detail.field.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(sentences) = sentences {
            sentences.push(detail.message.clone().into());
        }
    }
    Value::Object(state)
}

/// What is said of errors that the core raises.
fn sentence(error: &Error) -> &'static str {
    match error.kind {
        ErrorKind::Route => "La ressource demandée est introuvable.",
        ErrorKind::Method => "La méthode demandée n'est pas prise en charge par cette ressource.",
        ErrorKind::Auth => "L'autorisation a été refusée pour cette demande.",
        ErrorKind::MediaType => "Le corps de la demande doit être en JSON (Content-Type: application/json).",
        ErrorKind::TooLarge => "Le corps de la demande est trop volumineux.",
        ErrorKind::Headers => "Les en-têtes de la demande sont trop volumineux.",
        ErrorKind::Syntax => "Le corps de la demande n'est pas du JSON valide.",
        ErrorKind::Unreadable => "La demande est illisible.",
        ErrorKind::Encoding => "Le corps de la demande ne doit pas être compressé (Content-Encoding).",
        ErrorKind::Amount => TOO_LARGE,
        ErrorKind::RateLimited => "Trop de demandes; réessayez plus tard.",
        ErrorKind::Internal => "Une erreur interne est survenue.",
        ErrorKind::Injected | ErrorKind::Ended | ErrorKind::Vendor => match error.status {
            StatusCode::SERVICE_UNAVAILABLE => "Aucun robot n'est connecté pour cette licence.",
            StatusCode::GATEWAY_TIMEOUT => "Le robot n'a pas répondu à temps.",
            StatusCode::CONFLICT => "L'enregistrement existe déjà.",
            StatusCode::UNAUTHORIZED => "L'autorisation a été refusée pour cette demande.",
            status if status.is_client_error() => "La demande a été refusée.",
            _ => "Une erreur interne est survenue.",
        },
    }
}

fn said(status: StatusCode, message: impl Into<String>) -> Error {
    Error::vendor(status, "", message)
}

fn setting(ctx: &Ctx, name: &str) -> StatusCode {
    let code = u16::try_from(ctx.settings.integer(name)).ok();
    code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or(StatusCode::BAD_REQUEST)
}

/// 401.
pub(crate) fn auth(message: &str) -> Error {
    Error { message: message.to_owned(), ..Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth) }
}

/// 404, or what `unknown_company_status` says (Q2).
pub(crate) fn unknown_company(ctx: &Ctx, company: &str) -> Error {
    said(
        setting(ctx, "unknown_company_status"),
        format!("La compagnie « {company} » n'existe pas pour cette licence."),
    )
}

/// 404 for an entity that is not served.
pub(crate) fn unknown_entity(entity: &str) -> Error {
    Error {
        kind: ErrorKind::Route,
        ..said(StatusCode::NOT_FOUND, format!("L'entité « {entity} » n'existe pas."))
    }
}

/// 404 for a record.
pub(crate) fn unknown_record(entity: &str, id: &str) -> Error {
    said(StatusCode::NOT_FOUND, format!("{entity} « {id} » est introuvable."))
}

/// 405 with `Allow`, or what `unsupported_verb_status` says (Q18).
pub(crate) fn unsupported(
    ctx: &Ctx,
    verb: &str,
    entity: &str,
    (erp, company): (&str, &str),
    allowed: &[&str],
) -> Error {
    let erp = erp_name(erp);
    let outside = Some(format!("{entity} takes no {verb} at {erp}, company {company}"));
    let message = format!("La méthode {verb} n'est pas prise en charge pour {entity} avec {erp}.");
    let refusal = said(setting(ctx, "unsupported_verb_status"), message);
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

/// 503.
pub(crate) fn robot_offline() -> Error {
    said(StatusCode::SERVICE_UNAVAILABLE, "Aucun robot n'est connecté pour cette licence.")
}

/// 504.
pub(crate) fn robot_timeout() -> Error {
    said(StatusCode::GATEWAY_TIMEOUT, "Le robot n'a pas répondu à temps.")
}

/// 415.
pub(crate) fn media_type() -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType)
}

/// 400 for a body that is not JSON; `why` is the parser's own word.
pub(crate) fn not_json(why: &str) -> Error {
    let message = format!("Le corps de la demande n'est pas du JSON valide : {why}.");
    Error { kind: ErrorKind::Syntax, ..said(StatusCode::BAD_REQUEST, message) }
}

/// 400 with any sentence.
pub(crate) fn bad_request(message: impl Into<String>) -> Error {
    said(StatusCode::BAD_REQUEST, message)
}

/// 400 about one field.
pub(crate) fn bad_field(field: impl Into<String>, message: impl Into<String>) -> Error {
    invalid().detail(field, message)
}

/// 400 about one missing field.
pub(crate) fn missing(field: impl Into<String>) -> Error {
    bad_field(field, "Ce champ est obligatoire.")
}

fn invalid() -> Error {
    said(StatusCode::BAD_REQUEST, "La demande n'est pas valide.")
}

/// 400 with every problem of a body under `ModelState`.
pub(crate) fn problems(problems: Vec<Problem>) -> Error {
    refuse(invalid(), problems, |problem| {
        Some(match &problem.rule {
            Rule::Required => "Ce champ est obligatoire.".to_owned(),
            Rule::Kind(FieldKind::Decimal | FieldKind::Integer) => {
                "La valeur doit être un nombre.".to_owned()
            }
            Rule::Kind(FieldKind::Date | FieldKind::DateTime) => {
                "La valeur doit être une date (AAAA-MM-JJ).".to_owned()
            }
            Rule::Kind(FieldKind::Boolean) => "La valeur doit être true ou false.".to_owned(),
            Rule::Kind(FieldKind::Text) => "La valeur doit être un texte.".to_owned(),
            Rule::Kind(FieldKind::Object) => "La valeur doit être un objet.".to_owned(),
            Rule::Kind(FieldKind::List) => "La valeur doit être une liste.".to_owned(),
            Rule::OneOf(values) => {
                format!("La valeur doit être l'une de : {}.", Value::Array(values.clone()))
            }
            Rule::TooLong(longest) => format!("La valeur dépasse {longest} caractères."),
            Rule::Kind(FieldKind::Binary) => "La valeur doit être encodée en Base64.".to_owned(),
            Rule::TooLarge | Rule::TooPrecise => TOO_LARGE.to_owned(),
            Rule::Unknown => "Ce champ n'existe pas.".to_owned(),
            Rule::Least(least) => format!("La valeur doit être d'au moins {least}."),
            Rule::Greatest(greatest) => format!("La valeur doit être d'au plus {greatest}."),
        })
    })
}

/// What a field says whose amount is beyond all bounds.
pub(crate) const TOO_LARGE: &str = "Le montant est hors limites (12 chiffres avant la virgule).";

/// 409, or 412 when the client asked for a creation only (Q15, `If-None-Match: *`).
pub(crate) fn duplicate(entity: &str, key: &str, create_only: bool) -> Error {
    let status = if create_only { StatusCode::PRECONDITION_FAILED } else { StatusCode::CONFLICT };
    said(status, format!("{entity} « {key} » existe déjà."))
}

/// 400 in strict mode, for what nobody documents.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    violations.iter().fold(bad_request("La demande sort de ce qui est documenté."), |error, violation| {
        let why = match &violation.nearest {
            Some(nearest) => format!("N'est pas documenté ainsi; le plus proche : « {nearest} »."),
            None => "N'est pas documenté ainsi.".to_owned(),
        };
        error.detail(&violation.position, why)
    })
}

/// 422, or what `refused_status` says: the ERP does not do it.
pub(crate) fn refused(ctx: &Ctx, message: impl Into<String>) -> Error {
    said(setting(ctx, "refused_status"), message)
}

/// 422, or what `locked_status` says (Q20).
pub(crate) fn locked(ctx: &Ctx, entity: &str, key: &str) -> Error {
    said(
        setting(ctx, "locked_status"),
        format!("{entity} « {key} » est verrouillé par un autre utilisateur."),
    )
    .temporary()
}

/// 400 for a query option that cannot be read or is not served; the position counts from 1.
pub(crate) fn option(name: &str, error: &odata::Error) -> Error {
    let why = match &error.kind {
        ODataError::Empty => "rien à lire".to_owned(),
        ODataError::Unexpected { found: Some(found), .. } => format!("« {found} » inattendu"),
        ODataError::Unexpected { found: None, .. } => "fin inattendue".to_owned(),
        ODataError::UnterminatedString => "texte sans apostrophe fermante".to_owned(),
        ODataError::BadNumber(number) => format!("nombre « {number} » invalide"),
        ODataError::BadDate(date) => format!("date « {date} » invalide"),
        ODataError::BadCount(count) => format!("« {count} » n'est pas un entier positif ou nul"),
        ODataError::UnknownField(field) => format!("champ « {field} » inconnu"),
        ODataError::TypeMismatch { field, .. } => format!("valeur incompatible avec le champ « {field} »"),
        _ => "expression trop longue".to_owned(),
    };
    bad_request(format!("{name} n'est pas valide : {why} (position {}).", error.position + 1))
}
