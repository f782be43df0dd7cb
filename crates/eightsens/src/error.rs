//! Every refusal of 8sens: status, code, French sentence, body (fact sheet 7; all of it is assumed).

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use simcore::base::error::Detail;
use simcore::contract::Violation;
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::{self, Problem, Rule};
use simcore::simulator::rest::answer_with;
use simcore::{Ctx, Error, ErrorKind};

use crate::wire;

/// One line of section 7.
#[derive(Clone, Copy)]
pub(crate) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: &'static str,
}

const fn refusal(status: StatusCode, code: &'static str, message: &'static str) -> Refusal {
    Refusal { status, code, message }
}

use StatusCode as S;

const BAD_JSON: Refusal =
    refusal(S::BAD_REQUEST, "BAD_JSON", "Le corps de la requête n'est pas un objet JSON valide");
pub(crate) const BAD_PARAMETER: Refusal = refusal(S::BAD_REQUEST, "BAD_PARAMETER", "Paramètre invalide");
pub(crate) const MISSING_FIELD: Refusal =
    refusal(S::BAD_REQUEST, "MISSING_FIELD", "Champ obligatoire absent");
pub(crate) const API_KEY_MISSING: Refusal = refusal(S::UNAUTHORIZED, "API_KEY_MISSING", "Clé API absente");
pub(crate) const API_KEY_INVALID: Refusal = refusal(S::UNAUTHORIZED, "API_KEY_INVALID", "Clé API invalide");
pub(crate) const INVALID_CREDENTIALS: Refusal =
    refusal(S::UNAUTHORIZED, "INVALID_CREDENTIALS", "Identifiants invalides");
pub(crate) const TOKEN_MISSING: Refusal = refusal(S::UNAUTHORIZED, "TOKEN_MISSING", "Jeton absent");
pub(crate) const TOKEN_INVALID: Refusal = refusal(S::UNAUTHORIZED, "TOKEN_INVALID", "Jeton invalide");
pub(crate) const TOKEN_EXPIRED: Refusal =
    refusal(S::UNAUTHORIZED, "TOKEN_EXPIRED", "Session expirée, demandez un nouveau jeton");
pub(crate) const USER_DISABLED: Refusal = refusal(S::FORBIDDEN, "USER_DISABLED", "Utilisateur désactivé");
pub(crate) const ADMIN_NOT_ALLOWED: Refusal =
    refusal(S::FORBIDDEN, "ADMIN_NOT_ALLOWED", "Compte administrateur refusé");
pub(crate) const REST_NOT_ALLOWED: Refusal =
    refusal(S::FORBIDDEN, "REST_NOT_ALLOWED", "Utilisateur non autorisé en REST");
pub(crate) const LICENCE_INVALID: Refusal =
    refusal(S::FORBIDDEN, "LICENCE_INVALID", "La licence ne couvre pas REST");
pub(crate) const CLIENT_DIVERS_READONLY: Refusal =
    refusal(S::FORBIDDEN, "CLIENT_DIVERS_READONLY", "Le client divers ne peut pas être modifié");
const ROUTE_NOT_FOUND: Refusal = refusal(S::NOT_FOUND, "ROUTE_NOT_FOUND", "Adresse inconnue");
pub(crate) const NOT_FOUND: Refusal = refusal(S::NOT_FOUND, "NOT_FOUND", "Enregistrement introuvable");
const METHOD_NOT_ALLOWED: Refusal =
    refusal(S::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Méthode non autorisée à cette adresse");
pub(crate) const DUPLICATE_CODE: Refusal = refusal(S::CONFLICT, "DUPLICATE_CODE", "Ce code existe déjà");
pub(crate) const DUPLICATE_REF: Refusal =
    refusal(S::CONFLICT, "DUPLICATE_REF", "Cette référence externe existe déjà");
pub(crate) const ALREADY_TRANSFORMED: Refusal =
    refusal(S::CONFLICT, "ALREADY_TRANSFORMED", "Le devis a déjà été transformé en commande");
pub(crate) const ALREADY_CONVERTED: Refusal =
    refusal(S::CONFLICT, "ALREADY_CONVERTED", "Le prospect a déjà été converti en client");
pub(crate) const DEVIS_LOCKED: Refusal =
    refusal(S::CONFLICT, "DEVIS_LOCKED", "Le devis n'est plus en cours : il ne peut plus être modifié");
const PAYLOAD_TOO_LARGE: Refusal =
    refusal(S::PAYLOAD_TOO_LARGE, "PAYLOAD_TOO_LARGE", "Corps de requête trop volumineux");
const UNSUPPORTED_MEDIA_TYPE: Refusal =
    refusal(S::UNSUPPORTED_MEDIA_TYPE, "UNSUPPORTED_MEDIA_TYPE", "Type de contenu non pris en charge");
pub(crate) const VALIDATION: Refusal = refusal(S::UNPROCESSABLE_ENTITY, "VALIDATION", "Valeur invalide");
const UNKNOWN_FIELD: Refusal = refusal(S::UNPROCESSABLE_ENTITY, "UNKNOWN_FIELD", "Champ inconnu");
pub(crate) const RACINE_NOT_ALLOWED: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "RACINE_NOT_ALLOWED", "Racine non autorisée");
pub(crate) const CLIENT_UNKNOWN: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "CLIENT_UNKNOWN", "Client ou prospect inconnu");
pub(crate) const CLIENT_AND_PROSPECT: Refusal = refusal(
    S::UNPROCESSABLE_ENTITY,
    "CLIENT_AND_PROSPECT",
    "Indiquez un client ou un prospect, pas les deux",
);
pub(crate) const CLIENT_DIVERS: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "CLIENT_DIVERS", "Le client doit d'abord être identifié");
pub(crate) const EMPTY_DOCUMENT: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "EMPTY_DOCUMENT", "Le document n'a aucune ligne");
pub(crate) const ARTICLE_UNKNOWN: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "ARTICLE_UNKNOWN", "Article inconnu");
pub(crate) const ARTICLE_NOT_SELLABLE: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "ARTICLE_NOT_SELLABLE", "Article non vendable");
pub(crate) const NOT_DISCOUNTABLE: Refusal =
    refusal(S::UNPROCESSABLE_ENTITY, "NOT_DISCOUNTABLE", "Article non remisable");
pub(crate) const DISABLED: Refusal = refusal(S::UNPROCESSABLE_ENTITY, "DISABLED", "Enregistrement désactivé");
const INTERNAL: Refusal = refusal(S::INTERNAL_SERVER_ERROR, "INTERNAL", "Erreur interne");
pub(crate) const SERVER_NOT_READY: Refusal =
    refusal(S::SERVICE_UNAVAILABLE, "SERVER_NOT_READY", "Paramétrage du serveur REST incomplet");

/// Statuses that the sheet does not list: they come from the core's limits and from fault rules.
const HEADERS_TOO_LARGE: Refusal =
    refusal(S::REQUEST_HEADER_FIELDS_TOO_LARGE, "HEADERS_TOO_LARGE", "En-têtes trop volumineux");
const UNREADABLE: Refusal = refusal(S::BAD_REQUEST, "BAD_REQUEST", "Requête illisible");
const UNSUPPORTED_ENCODING: Refusal = refusal(
    S::UNSUPPORTED_MEDIA_TYPE,
    "UNSUPPORTED_ENCODING",
    "Corps compressé non pris en charge (Content-Encoding)",
);
const TOO_MANY_REQUESTS: Refusal =
    refusal(S::TOO_MANY_REQUESTS, "TOO_MANY_REQUESTS", "Trop de requêtes, réessayez plus tard");
const REFUSED: Refusal = refusal(S::BAD_REQUEST, "REFUSED", "Requête refusée");

/// All of them: what the contract lists.
pub(crate) const ALL: [Refusal; 42] = [
    BAD_JSON,
    BAD_PARAMETER,
    MISSING_FIELD,
    API_KEY_MISSING,
    API_KEY_INVALID,
    INVALID_CREDENTIALS,
    TOKEN_MISSING,
    TOKEN_INVALID,
    TOKEN_EXPIRED,
    USER_DISABLED,
    ADMIN_NOT_ALLOWED,
    REST_NOT_ALLOWED,
    LICENCE_INVALID,
    CLIENT_DIVERS_READONLY,
    ROUTE_NOT_FOUND,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    DUPLICATE_CODE,
    DUPLICATE_REF,
    ALREADY_TRANSFORMED,
    ALREADY_CONVERTED,
    DEVIS_LOCKED,
    PAYLOAD_TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    VALIDATION,
    UNKNOWN_FIELD,
    RACINE_NOT_ALLOWED,
    CLIENT_UNKNOWN,
    CLIENT_AND_PROSPECT,
    CLIENT_DIVERS,
    EMPTY_DOCUMENT,
    ARTICLE_UNKNOWN,
    ARTICLE_NOT_SELLABLE,
    NOT_DISCOUNTABLE,
    DISABLED,
    INTERNAL,
    SERVER_NOT_READY,
    HEADERS_TOO_LARGE,
    UNREADABLE,
    UNSUPPORTED_ENCODING,
    TOO_MANY_REQUESTS,
    REFUSED,
];

/// The words for broken rules in `details`.
pub(crate) const RULES: &[&str] =
    &["NUMBER", "DATE", "BOOLEAN", "TEXT", "OBJECT", "LIST", "VALUE", "TOO_LONG", "RANGE", "EMAIL", "SIRET"];

impl Refusal {
    pub(crate) const fn code(self) -> &'static str {
        self.code
    }

    /// The refusal about one field or parameter.
    pub(crate) fn on(self, field: impl Into<String>) -> Error {
        Error::from(self).detail(field, "")
    }

    /// The refusal that names the record in the way: `{"cdeID": 12}`.
    pub(crate) fn because_of(self, field: &str, id: i64) -> Error {
        Error::from(self).detail(field, id.to_string())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::vendor(refusal.status, refusal.code, refusal.message)
    }
}

/// 422 about one field; `rule` is one of the words of [`broken`].
pub(crate) fn invalid(field: impl Into<String>, rule: &'static str) -> Error {
    Error::from(VALIDATION).detail(field, rule)
}

/// 404 for a path that is not served.
pub(crate) fn no_route() -> Error {
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
    let shown = problems.into_iter().filter(|problem| shown(&problem.rule));
    shown.fold(refusal.into(), |error, problem| error.detail(problem.path, broken(&problem.rule)))
}

/// The word for a broken rule in `details`.
fn broken(rule: &Rule) -> &'static str {
    match rule {
        Rule::Required | Rule::Unknown => "",
        Rule::Kind(FieldKind::Integer | FieldKind::Decimal) => "NUMBER",
        Rule::Kind(FieldKind::Date | FieldKind::DateTime) => "DATE",
        Rule::Kind(FieldKind::Boolean) => "BOOLEAN",
        Rule::Kind(FieldKind::Text | FieldKind::Binary) => "TEXT",
        Rule::Kind(FieldKind::Object) => "OBJECT",
        Rule::Kind(FieldKind::List) => "LIST",
        Rule::OneOf(_) => "VALUE",
        Rule::TooLong(_) => "TOO_LONG",
        Rule::Least(_) | Rule::Greatest(_) | Rule::TooLarge | Rule::TooPrecise => "RANGE",
    }
}

/// Strict mode's refusal of what nobody documents, each with the nearest right form in the message.
pub(crate) fn outside_contract(_: &Ctx, violations: &[Violation]) -> Error {
    // Another word in the path is another path.
    if violations.iter().any(|violation| violation.rule == "alias" && violation.position.starts_with('/')) {
        return no_route();
    }
    let has = |rules: &[&str]| violations.iter().any(|violation| rules.contains(&violation.rule));
    let refusal = if has(&["parameter", "header"]) {
        BAD_PARAMETER
    } else if has(&["field", "alias"]) {
        UNKNOWN_FIELD
    } else {
        VALIDATION
    };
    let meant = violations.iter().filter_map(|violation| {
        Some(format!("{} : le plus proche est {}", violation.position, violation.nearest.as_deref()?))
    });
    let meant: Vec<String> = meant.collect();
    let mut error = Error::from(refusal);
    if !meant.is_empty() {
        error.message = format!("{} ({})", refusal.message, meant.join(", "));
    }
    violations.iter().fold(error, |error, violation| {
        let rule = match (violation.rule, violation.nearest.as_deref()) {
            ("type", Some("integer" | "decimal")) => "NUMBER",
            ("type", Some("date")) => "DATE",
            ("type", Some("boolean")) => "BOOLEAN",
            ("type", Some("text")) => "TEXT",
            ("type", Some("an object")) => "OBJECT",
            ("type", Some("a list")) => "LIST",
            ("type", None) => "TOO_LONG",
            ("value", _) => "VALUE",
            _ => "",
        };
        error.detail(&violation.position, rule)
    })
}

/// An error as bytes: `{"status", "code", "message", "details"}`, details only where there are some.
pub(crate) fn render(ctx: &Ctx, error: &Error) -> Response {
    if let Some(amounts) = validate::out_of_range(error) {
        return render(ctx, &problems(amounts));
    }
    let standard = standard(error);
    let code = if error.kind == ErrorKind::Vendor { error.code.as_ref() } else { standard.code };
    let message = if error.message.is_empty() { standard.message } else { &error.message };
    let mut body = json!({ "status": error.status.as_u16(), "code": code, "message": message });
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

/// The code and the sentence of an error that the core raises.
fn standard(error: &Error) -> Refusal {
    match error.kind {
        ErrorKind::Route => ROUTE_NOT_FOUND,
        ErrorKind::Method => METHOD_NOT_ALLOWED,
        ErrorKind::Auth => TOKEN_INVALID,
        ErrorKind::MediaType => UNSUPPORTED_MEDIA_TYPE,
        ErrorKind::TooLarge => PAYLOAD_TOO_LARGE,
        ErrorKind::Headers => HEADERS_TOO_LARGE,
        ErrorKind::Syntax => BAD_JSON,
        ErrorKind::Internal => INTERNAL,
        ErrorKind::Unreadable => UNREADABLE,
        ErrorKind::Encoding => UNSUPPORTED_ENCODING,
        ErrorKind::Amount => VALIDATION,
        ErrorKind::RateLimited => TOO_MANY_REQUESTS,
        ErrorKind::Injected | ErrorKind::Ended | ErrorKind::Vendor => by_status(error.status),
    }
}

fn by_status(status: StatusCode) -> Refusal {
    let known = [
        TOKEN_INVALID,
        REST_NOT_ALLOWED,
        NOT_FOUND,
        METHOD_NOT_ALLOWED,
        DEVIS_LOCKED,
        PAYLOAD_TOO_LARGE,
        UNSUPPORTED_MEDIA_TYPE,
        VALIDATION,
        TOO_MANY_REQUESTS,
        SERVER_NOT_READY,
    ];
    let fallback = if status.is_client_error() { REFUSED } else { INTERNAL };
    known.into_iter().find(|refusal| refusal.status == status).unwrap_or(fallback)
}
