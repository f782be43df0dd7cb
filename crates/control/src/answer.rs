//! What all handlers share: bodies in, lists and errors out.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::ALLOW;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use simcore::base::aside::steps_aside;
use simcore::base::diagnostics::{nearest_key, plain};
use simcore::base::error::{Error, ErrorKind, Result};
use simcore::base::text::decode;
use simhost::judge::life::LIFE_HEADER;
use simhost::server::body;
use simhost::server::refusal::Refused;

use crate::App;

/// A request's body, whatever its media type.
pub(crate) struct Body(pub(crate) Bytes);

impl FromRequest<App> for Body {
    type Rejection = Error;

    async fn from_request(request: Request, app: &App) -> Result<Self> {
        let options = &app.sandboxes.shared().options;
        let (parts, body) = request.into_parts();
        let body = body::read(&parts.headers, body, options.max_body, options.client_timeout).await?;
        body::readable(&parts.headers, &body, false, options.max_body).map(Self)
    }
}

impl Body {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if self.is_blank() {
            return Err(bad_request("the body is empty"));
        }
        serde_json::from_slice(&self.0).map_err(|error| bad_request(explain(&error)))
    }

    /// The body as JSON, or nothing said when there is none.
    pub(crate) fn json_or_default<T: DeserializeOwned + Default>(&self) -> Result<T> {
        if self.is_blank() { Ok(T::default()) } else { self.json() }
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<Cow<'_, str>> {
        if self.is_blank() {
            return Err(bad_request("the body is empty"));
        }
        decode(&self.0).map_err(|why| bad_request(format!("the body cannot be read: {why}")))
    }

    fn is_blank(&self) -> bool {
        self.0.trim_ascii().is_empty()
    }
}

/// What serde says, with the nearest key where it only lists those that there are.
pub(crate) fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    nearest_key(&text).unwrap_or_else(|| plain(&text))
}

/// 400 with a sentence.
pub(crate) fn bad_request(message: impl Into<String>) -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "bad_request", message)
}

/// 404 for a thing inside a sandbox.
pub(crate) fn absent(what: &str, id: &str) -> Error {
    Error::vendor(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} `{id}`"))
}

/// 204 when there was something to end, otherwise 404.
pub(crate) fn ended(found: bool, what: &str, id: &str) -> Result<StatusCode> {
    if found { Ok(StatusCode::NO_CONTENT) } else { Err(absent(what, id)) }
}

/// A list as all lists are.
pub(crate) fn list(items: impl IntoIterator<Item = Value>) -> Json<Value> {
    let items: Vec<Value> = items.into_iter().collect();
    let mut list = json!({ "items": null, "total": items.len() });
    // Put in, not built in: `json!` copies what it is given.
    list["items"] = Value::Array(items);
    Json(list)
}

/// Lets the request go on to its end even when the client hangs up, so that nothing is left half done, and puts an
/// error, or a panic, into words. Journals, reports and bodies may be large: none of it is done where others wait.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    if let Some(refused) = request.extensions().get::<Refused>() {
        refused.log("control");
        return render(&refused.error());
    }
    let mut response = match tokio::spawn(steps_aside(next.run(request))).await {
        Ok(response) => response,
        Err(panic) => Error::internal(panic).into_response(),
    };
    let Some(error) = response.extensions_mut().remove::<Arc<Error>>() else { return response };
    let mut spoken = render(&error);
    for kept in [ALLOW, LIFE_HEADER] {
        if let Some(value) = response.headers_mut().remove(&kept) {
            spoken.headers_mut().insert(kept, value);
        }
    }
    spoken
}

fn render(error: &Error) -> Response {
    let error = &*error.bounded();
    if let Some(cause) = &error.cause {
        tracing::error!(cause, "internal error");
    }
    let (code, message) = words(error);
    let mut body = json!({ "code": code, "message": message });
    if !error.details.is_empty() {
        let details = error.details.iter();
        body["details"] =
            details.map(|detail| json!({ "field": detail.field, "message": detail.message })).collect();
    }
    let mut response = (error.status, Json(json!({ "error": body }))).into_response();
    response.headers_mut().extend(error.headers.clone());
    response
}

/// The code and the sentence, chosen by kind and status where the error has none of its own.
fn words(error: &Error) -> (Cow<'static, str>, String) {
    let (code, message) = match (error.kind, error.status) {
        (ErrorKind::Route, _) => ("unknown_route", "there is nothing at this path".to_owned()),
        (ErrorKind::Method, _) => ("method_not_allowed", "the path does not take this verb".to_owned()),
        (ErrorKind::Auth, _) => ("unauthorized", "the call needs `Authorization: Bearer TOKEN`".to_owned()),
        (ErrorKind::Uri, _) => ("uri_too_long", "the request line is too long".to_owned()),
        (ErrorKind::Headers, _) => ("headers_too_large", "the head of the request is too large".to_owned()),
        (ErrorKind::Unreadable, _) => {
            ("bad_request", "the request line or a header cannot be read".to_owned())
        }
        (ErrorKind::Encoding, _) => ("unsupported_encoding", "compressed bodies are not taken".to_owned()),
        (ErrorKind::Amount, _) => ("invalid_record", "an amount is beyond what amounts may be".to_owned()),
        (ErrorKind::TooLarge, _) => ("too_large", "the body is larger than --max-body allows".to_owned()),
        (ErrorKind::Late, _) => ("timeout", "the body came too slowly, see --client-timeout".to_owned()),
        (ErrorKind::Syntax | ErrorKind::Cut, _) => ("bad_request", "the body broke off".to_owned()),
        (_, StatusCode::INTERNAL_SERVER_ERROR) => ("internal", "internal error".to_owned()),
        (_, StatusCode::BAD_REQUEST) => ("bad_request", "the request cannot be carried out".to_owned()),
        (_, StatusCode::NOT_FOUND) => ("not_found", "there is no such thing".to_owned()),
        (_, StatusCode::CONFLICT) => ("conflict", "the state of things forbids it".to_owned()),
        (_, status) => ("refused", status.canonical_reason().unwrap_or("refused").to_owned()),
    };
    let code = if error.code.is_empty() { Cow::Borrowed(code) } else { error.code.clone() };
    let is_defect = error.status == StatusCode::INTERNAL_SERVER_ERROR;
    (code, if error.message.is_empty() || is_defect { message } else { error.message.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Patch {
        #[expect(dead_code, reason = "only its name matters")]
        advance: Option<String>,
        #[expect(dead_code, reason = "only its name matters")]
        frozen: Option<bool>,
    }

    #[test]
    fn an_unknown_key_names_the_nearest() {
        let error = Body(Bytes::from_static(br#"{"frozne":true}"#)).json::<Patch>().unwrap_err();
        assert_eq!(error.message, "unknown key `frozne`, did you mean `frozen`?");
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn a_defect_tells_the_client_nothing() {
        let (code, message) = words(&Error::internal("disk full at /secret"));
        assert_eq!((code.as_ref(), message.as_str()), ("internal", "internal error"));
    }
}
