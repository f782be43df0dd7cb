//! A simulator with what a user's profile says of it.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use crate::base::map::IndexMap;
use axum::Router;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, ErrorKind};
use crate::base::renames::Renames;
use crate::contract::{Contract, Operation, Seed};
use crate::entity::model::Model;
use crate::entity::overlay::{self, Base, Correction, Taken};
use crate::entity::profile::Profile;
use crate::entity::refusals::Words;
use crate::entity::settings::Settings;
use crate::simulator::moves::{self, Calls};
use crate::simulator::route::{Route, Rows};
use crate::simulator::{Routes, Simulator};

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
        let settings = Settings::new(own.model.profile.clone(), IndexMap::default());
        Words::new(&own.model.profile, &settings)
            .hold_codes()
            .map_err(|why| format!("{}: {why}", sim.slug))?;
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
        wrong.extend(moves::check(&calls, &changes));
        let taken = overlay::taken(own, &changes);
        if let Some(profile) = profile.filter(|_| wrong.is_empty()) {
            let usual = Some(self.model.clone());
            let corrected = Self {
                taken: taken.into(),
                usual,
                overlay: Some(Arc::from(text)),
                ..Self::of(sim, profile, true)?
            };
            wrong = moves::clashes(&corrected.usual_contract(), &changes);
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
        let mut calls: IndexMap<String, String> = IndexMap::default();
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

    /// Its tables and settings as they are without what a user has corrected.
    pub fn own_model(&self) -> &Model {
        self.usual.as_deref().unwrap_or(&self.model)
    }

    /// The contract as the profile's own settings make it.
    pub fn usual_contract(&self) -> Arc<Contract> {
        self.contract(&Settings::new(self.model.profile.clone(), IndexMap::default()))
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
