//! The proxy that the environment names, for those hosts that are let through.

use std::net::SocketAddr;

use axum::http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use tokio::net::{TcpStream, lookup_host};
use tower_service::Service as _;

/// How other hosts are reached: directly, or by the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` named.
#[derive(Debug)]
pub struct Upstream(Matcher);

impl Upstream {
    /// What the variables of this process name.
    pub fn of_environment() -> Self {
        Self(Matcher::from_env())
    }

    /// The proxy for `to`, if there is one.
    pub(super) fn proxy(&self, to: &Uri) -> Option<Intercept> {
        self.0.intercept(to)
    }
}

/// A tunnel to `host` and `port` by that proxy.
///
/// # Errors
/// One line.
pub(super) async fn tunnel(by: &Intercept, host: &str, port: u16) -> Result<TcpStream, String> {
    if by.uri().scheme_str() != Some("http") {
        return Err(format!("the proxy {} that the environment names is not reached by http", named(by)));
    }
    let to =
        if host.contains(':') { format!("http://[{host}]:{port}") } else { format!("http://{host}:{port}") };
    let to: Uri = to.parse().map_err(|_| format!("{host} is no host"))?;
    let mut tunnel = Tunnel::new(by.uri().clone(), HttpConnector::new());
    if let Some(credentials) = by.basic_auth() {
        tunnel = tunnel.with_auth(credentials.clone());
    }
    let through = tunnel.call(to).await;
    through.map(hyper_util::rt::TokioIo::into_inner).map_err(|error| format!("{}: {error}", named(by)))
}

/// Where the proxy listens.
///
/// # Errors
/// One line.
pub(super) async fn addresses(by: &Intercept) -> Result<Vec<SocketAddr>, String> {
    let host = by.uri().host().unwrap_or_default().trim_matches(['[', ']']);
    let port = by.uri().port_u16().unwrap_or(80);
    let found = lookup_host((host, port)).await.map_err(|error| format!("{}: {error}", named(by)))?;
    Ok(found.collect())
}

/// Without credentials.
fn named(by: &Intercept) -> String {
    let authority = by.uri().authority().map(|whole| whole.as_str().rsplit('@').next().unwrap_or_default());
    authority.unwrap_or_default().to_owned()
}
