//! What is passed on to hosts that nobody here answers for.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
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
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, split};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::{Notify, OwnedSemaphorePermit, watch};
use tokio::time::timeout;

use super::upstream::{self, Upstream};
use super::{MAX_PASSED, Proxy, Refusing, ends, host_and_port, to_origin_form, tunnel};
use crate::server::connection::stopped;
use crate::server::socket::Socket;

/// How long another host may take to be reached.
const CONNECT: Duration = Duration::from_secs(10);

/// How long another host may take to answer.
const ANSWER: Duration = Duration::from_secs(300);

/// How long a tunnel to another host lasts at most.
const TUNNEL: Duration = Duration::from_secs(3600);

/// How many bytes of a tunnel are under way in one direction.
const BUFFER: usize = 16 << 10;

impl Proxy {
    /// Passes a request on to `authority`; by `others` where it leads beyond this machine.
    pub(super) async fn pass(
        &self,
        mut request: Request<Body>,
        authority: &Authority,
        others: Option<&Upstream>,
    ) -> Result<Response, Refusing> {
        let permit = self.passed.clone().try_acquire_owned().map_err(|_| {
            let why = format!("{}: {MAX_PASSED} connections are passed on already", authority.host());
            Refusing(StatusCode::SERVICE_UNAVAILABLE, why)
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
            let half = self.listening.client_timeout.duration();
            let limits = Limits { half, silent: ANSWER, whole: TUNNEL };
            connection.hand_over(hyper::upgrade::on(&mut request), move |socket| {
                relay(socket, stream, limits, stop, permit).boxed()
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
        let resolved = async {
            if must_be_near {
                return Ok(loopback(host, port));
            }
            Ok::<_, io::Error>(lookup_host((host, port)).await?.collect())
        };
        let found = timeout(CONNECT, resolved).await;
        let found = found.map_err(|_| failed("its name was not resolved".to_owned()))?;
        let found: Vec<SocketAddr> = match (found, by) {
            (Ok(found), _) => found,
            // Behind a proxy names may not be known here; whoever is near may ask it.
            (Err(_), Some(_)) if !self.wanted.is_public => Vec::new(),
            (Err(error), _) => return Err(failed(error.to_string())),
        };
        if let Some(why) = found.iter().find_map(|address| self.closed(*address)) {
            return Err(Refusing(StatusCode::FORBIDDEN, format!("{host}:{port} {why}")));
        }
        let connected = timeout(CONNECT, async {
            let Some(by) = by else {
                return TcpStream::connect(&found[..]).await.map_err(|error| error.to_string());
            };
            let proxies = upstream::addresses(by).await?;
            if proxies.iter().any(|address| self.closed(*address).is_some()) {
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

/// Where a host of this machine is: its names need no resolver (RFC 6761).
fn loopback(host: &str, port: u16) -> Vec<SocketAddr> {
    match host.parse::<IpAddr>() {
        Ok(address) => vec![(address, port).into()],
        Err(_) => vec![(Ipv4Addr::LOCALHOST, port).into(), (Ipv6Addr::LOCALHOST, port).into()],
    }
}

/// How long a tunnel may last.
#[derive(Clone, Copy)]
struct Limits {
    /// While nothing moves, and one side has said all.
    half: Duration,
    /// While nothing moves.
    silent: Duration,
    /// In all.
    whole: Duration,
}

/// What happens in a tunnel.
#[derive(Default)]
struct Activity {
    moved: Notify,
    /// Whether one side has said all.
    is_half: AtomicBool,
}

/// Bytes as they are, both ways.
async fn relay(
    socket: Socket,
    stream: TcpStream,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    let seen = Activity::default();
    let ((from_client, to_client), (from_host, to_host)) = (split(socket), stream.into_split());
    let both =
        async { tokio::try_join!(pump(from_client, to_host, &seen), pump(from_host, to_client, &seen)) };
    let silence = async {
        loop {
            let limit = if seen.is_half.load(Ordering::Relaxed) { limits.half } else { limits.silent };
            if timeout(limit, seen.moved.notified()).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        // A connection ends as its ends end it: there is nobody to tell.
        _ = timeout(limits.whole, both) => {}
        () = silence => {}
        () = stopped(&mut stop) => {}
    }
}

/// One direction, to its end.
async fn pump(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    seen: &Activity,
) -> io::Result<()> {
    let mut bytes = vec![0; BUFFER];
    loop {
        let read = from.read(&mut bytes).await?;
        seen.moved.notify_one();
        if read == 0 {
            seen.is_half.store(true, Ordering::Relaxed);
            return to.shutdown().await;
        }
        to.write_all(&bytes[..read]).await?;
        to.flush().await?;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::net::TcpListener;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::base::client_timeout::ClientTimeout;
    use crate::server::Listening;
    use crate::server::proxy::Wanted;
    use crate::server::proxy::credentials::Admission;

    const LONG: Duration = Duration::from_secs(3600);
    const SHORT: Duration = Duration::from_millis(100);

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (one, other) =
            tokio::join!(TcpStream::connect(listener.local_addr().unwrap()), listener.accept());
        (one.unwrap(), other.unwrap().0)
    }

    /// A tunnel ends, and gives its place back, though neither the host nor the client ends it.
    #[tokio::test]
    async fn a_tunnel_in_which_nothing_moves_ends() {
        let whole = Limits { half: LONG, silent: LONG, whole: SHORT };
        for (limits, closes, talks) in [
            (Limits { half: SHORT, silent: LONG, whole: LONG }, true, false),
            (Limits { half: LONG, silent: SHORT, whole: LONG }, false, false),
            (whole, false, true),
        ] {
            let ((mut client, near), (far, mut host)) = (pair().await, pair().await);
            let places = Arc::new(Semaphore::new(1));
            let permit = places.clone().try_acquire_owned().unwrap();
            let (_stop, stopped) = watch::channel(false);
            let socket = Socket::new(near, ClientTimeout::of(LONG));
            let tunnel = tokio::spawn(relay(socket, far, limits, stopped, permit));
            if closes {
                let mut asked = [0; 4];
                client.write_all(b"ping").await.unwrap();
                host.read_exact(&mut asked).await.unwrap();
                assert_eq!(&asked, b"ping");
                client.shutdown().await.unwrap();
            }
            while talks && host.write_all(b"more").await.is_ok() && !tunnel.is_finished() {
                tokio::task::yield_now().await;
                let mut read = [0; 64];
                let _ = client.try_read(&mut read);
            }
            tunnel.await.unwrap();
            assert_eq!(places.available_permits(), 1);
        }
    }

    #[tokio::test]
    async fn no_more_is_passed_on_than_there_are_places() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let wanted = Wanted {
            hosts: Vec::new(),
            admission: Admission::All,
            others: None,
            is_public: false,
            closed_ports: Arc::default(),
            own_ports: Vec::new(),
            recorder: None,
            max_body: 0,
        };
        let (_stop, stop) = watch::channel(false);
        let listening = Listening { client_timeout: ClientTimeout::of(LONG), tls: None, stop };
        let proxy = Proxy::new(wanted, Vec::new(), listening);
        let authority: Authority = listener.local_addr().unwrap().to_string().parse().unwrap();
        let ask = async || {
            let request = Request::builder().method(Method::CONNECT).uri(authority.as_str());
            proxy.pass(request.body(Body::empty()).unwrap(), &authority, None).await
        };
        let taken = proxy.passed.clone().acquire_many_owned(u32::try_from(MAX_PASSED).unwrap()).await;
        let Err(Refusing(status, why)) = ask().await else { panic!("there is no place left") };
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{why}");
        drop(taken);
        assert!(ask().await.is_ok_and(|answer| answer.status() == StatusCode::OK));
    }
}
