//! The proxy turned round: the vendors' hosts are passed to the real services, and what is said is written down.
//!
//! What may change something there does not pass, unless it was asked for: what is not known to read is taken to write.

use std::fmt::{self, Debug, Formatter};
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HOST, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{Method, Request, StatusCode, Version};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::archive::{Answered, Archive, Exchange, MAX_ANSWER};
use super::forward::without_hop_headers;
use super::upstream::{self, Upstream};
use super::{Refusing, say};
use crate::base::client_timeout::ClientTimeout;
use crate::base::urlencoded::pairs;
use crate::journal::mask::Known;
use crate::server::refusal::Refused;
use crate::server::{body, effect};
use crate::simulator::Loaded;
use crate::tls::names::fits;

/// How long a real service may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);

/// How long it may take to answer.
const ANSWER: Duration = Duration::from_secs(300);

/// Headers and parameters by which another verb is meant than the request's.
const OTHER_VERB: [&str; 4] = ["x-http-method-override", "x-http-method", "x-method-override", "_method"];

/// What a recorder is told.
pub struct Recording {
    /// Whether writes pass too.
    pub writes: bool,
    /// The roots by which the real services are verified, as DER.
    pub roots: Vec<Vec<u8>>,
    /// Addresses in the place of those that names resolve to.
    pub addresses: Vec<(String, SocketAddr)>,
    /// Told how many requests have been recorded, and how many refused.
    pub progress: Option<fn(u64, u64)>,
}

/// Passes requests to the real services.
pub struct Recorder {
    archive: Arc<Mutex<Archive>>,
    told: Recording,
    upstream: Upstream,
    tls: TlsConnector,
    /// Secrets that were said, which are masked in whatever is recorded after.
    known: Arc<Known>,
    recorded: AtomicU64,
    refused: AtomicU64,
}

/// Where a request goes.
pub(super) struct Destination<'a> {
    pub(super) server: &'a Loaded,
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) is_encrypted: bool,
    /// How large a request's body may be.
    pub(super) max_body: usize,
    pub(super) client_timeout: ClientTimeout,
}

impl Debug for Recorder {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder").field("writes", &self.told.writes).finish_non_exhaustive()
    }
}

impl Recorder {
    /// One that writes to `file`, which is emptied.
    ///
    /// # Errors
    /// One line: the file cannot be written, or TLS cannot be spoken.
    pub fn new(file: &Path, told: Recording) -> Result<Self, String> {
        let archive = Archive::create(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(told.roots.iter().map(|der| CertificateDer::from(der.clone())));
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            archive: Arc::new(Mutex::new(archive)),
            told,
            upstream: Upstream::of_environment(),
            tls: TlsConnector::from(Arc::new(config)),
            known: Arc::default(),
            recorded: AtomicU64::new(0),
            refused: AtomicU64::new(0),
        })
    }

    /// How many requests were recorded, and how many refused because they might write.
    pub fn counts(&self) -> (u64, u64) {
        (self.recorded.load(Ordering::Relaxed), self.refused.load(Ordering::Relaxed))
    }

    /// Passes a request on, or refuses it.
    pub(super) async fn pass(&self, to: &Destination<'_>, request: Request<Body>) -> Response {
        if let Some(refused) = request.extensions().get::<Refused>() {
            return say(StatusCode::BAD_REQUEST, &refused.why());
        }
        let (parts, body) = request.into_parts();
        let Ok(body) = body::read(&parts.headers, body, to.max_body, to.client_timeout).await else {
            return say(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body could not be read, or is larger than --max-body",
            );
        };
        let response = if self.told.writes || only_reads(to.server, &parts, &body) {
            match self.forwarded(to, parts, body).await {
                Ok(response) => response,
                Err(Refusing(status, why)) => {
                    tracing::warn!(server = "proxy", status = status.as_u16(), "{why}");
                    say(status, &why)
                }
            }
        } else {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let why =
                "a request that may write did not go to the real service; --record-writes lets them pass";
            say(StatusCode::FORBIDDEN, why)
        };
        if let Some(progress) = self.told.progress {
            let (recorded, refused) = self.counts();
            progress(recorded, refused);
        }
        response
    }

    /// Passes a request on and writes down what came of it, an answer or none.
    async fn forwarded(&self, to: &Destination<'_>, parts: Parts, body: Bytes) -> Result<Response, Refusing> {
        let (began, at) = (instant(), now());
        let usual = if to.is_encrypted { 443 } else { 80 };
        let authority =
            if to.port == usual { to.host.to_owned() } else { format!("{}:{}", to.host, to.port) };
        let answered = self.answered(to, &authority, parts.clone(), body.clone()).await;
        let exchange = Exchange { at, began, parts, body, answered: answered.as_ref().ok() };
        self.write(to, &authority, exchange).await;
        let Answered { mut head, body, breaks_off } = answered?;
        without_hop_headers(&mut head.headers);
        // The version is the connection's, not the answer's: of two services one may speak an older one.
        head.version = Version::HTTP_11;
        let body = if breaks_off { effect::breaking_off(body) } else { Body::from(body) };
        Ok(Response::from_parts(head, body))
    }

    /// What the real service answers.
    async fn answered(
        &self,
        to: &Destination<'_>,
        authority: &str,
        parts: Parts,
        body: Bytes,
    ) -> Result<Answered, Refusing> {
        let mut request = Request::from_parts(parts, Body::from(body));
        *request.extensions_mut() = axum::http::Extensions::default();
        without_hop_headers(request.headers_mut());
        // What is compressed could not be read, nor could secrets in it be masked.
        request.headers_mut().remove(ACCEPT_ENCODING);
        if let Ok(host) = HeaderValue::from_str(authority) {
            request.headers_mut().insert(HOST, host);
        }
        let stream = self.reach(to.host, to.port).await.map_err(|why| not_reached(to, &why))?;
        let answer = if to.is_encrypted {
            let name = ServerName::try_from(to.host.to_owned()).map_err(|error| not_reached(to, &error))?;
            let stream = timeout(CONNECT, self.tls.connect(name, stream)).await;
            let stream = stream.map_err(|_| not_reached(to, &"it says nothing"))?;
            send(stream.map_err(|error| not_reached(to, &error))?, request).await
        } else {
            send(stream, request).await
        };
        answer.map_err(|why| not_reached(to, &why))
    }

    /// A connection to the real service.
    async fn reach(&self, host: &str, port: u16) -> Result<TcpStream, String> {
        let other = self.told.addresses.iter().find(|(pattern, _)| fits(pattern, host));
        let connecting = async {
            if let Some((_, address)) = other {
                return TcpStream::connect(address).await.map_err(|error| error.to_string());
            }
            let scheme = if port == 80 { "http" } else { "https" };
            let uri = format!("{scheme}://{host}:{port}/").parse().ok();
            match uri.and_then(|uri| self.upstream.proxy(&uri)) {
                Some(by) => upstream::tunnel(&by, host, port).await,
                None => TcpStream::connect((host, port)).await.map_err(|error| error.to_string()),
            }
        };
        timeout(CONNECT, connecting).await.map_err(|_| "nobody answers".to_owned())?
    }

    async fn write(&self, to: &Destination<'_>, authority: &str, exchange: Exchange<'_>) {
        let scheme = if to.is_encrypted { "https" } else { "http" };
        let origin = format!("{scheme}://{authority}");
        let text = exchange.record(to.server, &origin, self.known.clone()).to_string();
        let archive = self.archive.clone();
        let written = tokio::task::spawn_blocking(move || {
            archive.lock().unwrap_or_else(PoisonError::into_inner).add(&text)
        });
        match written.await.map_err(io::Error::other).flatten() {
            Ok(true) => drop(self.recorded.fetch_add(1, Ordering::Relaxed)),
            Ok(false) => {
                tracing::warn!(server = "proxy", "the recording is full, nothing more is written to it");
            }
            Err(error) => tracing::warn!(server = "proxy", "the recording is not written: {error}"),
        }
    }
}

fn not_reached(to: &Destination<'_>, why: &dyn fmt::Display) -> Refusing {
    Refusing(StatusCode::BAD_GATEWAY, format!("{}:{} is not reached: {why}", to.host, to.port))
}

async fn send<S>(stream: S, request: Request<Body>) -> Result<Answered, String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let connection = tokio::spawn(connection);
    let answered = timeout(ANSWER, async {
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, mut body) = answer.into_parts();
        let mut read = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(frame) = frame else {
                return Ok(Answered { head, body: read.freeze(), breaks_off: true });
            };
            let Ok(data) = frame.into_data() else { continue };
            if read.len() + data.len() > MAX_ANSWER {
                return Err(format!("its answer has more than {} MiB", MAX_ANSWER >> 20));
            }
            read.extend_from_slice(&data);
        }
        Ok(Answered { head, body: read.freeze(), breaks_off: false })
    });
    let answered = answered.await.map_err(|_| "the host does not answer".to_owned());
    connection.abort();
    answered.flatten()
}

/// Whether a request is known to change nothing at the real service: it reads, signs in or signs out.
pub(super) fn only_reads(server: &Loaded, parts: &Parts, body: &[u8]) -> bool {
    let sim = server.sim;
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let is_hidden = |name: &str| OTHER_VERB.iter().any(|other| other.eq_ignore_ascii_case(name));
    let is_other = parts.headers.keys().any(|name: &HeaderName| is_hidden(name.as_str()))
        || pairs(query).any(|(name, _)| is_hidden(&name));
    if is_other {
        return false;
    }
    let is_compressed = has_encoding(&parts.headers);
    let says = sim.habits.writes_say;
    let takes_documents =
        path.trim_end_matches('/').eq_ignore_ascii_case(sim.base_path.trim_end_matches('/'));
    if !says.is_empty() && takes_documents {
        return !is_compressed
            && matches!(parts.method, Method::GET | Method::HEAD | Method::POST)
            && documents_read(query, body, says);
    }
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return true;
    }
    let contract = server.usual_contract();
    let signs_in = |method: &str| {
        let found = contract.find(method, path);
        let operation = found.operation.and_then(|place| contract.operations.get(place));
        operation.is_some_and(|operation| operation.sign_in.is_some())
    };
    let found = contract.find(parts.method.as_str(), path);
    let reads = || found.operation.is_some() && !sim.habits.is_write(&parts.method, path, body);
    signs_in(parts.method.as_str())
        || parts.method == Method::DELETE && signs_in("POST")
        || says.is_empty() && reads()
}

fn has_encoding(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_ENCODING).is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

/// Whether a request has a document, and none of its texts has the word of those that write.
fn documents_read(query: &str, body: &[u8], word: &str) -> bool {
    let mut texts: Vec<String> = pairs(query).map(|(_, value)| value.into_owned()).collect();
    texts.push(String::from_utf8_lossy(body).into_owned());
    let mut has_document = pairs(query).any(|(name, value)| name == "query" && !value.is_empty());
    match serde_json::from_slice::<Value>(body) {
        Ok(value) => {
            has_document |= has_query(&value);
            add_texts(&value, &mut texts);
        }
        // A document as it is, or a form of one.
        Err(_) if !body.is_empty() => {
            let text = String::from_utf8_lossy(body);
            has_document |= text.contains('{');
            texts.extend(pairs(&text).map(|(_, value)| value.into_owned()));
        }
        Err(_) => {}
    }
    has_document && !texts.iter().any(|text| text.contains(word))
}

fn has_query(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty() && items.iter().all(has_query),
        value => value["query"].as_str().is_some_and(|text| !text.is_empty()),
    }
}

fn add_texts(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| add_texts(item, texts)),
        Value::Object(members) => members.values().for_each(|value| add_texts(value, texts)),
        _ => {}
    }
}

#[expect(clippy::disallowed_methods, reason = "a recording is made in real time")]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "a recording is made in real time")]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_that_may_write_are_seen() {
        for (query, body, reads) in [
            ("", r#"{"query":"{ getTeams { id } }"}"#, true),
            ("", r#"[{"query":"{ a }"},{"query":"query { b }"}]"#, true),
            ("query=%7B%20a%20%7D", "", true),
            ("", "{ a }", true),
            ("", r#"{"query":"mutation { a }"}"#, false),
            ("", r#"{"query":"\u006dutation { a }"}"#, false),
            ("", r#"[{"query":"{ a }"},{"query":"mutation { b }"}]"#, false),
            ("query=m%75tation%7Ba%7D", "", false),
            ("", r#"{"extensions":{"persistedQuery":{"sha256Hash":"x"}}}"#, false),
            ("", r#"[{"query":"{ a }"},{"id":"x"}]"#, false),
            ("", "mutation { a }", false),
            ("", "", false),
        ] {
            assert_eq!(documents_read(query, body.as_bytes(), "mutation"), reads, "{query} {body}");
        }
    }
}
