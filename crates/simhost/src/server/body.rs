//! Bodies of requests, read whole.

use std::io::Read;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_ENCODING, EXPECT};
use bytes::{Bytes, BytesMut};
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::base::client_timeout::ClientTimeout;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::text::without_mark;

/// How much of a body that is too large is still read, so that the client comes to read the answer.
const MAX_DRAINED: usize = 256 << 20;

/// How long the rest of a body is waited for that is too large as it was announced: the answer is known.
const SURPLUS_PAUSE: Duration = Duration::from_secs(1);

/// The whole body, up to `limit` bytes.
///
/// # Errors
/// 413 when it has more or announces more, 400 when it breaks off, 408 when it comes too slowly.
pub async fn read(
    headers: &HeaderMap,
    mut body: Body,
    limit: usize,
    client_timeout: ClientTimeout,
) -> Result<Bytes> {
    if body_ended(&body) {
        return Ok(Bytes::new());
    }
    let too_large = || refused(ErrorKind::TooLarge);
    let is_surplus =
        usize::try_from(http_body::Body::size_hint(&body).lower()).map_or(true, |size| size > limit);
    // Who asks whether to send it need not send it.
    if is_surplus && headers.contains_key(EXPECT) {
        return Err(too_large().header(CONNECTION, "close"));
    }
    let began = Instant::now();
    let mut read = BytesMut::new();
    let mut size = 0;
    loop {
        let deadline = client_timeout.body_deadline(began, size);
        let deadline = if is_surplus { deadline.min(Instant::now() + SURPLUS_PAUSE) } else { deadline };
        let frame = match timeout_at(deadline, body.frame()).await {
            Ok(frame) => frame,
            Err(_) if is_surplus => return Err(too_large().header(CONNECTION, "close")),
            Err(_) => {
                return Err(refused(ErrorKind::Late).header(CONNECTION, "close"));
            }
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| refused(ErrorKind::Cut))?;
        let Ok(data) = frame.into_data() else { continue };
        size += data.len();
        if size > limit + MAX_DRAINED {
            break;
        }
        if size > limit {
            read = BytesMut::new();
        } else if read.is_empty() && body_ended(&body) {
            return Ok(data);
        } else {
            read.extend_from_slice(&data);
        }
    }
    if size > limit { Err(too_large()) } else { Ok(read.freeze()) }
}

/// What a body is refused with that is not read to its end.
pub(super) fn refused(kind: ErrorKind) -> Error {
    let status = match kind {
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Late => StatusCode::REQUEST_TIMEOUT,
        _ => StatusCode::BAD_REQUEST,
    };
    Error::new(status, kind)
}

/// What a handler reads of a body: without a byte order mark, and inflated where the server `inflates`.
///
/// # Errors
/// 415 when it is compressed and the server does not undo that, 400 when it is not what it says, 413 when it becomes
/// larger than `limit`.
pub fn readable(headers: &HeaderMap, raw: &Bytes, inflates: bool, limit: usize) -> Result<Bytes> {
    let mut body = raw.clone();
    if !raw.is_empty() {
        let named = headers.get_all(CONTENT_ENCODING).iter().filter_map(|value| value.to_str().ok());
        let named: Vec<String> =
            named.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase()).collect();
        for name in named.iter().rev().filter(|name| !matches!(name.as_str(), "" | "identity")) {
            body = match name.as_str() {
                "gzip" | "x-gzip" if inflates => inflated(MultiGzDecoder::new(&body[..]), limit)?,
                "deflate" if inflates && body.first().is_some_and(|first| first & 0x0f == 8) => {
                    inflated(ZlibDecoder::new(&body[..]), limit)?
                }
                "deflate" if inflates => inflated(DeflateDecoder::new(&body[..]), limit)?,
                _ => return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, ErrorKind::Encoding)),
            };
        }
    }
    let marked = body.len() - without_mark(&body).len();
    Ok(body.slice(marked..))
}

fn inflated(from: impl Read, limit: usize) -> Result<Bytes> {
    let mut body = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most)
        .read_to_end(&mut body)
        .map_err(|_| Error::new(StatusCode::BAD_REQUEST, ErrorKind::Syntax))?;
    if body.len() > limit {
        return Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge));
    }
    Ok(body.into())
}

fn body_ended(body: &Body) -> bool {
    axum::body::HttpBody::is_end_stream(body)
}
