//! `/api/external/graphql`: an HTTP request to an operation and back, as Apollo Server 4 does it (fact sheet 2.1, 10).

use axum::http::header::{ACCEPT, ALLOW, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Map, Value};
use simcore::base::request::RequestView;
use simcore::base::urlencoded::pairs;
use simcore::contract::{Hidden, UsedFacts, Violations};
use simcore::simulator::ctx::Public;
use simcore::simulator::extract::Query;
use simcore::{Ctx, Error, ErrorKind, Result, said};

use crate::operation::{self, Answer};
use crate::persisted::{Document, Found};
use crate::rate_limit;
use crate::request::Asked;

/// What a request says, before its document is found.
#[derive(Default)]
struct Said {
    document: Document,
    variables: Map<String, Value>,
    operation_name: Option<String>,
}

/// Method, playground, key, rate, body, operation: in that order (DECISIONS).
pub(crate) async fn endpoint(
    _: Public,
    entry: Result<Ctx>,
    method: Method,
    headers: HeaderMap,
    query: Query,
    body: Bytes,
) -> Result<Response> {
    if method != Method::GET && method != Method::POST {
        return Err(Error::from(said!(METHOD_NOT_SUPPORTED)).header(ALLOW, "GET, POST"));
    }
    let by_get = method == Method::GET;
    if by_get && is_for_browsers(parameter(&query, "query").is_some(), &headers) {
        return Ok(Html(include_str!("playground.html")).into_response());
    }
    let ctx = entry?;
    let limits = rate_limit::spend(&ctx).await?;
    let said = if by_get { from_query(&query)? } else { from_body(&ctx, &headers, &body)? };
    let Said { document, variables, operation_name } = said;
    let Found { text, hash } = document.find(&ctx).await?;
    let asked = Asked { query: text, hash, variables, operation_name };
    let answer = operation::run(&ctx, &asked, by_get).await?;
    let mut response = respond(answer, &headers);
    limits.add_to(response.headers_mut());
    Ok(response)
}

/// Whether a GET is answered with the playground, for which nobody needs a key (fact sheet 2.3).
fn is_for_browsers(has_document: bool, headers: &HeaderMap) -> bool {
    !has_document && prefers_html(headers)
}

/// The same of a request that is judged.
pub(crate) fn is_for_playground(request: &RequestView<'_>) -> bool {
    let has_document = pairs(request.query).any(|(name, _)| name == "query");
    request.method == Method::GET && is_for_browsers(has_document, request.headers)
}

fn parameter<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn from_query(query: &Query) -> Result<Said> {
    for name in ["query", "variables", "operationName", "extensions"] {
        if query.0.iter().filter(|(key, _)| key == name).count() > 1 {
            return Err(said!(PARAMETER_TWICE, name = name).into());
        }
    }
    let object = |name: &str| -> Result<Map<String, Value>> {
        match parameter(query, name).map(serde_json::from_str) {
            None | Some(Ok(Value::Null)) => Ok(Map::new()),
            Some(Ok(Value::Object(members))) => Ok(members),
            Some(Ok(_)) => Err(said!(PARAMETER_NOT_OBJECT, name = name).into()),
            Some(Err(_)) => Err(said!(PARAMETER_NOT_JSON, name = name).into()),
        }
    };
    let (variables, mut extensions) = (object("variables")?, object("extensions")?);
    let text = parameter(query, "query").map(str::to_owned);
    Ok(Said {
        document: Document { text, persisted: persisted(&mut extensions) },
        variables,
        operation_name: parameter(query, "operationName").map(str::to_owned),
    })
}

fn persisted(extensions: &mut Map<String, Value>) -> Option<Value> {
    extensions.remove("persistedQuery").filter(|persisted| !falsy(persisted))
}

/// What JavaScript takes for not there.
fn falsy(value: &Value) -> bool {
    matches!(value, Value::Null | Value::Bool(false)) || value.as_i64() == Some(0) || value == ""
}

fn from_body(ctx: &Ctx, headers: &HeaderMap, body: &[u8]) -> Result<Said> {
    let most = usize::try_from(ctx.settings.integer("max_body_bytes")).unwrap_or(usize::MAX);
    if body.len() > most {
        return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge));
    }
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if media == "application/graphql" && !ctx.strict {
        let text = std::str::from_utf8(body).map_err(|_| said!(BODY_MISSING))?;
        let document = Document { text: Some(text.to_owned()), persisted: None };
        return Ok(Said { document, ..Said::default() });
    }
    if media != "application/json" {
        return Err(said!(BODY_MISSING).into());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Array(_)) => Err(said!(BATCHING_DISABLED).into()),
        Ok(Value::Object(members)) if !members.is_empty() => from_members(members),
        Err(_) if !body.is_empty() => Err(Error::from(said!(BODY_MISSING)).of_kind(ErrorKind::Syntax)),
        _ => Err(said!(BODY_MISSING).into()),
    }
}

fn from_members(mut members: Map<String, Value>) -> Result<Said> {
    let text = match members.get("query") {
        Some(Value::String(query)) => Some(query.clone()),
        Some(value) if !falsy(value) => return Err(said!(QUERY_NOT_TEXT).into()),
        _ => None,
    };
    for name in ["variables", "extensions"] {
        match members.get(name) {
            None | Some(Value::Null | Value::Object(_)) => {}
            Some(Value::String(_)) => {
                return Err(said!(MEMBER_ENCODED, name = name).into());
            }
            Some(_) => {
                return Err(said!(MEMBER_NOT_OBJECT, name = name).into());
            }
        }
    }
    let operation_name = match members.get("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name.clone()),
        Some(_) => {
            return Err(said!(OPERATION_NAME_NOT_TEXT).into());
        }
    };
    let mut object = |name| match members.remove(name) {
        Some(Value::Object(members)) => members,
        _ => Map::new(),
    };
    let (variables, mut extensions) = (object("variables"), object("extensions"));
    let document = Document { text, persisted: persisted(&mut extensions) };
    Ok(Said { document, variables, operation_name })
}

fn respond(answer: Answer, headers: &HeaderMap) -> Response {
    let media = if wants_graphql_media(headers) {
        "application/graphql-response+json; charset=utf-8"
    } else {
        "application/json; charset=utf-8"
    };
    let headers: [(HeaderName, HeaderValue); 1] = [(CONTENT_TYPE, HeaderValue::from_static(media))];
    let mut response = (answer.status, headers, answer.body).into_response();
    response.extensions_mut().insert(Violations(answer.violations));
    response.extensions_mut().insert(UsedFacts(answer.used_facts));
    if !answer.refused.is_empty() {
        response.extensions_mut().insert(Hidden(answer.refused));
    }
    response
}

/// How much a client likes a media type: its weight in `Accept`, and its place there.
fn liking(headers: &HeaderMap, media: &str) -> Option<(u16, std::cmp::Reverse<usize>)> {
    let accept = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    accept.flat_map(|value| value.split(',')).enumerate().find_map(|(place, range)| {
        let mut parts = range.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(media) {
            return None;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a weight from 0 to 1")]
        let weight = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
        (weight > 0).then_some((weight, std::cmp::Reverse(place)))
    })
}

/// A browser that opens the page: it names HTML, and likes no JSON better (2.3).
fn prefers_html(headers: &HeaderMap) -> bool {
    let html = liking(headers, "text/html");
    html.is_some() && html > liking(headers, "application/json")
}

/// Only who asks for it gets the newer media type (10.6).
fn wants_graphql_media(headers: &HeaderMap) -> bool {
    let newer = liking(headers, "application/graphql-response+json");
    newer.is_some() && newer > liking(headers, "application/json")
}
