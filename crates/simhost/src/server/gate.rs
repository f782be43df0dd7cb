//! The way of one request: sandbox, journal, fault on the way in, credentials, the simulator, its dialect of errors,
//! fault on the way out, journal.

mod dialect;
mod entrance;
mod injected;
mod record;
pub(in crate::server) mod refusal;
mod routing;
mod unreadable;
mod wire;

use std::cell::{OnceCell, RefCell};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::header::{DATE, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use jiff::Timestamp;

use crate::base::aside::steps_aside;
use crate::base::error::{Error, Result, panic_text};
use crate::base::origin::Origin;
use crate::base::request::RequestView;
use crate::contract::{Answered, Checked, Contract, Found, Hidden, UsedFacts, Violations};
use crate::journal::processing::{Processing, Refusal, Stage};
use crate::judge::life::{self, LIFE_HEADER};
use crate::sandbox::Sandbox;
use crate::sandbox::names::DEFAULT;
use crate::sandbox::sandboxes::{Options, Sandboxes};
use crate::server::again::Again;
use crate::server::body;
use crate::server::client_stream::Connection;
use crate::server::effect;
use crate::server::gate::dialect::{dialect, plain, rendered};
use crate::server::gate::entrance::sandbox_of;
use crate::server::gate::wire::Own;
use crate::server::refusal::Refused;
use crate::server::run_to_completion::{RunToCompletion, Work};
use crate::server::transport::Transport;
use crate::simulator::ctx::Ctx;
use crate::simulator::{Loaded, Simulator};
use crate::store::Store;
use crate::store::effects::{Trace, hash};

/// The header that names a sandbox.
pub const SANDBOX_HEADER: &str = "erpsatz-sandbox";

/// How large a body may be to be read, checked and judged while others wait: some milliseconds' work.
const MAX_QUICK: usize = 128 << 10;

/// How many bytes the headers of a request may have.
pub const MAX_HEADERS: usize = 64 << 10;

/// One simulator's gate.
#[derive(Clone)]
pub struct Gate {
    sandboxes: Arc<Sandboxes>,
    index: usize,
}

/// A request on its way.
struct Exchange {
    gate: Gate,
    sandbox: Arc<Sandbox>,
    prefix: Arc<str>,
    parts: Parts,
    /// As it came.
    body: Result<Bytes>,
    /// As it is read: inflated, without a byte order mark.
    read: Result<Bytes>,
    /// The query and the body with the server's own names, where a profile has others on the wire.
    own: Option<Own>,
    /// Which world of the sandbox it came into.
    world: u64,
    /// Its simulator's database, unless that could not be opened.
    store: Option<Arc<Store>>,
    /// When it came, in simulated time: after what fell due before it.
    at: Timestamp,
    /// What its simulator takes for now: later than that, when a fault delayed it.
    now: Timestamp,
    contract: Arc<Contract>,
    /// Where its path leads, looked up once: the contract check and the table of routes both go by it.
    found: Found,
    checked: Checked,
    processing: Processing,
    trace: Arc<Trace>,
    came: Came,
}

/// The refusals of the profile that an answer says, the whole first and then its details: an extension of the response.
#[derive(Clone, Debug, Default)]
pub struct Refusals(pub Vec<String>);

/// How a request came.
struct Came {
    /// When, in real time.
    began: std::time::Instant,
    /// When its connection was opened, where it is the first on it.
    opened: Option<std::time::Instant>,
    /// From where.
    peer: u64,
    /// Becomes true when the connection has gone before it was answered.
    is_alone: Arc<AtomicBool>,
    /// Whether the client closed its side with the request: it has nothing more to say and waits for the answer.
    was_closed: bool,
    /// How long it took then, where it is played again: faults do not keep it waiting in real time.
    took: Option<std::time::Duration>,
}

/// What the simulator made of a request.
struct Handled {
    response: Response,
    body: Bytes,
    principal: String,
}

impl Gate {
    /// The gate of the simulator at `index`.
    pub fn new(sandboxes: Arc<Sandboxes>, index: usize) -> Self {
        Self { sandboxes, index }
    }

    pub(crate) fn server(&self) -> &Loaded {
        &self.sandboxes.shared().servers[self.index]
    }

    fn sim(&self) -> &'static Simulator {
        self.server().sim
    }

    /// What every answer says, whoever gives it.
    fn sign(&self, now: Timestamp, headers: &mut HeaderMap) {
        headers.insert(DATE, date(now));
        for (name, value) in self.sim().headers {
            headers.insert(*name, HeaderValue::from_static(value));
        }
    }

    async fn pass_in(
        self,
        sandbox: Arc<Sandbox>,
        prefix: Arc<str>,
        parts: Parts,
        body: Result<Bytes>,
        (came, world): (Came, u64),
    ) -> Response {
        let store = sandbox.store(self.index).await.ok();
        let contract = sandbox.contract_over(self.index, store.as_deref());
        let (found, checked, processing) = Default::default();
        let (inflates, limit) = (self.sim().inflates, self.sandboxes.shared().options.max_body);
        let read = body.as_ref().map_err(Error::clone);
        let read = read.and_then(|raw| body::readable(&parts.headers, raw, inflates, limit));
        let trace = Arc::new(Trace::new(read.as_ref().ok().cloned().unwrap_or_default()));
        // In a place of its own: futures that take it over move its address and not all of it.
        let mut exchange = Box::new(Exchange {
            gate: self,
            sandbox,
            prefix,
            parts,
            body,
            read,
            own: None,
            world,
            store,
            at: Timestamp::UNIX_EPOCH,
            now: Timestamp::UNIX_EPOCH,
            contract,
            found,
            checked,
            processing,
            trace,
            came,
        });
        exchange.translate();
        exchange.look_up();
        exchange.run().await
    }

    /// Lets a request pass. It goes on to its end even when the client hangs up, as on a real server.
    pub async fn pass(self, request: Request) -> Response {
        if let Some(refused) = request.extensions().get::<Refused>() {
            let user = request.extensions().get::<Transport>().and_then(|transport| transport.user.clone());
            return self.unreadable(refused, user.as_deref().unwrap_or(DEFAULT)).await;
        }
        let began = instant();
        let (mut parts, body) = request.into_parts();
        let (name, prefix) = match sandbox_of(&mut parts, &self.sandboxes.shared().options) {
            Ok(found) => found,
            Err(error) => return self.spoken(&error).await,
        };
        let sandbox = match self.sandboxes.open(&name).await {
            Ok(sandbox) => sandbox,
            // What a client or its user can mend is said in the vendor's envelope.
            Err(error) if error.status.is_client_error() => return self.spoken(&error).await,
            Err(error) => return plain(&error),
        };
        let id = sandbox.id.clone();
        let mut response = match life::check(&parts.headers, &id) {
            Ok(()) => self.pass_through(sandbox, prefix, parts, body, began).await,
            Err(error) => self.said_in(&sandbox, &error).await,
        };
        response.headers_mut().insert(LIFE_HEADER, id);
        response
    }

    /// The way of a request that means this sandbox.
    async fn pass_through(
        self,
        sandbox: Arc<Sandbox>,
        prefix: Arc<str>,
        mut parts: Parts,
        body: Body,
        began: std::time::Instant,
    ) -> Response {
        parts.headers.remove(LIFE_HEADER);
        let world = sandbox.world_id();
        let Options { max_body, client_timeout, .. } = self.sandboxes.shared().options;
        let again = parts.extensions.remove::<Again>();
        let body = match again.as_ref().and_then(Again::unread) {
            Some(unread) => Err(unread),
            None => body::read(&parts.headers, body, max_body, client_timeout).await,
        };
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(0, |peer| hash(&peer.0));
        let is_alone = Arc::new(AtomicBool::new(again.as_ref().is_some_and(|again| again.has_gone)));
        let connection = parts.extensions.get::<Connection>();
        let was_closed = connection.is_some_and(Connection::is_closed);
        let opened = connection.and_then(Connection::opened);
        let came = Came { began, opened, peer, is_alone: is_alone.clone(), was_closed, took: None };
        let came = match again {
            Some(Again { came: began, opened, took, .. }) => Came { began, opened, took: Some(took), ..came },
            None => came,
        };
        let is_long = body.as_ref().is_ok_and(|body| body.len() > MAX_QUICK);
        let passing = self.pass_in(sandbox, prefix, parts, body, (came, world));
        let mut passing: Work<_> = Box::pin(AssertUnwindSafe(passing).catch_unwind());
        if is_long {
            passing = Box::pin(steps_aside(passing));
        }
        let passed = RunToCompletion::new(passing, is_alone).await;
        passed.unwrap_or_else(|panic| plain(&Error::internal(panic_text(&*panic))))
    }
}

impl Exchange {
    async fn run(mut self: Box<Self>) -> Response {
        // What falls due at this time has happened before the request is looked at.
        self.sandbox.play_within(self.world).await;
        self.at = self.sandbox.now();
        self.now = self.at;
        let (injection, set_off) = self.sandbox.arrive(&self.view());
        let (sandbox, world) = (self.sandbox.clone(), self.world);
        let response = tokio::select! {
            biased;
            response = self.answer(injection) => response,
            // Nobody is kept waiting for a world that is gone; what is being written is not given up half-way.
            () = sandbox.end_of_world(world) => return effect::cut(),
        };
        if sandbox.world_id() != world {
            return effect::cut();
        }
        if set_off {
            sandbox.play_within(world).await;
        }
        sandbox.settle().await;
        response
    }

    /// Finds the operation, and holds the request against it.
    fn look_up(&mut self) {
        let found = self.contract.find(self.parts.method.as_str(), self.parts.uri.path());
        let renames = &self.gate.server().renames;
        self.found = if renames.is_empty() { found } else { self.contract.paths().renamed(found, renames) };
        self.checked = self.contract.check(&self.own_view(), &self.found);
        // Of a body that could not be read nothing is known, not even that there was none.
        if self.read.is_err() {
            self.checked.violations.retain(|found| found.rule != "required" || found.position != "body");
        }
    }

    fn view(&self) -> RequestView<'_> {
        RequestView {
            server: self.gate.sim().slug,
            method: &self.parts.method,
            path: self.parts.uri.path(),
            query: self.parts.uri.query().unwrap_or_default(),
            headers: &self.parts.headers,
            body: self.read.as_deref().unwrap_or_default(),
            read: OnceCell::new(),
            json: self.trace.json(),
        }
    }

    async fn ctx(&self) -> Result<Ctx> {
        let store = match &self.store {
            Some(store) => store.clone(),
            None => self.sandbox.store(self.gate.index).await?,
        };
        let mut ctx = self.sandbox.ctx_over(self.gate.index, store, self.now, self.prefix.clone());
        ctx.trace = Some(self.trace.clone());
        ctx.world = self.world;
        ctx.is_again = self.is_again();
        ctx.peer = self.parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        ctx.origin = self.origin();
        Ok(ctx)
    }

    /// What absolute URLs in the answer begin with.
    fn origin(&self) -> Origin {
        let Parts { headers, uri, extensions, .. } = &self.parts;
        let is_encrypted = extensions.get::<Transport>().is_some_and(|transport| transport.is_encrypted);
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        let trusted = &self.gate.sandboxes.shared().options.trusted_proxies;
        Origin::of(uri, headers, is_encrypted, peer.is_some_and(|peer| trusted.admits(peer)))
    }

    /// Credentials, then the router; whatever goes wrong comes out in the vendor's words.
    async fn handle(&mut self) -> Handled {
        let mut ctx = match self.ctx().await {
            Ok(ctx) => ctx,
            Err(error) => return collected(plain(&error)).await,
        };
        // Settings may have changed since the request came.
        let contract = self.sandbox.contract_under(self.gate.index, &ctx.settings);
        if !Arc::ptr_eq(&contract, &self.contract) {
            self.contract = contract;
            self.look_up();
        }
        self.processing.stage = Stage::Quota;
        let headers = match ctx.admit(&self.parts).await {
            Ok(headers) => headers,
            Err(error) => {
                self.processing.refusal = Some(Box::new(Refusal::of(&ctx.worded(&error))));
                return collected(self.with_allow(&ctx, rendered(&ctx, &error))).await;
            }
        };
        let outcome = AssertUnwindSafe(self.route(&mut ctx)).catch_unwind().await;
        let mut response =
            outcome.unwrap_or_else(|panic| Error::internal(panic_text(&*panic)).into_response());
        let principal = ctx.entry().map(|principal| principal.name.clone()).unwrap_or_default();
        let mut refusals = Refusals::default();
        if let Some(error) = response.extensions_mut().remove::<Arc<Error>>() {
            let details = error.details.iter().filter_map(|detail| detail.said.as_ref());
            let details: Vec<String> = details.map(|said| said.name.to_string()).collect();
            let error = Arc::new(ctx.worded(&error));
            refusals.0 = error.refusal().map(str::to_owned).into_iter().chain(details).collect();
            response.extensions_mut().insert(error.clone());
            self.processing.refusal = Some(Box::new(Refusal::of(&error)));
            self.note_refusal(&ctx, &error).await;
            let refused = self
                .violation(&error)
                .filter(|refused| !self.checked.violations.iter().any(|known| known.rule == refused.rule));
            self.checked.violations.extend(refused);
            let refusal: Vec<String> = error.refusal().map(str::to_owned).into_iter().collect();
            self.contract.use_named(&mut self.checked, &refusal);
        }
        if let Some(Hidden(errors)) = response.extensions_mut().remove() {
            self.processing.refusal = errors.first().map(|error| Box::new(Refusal::of(error)));
            refusals.0.extend(errors.iter().filter_map(|error| error.refusal().map(str::to_owned)));
        }
        if let Some(Violations(found)) = response.extensions_mut().remove() {
            self.checked.violations.extend(found);
        }
        if let Some(UsedFacts(names)) = response.extensions_mut().remove() {
            self.contract.use_named(&mut self.checked, &names);
        }
        let mut response = self.with_allow(&ctx, dialect(&ctx, response));
        response.headers_mut().extend(headers);
        response.extensions_mut().insert(refusals);
        let handled = self.with_status(collected(response).await);
        let answer = &handled.response;
        self.contract.answered(&mut self.checked, answer.status().as_u16());
        if cfg!(debug_assertions) {
            self.hold_against_contract(&handled);
        }
        Handled { principal, ..self.on_the_wire(handled) }
    }

    /// Whatever the tests ask, every answer of a simulator is as its contract says. The log says why first: of a panic it
    /// withholds the text.
    fn hold_against_contract(&self, handled: &Handled) {
        let deviation = self.deviation(handled);
        if let Some(why) = &deviation {
            tracing::error!(server = self.gate.server().sim.slug, "{why}");
        }
        debug_assert_eq!(deviation, None);
    }

    /// What of the simulator's own answer is not as its contract says.
    fn deviation(&self, handled: &Handled) -> Option<String> {
        let Handled { response, body, .. } = handled;
        // That a client is not waited for any longer is HTTP's to say, about any call.
        if response.status() == StatusCode::REQUEST_TIMEOUT {
            return None;
        }
        let answered = Answered { status: response.status().as_u16(), headers: response.headers(), body };
        self.contract.deviation(&self.own_view(), &self.found, answered)
    }
}

#[expect(clippy::disallowed_methods, reason = "the journal's duration is real time")]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

thread_local! {
    /// The last date that was written, and the second that it is.
    static LAST_DATE: RefCell<(i64, HeaderValue)> = const { RefCell::new((i64::MIN, HeaderValue::from_static(""))) };
}

/// The sandbox's time as HTTP writes it, so that a frozen clock gives the same bytes.
fn date(now: Timestamp) -> HeaderValue {
    LAST_DATE.with_borrow_mut(|(second, written)| {
        if *second != now.as_second() {
            let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
            let value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
            (*second, *written) = (now.as_second(), value);
        }
        written.clone()
    })
}

async fn collected(response: Response) -> Handled {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let response = Response::from_parts(parts, Body::empty());
    Handled { response, body, principal: String::new() }
}

fn with_body(mut response: Response, body: Bytes) -> Response {
    *response.body_mut() = Body::from(body);
    response
}
