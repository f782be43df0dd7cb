//! Faults on the way out: what they do to the bytes of an answer.

use std::io;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::Response;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use http_body_util::StreamBody;

use crate::rules::fault::{Drip, Then, status};

/// An answer that cuts the connection before its first byte.
pub fn cut() -> Response {
    Response::new(Body::from_stream(stream::once(async {
        Err::<Bytes, _>(io::Error::other("cut by a fault"))
    })))
}

/// The answer that a `status` fault with a body of its own gives.
pub fn scripted(then: &Then) -> Option<Response> {
    if then.body.is_null() {
        return None;
    }
    let (media, body) = match then.body.as_str() {
        Some(text) => ("text/plain; charset=utf-8", text.to_owned()),
        None => ("application/json", then.body.to_string()),
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status(then.status.unwrap_or(500));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    Some(response)
}

/// Adds the headers that a `status` fault gives.
pub fn add_headers(then: &Then, headers: &mut HeaderMap) {
    for (name, value) in &then.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
}

/// What the fault makes of the answer's body; `over` comes when nobody is to have the rest of it any more.
pub fn damage(then: &Then, mut response: Response, body: &Bytes, over: BoxFuture<'static, ()>) -> Response {
    if then.lose_response {
        return cut();
    }
    let length = HeaderValue::from(body.len());
    let damaged = if let Some(part) = then.truncate {
        truncated(body, part)
    } else if then.corrupt {
        Body::from(corrupted(body))
    } else if let Some(drip) = then.drip {
        dripping(body.clone(), drip, over)
    } else {
        Body::from(body.clone())
    };
    response.headers_mut().insert(CONTENT_LENGTH, length);
    *response.body_mut() = damaged;
    response
}

/// The head and part of the body, then a cut.
fn truncated(body: &Bytes, part: f64) -> Body {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the part lies between 0 and 1"
    )]
    let kept = ((body.len() as f64) * part) as usize;
    breaking_off(body.slice(..kept.min(body.len())))
}

/// A body that ends too early. The pause lets the server write what it has before the body fails: without it the head is
/// lost too.
pub fn breaking_off(beginning: Bytes) -> Body {
    let pieces = stream::once(async move { Ok::<_, io::Error>(beginning) }).chain(stream::once(async {
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(io::Error::other("the body breaks off"))
    }));
    Body::from_stream(pieces)
}

/// The same length with a control character in the middle, which no JSON may hold anywhere.
fn corrupted(body: &Bytes) -> Vec<u8> {
    let mut broken = body.to_vec();
    let middle = broken.len() / 2;
    if let Some(byte) = broken.get_mut(middle) {
        *byte = 0x01;
    }
    broken
}

/// Piece by piece, and a cut when `over` comes before the last of them.
fn dripping(body: Bytes, drip: Drip, over: BoxFuture<'static, ()>) -> Body {
    let pieces = stream::unfold((body, true, over), move |(mut left, first, mut over)| async move {
        if left.is_empty() {
            return None;
        }
        if !first {
            tokio::select! {
                () = tokio::time::sleep(drip.every.real()) => {}
                () = &mut over => return Some((Err(io::Error::other("its world has ended")), (Bytes::new(), false, over))),
            }
        }
        let piece = left.split_to(drip.bytes.min(left.len()));
        Some((Ok(http_body::Frame::data(piece)), (left, false, over)))
    });
    Body::new(StreamBody::new(Box::pin(pieces)))
}
