//! Bodies of requests, read whole.

use axum::body::Body;
use axum::http::StatusCode;
use axum::http::header::CONNECTION;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout_at};

use crate::base::error::{Error, Kind, Result};
use crate::base::patience::Patience;

/// How much of a body that is too large is still read, so that the client comes to read the answer.
const MAX_DRAINED: usize = 256 << 20;

/// The whole body, up to `limit` bytes.
///
/// # Errors
/// 413 when it has more, 400 when it breaks off, 408 when it comes too slowly.
pub async fn read(mut body: Body, limit: usize, patience: Patience) -> Result<Bytes> {
    if body_ended(&body) {
        return Ok(Bytes::new());
    }
    let began = Instant::now();
    let mut read = BytesMut::new();
    let mut size = 0;
    loop {
        let Ok(frame) = timeout_at(patience.body_deadline(began, size), body.frame()).await else {
            return Err(Error::new(StatusCode::REQUEST_TIMEOUT, Kind::Syntax).header(CONNECTION, "close"));
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Error::new(StatusCode::BAD_REQUEST, Kind::Syntax))?;
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
    if size > limit {
        Err(Error::new(StatusCode::PAYLOAD_TOO_LARGE, Kind::TooLarge))
    } else {
        Ok(read.freeze())
    }
}

fn body_ended(body: &Body) -> bool {
    axum::body::HttpBody::is_end_stream(body)
}
