//! Every refusal of Comarch ERP XT: status, message, `Code`, `Data` (fact sheet 3.5 and 7).

use axum::http::StatusCode;
use axum::http::header::{ALLOW, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use odata::ErrorKind as ODataError;
use serde_json::{Map, Value};
use simcore::contract::Violation;
use simcore::entity::profile::FieldKind;
use simcore::entity::validate::{self, Problem, Rule};
use simcore::{Ctx, Error, ErrorKind};

use crate::edition::Edition;

/// What the codes of the token endpoint are called in the vendor's own envelope.
const OAUTH: &[(&str, &str)] = &[
    ("invalid_client", "InvalidClient"),
    ("invalid_request", "InvalidRequest"),
    ("unsupported_grant_type", "UnsupportedGrantType"),
    ("access_denied", "AccessDenied"),
];

/// An error as bytes: `{"Message", "Data", "Code"}`, the last two only where there is something to say; the token
/// endpoint adds what OAuth 2.0 asks for.
pub(crate) fn render(ctx: &Ctx, error: &Error) -> Response {
    if let Some(amounts) = validate::out_of_range(error) {
        return render(ctx, &problems(ctx, &amounts));
    }
    let message = if error.message.is_empty() { sentence(ctx, error) } else { &error.message };
    let mut body = Map::new();
    if let Some((oauth, code)) = OAUTH.iter().find(|(oauth, _)| *oauth == error.code) {
        body.insert("error".to_owned(), (*oauth).into());
        body.insert("error_description".to_owned(), message.into());
        body.insert("Message".to_owned(), message.into());
        body.insert("Code".to_owned(), (*code).into());
    } else {
        body.insert("Message".to_owned(), message.into());
        if !error.details.is_empty() {
            let data =
                error.details.iter().map(|detail| (detail.field.clone(), detail.message.clone().into()));
            body.insert("Data".to_owned(), Value::Object(data.collect()));
        }
        if !error.code.is_empty() {
            body.insert("Code".to_owned(), error.code.as_ref().into());
        }
    }
    // No 413 is documented: what is too large is wrong in its content (docs/reference/limits.md).
    let status = if error.kind == ErrorKind::TooLarge { StatusCode::BAD_REQUEST } else { error.status };
    let content_type = [(CONTENT_TYPE, "application/json; charset=utf-8")];
    (status, content_type, Value::Object(body).to_string()).into_response()
}

/// What is said of errors that the core raises. Those of the framework are English in every edition (section 10, 31).
fn sentence(ctx: &Ctx, error: &Error) -> &'static str {
    let edition = Edition::of(&ctx.settings);
    match (error.kind, error.status) {
        (ErrorKind::TooLarge, _) => {
            edition.say("Der Inhalt der Anfrage ist zu groß.", "Treść żądania jest zbyt duża.")
        }
        (ErrorKind::Headers, _) => "The request headers are too large.",
        (ErrorKind::Syntax, _) => "The request body could not be read.",
        (ErrorKind::Unreadable, _) => "The request could not be read.",
        (ErrorKind::Encoding, _) => {
            "The request entity's content encoding is not supported for this resource."
        }
        (ErrorKind::RateLimited, _) => edition.say("Zu viele Anfragen.", "Zbyt wiele żądań."),
        (ErrorKind::Auth, _) | (_, StatusCode::UNAUTHORIZED) => {
            "Authorization has been denied for this request."
        }
        (_, StatusCode::FORBIDDEN) => edition.say("Der Zugriff ist gesperrt.", "Dostęp jest zablokowany."),
        (_, StatusCode::NOT_FOUND) => "No HTTP resource was found that matches the request URI.",
        (_, StatusCode::METHOD_NOT_ALLOWED) => "The requested resource does not support the http method.",
        (_, status) if status.is_client_error() => "The request is invalid.",
        _ => "An error has occurred.",
    }
}

fn bad(code: &'static str, message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, code, message)
}

/// 401 without a good token.
pub(crate) fn unauthorized() -> Error {
    Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth).header(WWW_AUTHENTICATE, "Bearer")
}

/// 403: the account is blocked, expired, or has no API access.
pub(crate) fn forbidden(ctx: &Ctx) -> Error {
    Error::vendor(StatusCode::FORBIDDEN, "", account(ctx))
}

fn account(ctx: &Ctx) -> &'static str {
    let edition = Edition::of(&ctx.settings);
    match ctx.settings.text("account") {
        "expired" => edition.say("Der Zugang ist abgelaufen.", "Konto wygasło."),
        "no_api_access" => edition
            .say("Der Zugriff auf die API ist nicht freigeschaltet.", "Dostęp do API nie jest włączony."),
        _ => edition.say("Der Zugriff ist gesperrt.", "Dostęp jest zablokowany."),
    }
}

/// 401 of the token endpoint.
pub(crate) fn invalid_client(ctx: &Ctx) -> Error {
    let message = Edition::of(&ctx.settings)
        .say("Client ID oder Client Secret ist falsch.", "Nieprawidłowy Client ID lub Client Secret.");
    Error::vendor(StatusCode::UNAUTHORIZED, "invalid_client", message)
        .header(WWW_AUTHENTICATE, "Basic realm=\"Comarch ERP XT\"")
}

/// 400 of the token endpoint: no grant type.
pub(crate) fn invalid_request(ctx: &Ctx) -> Error {
    let message =
        Edition::of(&ctx.settings).say("Der Parameter grant_type fehlt.", "Brak parametru grant_type.");
    bad("invalid_request", message)
}

/// 400 of the token endpoint: another grant type.
pub(crate) fn unsupported_grant_type(ctx: &Ctx) -> Error {
    let message = Edition::of(&ctx.settings).say(
        "Nur grant_type=client_credentials wird unterstützt.",
        "Obsługiwany jest tylko grant_type=client_credentials.",
    );
    bad("unsupported_grant_type", message)
}

/// 403 of the token endpoint.
pub(crate) fn access_denied(ctx: &Ctx) -> Error {
    Error::vendor(StatusCode::FORBIDDEN, "access_denied", account(ctx))
}

/// 404 for a path that no resource has.
pub(crate) fn no_route(ctx: &Ctx, path: &str) -> Error {
    let uri = format!("{}{path}", ctx.prefix);
    let message = format!("No HTTP resource was found that matches the request URI '{uri}'.");
    Error { message, ..Error::new(StatusCode::NOT_FOUND, ErrorKind::Route) }
}

/// 405 with `Allow`.
pub(crate) fn no_method(method: &str, allowed: &[&str]) -> Error {
    let message = format!("The requested resource does not support http method '{method}'.");
    Error { message, ..Error::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method) }
        .header(ALLOW, &allowed.join(", "))
}

/// The body of everything that is not there, in the words of the fixture (fact sheet 7.2).
fn missing(status: StatusCode, entity: &str, id: &str) -> Error {
    let message = format!("No row with the given identifier exists[{entity}#{id}]");
    Error::vendor(status, "EntityNotFoundException", message)
        .detail("EntityId", id)
        .detail("EntityName", entity)
}

/// 404, or what `unknown_id_status` says.
pub(crate) fn unknown_id(ctx: &Ctx, entity: &str, id: &str) -> Error {
    let status = u16::try_from(ctx.settings.integer("unknown_id_status")).ok();
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    missing(status.unwrap_or(StatusCode::NOT_FOUND), entity, id)
}

/// 400 for an id that a body or a print names and nothing has.
pub(crate) fn unknown_reference(entity: &str, id: &str) -> Error {
    missing(StatusCode::BAD_REQUEST, entity, id)
}

/// 400 for an id that is no whole number.
pub(crate) fn bad_id(ctx: &Ctx, id: &str) -> Error {
    let says = Edition::of(&ctx.settings).say("ist keine gültige Id.", "nie jest prawidłowym Id.");
    bad("ArgumentException", format!("'{id}' {says}"))
}

/// 400 about the content of a body: the German and the Polish sentence.
pub(crate) fn invalid(ctx: &Ctx, german: &str, polish: &str) -> Error {
    bad("ValidationException", Edition::of(&ctx.settings).say(german, polish))
}

/// 400 about one field: `Field: sentence`.
pub(crate) fn invalid_field(ctx: &Ctx, field: &str, german: &str, polish: &str) -> Error {
    bad("ValidationException", format!("{field}: {}", Edition::of(&ctx.settings).say(german, polish)))
}

/// 400 for a document that can be read and printed only.
pub(crate) fn confirmed(ctx: &Ctx, number: &str) -> Error {
    let says = Edition::of(&ctx.settings).say(
        "ist bestätigt und kann nicht mehr geändert oder gelöscht werden.",
        "jest zatwierdzony i nie można go zmienić ani usunąć.",
    );
    bad("DocumentConfirmedException", format!("{number} {says}"))
}

/// 400 for a record that others need.
pub(crate) fn in_use(ctx: &Ctx, entity: &str, id: i64) -> Error {
    let says = Edition::of(&ctx.settings)
        .say("wird verwendet und kann nicht gelöscht werden.", "jest w użyciu i nie można go usunąć.");
    bad("EntityInUseException", format!("{entity} {id} {says}"))
}

/// 400 with every problem of a body.
pub(crate) fn problems(ctx: &Ctx, problems: &[Problem]) -> Error {
    let edition = Edition::of(&ctx.settings);
    let sentences: Vec<String> = problems
        .iter()
        .map(|problem| {
            let says = match &problem.rule {
                Rule::Required => edition.say("Pflichtfeld.", "pole wymagane.").to_owned(),
                Rule::Kind(kind) => kind_of(edition, *kind).to_owned(),
                Rule::OneOf(values) => {
                    let says = edition.say("erlaubt sind", "dozwolone wartości:");
                    format!("{says} {}.", values.iter().map(Value::to_string).collect::<Vec<_>>().join(", "))
                }
                Rule::TooLong(longest) => {
                    let says = edition.say("zu lang, höchstens", "za długie, najwyżej");
                    format!("{says} {longest}.")
                }
                Rule::Least(least) => format!("{} {least}.", edition.say("mindestens", "co najmniej")),
                Rule::Greatest(greatest) => format!("{} {greatest}.", edition.say("höchstens", "najwyżej")),
                Rule::TooLarge | Rule::TooPrecise => {
                    edition.say("Betrag außerhalb des Bereichs.", "kwota poza zakresem.").to_owned()
                }
                Rule::Unknown => edition.say("unbekanntes Feld.", "nieznane pole.").to_owned(),
            };
            format!("{}: {says}", problem.path)
        })
        .collect();
    bad("ValidationException", sentences.join(" "))
}

/// 400 in strict mode, for what nobody documents: of query options as of every other one, of bodies with every problem.
pub(crate) fn outside_contract(ctx: &Ctx, violations: &[Violation]) -> Error {
    let edition = Edition::of(&ctx.settings);
    let says = edition.say("ist so nicht dokumentiert", "nie jest tak udokumentowane");
    let sentences: Vec<String> = violations
        .iter()
        .map(|violation| match &violation.nearest {
            Some(nearest) => {
                let meant = edition.say("am nächsten kommt", "najbliższe:");
                format!("{}: {says}, {meant} {nearest}.", violation.position)
            }
            None => format!("{}: {says}.", violation.position),
        })
        .collect();
    let is_query = violations.iter().all(|violation| violation.rule == "parameter");
    bad(if is_query { "QueryException" } else { "ValidationException" }, sentences.join(" "))
}

fn kind_of(edition: Edition, kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Integer => edition.say("ganze Zahl erwartet.", "oczekiwano liczby całkowitej."),
        FieldKind::Decimal => edition.say("Zahl erwartet.", "oczekiwano liczby."),
        FieldKind::Date | FieldKind::DateTime => {
            edition.say("Datum erwartet (JJJJ-MM-TT).", "oczekiwano daty (RRRR-MM-DD).")
        }
        FieldKind::Boolean => edition.say("true oder false erwartet.", "oczekiwano true lub false."),
        FieldKind::Text | FieldKind::Binary => edition.say("Text erwartet.", "oczekiwano tekstu."),
        FieldKind::Object => edition.say("Objekt erwartet.", "oczekiwano obiektu."),
        FieldKind::List => edition.say("Liste erwartet.", "oczekiwano listy."),
    }
}

/// 400 for a query option that cannot be read or is not served; the position counts from 1.
pub(crate) fn option(ctx: &Ctx, name: &str, error: &odata::Error) -> Error {
    let edition = Edition::of(&ctx.settings);
    let why = match &error.kind {
        ODataError::UnknownField(field) => {
            format!("{} '{field}'", edition.say("unbekanntes Feld", "nieznane pole"))
        }
        ODataError::TypeMismatch { field, .. } => {
            format!("{} '{field}'", edition.say("falscher Typ für", "niewłaściwy typ dla"))
        }
        ODataError::BadCount(count) => {
            format!("'{count}' {}", edition.say("ist keine Anzahl", "nie jest liczbą"))
        }
        _ => edition.say("nicht lesbar", "nie można odczytać").to_owned(),
    };
    query(ctx, name, &format!("{why} ({} {})", edition.say("Stelle", "pozycja"), error.position + 1))
}

/// 400 for a query option, with what is wrong with it.
pub(crate) fn query(ctx: &Ctx, name: &str, why: &str) -> Error {
    let says = Edition::of(&ctx.settings).say("ist ungültig:", "jest nieprawidłowy:");
    bad("QueryException", format!("{name} {says} {why}."))
}

/// What a back-office action says when it cannot be done: 409 in the control API.
pub(crate) fn not_possible(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::CONFLICT, "not_possible", message)
}

/// What a back-office action says of a record that is not there: 404 in the control API.
pub(crate) fn no_record(entity: &str, id: i64) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "unknown_record", format!("no {entity} {id}"))
}
