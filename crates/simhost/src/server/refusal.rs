//! A request whose head the HTTP library cannot take in: the simulator still answers it in its own words.

use std::borrow::Cow;
use std::convert::Infallible;

use axum::body::Body;
use axum::http::{HeaderName, Request, StatusCode, Uri};
use axum::response::Response;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::service::Service;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::base::client_timeout::ClientTimeout;
use crate::base::error::{Error, ErrorKind};
use crate::server::client_stream::Leftover;
use crate::server::often;
use crate::server::transport::Transport;

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
            Some(StatusCode::PAYLOAD_TOO_LARGE) => {
                Error::new(StatusCode::PAYLOAD_TOO_LARGE, ErrorKind::TooLarge)
            }
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
            Some(StatusCode::PAYLOAD_TOO_LARGE) => "Content-Length is more than any body has",
            Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE) => "the head of the request is too large",
            _ => reason(&self.head),
        })
    }

    /// Says so in the log, where it was not just said.
    pub fn log(&self, server: &'static str) {
        often::warn(server, self.status.map(|status| status.as_u16()), &self.why());
    }

    /// The line that could not be read.
    pub(crate) fn line(&self) -> Bytes {
        let end = self.head.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
        if self.is_tls() { Bytes::new() } else { self.head.slice(..end.unwrap_or(self.head.len())) }
    }
}

/// How a client begins that speaks HTTP/2 without having asked.
const HTTP_2: &[u8] = b"PRI * HTTP/2";

/// Why the beginning of a request cannot be read, as far as can be told.
fn reason(head: &[u8]) -> &'static str {
    let text = String::from_utf8_lossy(head);
    // The last line may be cut off.
    let mut lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim_end);
    let Some(line) = lines.find(|line| !line.is_empty()) else {
        return "the request line cannot be read: it is METHOD TARGET HTTP/1.1, and ends with a line break";
    };
    if head.starts_with(HTTP_2) {
        return "the client speaks HTTP/2 without asking, and here is HTTP/1.1: let it speak that";
    }
    let [method, target, version] = line.split(' ').collect::<Vec<_>>()[..] else {
        return "the request line is not METHOD TARGET HTTP/1.1: its URL may hold a blank that is not encoded";
    };
    if !version.starts_with("HTTP/1.") {
        return "the request line names no version of HTTP that is spoken here: HTTP/1.1, HTTP/1.0";
    }
    if target.parse::<Uri>().is_err() {
        return if method == "CONNECT" {
            "the target of CONNECT cannot be read: it is HOST:PORT"
        } else {
            "the URL in the request line cannot be read: a letter in it, such as <, is not encoded"
        };
    }
    headers_reason(lines.take_while(|line| !line.is_empty()))
}

fn headers_reason<'a>(lines: impl Iterator<Item = &'a str>) -> &'static str {
    let mut length = None;
    for line in lines {
        let Some((name, value)) = line.split_once(':') else {
            return "a line of the headers has no colon";
        };
        if name.parse::<HeaderName>().is_err() {
            return "a header's name holds a blank or another letter that it may not";
        }
        if name.eq_ignore_ascii_case("transfer-encoding") && !value.trim().eq_ignore_ascii_case("chunked") {
            return "Transfer-Encoding is none that is read here: chunked alone is";
        }
        if !name.eq_ignore_ascii_case("content-length") {
            continue;
        }
        let value = value.trim();
        if value.is_empty() || !value.bytes().all(|digit| digit.is_ascii_digit()) {
            return "Content-Length is no number of digits alone";
        }
        if length.replace(value).is_some_and(|before| before != value) {
            return "Content-Length is there twice, and says two things";
        }
    }
    "the method, or a header's value, cannot be read"
}

/// Whether a head announces a body whose length the HTTP library cannot count, which it calls a head that is too large, or
/// one that cannot be read.
fn is_endless(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n')).map(str::trim_end);
    lines.take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':')).any(|(name, value)| {
        let value = value.trim();
        name.eq_ignore_ascii_case("content-length")
            && !value.is_empty()
            && value.bytes().all(|digit| digit.is_ascii_digit())
            && value.parse::<u64>().unwrap_or(u64::MAX) >= u64::MAX - 1
    })
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
    // The HTTP library leaves those without a word.
    let status = status.or_else(|| head.starts_with(HTTP_2).then_some(StatusCode::BAD_REQUEST));
    let status = status.map(|status| if is_endless(&head) { StatusCode::PAYLOAD_TOO_LARGE } else { status });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_a_request_cannot_be_read_is_said_of_what_is_wrong() {
        for (head, said) in [
            ("GET /a b HTTP/1.1\r\n\r\n", "blank"),
            ("GET /<a HTTP/1.1\r\n\r\n", "is not encoded"),
            ("GET / HTTP/3.0\r\n\r\n", "version"),
            ("CONNECT [ HTTP/1.1\r\n\r\n", "HOST:PORT"),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2"),
            ("POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "twice"),
            ("POST / HTTP/1.1\r\nContent-Length: +5\r\n\r\n", "number"),
            ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", "Transfer-Encoding"),
            ("GET / HTTP/1.1\r\nHost : x\r\n\r\n", "name holds a blank"),
            ("GET / HTTP/1.1\r\nHost\r\n\r\n", "no colon"),
            ("GET / HTTP/1.1\r\nA: \u{1}\r\n\r\n", "value"),
            ("GET", "request line"),
        ] {
            let refused =
                Refused { status: Some(StatusCode::BAD_REQUEST), head: head.to_owned().into(), tls: None };
            assert!(refused.why().contains(said), "{head:?}: {}", refused.why());
        }
    }
}
