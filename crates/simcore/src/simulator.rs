//! What a vendor's crate tells the core: one constant of this type, read in twenty lines.

pub mod consistency;
pub mod ctx;
pub mod data;
pub mod envelope;
pub mod extract;
pub mod habits;
pub mod parameters;
pub mod rest;
pub mod route;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::renames::Renames;
use crate::contract::{Contract, Operation, Seed, Violation};
use crate::entity::model::Model;
use crate::entity::overlay::{self, Base, Calls, Correction, Taken};
use crate::entity::profile::Profile;
use crate::entity::settings::Settings;
use crate::entity::validate::{Problem, refuse};
use crate::simulator::consistency::Findings;
use crate::simulator::ctx::Ctx;
use crate::simulator::habits::Habits;
use crate::simulator::route::{Route, Rows, Table};
use crate::store::db::Db;
use crate::store::rows::Record;

/// What follows once a client may enter and its request, with this body, was routed.
pub type Entered = fn(&Ctx, &Db<'_>, &Parts, &Bytes) -> Result<()>;

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

/// A simulator made ready to run: its profile, with the user's override, and its routes.
#[derive(Clone)]
pub struct Loaded {
    /// The simulator.
    pub sim: &'static Simulator,
    /// Its tables and settings.
    pub model: Arc<Model>,
    /// The rows of its table.
    pub routes: Arc<[Route]>,
    /// Its own router, where it has no table, with the core's answers for unknown paths and verbs.
    pub router: Option<Router>,
    /// Whether a user has corrected its facts.
    pub corrected: bool,
    /// The profile that did it, as it was written.
    pub overlay: Option<Arc<str>>,
    /// The names that are others on the wire.
    pub renames: Arc<Renames>,
    /// Its own tables and settings where a user has corrected them.
    usual: Option<Arc<Model>>,
    /// The fields that a user has taken away.
    pub taken: Arc<Taken>,
    /// Records of its own data, which examples in contracts show.
    pub seed: Arc<Seed>,
    contracts: Arc<Mutex<HashMap<String, Arc<Contract>>>>,
}

/// How many contracts of one simulator are kept: as many as there are combinations of settings in use at a time.
const MAX_CONTRACTS: usize = 64;

/// The simulator of that slug, and its place among `loaded`.
///
/// # Errors
/// A sentence that names the nearest one.
pub fn find<'a>(loaded: &'a [Loaded], slug: &str) -> Result<(usize, &'a Loaded), String> {
    let found = loaded.iter().enumerate().find(|(_, server)| server.sim.slug == slug);
    found.ok_or_else(|| unknown("server", slug, loaded.iter().map(|server| server.sim.slug)))
}

impl Loaded {
    /// Whether these settings may be given.
    ///
    /// # Errors
    /// Which may not, and why.
    pub fn check_settings(&self, given: &IndexMap<String, Value>) -> Result<(), String> {
        let settings = &self.model.profile.settings;
        for (name, value) in given {
            let setting = settings
                .get(name)
                .ok_or_else(|| unknown("setting", name, settings.keys().map(String::as_str)))?;
            let accepted = setting.accepts(value);
            let accepted =
                accepted.and_then(|()| overlay::holds(&self.model.profile, &Map::new(), name, value));
            accepted.map_err(|why| format!("setting `{name}` of {} {why}", self.sim.slug))?;
        }
        Ok(())
    }

    /// Makes `sim` ready, with `profile` laid over its own: what its file is called, and its text.
    ///
    /// # Errors
    /// What is wrong with the profile: every mistake, each with its place and a snippet.
    pub fn new(sim: &'static Simulator, profile: Option<(&str, &str)>) -> Result<Self, String> {
        let own = Self::of(sim, Profile::load(sim.profile)?, false)?;
        match profile {
            Some((name, text)) => own.corrected(name, text),
            None => Ok(own),
        }
    }

    /// The same, corrected by a user's file.
    fn corrected(&self, name: &str, text: &str) -> Result<Self, String> {
        let (sim, own) = (self.sim, &*self.model.profile);
        let node = overlay::node(name, text)?;
        let base = Base { text: sim.profile, own, takes_entities: sim.takes_entities };
        let Correction { changes, profile, mut wrong } = overlay::corrected(&base, &node)?;
        // Calls are named as they are without what the file says of calls and names.
        let usual = match &profile {
            Some(profile) => {
                let (routes, names) = (own.routes.clone(), own.names.clone());
                Self::of(sim, Profile { routes, names, ..profile.clone() }, false)?
            }
            None => self.clone(),
        };
        let added = changes.get("entities").and_then(Value::as_object).into_iter().flat_map(Map::keys);
        let calls = Calls {
            known: usual.calls(),
            usual: &usual.usual_contract(),
            profile: &usual.model.profile,
            is_graphql: !sim.documents_in.is_empty(),
            pending: if profile.is_none() { added.cloned().collect() } else { Vec::new() },
        };
        wrong.extend(overlay::check_calls(&calls, &changes));
        let taken = overlay::taken(own, &changes);
        if let Some(profile) = profile.filter(|_| wrong.is_empty()) {
            let usual = Some(self.model.clone());
            let corrected = Self {
                taken: taken.into(),
                usual,
                overlay: Some(Arc::from(text)),
                ..Self::of(sim, profile, true)?
            };
            wrong = overlay::clashes(&corrected.usual_contract(), &changes);
            if wrong.is_empty() {
                return Ok(corrected);
            }
        }
        Err(overlay::told(wrong, name, text, &node))
    }

    fn of(sim: &'static Simulator, profile: Profile, corrected: bool) -> Result<Self, String> {
        for name in profile.actions.keys() {
            if !sim.back_office.iter().any(|(known, _)| known == name) {
                return Err(format!("{} has no action `{name}`", sim.slug));
            }
        }
        let renames = Arc::new(profile.renames());
        let model = Arc::new(Model::new(profile, sim.schema));
        let (routes, router) = match &sim.routes {
            Routes::Table(table) => ((table.rows)(&model), None),
            Routes::Router(router) => (Vec::new(), Some(with_fallbacks(router()))),
        };
        let (taken, seed, contracts) = Default::default();
        let routes = routes.into();
        Ok(Self {
            sim,
            model,
            routes,
            router,
            corrected,
            overlay: None,
            renames,
            usual: None,
            taken,
            seed,
            contracts,
        })
    }

    /// What a profile may name its calls by, each with its usual path: `VERB /path`, `/path`, and the name of a row.
    pub fn calls(&self) -> Vec<(String, String)> {
        let rows = self.routes.iter().map(|row| (row.method, row.name, row.path.to_string()));
        let mut rows: Vec<_> = rows.collect();
        if rows.is_empty() {
            let contract = self.usual_contract();
            rows.extend(contract.operations.iter().map(|one| (one.method, "", one.path.clone())));
        }
        let mut calls: IndexMap<String, String> = IndexMap::new();
        for (method, name, path) in rows {
            let names = [format!("{method} {path}"), path.clone(), name.to_owned()];
            let names = names.into_iter().filter(|name| !name.is_empty() && !name.starts_with(' '));
            calls.extend(names.map(|name| (name, path.clone())));
        }
        calls.into_iter().collect()
    }

    /// The contract under these settings; those that are equal share it.
    pub fn contract(&self, settings: &Settings) -> Arc<Contract> {
        let given = serde_json::to_string(settings.all_given()).unwrap_or_default();
        let mut contracts = self.contracts.lock().unwrap_or_else(PoisonError::into_inner);
        if contracts.len() >= MAX_CONTRACTS && !contracts.contains_key(&given) {
            contracts.clear();
        }
        let contract = contracts.entry(given);
        contract.or_insert_with(|| Arc::new(self.make_contract(settings))).clone()
    }

    fn make_contract(&self, settings: &Settings) -> Contract {
        let mut contract = match &self.sim.routes {
            Routes::Table(table) => {
                let rows = Rows::new(table, &self.routes, settings);
                let mut contract = (self.sim.contract)(&self.model, settings, &rows);
                contract.spelling = table.spelling;
                contract.bare_paths = rows.bare_paths();
                contract
            }
            Routes::Router(_) => (self.sim.contract)(&self.model, settings, &Rows::none()),
        };
        contract.seed = self.seed.clone();
        contract.describe(&self.model.profile.descriptions);
        let own = |operation: &Operation| {
            let row = operation.route.and_then(|place| self.routes.get(place));
            row.map_or_else(|| (operation.path.clone(), ""), |row| (row.path.to_string(), row.name))
        };
        let usual = self.usual.as_deref().map(|usual| &*usual.profile);
        contract.correct(&self.model.profile, settings, usual, own);
        contract
    }

    /// The contract as the profile's own settings make it.
    pub fn usual_contract(&self) -> Arc<Contract> {
        self.contract(&Settings::new(self.model.profile.clone(), IndexMap::new()))
    }

    /// Whether a user's profile has calls elsewhere.
    fn moves_calls(&self) -> bool {
        !(self.model.profile.routes.is_empty() && self.renames.is_empty())
    }

    /// Where its API begins, with what a user's profile says of its calls.
    pub fn base_path(&self) -> String {
        let base = self.sim.base_path;
        if !self.moves_calls() {
            return base.to_owned();
        }
        let contract = self.usual_contract();
        let moved = ["GET", "POST"].into_iter().find_map(|verb| contract.moved(verb, base));
        let mut paths = contract.operations.iter().map(|operation| operation.path.as_str());
        let fixed = base.split("/{").next().unwrap_or(base);
        if paths.any(|path| path.starts_with(fixed)) {
            return moved.unwrap_or_else(|| base.to_owned());
        }
        // No call is there any more: what all have in common.
        let paths = contract.operations.iter().map(|operation| operation.path.split('/').collect::<Vec<_>>());
        let common = paths.reduce(|common, path| {
            common.into_iter().zip(path).take_while(|(one, other)| one == other).map(|(one, _)| one).collect()
        });
        let common = common.unwrap_or_default().join("/");
        moved.unwrap_or(if common.is_empty() { "/".to_owned() } else { common })
    }

    /// The first call that a newcomer makes, with what a user's profile says of calls.
    pub fn first_call(&self) -> String {
        let call = self.sim.first_call;
        let Some((before, after)) = call.split_once("{url}").filter(|_| self.moves_calls()) else {
            return call.to_owned();
        };
        let end = after.find([' ', '?', '\'']).unwrap_or(after.len());
        let (path, rest) = after.split_at(end);
        let verb = if call.contains(" -d ") { "POST" } else { "GET" };
        let bare = path.trim_end_matches('/');
        let moved = self.usual_contract().moved(verb, bare);
        format!("{before}{{url}}{}{rest}", moved.unwrap_or_else(|| path.to_owned()))
    }

    /// The facts that requests have used so far, a line each as [`crate::contract::Fact::line`] writes it; a setting
    /// counts once a request came while it was given.
    pub fn tested(&self) -> BTreeSet<String> {
        let contracts = self.contracts.lock().unwrap_or_else(PoisonError::into_inner);
        let facts = contracts.values().flat_map(|contract| contract.facts().iter());
        let facts =
            facts.filter(|(_, hits)| *hits > 0).map(|(fact, _)| format!("{} {}", fact.kind, fact.name));
        let given =
            contracts.keys().filter_map(|given| serde_json::from_str::<Map<String, Value>>(given).ok());
        let settings = given.flatten().map(|(name, _)| format!("setting {name}"));
        facts.chain(settings).collect()
    }
}

fn with_fallbacks(router: Router) -> Router {
    router
        .fallback(|| async { Error::new(StatusCode::NOT_FOUND, ErrorKind::Route) })
        .method_not_allowed_fallback(|| async {
            Error::new(StatusCode::METHOD_NOT_ALLOWED, ErrorKind::Method)
        })
}
