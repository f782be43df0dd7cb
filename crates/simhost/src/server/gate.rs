//! The way of one request: sandbox, journal, fault on the way in, credentials, the simulator, its dialect of errors,
//! fault on the way out, journal.

mod dialect;
mod record;
mod refusal;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Request};
use axum::http::header::{DATE, HeaderValue, RETRY_AFTER};
use axum::http::request::Parts;
use axum::http::uri::{PathAndQuery, Uri};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use jiff::Timestamp;

use crate::base::error::{Error, Kind, Result, panic_text};
use crate::base::request::Seen;
use crate::contract::{Checked, Contract, Found, Leaned, Violation, Violations};
use crate::rules::fault::{Strike, status};
use crate::sandbox::Sandbox;
use crate::sandbox::sandboxes::{DEFAULT, Options, Sandboxes};
use crate::server::body;
use crate::server::effect;
use crate::server::gate::dialect::{dialect, plain, rendered};
use crate::server::gate::record::Record;
use crate::server::refusal::Refused;
use crate::server::to_the_end::ToTheEnd;
use crate::simulator::ctx::Ctx;
use crate::simulator::extract::Query;
use crate::simulator::route::{Call, Chosen, Table, choose, sized};
use crate::simulator::{Loaded, Routes, Simulator};
use crate::store::effects::{Trace, hash};

/// The header that names a sandbox.
pub const SANDBOX_HEADER: &str = "erpsatz-sandbox";

/// How many bytes the headers of a request may have.
pub const MAX_HEADERS: usize = 64 << 10;

/// One simulator's gate.
#[derive(Clone)]
pub struct Gate {
    sandboxes: Arc<Sandboxes>,
    index: usize,
}

/// A request on its way.
struct Passage {
    gate: Gate,
    sandbox: Arc<Sandbox>,
    prefix: Arc<str>,
    parts: Parts,
    body: Result<Bytes>,
    contract: Arc<Contract>,
    /// Where its path leads, looked up once: the contract check and the table of routes both go by it.
    found: Found,
    checked: Checked,
    trace: Arc<Trace>,
    came: Came,
}

/// How a request came.
struct Came {
    /// When, in real time.
    began: std::time::Instant,
    /// When, in simulated time.
    at: Timestamp,
    /// From where.
    peer: u64,
    /// Becomes true when the client has gone before it was answered.
    is_alone: Arc<AtomicBool>,
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

    fn server(&self) -> &Loaded {
        &self.sandboxes.shared().servers[self.index]
    }

    fn sim(&self) -> &'static Simulator {
        self.server().sim
    }

    async fn pass_in(
        self,
        sandbox: Arc<Sandbox>,
        prefix: Arc<str>,
        parts: Parts,
        body: Result<Bytes>,
        came: Came,
    ) -> Response {
        let contract = sandbox.contract(self.index).await;
        let (found, checked) = Default::default();
        let trace = Arc::new(Trace::new(body.as_ref().ok().cloned().unwrap_or_default()));
        let mut passage =
            Passage { gate: self, sandbox, prefix, parts, body, contract, found, checked, trace, came };
        passage.look_up();
        passage.run().await
    }

    /// Lets a request pass. It goes on to its end even when the client hangs up, as on a real server.
    pub async fn pass(self, request: Request) -> Response {
        let began = instant();
        let (mut parts, body) = request.into_parts();
        let (name, prefix) = match sandbox_of(&mut parts) {
            Ok(found) => found,
            Err(error) => return plain(&error),
        };
        let sandbox = match self.sandboxes.open(&name) {
            Ok(sandbox) => sandbox,
            Err(error) => return plain(&error),
        };
        let Options { max_body, patience, .. } = self.sandboxes.shared().options;
        let body = body::read(body, max_body, patience).await;
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map_or(0, |peer| hash(&peer.0));
        let is_alone = Arc::<AtomicBool>::default();
        let came = Came { began, at: sandbox.now(), peer, is_alone: is_alone.clone() };
        let passing = AssertUnwindSafe(self.pass_in(sandbox, prefix, parts, body, came)).catch_unwind();
        ToTheEnd::new(passing, is_alone)
            .await
            .unwrap_or_else(|panic| plain(&Error::internal(panic_text(&*panic))))
    }
}

impl Passage {
    async fn run(self) -> Response {
        // What falls due at this time has happened before the request is looked at.
        self.sandbox.play().await;
        let (strike, set_off) = self.sandbox.arrive(&self.seen());
        let sandbox = self.sandbox.clone();
        let response = self.answer(strike).await;
        if set_off {
            sandbox.play().await;
        }
        response
    }

    async fn answer(mut self, strike: Option<Strike>) -> Response {
        let Some(strike) = strike else {
            let handled = self.handle().await;
            return self.finish(handled, None);
        };
        if let Some(delay) = strike.delay {
            // No lock is held here: a slow request delays no other.
            tokio::time::sleep(delay).await;
        }
        let then = &strike.rule.then;
        if then.drop || then.timeout.is_some() {
            self.record(Record { strike: Some(&strike), ..Record::default() });
            tokio::time::sleep(then.timeout.map_or(Duration::ZERO, crate::base::duration::Duration::real))
                .await;
            return effect::cut();
        }
        let injected = match (then.status, strike.retry_after) {
            (Some(code), _) => Some(Error::new(status(code), Kind::Injected)),
            (None, Some(seconds)) => Some(
                Error::new(StatusCode::TOO_MANY_REQUESTS, Kind::RateLimited)
                    .header(RETRY_AFTER, &seconds.to_string()),
            ),
            (None, None) => None,
        };
        match injected {
            Some(error) => self.answer_injected(&strike, &error).await,
            None => {
                let handled = self.handle().await;
                self.finish(handled, Some(&strike))
            }
        }
    }

    /// Finds the operation, and holds the request against it.
    fn look_up(&mut self) {
        self.found = self.contract.find(self.parts.method.as_str(), self.parts.uri.path());
        self.checked = self.contract.check(&self.seen(), &self.found);
    }

    fn seen(&self) -> Seen<'_> {
        Seen {
            server: self.gate.sim().slug,
            method: &self.parts.method,
            path: self.parts.uri.path(),
            query: self.parts.uri.query().unwrap_or_default(),
            headers: &self.parts.headers,
            body: self.body.as_deref().unwrap_or_default(),
        }
    }

    async fn ctx(&self) -> Result<Ctx> {
        let mut ctx = self.sandbox.ctx(self.gate.index, self.prefix.clone()).await?;
        ctx.trace = Some(self.trace.clone());
        ctx.peer = self.parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
        Ok(ctx)
    }

    async fn answer_injected(self, strike: &Strike, error: &Error) -> Response {
        let then = &strike.rule.then;
        let mut response = match (effect::scripted(then), self.ctx().await) {
            (Some(response), _) => response,
            (None, Ok(ctx)) => rendered(&ctx, error),
            (None, Err(error)) => plain(&error),
        };
        response.headers_mut().insert(DATE, date(self.sandbox.now()));
        effect::add_headers(then, response.headers_mut());
        let Handled { response, body, .. } = collected(response).await;
        self.record(Record {
            strike: Some(strike),
            status: Some(response.status()),
            headers: response.headers().clone(),
            body: body.clone(),
            ..Record::default()
        });
        with_body(response, body)
    }

    /// Credentials, then the router; whatever goes wrong comes out in the vendor's words.
    async fn handle(&mut self) -> Handled {
        let mut ctx = match self.ctx().await {
            Ok(ctx) => ctx,
            Err(error) => return collected(plain(&error)).await,
        };
        // Settings may have changed since the request came.
        let contract = self.sandbox.contract(self.gate.index).await;
        if !Arc::ptr_eq(&contract, &self.contract) {
            self.contract = contract;
            self.look_up();
        }
        let headers = match ctx.admit(&self.parts).await {
            Ok(headers) => headers,
            Err(error) => return collected(rendered(&ctx, &error)).await,
        };
        let outcome = AssertUnwindSafe(self.route(&mut ctx)).catch_unwind().await;
        let mut response =
            outcome.unwrap_or_else(|panic| Error::internal(panic_text(&*panic)).into_response());
        let principal = ctx.entry().map(|principal| principal.name.clone()).unwrap_or_default();
        if let Some(error) = response.extensions().get::<Arc<Error>>() {
            let error = error.clone();
            self.note_refusal(&ctx, &error).await;
            let refused = self
                .violation(&error)
                .filter(|refused| !self.checked.violations.iter().any(|known| known.rule == refused.rule));
            self.checked.violations.extend(refused);
        }
        if let Some(Violations(found)) = response.extensions_mut().remove() {
            self.checked.violations.extend(found);
        }
        if let Some(Leaned(names)) = response.extensions_mut().remove() {
            self.contract.leaned(&mut self.checked, &names);
        }
        let mut response = dialect(&ctx, response);
        response.headers_mut().extend(headers);
        let handled = collected(response).await;
        self.contract.answered(&mut self.checked, handled.response.status().as_u16());
        Handled { principal, ..handled }
    }

    /// What of the request is outside the contract, as far as the refusal tells: a verb that another of the vendor's
    /// variants takes, a body that is not what its media type says.
    fn violation(&self, error: &Error) -> Option<Violation> {
        let (method, path) = (&self.parts.method, self.parts.uri.path());
        let (rule, position, message) = match error.kind {
            Kind::Route => ("path", path, format!("{path} is not documented")),
            Kind::Method => ("verb", method.as_str(), format!("{method} is not documented for {path}")),
            // A body that is not there has no media type; that it is missing has been said.
            Kind::MediaType if self.body.as_ref().is_ok_and(Bytes::is_empty) => return None,
            Kind::MediaType => {
                ("content-type", "content-type", format!("{method} {path} does not take this media type"))
            }
            Kind::Syntax => {
                ("body", "body", format!("the body of {method} {path} is not what its media type says"))
            }
            _ => return None,
        };
        Some(Violation::new(rule, position, message, None))
    }

    async fn route(&mut self, ctx: &mut Ctx) -> Response {
        if let Some(Refused(status)) = self.parts.extensions.get() {
            return Error::new(*status, Kind::Headers).into_response();
        }
        let size: usize =
            self.parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
        if size > MAX_HEADERS {
            return Error::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, Kind::Headers).into_response();
        }
        ctx.identify(&self.parts).await;
        if ctx.sim.auth_first
            && self.parts.method != Method::OPTIONS
            && let Err(error) = ctx.entry()
        {
            return error.clone().into_response();
        }
        let body = match &self.body {
            Ok(body) => body.clone(),
            Err(error) => return error.clone().into_response(),
        };
        let server = self.gate.server();
        match (&server.sim.routes, &server.router) {
            (Routes::Table(table), _) => {
                self.call(ctx, table, body).await.unwrap_or_else(Error::into_response)
            }
            (Routes::Router(_), Some(router)) => self.enter(ctx, router.clone(), body).await,
            (Routes::Router(_), None) => Error::internal("no router").into_response(),
        }
    }

    /// The row's handler, once the row is found and the client may enter.
    async fn call(&self, ctx: &Ctx, table: &Table, body: Bytes) -> Result<Response> {
        let Parts { method, uri, headers, .. } = &self.parts;
        let (asked, known) = ((method, uri.path()), (&*self.contract, &self.found));
        let route = match choose(table, &self.gate.server().routes, ctx, asked, known)? {
            Chosen::Row(route) => route,
            Chosen::Answer(answer) => return Ok(answer),
        };
        if !route.is_open {
            ctx.entry().map_err(Clone::clone)?;
        }
        if let Some(error) = self.refused(ctx) {
            return Err(error);
        }
        let call = Call {
            ctx: ctx.clone(),
            method: method.clone(),
            headers: headers.clone(),
            query: Query::new(uri),
            body,
            subject: route.subject,
            contract: self.contract.clone(),
            found: self.found.clone(),
        };
        (route.handler)(call).await.map(|response| sized(method, response))
    }

    /// The simulator's own router.
    async fn enter(&self, ctx: &Ctx, mut router: Router, body: Bytes) -> Response {
        if let Some(error) = self.refused(ctx) {
            return error.into_response();
        }
        let mut request = Request::from_parts(self.parts.clone(), Body::from(body));
        // The gate has read the body, up to a limit of its own.
        DefaultBodyLimit::disable().apply(&mut request);
        request.extensions_mut().insert(ctx.clone());
        match tower_service::Service::call(&mut router, request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Strict mode lets nothing through that is outside the contract. What every server refuses by itself, in words of
    /// its own, is left to it.
    fn refused(&self, ctx: &Ctx) -> Option<Error> {
        let operation = self.checked.operation.filter(|_| ctx.strict)?;
        let lenient = ["parameter", "header", "field", "type", "value", "alias"];
        let refused: Vec<Violation> =
            self.checked.violations.iter().filter(|found| lenient.contains(&found.rule)).cloned().collect();
        let may_enter = self.contract.operations[operation].is_open || ctx.entry().is_ok();
        (may_enter && !refused.is_empty()).then(|| (ctx.sim.refuse)(ctx, &refused))
    }

    fn finish(self, handled: Handled, strike: Option<&Strike>) -> Response {
        let Handled { mut response, body, principal } = handled;
        response.headers_mut().insert(DATE, date(self.sandbox.now()));
        let lost = strike.is_some_and(|strike| strike.rule.then.lose_response);
        self.record(Record {
            principal,
            strike,
            handled: Some(response.status()),
            status: (!lost).then_some(response.status()),
            headers: response.headers().clone(),
            body: body.clone(),
        });
        match strike {
            Some(strike) => effect::damage(&strike.rule.then, response, &body),
            None => with_body(response, body),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the journal's duration is real time")]
fn instant() -> std::time::Instant {
    std::time::Instant::now()
}

/// Which sandbox a request means, and what its URLs begin with. The prefix is taken off the path, the header off
/// the headers: the simulator knows of neither.
fn sandbox_of(parts: &mut Parts) -> Result<(Cow<'static, str>, Arc<str>)> {
    let header = parts.headers.remove(SANDBOX_HEADER);
    let Some(rest) = parts.uri.path().strip_prefix("/~") else {
        let name = header.map(|name| String::from_utf8_lossy(name.as_bytes()).into_owned());
        return Ok((name.map_or(Cow::Borrowed(DEFAULT), Cow::Owned), Arc::default()));
    };
    let (name, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let name = name.to_owned();
    let path = if path.is_empty() { "/" } else { path };
    let target = match parts.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let mut uri = std::mem::take(&mut parts.uri).into_parts();
    uri.path_and_query = Some(PathAndQuery::try_from(target).map_err(|_| bad_path())?);
    parts.uri = Uri::from_parts(uri).map_err(|_| bad_path())?;
    let prefix = Arc::from(format!("/~{name}"));
    Ok((name.into(), prefix))
}

fn bad_path() -> Error {
    Error::vendor(StatusCode::BAD_REQUEST, "bad_path", "the path cannot be read")
}

/// The sandbox's time as HTTP writes it, so that a frozen clock gives the same bytes.
fn date(now: Timestamp) -> HeaderValue {
    let text = now.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""))
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
