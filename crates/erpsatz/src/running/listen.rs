//! Where servers listen.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::TcpListener;

use super::StartError;

pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

pub(super) fn first_address(listeners: &[TcpListener]) -> io::Result<SocketAddr> {
    listeners.first().ok_or_else(|| io::Error::other("nothing listens"))?.local_addr()
}

/// How often another free port is tried whose number is taken on the other loopback.
const TRIES: usize = 50;

/// Listens there; `localhost` is both loopbacks under one port, where the machine has both.
pub(super) async fn bind(host: &str, port: u16, who: &str) -> Result<Vec<TcpListener>, StartError> {
    if host != "localhost" {
        return Ok(vec![bind_one(host, port, who).await?]);
    }
    for last in (0..TRIES).rev() {
        let four = bind_one(&Ipv4Addr::LOCALHOST.to_string(), port, who).await?;
        let taken = four.local_addr().map_or(port, |address| address.port());
        match TcpListener::bind((Ipv6Addr::LOCALHOST, taken)).await {
            Ok(six) => return Ok(vec![four, six]),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && last > 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(refuse(&Ipv6Addr::LOCALHOST.to_string(), taken, who, &error));
            }
            // This machine has no second loopback.
            Err(_) => return Ok(vec![four]),
        }
    }
    Err(StartError::Failed(format!("{who}: no port is free on both loopbacks")))
}

async fn bind_one(host: &str, port: u16, who: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind((host, port)).await.map_err(|error| refuse(host, port, who, &error))
}

fn refuse(host: &str, port: u16, who: &str, error: &io::Error) -> StartError {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken; free it, or choose another with --port, --control-port or --random-ports"
        ),
        io::ErrorKind::PermissionDenied => format!("port {port} may not be used by this user"),
        _ => format!("cannot listen on {host}:{port}: {error}"),
    };
    StartError::Failed(format!("{who}: {why}"))
}
