//! Binding, serving, stopping.

pub mod again;
pub mod body;
pub mod client_stream;
pub mod connection;
pub mod effect;
pub mod gate;
mod often;
pub mod opened;
pub mod proxy;
pub mod refusal;
mod run_to_completion;
mod socket;
mod tls_session;
pub mod transport;
pub mod why;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::Response;
use hyper::service::{Service, service_fn};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::base::client_timeout::ClientTimeout;
use crate::server::connection::{Connections, Ends, stopped};
use crate::server::gate::Gate;
use crate::server::socket::Socket;
use crate::tls::authority::Authority;

/// How long requests in flight may take to finish once the server stops.
pub const DRAIN: Duration = Duration::from_secs(2);

/// How many headers a request may have.
pub const MAX_HEADERS: usize = 1000;

/// The service of one simulator: everything goes through its gate.
pub fn service(gate: Gate) -> impl Serving {
    service_fn(move |request: Request<Body>| {
        // In a place of its own: the HTTP library moves what it waits for.
        let passing = Box::pin(gate.clone().pass(request));
        async move { Ok::<_, Infallible>(passing.await) }
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

/// What all listeners of an Erpsatz have in common.
#[derive(Clone)]
pub struct Listening {
    /// How long slow clients are waited for.
    pub client_timeout: ClientTimeout,
    /// What HTTPS needs, where it is spoken beside HTTP.
    pub tls: Option<Arc<Authority>>,
    /// Turns true, or loses its sender, when the listeners are to stop.
    pub stop: watch::Receiver<bool>,
}

/// Serves until it is to stop, then lets requests in flight finish for [`DRAIN`].
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, service: impl Serving, listening: Listening) -> io::Result<()> {
    let Listening { client_timeout, tls, mut stop } = listening;
    let connections = Connections::new(service, client_timeout, tls);
    // Each connection holds a receiver as long as it lasts.
    let (open, _) = watch::channel(());
    loop {
        let (stream, peer) = tokio::select! {
            accepted = accept(&listener) => accepted?,
            () = stopped(&mut stop) => break,
        };
        let Ok(local) = stream.local_addr() else { continue };
        let ends = Ends { peer, local: local.ip(), opened: instant(), user: None };
        let (socket, is_open) = (Socket::new(stream, client_timeout), open.subscribe());
        let served = connections.clone().serve(socket, ends, stop.clone());
        tokio::spawn(async move {
            served.await;
            drop(is_open);
        });
    }
    drop(listener);
    // What is not done by then is cut off.
    let _ = tokio::time::timeout(DRAIN, open.closed()).await;
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

#[expect(clippy::disallowed_methods, reason = "pauses between requests are real time")]
fn instant() -> Instant {
    Instant::now()
}

fn is_of_the_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
