//! An HTTP proxy that answers for the vendors' own hosts: the client keeps the addresses that its source says.
//!
//! hyper has what CONNECT needs (an upgraded connection is handed over as it is), and behind it come the same first byte, TLS
//! and requests as on every port. The crates for such proxies (hudsucker, http-mitm-proxy) bring HTTP/2, sockets of the web and
//! clients of their own, and give no way to the client's socket, which faults need to reset and to cut.

mod archive;
pub mod credentials;
mod forward;
pub mod record;
pub mod target;
pub mod upstream;

use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_TYPE, HOST, HeaderValue, PROXY_AUTHENTICATE};
use axum::http::uri::{Authority, Scheme};
use axum::http::{Method, Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt as _;
use hyper::ext::ReasonPhrase;
use hyper::service::service_fn;
use tokio::sync::Semaphore;

use crate::server::client_stream::Connection;
use crate::server::connection::{Connections, Ends};
use crate::server::gate::Gate;
use crate::server::proxy::credentials::{Admission, Refusal, without_proxy_headers};
use crate::server::proxy::record::{Destination, Recorder};
use crate::server::proxy::target::{Target, VendorHost, target};
use crate::server::proxy::upstream::Upstream;
use crate::server::refusal::Refused;
use crate::server::transport::Transport;
use crate::server::{Listening, Serving, instant};
use crate::store::outbound::is_of_this_machine;

/// How many connections are passed on to other hosts at a time.
pub const MAX_PASSED: usize = 1_000;

/// How many hosts are remembered as said of; beyond it they are said again.
const MAX_SAID: usize = 1_000;

/// What the proxy is told.
#[derive(Debug)]
pub struct Wanted {
    /// The hosts that are answered for; the first that fits counts.
    pub hosts: Vec<VendorHost>,
    /// Whom it lets in.
    pub admission: Admission,
    /// How other hosts are reached; without it they are refused.
    pub others: Option<Upstream>,
    /// Whether machines beyond this one may use it: it then leads nowhere on this machine and in its network.
    pub is_public: bool,
    /// The ports of this machine that it does not lead to.
    pub closed_ports: Arc<[u16]>,
    /// The ports of loopback at which one of the servers listens, and its place among them.
    pub own_ports: Vec<(u16, usize)>,
    /// What passes the vendors' hosts to the real services, and writes down what is said; the servers answer without it.
    pub recorder: Option<Arc<Recorder>>,
    /// How large a recorded request's body may be.
    pub max_body: usize,
}

/// The proxy.
pub struct Proxy {
    wanted: Wanted,
    gates: Vec<Gate>,
    listening: Listening,
    passed: Arc<Semaphore>,
    said: Mutex<HashSet<(String, StatusCode)>>,
    asked: AtomicU64,
    came: AtomicU64,
}

/// Why a host is not reached: what the client and stderr are told.
pub(super) struct Refusing(pub(super) StatusCode, pub(super) String);

impl Proxy {
    /// A proxy to these servers.
    pub fn new(wanted: Wanted, gates: Vec<Gate>, listening: Listening) -> Self {
        let passed = Arc::new(Semaphore::new(MAX_PASSED));
        let (asked, came) = Default::default();
        Self { wanted, gates, listening, passed, said: Mutex::default(), asked, came }
    }

    /// What listeners serve.
    pub fn service(self: Arc<Self>) -> impl Serving {
        service_fn(move |request: Request<Body>| {
            let proxy = self.clone();
            // Boxed: behind a tunnel is the same again.
            async move { Ok(proxy.answer(request).await) }.boxed()
        })
    }

    /// How many tunnels and requests were for the servers.
    pub fn came(&self) -> u64 {
        self.came.load(Ordering::Relaxed)
    }

    /// A password with which it lets anybody in as any user; nothing where it asks for none.
    pub fn password(&self) -> Option<&str> {
        match &self.wanted.admission {
            Admission::All => None,
            Admission::Named => Some("x"),
            Admission::Password(password) => Some(password),
        }
    }

    /// How many tunnels and requests were asked of it at all.
    pub fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    async fn answer(&self, mut request: Request<Body>) -> Response {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if let Some(refused) = request.extensions().get::<Refused>() {
            refused.log("proxy");
            return say(StatusCode::BAD_REQUEST, &refused.why());
        }
        let user = match self.wanted.admission.admit(request.headers()) {
            Ok(user) => user,
            Err(Refusal::Bad(why)) => return say(StatusCode::BAD_REQUEST, &why),
            Err(Refusal::Asked(why)) => {
                let mut asked = say(StatusCode::PROXY_AUTHENTICATION_REQUIRED, why);
                let basic = HeaderValue::from_static("Basic realm=\"erpsatz\"");
                asked.headers_mut().insert(PROXY_AUTHENTICATE, basic);
                return asked;
            }
        };
        without_proxy_headers(request.headers_mut());
        let authority = match destination(&request) {
            Ok(authority) => authority,
            Err(why) => return say(StatusCode::BAD_REQUEST, &why),
        };
        let forbidden = |why: &str| Refusing(StatusCode::FORBIDDEN, format!("{}{why}", authority.host()));
        let went = match (target(&self.wanted.hosts, authority.host()), &self.wanted.others) {
            (Target::Server(place), _) => {
                if let Some(recorder) = &self.wanted.recorder {
                    self.came.fetch_add(1, Ordering::Relaxed);
                    return self.to_service(recorder.clone(), place, request, &authority).await;
                }
                return self.to_server(place, request, user).await;
            }
            (Target::NotRunning(slug), _) => {
                Err(forbidden(&format!(": the server {slug} does not run here, see --only")))
            }
            (Target::Near, _) if !self.wanted.is_public && is_near(&request) => match self.own(&authority) {
                Some(place) => return self.to_server(place, request, user).await,
                None => self.pass(request, &authority, None).await,
            },
            (Target::Near, _) => Err(forbidden(&format!(" is this machine: {PUBLIC}"))),
            (Target::Other, Some(upstream)) => self.pass(request, &authority, Some(upstream)).await,
            (Target::Other, None) => Err(forbidden(
                " is no vendor's host: name it with --intercept-host, let others through with --intercept-others pass, or \
                 leave it out by NO_PROXY",
            )),
        };
        went.unwrap_or_else(|refusing| self.refuse(authority.host(), &refusing))
    }

    /// The server at that port of this machine, if it is one of the servers here: the user is its sandbox too.
    fn own(&self, authority: &Authority) -> Option<usize> {
        let port = authority.port_u16().unwrap_or(80);
        self.wanted.own_ports.iter().find(|(own, _)| *own == port).map(|(_, place)| *place)
    }

    /// To one of the servers here.
    async fn to_server(&self, place: usize, mut request: Request<Body>, user: Option<Arc<str>>) -> Response {
        self.came.fetch_add(1, Ordering::Relaxed);
        if request.method() != Method::CONNECT {
            let is_encrypted = request.uri().scheme() == Some(&Scheme::HTTPS);
            request.extensions_mut().insert(Transport { is_encrypted, user });
            to_origin_form(&mut request);
            return self.gates[place].clone().pass(request).await;
        }
        let Some((connection, ConnectInfo(peer))) = ends(&request) else { return tunnel() };
        let Listening { client_timeout, tls, stop } = self.listening.clone();
        let gate = self.gates[place].clone();
        let inside = service_fn(move |mut request: Request<Body>| {
            without_proxy_headers(request.headers_mut());
            let gate = gate.clone();
            async move { Ok(gate.pass(request).await) }
        });
        let connections = Connections::new(inside, client_timeout, tls);
        // The certificate is for the address that the client asked for, where it asked for one.
        let named =
            request.uri().host().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        connection.hand_over(hyper::upgrade::on(&mut request), move |socket| {
            let local = || socket.tcp().local_addr().map_or(peer.ip(), |local| local.ip());
            let local = named.unwrap_or_else(local);
            connections.serve(socket, Ends { peer, local, opened: instant(), user }, stop).boxed()
        });
        tunnel()
    }

    /// To the real service of one of the servers.
    async fn to_service(
        &self,
        recorder: Arc<Recorder>,
        place: usize,
        mut request: Request<Body>,
        authority: &Authority,
    ) -> Response {
        let is_tunnel = request.method() == Method::CONNECT;
        let is_https = request.uri().scheme() == Some(&Scheme::HTTPS);
        let (host, port) = host_and_port(authority, if is_tunnel || is_https { 443 } else { 80 });
        let (gate, max_body) = (self.gates[place].clone(), self.wanted.max_body);
        let Listening { client_timeout, tls, stop } = self.listening.clone();
        let pass = move |request: Request<Body>, is_encrypted: bool| {
            let (recorder, gate, host) = (recorder.clone(), gate.clone(), host.clone());
            async move {
                let server = gate.server();
                let to = Destination { server, host: &host, port, is_encrypted, max_body, client_timeout };
                recorder.pass(&to, request).await
            }
        };
        if !is_tunnel {
            to_origin_form(&mut request);
            return pass(request, is_https).await;
        }
        let Some((connection, ConnectInfo(peer))) = ends(&request) else { return tunnel() };
        let service = service_fn(move |request: Request<Body>| {
            let transport = request.extensions().get::<Transport>();
            let is_encrypted = transport.is_some_and(|transport| transport.is_encrypted);
            let passing = pass(request, is_encrypted);
            async move { Ok(passing.await) }
        });
        let connections = Connections::new(service, client_timeout, tls);
        connection.hand_over(hyper::upgrade::on(&mut request), move |socket| {
            let local = socket.tcp().local_addr().map_or(peer.ip(), |local| local.ip());
            connections.serve(socket, Ends { peer, local, opened: instant(), user: None }, stop).boxed()
        });
        tunnel()
    }

    /// What was recorded and what was refused; nothing where nothing is recorded.
    pub fn recorded(&self) -> Option<(u64, u64)> {
        self.wanted.recorder.as_ref().map(|recorder| recorder.counts())
    }

    /// Says no to the client, and once a host on stderr.
    fn refuse(&self, host: &str, Refusing(status, why): &Refusing) -> Response {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        if said.len() >= MAX_SAID {
            said.clear();
        }
        if said.insert((host.to_ascii_lowercase(), *status)) {
            tracing::warn!(server = "proxy", status = status.as_u16(), "{why}");
        }
        say(*status, why)
    }

    /// Why an address of this machine must not be reached, or one of its network by somebody beyond it; nothing where it
    /// may be.
    fn closed(&self, address: SocketAddr) -> Option<String> {
        let ip = address.ip();
        if self.wanted.is_public && (target::is_private(ip) || is_of_this_machine(ip)) {
            return Some(format!("is this machine or its network: {PUBLIC}"));
        }
        let is_closed = self.wanted.closed_ports.contains(&address.port()) && is_of_this_machine(ip);
        is_closed.then(|| "is Erpsatz's own control API or proxy: name it in NO_PROXY".to_owned())
    }
}

/// Why a proxy that others reach does not lead everywhere.
const PUBLIC: &str = "a proxy that others reach (--intercept-bind) does not lead there";

/// Where a request to the proxy is to go.
fn destination(request: &Request<Body>) -> Result<Authority, String> {
    let Some(authority) = request.uri().authority() else {
        let why = "this is an HTTP proxy: it takes CONNECT and absolute URLs; let HTTPS_PROXY and HTTP_PROXY name it";
        return Err(why.to_owned());
    };
    let (whole, host) = (authority.as_str(), authority.host());
    let is_tunnel = request.method() == Method::CONNECT;
    let port = whole.strip_prefix(host).map(|rest| rest.strip_prefix(':').unwrap_or(rest));
    let is_good = match port {
        Some("") => !is_tunnel && !whole.ends_with(':'),
        Some(port) => port.parse::<u16>().is_ok_and(|port| port > 0),
        None => false,
    };
    if is_good && !host.is_empty() {
        return Ok(authority.clone());
    }
    let form = if is_tunnel { "HOST:PORT" } else { "http://HOST[:PORT]/…" };
    // What stands before an @ may be a secret.
    let named = whole.rsplit('@').next().unwrap_or_default();
    Err(format!(
        "`{named}` is no place that a proxy leads to: write {form}, with a port of 1 to 65535 and no user"
    ))
}

/// Whether the client is on this machine.
fn is_near(request: &Request<Body>) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
}

/// The connection that a request came by, and from where.
fn ends(request: &Request<Body>) -> Option<(Connection, ConnectInfo<SocketAddr>)> {
    let extensions = request.extensions();
    Some((extensions.get::<Connection>()?.clone(), *extensions.get::<ConnectInfo<SocketAddr>>()?))
}

/// As a server is asked: the path alone, and the host in its header.
fn to_origin_form(request: &mut Request<Body>) {
    let uri = std::mem::take(request.uri_mut()).into_parts();
    if let Some(host) = uri.authority.as_ref().and_then(|named| HeaderValue::from_str(named.as_str()).ok()) {
        request.headers_mut().insert(HOST, host);
    }
    *request.uri_mut() = uri.path_and_query.map_or_else(|| Uri::from_static("/"), Uri::from);
}

/// What is answered to CONNECT before the tunnel begins.
fn tunnel() -> Response {
    StatusCode::OK.into_response()
}

/// A sentence, as body and as reason: many clients show only that of what a proxy says.
pub(super) fn say(status: StatusCode, why: &str) -> Response {
    let text = format!("erpsatz: {why}\n");
    let mut said = (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response();
    let line: String = why.chars().filter(|letter| letter.is_ascii_graphic() || *letter == ' ').collect();
    if let Ok(reason) = ReasonPhrase::try_from(format!("erpsatz: {line}")) {
        said.extensions_mut().insert(reason);
    }
    said
}

/// Host and port of a target; a scheme gives the port that is not said.
pub(super) fn host_and_port(authority: &Authority, usual: u16) -> (String, u16) {
    (authority.host().trim_matches(['[', ']']).to_owned(), authority.port_u16().unwrap_or(usual))
}
