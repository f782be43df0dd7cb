//! A request whose head the HTTP library cannot take in: the simulator still answers it in its own words.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::service::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::base::client_timeout::ClientTimeout;
use crate::base::error::{Error, ErrorKind};
use crate::server::client_stream::Leftover;
use crate::server::connection::Transport;

/// Stands in the extensions of a request that takes the place of one that could not be read: `GET /`, to be answered
/// with this status.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The status, where there is anybody to answer.
    pub status: Option<StatusCode>,
    /// The beginning of what came.
    pub head: Bytes,
    /// Why no TLS session came about.
    pub tls: Option<Cow<'static, str>>,
}

impl Refused {
    /// What is answered, without dialect.
    pub fn error(&self) -> Error {
        match self.status {
            Some(StatusCode::URI_TOO_LONG) => Error::new(StatusCode::URI_TOO_LONG, ErrorKind::Uri),
            Some(status) if status != StatusCode::BAD_REQUEST => Error::new(status, ErrorKind::Headers),
            _ => Error::new(StatusCode::BAD_REQUEST, ErrorKind::Unreadable),
        }
    }

    fn is_tls(&self) -> bool {
        self.head.starts_with(&[0x16, 0x03])
    }

    /// Why it could not be read, for journal and log.
    pub fn why(&self) -> Cow<'static, str> {
        if let Some(why) = &self.tls {
            return why.clone();
        }
        Cow::Borrowed(match self.status {
            _ if self.is_tls() => {
                "a TLS hello came to a port that speaks plain HTTP: its URL begins with http://"
            }
            Some(StatusCode::URI_TOO_LONG) => "the request line is too long",
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) => "the head of the request is too large",
            _ => {
                "the request line or a header cannot be read: it may hold a blank or a quote that is not encoded"
            }
        })
    }

    /// The line that could not be read.
    pub(crate) fn line(&self) -> Bytes {
        let end = self.head.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        if self.is_tls() { Bytes::new() } else { self.head.slice(..end.unwrap_or(self.head.len())) }
    }
}

/// Lets the service know of the request, answers it where a status is due, and reads on for a while then, so that the
/// client comes to read the answer.
pub(crate) async fn answer<S>(
    leftover: Leftover,
    service: S,
    transport: Transport,
    client_timeout: ClientTimeout,
) where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let Leftover { status, mut stream, head } = leftover;
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(transport);
    request.extensions_mut().insert(Refused { status, head: head.into(), tls: None });
    let response = match service.call(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if status.is_none() {
        return;
    }
    let answered = async {
        stream.write_all(&in_bytes(response).await).await?;
        stream.shutdown().await?;
        let mut rest = [0; 4096];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // A connection ends as its client ends it: there is nobody to tell.
    let _ = timeout(client_timeout.head(), answered).await;
}

/// Lets the service know of a client with which no TLS session came about: nobody is there to be answered.
pub(crate) async fn note<S>(why: Cow<'static, str>, service: S, transport: Transport)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible>,
{
    let mut request = Request::new(Body::empty());
    request.extensions_mut().insert(transport);
    request.extensions_mut().insert(Refused { status: None, head: Bytes::new(), tls: Some(why) });
    match service.call(request).await {
        Ok(_) => {}
        Err(never) => match never {},
    }
}

async fn in_bytes(response: Response) -> Vec<u8> {
    let (head, body) = response.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let reason = head.status.canonical_reason().unwrap_or_default();
    let mut bytes = format!("HTTP/1.1 {} {reason}\r\n", head.status.as_str()).into_bytes();
    for (name, value) in &head.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
        .extend_from_slice(format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes());
    bytes.extend_from_slice(&body);
    bytes
}
