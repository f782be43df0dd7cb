//! Binding, serving, stopping.

pub mod body;
pub mod client_stream;
pub mod effect;
pub mod gate;
pub mod refusal;
mod run_to_completion;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONNECTION, HeaderName, HeaderValue};
use axum::http::{Request, Version};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::base::client_timeout::ClientTimeout;
use crate::server::client_stream::{ClientStream, Connection};
use crate::server::gate::Gate;

/// How long requests in flight may take to finish once the server stops.
pub const DRAIN: Duration = Duration::from_secs(2);

/// How many headers a request may have.
pub const MAX_HEADERS: usize = 1000;

/// How many bytes of a request's head are kept before it is refused: more than the gate allows, which refuses most
/// heads that are too large by itself; little enough for thousands of connections.
const MAX_HEAD: usize = 256 << 10;

/// The service of one simulator: everything goes through its gate.
pub fn service(gate: Gate) -> impl Serving {
    service_fn(move |request: Request<Body>| {
        let gate = gate.clone();
        async move { Ok::<_, Infallible>(gate.pass(request).await) }
    })
}

/// The service of the control API.
pub fn control(router: Router) -> impl Serving {
    TowerToHyperService::new(router)
}

/// What [`serve`] serves.
pub trait Serving:
    Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S> Serving for S where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}

/// Serves until `stop` turns true or its sender is gone, then lets requests in flight finish for [`DRAIN`]. Clients
/// that are slow are waited for as long as `client_timeout` says.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: impl Serving,
    client_timeout: ClientTimeout,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(client_timeout.head())
        // A client may have said all that it has to say and wait for the answer.
        .half_close(true)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    let connections = GracefulShutdown::new();
    let kept = keep_alive(client_timeout);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted?,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let (service, kept, connection) = (service.clone(), kept.clone(), Connection::new(stream));
        let told = connection.clone();
        let with_peer = service_fn({
            let service = service.clone();
            move |request: Request<Incoming>| {
                let mut request = request.map(Body::new);
                request.extensions_mut().insert(ConnectInfo(peer));
                request.extensions_mut().insert(told.clone());
                let kept = stays(&request).then(|| kept.clone());
                let answer = service.call(request);
                async move { answer.await.map(|answer| kept_alive(answer, kept)) }
            }
        });
        let stream = ClientStream::new(connection.clone(), client_timeout);
        let watched = connections.watch(http.serve_connection(TokioIo::new(stream), with_peer));
        tokio::spawn(async move {
            // A connection ends as its client ends it: there is nobody to tell.
            let ended = watched.await;
            let is_unreadable = ended.is_err_and(|error| error.is_parse());
            if let Some(left) = connection.leftover().filter(|left| left.status.is_some() || is_unreadable) {
                refusal::answer(left, service, client_timeout).await;
            }
        });
    }
    drop(listener);
    // What is not done by then is cut off.
    let _ = tokio::time::timeout(DRAIN, connections.shutdown()).await;
    Ok(())
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
    request.version() == Version::HTTP_11 && !options.any(|option| option.eq_ignore_ascii_case("close"))
}

fn kept_alive(mut answer: Response, kept: Option<HeaderValue>) -> Response {
    if let Some(kept) = kept.filter(|_| !answer.headers().contains_key(CONNECTION)) {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("keep-alive"));
        answer.headers_mut().insert(HeaderName::from_static("keep-alive"), kept);
    }
    answer
}

/// The next connection. When the process has no file handles left it waits for some instead of giving up.
async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Without it small answers wait for the client's acknowledgement.
                let _ = stream.set_nodelay(true);
                return Ok((stream, peer));
            }
            Err(error) if is_of_the_client(&error) => {}
            Err(error) => {
                tracing::error!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
