//! One connection from its first byte to its end: plain HTTP, or HTTPS when that byte begins a TLS session.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, HeaderName, HeaderValue};
use axum::http::{Method, Request, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::base::client_timeout::ClientTimeout;
use crate::server::client_stream::{ClientStream, Connection};
use crate::server::socket::Socket;
use crate::server::tls_session::session;
use crate::server::transport::Transport;
use crate::server::{MAX_HEADERS, Serving};
use crate::server::{often, refusal};
use crate::tls::authority::Authority;

/// The first byte of a TLS session; no method begins with it.
const HANDSHAKE: u8 = 0x16;

/// How many bytes of a request's head are kept before it is refused: more than the gate allows, which refuses most
/// heads that are too large by itself; little enough for thousands of connections.
const MAX_HEAD: usize = 256 << 10;

/// Whom a connection is with.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    /// Where the client is.
    pub(crate) peer: SocketAddr,
    /// Where it came to.
    pub(crate) local: IpAddr,
    /// When it came.
    pub(crate) opened: Instant,
    /// As whom it came through the proxy.
    pub(crate) user: Option<Arc<str>>,
}

/// How the clients of one listener are served.
#[derive(Clone)]
pub(crate) struct Connections<S> {
    service: S,
    http: http1::Builder,
    /// What is said of connections that stay open.
    kept: HeaderValue,
    client_timeout: ClientTimeout,
    /// What HTTPS needs, where it is spoken.
    tls: Option<Arc<Authority>>,
}

/// What is said of a TLS session in which no request came.
const NOTHING_ASKED: &str =
    "a TLS client ended its session before it asked anything: did it trust the certificate, or only look?";

/// What a connection begins with.
enum Opening {
    /// Nobody says anything.
    Silence,
    /// Requests can be read.
    Open(Socket, bool),
    /// No TLS session came about.
    Failed(Cow<'static, str>),
}

impl<S: Serving> Connections<S> {
    pub(crate) fn new(service: S, client_timeout: ClientTimeout, tls: Option<Arc<Authority>>) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(client_timeout.head())
            // A client may have said all that it has to say and wait for the answer.
            .half_close(true)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS);
        Self { service, http, kept: keep_alive(client_timeout), client_timeout, tls }
    }

    /// Serves a client to the end of its connection; when `stop` turns true, to the end of the request in flight.
    pub(crate) async fn serve(self, socket: Socket, ends: Ends, mut stop: watch::Receiver<bool>) {
        let opening = tokio::select! {
            opening = self.open(socket, ends.local) => opening,
            () = stopped(&mut stop) => return,
        };
        match opening {
            Opening::Silence => {}
            Opening::Open(socket, is_encrypted) => self.speak(socket, ends, is_encrypted, stop).await,
            Opening::Failed(why) => {
                let transport = Transport { is_encrypted: true, user: ends.user };
                refusal::note(why, self.service, transport).await;
            }
        }
    }

    async fn open(&self, mut socket: Socket, local: IpAddr) -> Opening {
        let Some(tls) = &self.tls else { return Opening::Open(socket, false) };
        let limit = self.client_timeout.head();
        match timeout(limit, socket.first()).await {
            Ok(Ok(Some(HANDSHAKE))) => {}
            Ok(Ok(Some(_))) => return Opening::Open(socket, false),
            // A connection ends as its client ends it: there is nobody to tell.
            Ok(Ok(None) | Err(_)) | Err(_) => return Opening::Silence,
        }
        match timeout(limit, session(socket, tls, local)).await {
            Ok(Ok(socket)) => Opening::Open(socket, true),
            Ok(Err(why)) => Opening::Failed(why),
            Err(_) => Opening::Failed("the TLS handshake did not end in time, see --client-timeout".into()),
        }
    }

    async fn speak(self, socket: Socket, ends: Ends, is_encrypted: bool, mut stop: watch::Receiver<bool>) {
        let (stopping, asked) = (stop.clone(), Arc::<AtomicBool>::default());
        let Self { service, http, kept, client_timeout, .. } = self;
        let Ends { peer, user, opened, .. } = ends;
        let connection = Connection::new(socket, opened);
        let (transport, told) = (Transport { is_encrypted, user }, connection.clone());
        let with_peer = service_fn({
            let (service, transport, asked) = (service.clone(), transport.clone(), asked.clone());
            move |request: Request<Incoming>| {
                asked.store(true, Ordering::Relaxed);
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(told.clone());
                request.extensions_mut().insert(transport.clone());
                let kept = stays(&request).then(|| (kept.clone(), stopping.clone()));
                let answer = service.call(request);
                async move {
                    let answer = answer.await;
                    // By then it may be closing.
                    let kept = kept.filter(|(_, stopping)| !*stopping.borrow()).map(|(kept, _)| kept);
                    answer.map(|answer| kept_alive(answer, kept))
                }
            }
        });
        let stream = TokioIo::new(ClientStream::new(connection.clone()));
        // The stream goes with it: only then is it known what is left of the connection.
        let ended = {
            let mut served = pin!(http.serve_connection(stream, with_peer).with_upgrades());
            tokio::select! {
                ended = &mut served => ended,
                () = stopped(&mut stop) => {
                    served.as_mut().graceful_shutdown();
                    served.await
                }
            }
        };
        if let Some(next) = connection.next() {
            return next.go().await;
        }
        // A connection ends as its client ends it: there is nobody to tell.
        let is_unreadable = ended.is_err_and(|error| error.is_parse());
        if let Some(left) = connection.leftover().filter(|left| left.status.is_some() || is_unreadable) {
            refusal::answer(left, service, transport, client_timeout).await;
        } else if is_encrypted && !asked.load(Ordering::Relaxed) {
            // Who does not trust the certificate may say so by going.
            often::warn("tls", None, NOTHING_ASKED);
        }
    }
}

/// Waits until `stop` turns true or its sender is gone.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// How long a connection waits for its next request, as clients are told: a little less than it is, so that none of
/// them sends into a connection that is being closed.
fn keep_alive(client_timeout: ClientTimeout) -> HeaderValue {
    let seconds = client_timeout.head().as_secs().saturating_sub(1).max(1);
    HeaderValue::try_from(format!("timeout={seconds}")).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Whether the client wants to ask more on this connection.
fn stays(request: &Request<Body>) -> bool {
    let named = request.headers().get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let mut options = named.flat_map(|value| value.split(',')).map(str::trim);
    let is_tunnel = request.method() == Method::CONNECT;
    request.version() == Version::HTTP_11
        && !is_tunnel
        && !options.any(|option| option.eq_ignore_ascii_case("close"))
}

fn kept_alive(mut answer: Response, kept: Option<HeaderValue>) -> Response {
    if let Some(kept) = kept.filter(|_| !answer.headers().contains_key(CONNECTION)) {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        answer.headers_mut().insert(HeaderName::from_static("keep-alive"), kept);
    }
    answer
}
