//! What REST servers have in common on the wire: bodies read by their media type, JSON answers.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION};
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Map, Value};

use crate::base::error::{Error, ErrorKind};
use crate::base::secret::is_secret;
use crate::base::urlencoded::pairs;
pub use crate::base::urlencoded::segment;
use crate::simulator::Principal;
use crate::simulator::ctx::Ctx;

/// Why a body cannot be read. As an error it is 415 or 400 in the words that `render` has for these.
#[derive(Debug)]
pub enum Unreadable {
    /// It is announced as something that the call does not take.
    Media,
    /// It is no JSON: in this line, at this column, from 1.
    Json(usize, usize),
    /// It is JSON, but no object.
    Shape,
}

impl From<Unreadable> for Error {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::Media => Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::MediaType),
            Unreadable::Json(..) | Unreadable::Shape => Self::new(StatusCode::BAD_REQUEST, ErrorKind::Syntax),
        }
    }
}

/// Who sends a key in `header`: the one that the setting named so holds.
///
/// # Errors
/// 401 without it.
pub fn holder_of_key(ctx: &Ctx, parts: &Parts, header: &str, setting: &str) -> Result<Principal, Error> {
    let given = parts.headers.get(header).map(HeaderValue::as_bytes).unwrap_or_default();
    if is_secret(given, ctx.settings.text(setting).as_bytes()) {
        return Ok(Principal { name: "key".to_owned(), tenant: String::new() });
    }
    Err(Error::new(StatusCode::UNAUTHORIZED, ErrorKind::Auth))
}

/// The media type that a body is announced as, in lower case and without parameters; empty where there is none.
pub fn media(headers: &HeaderMap) -> String {
    let media = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The JSON of a body; a byte order mark before it does not count.
///
/// # Errors
/// Where it stops being JSON.
pub fn json(body: &[u8]) -> Result<Value, Unreadable> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    serde_json::from_slice(body).map_err(|why| Unreadable::Json(why.line(), why.column()))
}

/// The JSON object of a body that is announced as one of these media types.
///
/// # Errors
/// The first thing that is wrong: media type, JSON, object.
pub fn object(headers: &HeaderMap, body: &[u8], takes: &[&str]) -> Result<Map<String, Value>, Unreadable> {
    if !takes.contains(&media(headers).as_str()) {
        return Err(Unreadable::Media);
    }
    match json(body)? {
        Value::Object(object) => Ok(object),
        _ => Err(Unreadable::Shape),
    }
}

/// The decoded pairs of a form, in order.
pub fn form(body: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(body);
    pairs(text.trim()).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// 201 with a new record and where it is: a path whose parts are each a [`segment`].
pub fn created(location: &str, body: impl Into<Body>) -> Response {
    let mut response = answer_with(StatusCode::CREATED, body);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

/// 200 with a JSON body.
pub fn answer(body: impl Into<Body>) -> Response {
    answer_with(StatusCode::OK, body)
}

/// A JSON body with a status.
pub fn answer_with(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_key_holds_the_path_to_its_record_can_be_said() {
        let key = "a/b ?\u{e9}\n%";
        assert_eq!(segment(key), "a%2Fb%20%3F%C3%A9%0A%25");
        let response = created(&format!("/v1/things/{}", segment(key)), "{}");
        assert_eq!(response.headers()[LOCATION], "/v1/things/a%2Fb%20%3F%C3%A9%0A%25");
        assert_eq!(segment("NL-0001_x.y~"), "NL-0001_x.y~");
    }
}
