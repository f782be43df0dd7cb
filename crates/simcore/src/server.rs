//! Binding, serving, stopping.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::gate::Gate;

/// How long requests in flight may take to finish once the server stops.
pub const DRAIN: Duration = Duration::from_secs(2);

/// How long a client may take to send the head of a request.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// How many bytes of a request's head are read before it is refused: more than the gate allows, so that a head that
/// is too large is read whole and the client comes to read the answer.
const MAX_HEAD: usize = 4 << 20;

/// The service of one simulator: everything goes through its gate.
pub fn service(gate: Gate) -> impl Serving {
    service_fn(move |request: Request<Incoming>| {
        let gate = gate.clone();
        async move { Ok::<_, Infallible>(gate.pass(request.map(Body::new)).await) }
    })
}

/// The service of the control API.
pub fn control(router: Router) -> impl Serving {
    TowerToHyperService::new(router)
}

/// What [`serve`] serves.
pub trait Serving:
    Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static
{
}

impl<S> Serving for S where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible, Future: Send>
        + Clone
        + Send
        + 'static
{
}

/// Serves until `stop` turns true or its sender is gone, then lets requests in flight finish for [`DRAIN`].
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    service: impl Serving,
    mut stop: watch::Receiver<bool>,
) -> io::Result<()> {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(MAX_HEAD);
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted?,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let service = service.clone();
        let with_peer = service_fn(move |mut request| {
            request.extensions_mut().insert(ConnectInfo(peer));
            service.call(request)
        });
        let connection = http.serve_connection(TokioIo::new(stream), with_peer);
        let watched = connections.watch(connection);
        // A connection ends as its client ends it: there is nobody to tell.
        tokio::spawn(async move { watched.await.ok() });
    }
    drop(listener);
    // What is not done by then is cut off.
    let _ = tokio::time::timeout(DRAIN, connections.shutdown()).await;
    Ok(())
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
