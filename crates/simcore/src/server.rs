//! Binding, serving, stopping.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::gate::Gate;

/// How long requests in flight may take to finish once the server stops.
pub const DRAIN: Duration = Duration::from_secs(2);

/// The service of one simulator: everything goes through its gate.
pub fn service(gate: Gate) -> Router {
    Router::new().fallback(move |request: Request| gate.clone().pass(request))
}

/// Serves until `stop` turns true or its sender is gone, then lets requests in flight finish for [`DRAIN`].
///
/// # Errors
/// When the listener fails.
pub async fn serve(listener: TcpListener, service: Router, stop: watch::Receiver<bool>) -> io::Result<()> {
    let service = service.into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service).with_graceful_shutdown(stopped(stop.clone()));
    tokio::select! {
        served = async { serving.await } => served,
        () = async { stopped(stop).await; tokio::time::sleep(DRAIN).await } => Ok(()),
    }
}

async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
