//! The table of a vendor's calls: one row each, from which routing, `Allow`, the contract and the handler come.

use std::borrow::Cow;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::HttpBody as _;
use axum::http::header::{ALLOW, CONTENT_LENGTH, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::base::error::{Error, ErrorKind, Result};
use crate::contract::{Contract, Found, Operation, Spelling, lenient_segments};
use crate::entity::model::Model;
use crate::entity::profile::Evidence;
use crate::entity::settings::Settings;
use crate::simulator::ctx::Ctx;
use crate::simulator::extract::Query;

/// What answers a call.
pub type Handler = fn(Call) -> Answering;

/// An answer under way.
pub type Answering = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

/// An `async fn(Call) -> Result<Response>` as the handler of a row; further arguments are given to it each time.
#[macro_export]
macro_rules! handler {
    ($function:path $(, $argument:expr)*) => {
        |call| ::std::boxed::Box::pin($function(call $(, $argument)*))
    };
}

/// One call of a vendor's API. `S` is what else the vendor says of it in its own table; in a table that is ready it is
/// the place of that.
#[derive(Clone, Debug)]
pub struct Route<S = usize> {
    /// What settings and generated clients call it; empty where the vendor needs no name.
    pub name: &'static str,
    /// The verb; empty for a path that is there and takes none.
    pub method: &'static str,
    /// The path in the simulator's own words: `{name}` for one variable segment, `{name*}` for all that follows.
    pub path: Cow<'static, str>,
    /// Where it comes from.
    pub evidence: Evidence,
    /// Whether it needs no credentials.
    pub is_open: bool,
    /// Whether the path takes no verbs but its own rows'; otherwise others are those of the next path that fits.
    pub reserves_path: bool,
    /// What answers it.
    pub handler: Handler,
    /// What else the vendor says of it.
    pub subject: S,
}

impl<S> Route<S> {
    /// A documented call of signed-in clients.
    pub const fn new(method: &'static str, path: &'static str, handler: Handler, subject: S) -> Self {
        Self {
            name: "",
            method,
            path: Cow::Borrowed(path),
            evidence: Evidence::Doc,
            is_open: false,
            reserves_path: true,
            handler,
            subject,
        }
    }

    /// An assumed call of signed-in clients.
    pub const fn assumed(method: &'static str, path: &'static str, handler: Handler, subject: S) -> Self {
        Self::new(method, path, handler, subject).evidence(Evidence::Assumed)
    }

    /// The same, which comes from elsewhere.
    #[must_use]
    pub const fn evidence(mut self, evidence: Evidence) -> Self {
        self.evidence = evidence;
        self
    }

    /// The same for everybody.
    #[must_use]
    pub const fn open(mut self) -> Self {
        self.is_open = true;
        self
    }

    /// The same with a name.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// The same, whose path other rows may take with other verbs.
    #[must_use]
    pub const fn shared(mut self) -> Self {
        self.reserves_path = false;
        self
    }

    /// The same about something else.
    pub fn about<T>(self, subject: T) -> Route<T> {
        let Self { name, method, path, evidence, is_open, reserves_path, handler, .. } = self;
        Route { name, method, path, evidence, is_open, reserves_path, handler, subject }
    }
}

impl<S: Clone> Route<S> {
    /// A vendor's own table, ready: each row is about its place there.
    pub fn table(rows: &[Self]) -> Vec<Route> {
        rows.iter().enumerate().map(|(place, row)| row.clone().about(place)).collect()
    }
}

/// Whether a call is served to somebody, besides what settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Served {
    /// It is.
    Yes,
    /// The path is there, the verb is not: 405.
    No,
    /// As if there were no such row.
    Hidden,
}

/// The calls of a vendor, and how its server reads paths and verbs.
pub struct Table {
    /// Every call that there can be, in the order of the vendor's pages.
    pub rows: fn(&Model) -> Vec<Route>,
    /// How paths are read.
    pub spelling: Spelling,
    /// The path of a row under these settings; nothing where they take the call away.
    pub path: fn(&Settings, &Route) -> Option<String>,
    /// Whether a row is served to whoever asks.
    pub served: fn(&Ctx, &Route) -> Served,
    /// Whether `HEAD` is answered as `GET` without its body.
    pub serves_head: bool,
    /// What `OPTIONS` is answered with, without credentials, for a path that takes these verbs; 405 where there is
    /// nothing.
    pub options: Option<fn(&[&'static str]) -> Response>,
    /// What a path or a verb is refused with that no row serves.
    pub unserved: fn(&Ctx, &Unserved<'_>) -> Error,
}

/// A request that no row serves.
#[derive(Debug)]
pub struct Unserved<'a> {
    /// Its verb.
    pub method: &'a str,
    /// Its path.
    pub path: &'a str,
    /// The verbs that the path takes, in the order of the table; nothing where there is no such path.
    pub allowed: Option<Vec<&'static str>>,
}

impl Table {
    /// No calls, read to the letter; what a vendor does not say otherwise is so.
    pub const BASE: Self = Self {
        rows: |_| Vec::new(),
        spelling: Spelling { any_case: false, doubled_slashes: false },
        path: |_, route| Some(route.path.clone().into_owned()),
        served: |_, _| Served::Yes,
        serves_head: true,
        options: None,
        unserved: |_, unserved| unserved.error(),
    };
}

impl Unserved<'_> {
    /// The decoded segments of the path, whatever can be read of them.
    pub fn segments(&self) -> Vec<Cow<'_, str>> {
        lenient_segments(self.path)
    }

    /// 404, or 405 with `Allow`, in the words that `render` has for these.
    pub fn error(&self) -> Error {
        match &self.allowed {
            None => Error::new(StatusCode::NOT_FOUND, ErrorKind::Route),
            Some(allowed) => Error::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method)
                .header(ALLOW, &allowed.join(", ")),
        }
    }
}

/// The rows that there are under some settings, for a contract.
pub struct Rows<'a> {
    rows: Vec<(usize, &'a Route, String)>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(table: &Table, routes: &'a [Route], settings: &Settings) -> Self {
        let rows = routes.iter().enumerate();
        let rows = rows.filter_map(|(place, route)| Some((place, route, (table.path)(settings, route)?)));
        Self { rows: rows.collect() }
    }

    /// Rows of a simulator that has no table.
    pub(crate) fn none() -> Self {
        Self { rows: Vec::new() }
    }

    /// The operation that each row is: `describe` completes what the row itself says.
    pub fn operations(&self, mut describe: impl FnMut(&Route, Operation) -> Operation) -> Vec<Operation> {
        let verbs = self.rows.iter().filter(|(_, route, _)| !route.method.is_empty());
        verbs
            .map(|(place, route, path)| {
                let operation = Operation {
                    is_open: route.is_open,
                    reserves_path: route.reserves_path,
                    route: Some(*place),
                    ..Operation::new(route.method, path.clone(), id(route), route.evidence)
                };
                describe(route, operation)
            })
            .collect()
    }

    pub(crate) fn bare_paths(&self) -> Vec<String> {
        let bare = self.rows.iter().filter(|(_, route, _)| route.method.is_empty());
        bare.map(|(_, _, path)| path.clone()).collect()
    }
}

/// The name of a row, or one made of its verb and path: `get_api_tickets_number`.
fn id(route: &Route) -> String {
    if !route.name.is_empty() {
        return route.name.to_owned();
    }
    let words = route.path.split(['/', '{', '}', '*']).filter(|word| !word.is_empty());
    words.fold(route.method.to_lowercase(), |id, word| format!("{id}_{word}"))
}

/// A call whose row is found: what a handler works with.
pub struct Call {
    /// Who is asking, in which sandbox, at what time.
    pub ctx: Ctx,
    /// The verb.
    pub method: Method,
    /// The request's headers.
    pub headers: HeaderMap,
    /// The parameters of the query.
    pub query: Query,
    /// The body, read whole.
    pub body: Bytes,
    /// What the row is about: the place in the vendor's own table.
    pub subject: usize,
    /// The contract in force.
    pub contract: Arc<Contract>,
    /// Where the path led.
    pub found: Found,
}

impl Call {
    /// What a variable of the path holds, decoded; empty where the row has no such variable.
    pub fn variable(&self, name: &str) -> &str {
        self.contract.paths().variable(&self.found, name).unwrap_or_default()
    }
}

/// What becomes of a request whose path has been looked up.
pub enum Chosen<'a> {
    /// This row answers it.
    Row(&'a Route),
    /// It is answered without one.
    Answer(Response),
}

/// The row that serves a request: path before verb before whoever asks.
///
/// # Errors
/// What the vendor says of a path or a verb that no row serves.
pub fn choose<'a>(
    table: &Table,
    routes: &'a [Route],
    ctx: &Ctx,
    (method, path): (&Method, &str),
    (contract, found): (&Contract, &Found),
) -> Result<Chosen<'a>> {
    let unserved = |allowed| Err((table.unserved)(ctx, &Unserved { method: method.as_str(), path, allowed }));
    // Strict mode knows the documented words only.
    if !found.is_path() || (found.is_alias && ctx.strict) {
        return unserved(None);
    }
    let route = |operation: usize| row(routes, contract, operation);
    let is_served = *method != Method::HEAD || table.serves_head;
    if let Some(route) = found.operation.filter(|_| is_served).and_then(route) {
        match (table.served)(ctx, route) {
            Served::Yes => return Ok(Chosen::Row(route)),
            Served::Hidden => return unserved(None),
            Served::No => {}
        }
    }
    if let Some(options) = table.options.filter(|_| *method == Method::OPTIONS) {
        let verbs: Vec<&str> =
            contract.paths().operations(found).filter_map(route).map(|route| route.method).collect();
        return Ok(Chosen::Answer(options(&verbs)));
    }
    unserved(allowed(table, routes, ctx, (contract, found)))
}

/// The row of an operation, where it has one.
fn row<'a>(routes: &'a [Route], contract: &Contract, operation: usize) -> Option<&'a Route> {
    routes.get(contract.operations.get(operation)?.route?)
}

/// The verbs that a path takes of whoever asks, in the order of the table; nothing where the whole path is hidden from them.
pub fn allowed(
    table: &Table,
    routes: &[Route],
    ctx: &Ctx,
    (contract, found): (&Contract, &Found),
) -> Option<Vec<&'static str>> {
    let (mut allowed, mut is_hidden) = (Vec::new(), false);
    let here = contract.paths().operations(found);
    for route in here.filter_map(|operation| row(routes, contract, operation)) {
        match (table.served)(ctx, route) {
            Served::Yes => allowed.push(route.method),
            Served::Hidden => is_hidden = true,
            Served::No => {}
        }
    }
    Some(allowed).filter(|allowed| !(allowed.is_empty() && is_hidden))
}

/// An answer with its length said, also where `HEAD` leaves out its body.
pub fn sized(method: &Method, mut response: Response) -> Response {
    if let Some(size) = response.body().size_hint().exact() {
        response.headers_mut().entry(CONTENT_LENGTH).or_insert_with(|| HeaderValue::from(size));
    }
    if *method == Method::HEAD {
        *response.body_mut() = axum::body::Body::empty();
    }
    response
}
