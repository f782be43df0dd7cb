//! What is passed on to hosts that nobody here answers for.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{
    CONNECTION, HeaderMap, HeaderName, PROXY_AUTHORIZATION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use axum::http::uri::{Authority, Scheme};
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use futures_util::FutureExt as _;
use hyper::client::conn::http1;
use hyper_util::client::proxy::matcher::Intercept;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use super::upstream::{self, Upstream};
use super::{Proxy, Refusing, ends, host_and_port, to_origin_form, tunnel};
use crate::server::connection::stopped;
use crate::server::socket::Socket;

/// How long another host may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);

/// How long another host may take to answer.
const ANSWER: Duration = Duration::from_secs(300);

/// How long a tunnel to another host lasts at most.
const TUNNEL: Duration = Duration::from_secs(3600);

impl Proxy {
    /// Passes a request on to `authority`; by `others` where it leads beyond this machine.
    pub(super) async fn pass(
        &self,
        mut request: Request<Body>,
        authority: &Authority,
        others: Option<&Upstream>,
    ) -> Result<Response, Refusing> {
        let permit = self.passed.clone().try_acquire_owned().map_err(|_| {
            Refusing(StatusCode::SERVICE_UNAVAILABLE, "too many connections are passed on already".to_owned())
        })?;
        let is_tunnel = request.method() == Method::CONNECT;
        if !is_tunnel && request.uri().scheme() != Some(&Scheme::HTTP) {
            let why = format!("{}: hosts are reached by https through CONNECT alone", authority.host());
            return Err(Refusing(StatusCode::BAD_REQUEST, why));
        }
        let (host, port) = host_and_port(authority, if is_tunnel { 443 } else { 80 });
        let by = others.and_then(|upstream| {
            let scheme = if is_tunnel { "https" } else { "http" };
            upstream.proxy(&format!("{scheme}://{authority}/").parse().ok()?)
        });
        let stream = self.reach((&host, port), by.as_ref(), is_tunnel, others.is_none()).await?;
        if !is_tunnel {
            match by {
                Some(by) => {
                    by.basic_auth().map(|of| request.headers_mut().insert(PROXY_AUTHORIZATION, of.clone()))
                }
                None => {
                    to_origin_form(&mut request);
                    None
                }
            };
            return forward(request, stream, permit).await;
        }
        if let Some((connection, _)) = ends(&request) {
            let stop = self.listening.stop.clone();
            connection.hand_over(hyper::upgrade::on(&mut request), move |socket| {
                relay(socket, stream, stop, permit).boxed()
            });
        }
        Ok(tunnel())
    }

    /// A connection to a host, whose addresses were looked at: what they lead to is what is connected to.
    async fn reach(
        &self,
        (host, port): (&str, u16),
        by: Option<&Intercept>,
        is_tunnel: bool,
        must_be_near: bool,
    ) -> Result<TcpStream, Refusing> {
        let failed =
            |why: String| Refusing(StatusCode::BAD_GATEWAY, format!("{host}:{port} is not reached: {why}"));
        let closed =
            || Refusing(StatusCode::FORBIDDEN, format!("{host}:{port} is not reached through this proxy"));
        let found = timeout(CONNECT, lookup_host((host, port))).await;
        let found = found.map_err(|_| failed("its name was not resolved".to_owned()))?;
        let found: Vec<SocketAddr> = match (found, by) {
            (Ok(found), _) => found.collect(),
            // Behind a proxy names may not be known here; whoever is near may ask it.
            (Err(_), Some(_)) if !self.wanted.is_public => Vec::new(),
            (Err(error), _) => return Err(failed(error.to_string())),
        };
        let is_far = |address: &SocketAddr| must_be_near && !address.ip().to_canonical().is_loopback();
        if found.iter().any(|address| self.is_closed(*address) || is_far(address)) {
            return Err(closed());
        }
        let connected = timeout(CONNECT, async {
            let Some(by) = by else {
                return TcpStream::connect(&found[..]).await.map_err(|error| error.to_string());
            };
            let proxies = upstream::addresses(by).await?;
            if proxies.iter().any(|address| self.is_closed(*address)) {
                return Err("the proxy that the environment names is this one".to_owned());
            }
            if is_tunnel {
                return upstream::tunnel(by, host, port).await;
            }
            TcpStream::connect(&proxies[..]).await.map_err(|error| error.to_string())
        });
        let connected = connected.await.map_err(|_| failed("nobody answers".to_owned()))?;
        connected.map_err(failed)
    }
}

/// Bytes as they are, both ways.
async fn relay(
    mut socket: Socket,
    mut stream: TcpStream,
    mut stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    tokio::select! {
        // A connection ends as its ends end it: there is nobody to tell.
        _ = timeout(TUNNEL, copy_bidirectional(&mut socket, &mut stream)) => {}
        () = stopped(&mut stop) => {}
    }
}

/// One request, and its answer.
async fn forward(
    mut request: Request<Body>,
    stream: TcpStream,
    permit: OwnedSemaphorePermit,
) -> Result<Response, Refusing> {
    let failed =
        |error: hyper::Error| Refusing(StatusCode::BAD_GATEWAY, format!("the host broke off: {error}"));
    without_hop_headers(request.headers_mut());
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    tokio::spawn(async move {
        let _ = timeout(TUNNEL, connection).await;
        drop(permit);
    });
    let answer = timeout(ANSWER, sender.send_request(request)).await;
    let answer =
        answer.map_err(|_| Refusing(StatusCode::GATEWAY_TIMEOUT, "the host does not answer".to_owned()))?;
    let mut answer = answer.map_err(failed)?.map(Body::new);
    without_hop_headers(answer.headers_mut());
    Ok(answer)
}

/// Takes off what is meant for the next one alone (RFC 9110, 7.6.1).
pub(super) fn without_hop_headers(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    let keep_alive = HeaderName::from_static("keep-alive");
    for name in named.iter().chain(&[CONNECTION, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, keep_alive]) {
        headers.remove(name);
    }
}
