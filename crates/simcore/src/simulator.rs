//! What a vendor's crate tells the core: one constant of this type, read in twenty lines.

pub mod consistency;
pub mod ctx;
pub mod data;
pub mod envelope;
pub mod extract;
pub mod habits;
pub mod lists;
mod loaded;
mod moves;
pub mod parameters;
pub mod records;
pub mod rest;
pub mod route;

pub use loaded::{Loaded, find};

use axum::Router;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::base::error::{Error, ErrorKind, Result};
use crate::contract::{Contract, Violation};
use crate::entity::model::Model;
use crate::entity::settings::Settings;
use crate::entity::validate::{Problem, refuse};
use crate::simulator::consistency::Findings;
use crate::simulator::ctx::Ctx;
use crate::simulator::habits::Habits;
use crate::simulator::route::{Rows, Table};
use crate::store::db::Db;
use crate::store::rows::Record;

/// What follows once a client may enter and its request, with this body, was routed.
pub type Entered = fn(&Ctx, &Db<'_>, &Parts, &Bytes) -> Result<()>;

/// Whether records are of another day, and what brings them to today.
pub type CatchUp = (fn(&Db<'_>) -> Result<bool>, fn(&Db<'_>) -> Result<()>);

/// The description of one vendor's server. It has no state: that is all in the sandbox.
pub struct Simulator {
    /// Its name in URLs, commands and files.
    pub slug: &'static str,
    /// What it simulates, for people.
    pub title: &'static str,
    /// The port it has unless told otherwise.
    pub port: u16,
    /// Where its API begins.
    pub base_path: &'static str,
    /// The vendor's own hosts; one that begins with `*.` stands for all that are below.
    pub hosts: &'static [&'static str],
    /// What a client signs in with in the default sandbox: `USER` gives `ERPSATZ_{SLUG}_USER`.
    pub credentials: &'static [(&'static str, &'static str)],
    /// The first call that a newcomer makes, as a shell command that needs nothing else; `{url}` is where the server is.
    pub first_call: &'static str,
    /// Its correctable facts, as YAML.
    pub profile: &'static str,
    /// Tables and indexes that entities cannot say.
    pub schema: &'static str,
    /// Its calls.
    pub routes: Routes,
    /// Whether credentials are checked before the path and the verb are.
    pub auth_first: bool,
    /// Whether it takes compressed bodies (gzip, deflate); others refuse them with 415.
    pub inflates: bool,
    /// What the vendor documents of its API, as these settings make it; derived from routes and profile.
    pub contract: fn(&Model, &Settings, &Rows<'_>) -> Contract,
    /// How a request is refused that strict mode does not let through.
    pub refuse: fn(&Ctx, &[Violation]) -> Error,
    /// What comes before everything else, also before the path is looked at: a quota. It gives headers for the
    /// answer, or the refusal.
    pub admit: Option<Admit>,
    /// Who is asking.
    pub authenticate: fn(&Ctx, &Db<'_>, &Parts) -> Result<Principal>,
    /// What follows once a request that needs credentials, and has them, has its row: a session is renewed.
    pub entered: Option<Entered>,
    /// What `WWW-Authenticate` says on a 401; empty where the vendor sends none.
    pub challenge: &'static str,
    /// How a client is refused that asks too often and may ask again after so many seconds, by a quota of the vendor's
    /// or by a fault rule.
    pub throttled: fn(&Ctx, u64) -> Error,
    /// How a refusal looks on the wire: the only place where an error becomes bytes.
    pub render: fn(&Ctx, &Error) -> Response,
    /// How a body is refused that has these problems.
    pub problems: fn(Vec<Problem>) -> Error,
    /// What `{details}` of the setting `error_template` stands for.
    pub details: fn(&Error) -> Value,
    /// Headers that every answer has, whoever gives it: refusals and faults too.
    pub headers: &'static [(&'static str, &'static str)],
    /// Brings a record or a change that a person writes, in seed data, a scenario or the control API, into the form
    /// that its fields are checked in.
    pub received: fn(&Db<'_>, &str, &mut Map<String, Value>) -> Result<()>,
    /// Completes a record that comes from seed data, a scenario or the control API: keys, numbers, totals.
    pub complete: fn(&Db<'_>, &str, &str, &mut Map<String, Value>) -> Result<()>,
    /// Completes a change of a stored record that comes from a scenario or the control API: what the server notes
    /// when somebody changes a record inside it.
    pub changed: fn(&Db<'_>, &str, &Record, &mut Map<String, Value>) -> Result<()>,
    /// What else changes when a scenario or the control API deletes a record, which is still there.
    pub deleted: fn(&Db<'_>, &str, &Record) -> Result<()>,
    /// What of the records depends on the day, as the ageing of balances: whether it is behind, and what brings it to
    /// today. Whoever shows records asks first (see [`Ctx::catch_up`]).
    pub catch_up: Option<CatchUp>,
    /// What follows from records that were generated: totals over several, stock. Called once after them.
    pub generated: fn(&Db<'_>) -> Result<()>,
    /// What does not add up, beside what the profile's rules say (see [`crate::entity::consistency`]).
    pub consistency: fn(&Db<'_>, &mut Findings) -> Result<()>,
    /// Whether the vendor's server could start with these settings and this data; a sentence when it could not. What
    /// it derives from them when it starts is derived here, once for all sandboxes.
    pub check_start: fn(&Db<'_>) -> Result<(), String>,
    /// What the vendor's server says once it listens on that port; empty for nothing.
    pub announce: fn(u16) -> String,
    /// What happens inside the ERP; names and parameters are in the profile.
    pub back_office: &'static [(&'static str, Action)],
    /// Where tokens are asked for; empty where there are none.
    pub token_path: &'static str,
    /// The parameters of its lists: how many rows, and from which on (or which page).
    pub paging: &'static [(&'static str, &'static str)],
    /// What else the judge must know of it.
    pub habits: Habits,
    /// Members of bodies whose values are names of fields or entities.
    pub names_in: &'static [&'static str],
    /// Members of bodies, and parameters, whose values are documents in which names are words.
    pub documents_in: &'static [&'static str],
    /// Whether an entity that only a user's profile knows gets calls.
    pub takes_entities: bool,
    /// The records that an answer shows, where its paths do not tell whose they are: entity and record, from the body of
    /// the request and that of the answer.
    pub shown: Option<Shown>,
    /// Names of headers, parameters and body fields whose values never reach journal or log.
    pub secrets: &'static [&'static str],
}

/// The records that an answer shows.
pub type Shown = fn(&Value, &Value) -> Vec<(&'static str, Map<String, Value>)>;

/// How a simulator's calls are found.
pub enum Routes {
    /// By a table with a row a call.
    Table(Table),
    /// By a router of its own, where the vendor's API is none of paths and verbs; handlers take [`Ctx`] (signed in) or
    /// [`crate::simulator::ctx::Public`] (anyone).
    Router(fn() -> Router),
}

impl Simulator {
    /// What a vendor has nothing to say of: no quota, no sign-in, no back office, no start-up checks.
    pub const BASE: Self = Self {
        slug: "",
        title: "",
        port: 0,
        base_path: "/",
        hosts: &[],
        credentials: &[],
        first_call: "",
        profile: "",
        schema: "",
        routes: Routes::Table(Table::BASE),
        auth_first: false,
        inflates: false,
        contract: |_, _, _| Contract::new("1", ""),
        refuse: |_, violations| {
            let refusal =
                Error::vendor(StatusCode::BAD_REQUEST, "", "the request is outside what is documented");
            violations.iter().fold(refusal, |error, found| error.detail(&found.position, &found.message))
        },
        admit: None,
        entered: None,
        authenticate: |_, _, _| Ok(Principal { name: String::new(), tenant: String::new() }),
        challenge: "",
        throttled: |_, _| Error::new(StatusCode::TOO_MANY_REQUESTS, ErrorKind::RateLimited),
        render: |_, error| error.status.into_response(),
        problems: |problems| refuse(Error::new(StatusCode::BAD_REQUEST, ErrorKind::Vendor), problems),
        details: |error| envelope::details(error),
        headers: &[],
        received: |_, _, _| Ok(()),
        complete: |_, _, _, _| Ok(()),
        changed: |_, _, _, _| Ok(()),
        deleted: |_, _, _| Ok(()),
        catch_up: None,
        generated: |_| Ok(()),
        consistency: |_, _| Ok(()),
        check_start: |_| Ok(()),
        announce: |_| String::new(),
        back_office: &[],
        token_path: "",
        paging: &[],
        habits: Habits::NONE,
        names_in: &[],
        documents_in: &[],
        takes_entities: false,
        shown: None,
        secrets: &[],
    };
}

impl std::fmt::Debug for Simulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Simulator").field(&self.slug).finish()
    }
}

/// Lets a request in, or not.
pub type Admit = fn(&Ctx, &Db<'_>, &Parts) -> Result<HeaderMap>;

/// Runs a back-office action with checked parameters; answers with what changed.
pub type Action = fn(&Ctx, &Db<'_>, &Map<String, Value>) -> Result<Value>;

/// Who is asking, as far as every vendor knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Principal {
    /// The licence, client, user or key: what the journal shows.
    pub name: String,
    /// The company whose records are meant; empty where the vendor has none.
    pub tenant: String,
}
