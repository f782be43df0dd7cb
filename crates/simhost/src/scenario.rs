//! A scenario: what a sandbox starts as, and what goes wrong in it.

pub mod documented;
mod fill;
pub mod generate;
pub mod generated;
mod library;
mod remains;
mod replaced;
pub mod schema;
pub mod tally;
pub mod warnings;
pub mod world;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::base::map::IndexMap;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::aside::aside;
use crate::base::clock::{self, Clock};
use crate::base::diagnostics::{self, Mistake};
use crate::base::{places, structure, written};
use crate::entity::profile::merge_maps;
use crate::rules::counting::MAX_EXPECTATIONS;
use crate::rules::expect::Expectation;
use crate::rules::fail_on::FailOn;
use crate::rules::fault::{MAX_FAULTS, Rule};
use crate::rules::step::{self, MAX_STEPS, Step, StepAction};
use crate::scenario::documented::Documented;
use crate::scenario::remains::Remains;
use crate::simulator::{Loaded, find};
use crate::store::{Image, build_image};

pub use library::{DataFile, DataSet, Library};

/// The set of seed data that a server has unless the scenario names another.
pub const DEFAULT_SET: &str = "small";

/// A scenario file, as docs/reference/scenario-file.md describes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Scenario {
    /// The name it is loaded by.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// The scenario it goes on from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// The seed of everything random; 0 when nothing says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Whether what the vendors do not document is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict: Option<bool>,
    /// Simulated time; the wall clock without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockStart>,
    /// The servers, by slug.
    pub servers: IndexMap<String, Server>,
    /// What goes wrong.
    pub faults: Vec<Rule>,
    /// What happens by itself.
    pub steps: Vec<Step>,
    /// What the client is expected to do.
    pub expect: Vec<Expectation>,
    /// What a state's name in Pact does to the sandbox: lists as a step's `do`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub states: IndexMap<String, Vec<StepAction>>,
    /// What makes a run fail; beats what the command says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<FailOn>,
}

/// Where simulated time begins.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClockStart {
    /// What the clock shows first; the wall clock's time without it.
    #[schemars(schema_with = "instant_schema")]
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "clock::read")]
    pub start: Option<Timestamp>,
    /// Whether it stands still.
    pub frozen: bool,
}

/// How one server starts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Switches by name.
    #[serde(deserialize_with = "written::as_switches")]
    pub settings: IndexMap<String, Value>,
    /// A set under `seed-data/SLUG/`, or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// How many records of each entity are generated beside those of `data`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub generate: generate::Counts,
    /// More records by entity, in wire form.
    #[serde(deserialize_with = "written::as_written")]
    pub records: IndexMap<String, Vec<Map<String, Value>>>,
}

/// A scenario made ready: checked, with an image of the database of every server it names, and of the others once they
/// are asked for.
#[derive(Debug)]
pub struct Ready {
    /// The scenario, with what it extends laid under it.
    pub scenario: Scenario,
    now: Timestamp,
    images: Vec<OnceLock<Result<Image, Vec<Mistake>>>>,
    json: OnceLock<String>,
    /// The secrets that it holds, once somebody has looked.
    pub(crate) secrets: OnceLock<Arc<[String]>>,
}

fn instant_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time", "x-kind": "instant" })
}

impl Scenario {
    /// Reads a scenario from YAML or JSON and lays it over what it extends.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place where that is known.
    pub fn parse(text: &str, library: &Library) -> Result<Self, Mistake> {
        Self::parse_within(text, library, &mut Vec::new())
    }

    fn parse_within(text: &str, library: &Library, line: &mut Vec<String>) -> Result<Self, Mistake> {
        let scenario: Self = match serde_json::from_str(text) {
            Ok(scenario) => scenario,
            Err(_) => written::from_yaml(text).map_err(|error| diagnostics::read(&error.to_string()))?,
        };
        let Some(parent) = scenario.extends.clone() else { return Ok(scenario) };
        let wrong = |why: String| Mistake::at(vec![places::Step::Key("extends".to_owned())], why);
        if line.contains(&parent) {
            return Err(wrong(format!("`{parent}` extends itself")));
        }
        line.push(parent.clone());
        let text = library.scenario(&parent).map_err(wrong)?;
        let parent = Self::parse_within(text, library, line)
            .map_err(|why| wrong(format!("`{parent}`: {}", why.message)))?;
        Ok(scenario.over(parent))
    }

    /// Maps are merged key by key, scalars replaced, lists added after the parent's; a fault takes the place of the
    /// parent's of the same id.
    fn over(self, parent: Self) -> Self {
        let mut servers = parent.servers;
        for (slug, server) in self.servers {
            let base = servers.entry(slug).or_default();
            base.settings = merged(&base.settings, server.settings);
            base.data = server.data.or(base.data.take());
            base.generate.extend(server.generate);
            for (entity, records) in server.records {
                base.records.entry(entity).or_default().extend(records);
            }
        }
        let own: HashSet<String> = self.faults.iter().map(|rule| rule.id.clone()).collect();
        let is_replaced = |rule: &Rule| !rule.id.is_empty() && own.contains(&rule.id);
        let clock = match (self.clock, parent.clock) {
            (Some(clock), Some(base)) => Some(ClockStart { start: clock.start.or(base.start), ..clock }),
            (clock, base) => clock.or(base),
        };
        Self {
            name: self.name,
            description: self.description,
            extends: self.extends,
            seed: self.seed.or(parent.seed),
            strict: self.strict.or(parent.strict),
            clock,
            servers,
            faults: parent.faults.into_iter().filter(|rule| !is_replaced(rule)).chain(self.faults).collect(),
            steps: parent.steps.into_iter().chain(self.steps).collect(),
            expect: parent.expect.into_iter().chain(self.expect).collect(),
            states: parent.states.into_iter().chain(self.states).collect(),
            fail_on: self.fail_on.or(parent.fail_on),
        }
    }

    /// Everything that is wrong beside the form and the records.
    fn check(&self, loaded: &[Loaded]) -> Vec<Mistake> {
        let slugs: Vec<&str> = loaded.iter().map(|server| server.sim.slug).collect();
        let documented = Documented::new(self, loaded);
        let mut found = Vec::new();
        let mut at = |way: &[&str], place: Option<usize>, checked: Result<(), String>| {
            if let Err(why) = checked {
                let keys = way.iter().map(|key| places::Step::Key((*key).to_owned()));
                found.push(Mistake::at(keys.chain(place.map(places::Step::Item)).collect(), why));
            }
        };
        for (slug, server) in &self.servers {
            match find(loaded, slug) {
                Err(why) => at(&["servers", slug], None, Err(why)),
                Ok((_, known)) => {
                    for (name, value) in &server.settings {
                        let one = [(name.clone(), value.clone())].into_iter().collect();
                        at(&["servers", slug, "settings", name], None, known.check_settings(&one));
                    }
                    at(&["servers", slug, "generate"], None, generate::check(known, &server.generate));
                }
            }
        }
        let mut known = HashMap::new();
        for (place, rule) in self.faults.iter().enumerate() {
            let first = *known.entry(rule.id.as_str()).or_insert(place);
            let is_new = match first {
                first if first == place || rule.id.is_empty() => Ok(()),
                first => Err(format!("the id `{}` is that of fault {} already", rule.id, first + 1)),
            };
            for checked in [is_new, rule.check(&slugs), documented.check_fault(rule)] {
                at(&["faults"], Some(place), checked.map_err(|why| format!("fault {}: {why}", place + 1)));
            }
        }
        for (place, step) in self.steps.iter().enumerate() {
            let checked = step.check(&self.steps, &self.faults, loaded);
            let checked = checked.and_then(|()| documented.check_step(step));
            at(&["steps"], Some(place), checked.map_err(|why| format!("{}: {why}", step.title(place))));
        }
        for (place, expectation) in self.expect.iter().enumerate() {
            // What must never come may be anything: `Self::warnings`.
            let is_asked = if expectation.never { Ok(()) } else { documented.check_expectation(expectation) };
            for checked in [expectation.check(loaded), is_asked] {
                at(
                    &["expect"],
                    Some(place),
                    checked.map_err(|why| format!("expectation {}: {why}", place + 1)),
                );
            }
        }
        self.check_counts(&mut at);
        for (state, actions) in &self.states {
            let checked = step::check_actions(actions, &self.faults, loaded);
            at(&["states", state], None, checked.map_err(|why| format!("state `{state}`: {why}")));
        }
        found
    }

    fn check_counts(&self, at: &mut impl FnMut(&[&str], Option<usize>, Result<(), String>)) {
        for (key, count, most) in [
            ("faults", self.faults.len(), MAX_FAULTS),
            ("steps", self.steps.len(), MAX_STEPS),
            ("expect", self.expect.len(), MAX_EXPECTATIONS),
        ] {
            if count > most {
                at(&[key], None, Err(format!("`{key}` has {count} items, at most {most} are kept")));
            }
        }
    }

    /// The clock of a sandbox that starts now.
    pub fn clock(&self) -> Clock {
        let clock = self.clock.clone().unwrap_or_default();
        Clock::new(clock.start, clock.frozen)
    }
}

fn merged(base: &IndexMap<String, Value>, changes: IndexMap<String, Value>) -> IndexMap<String, Value> {
    let mut tree: Map<String, Value> = base.clone().into_iter().collect();
    merge_maps(&mut tree, changes.into_iter().collect());
    tree.into_iter().collect()
}

impl Ready {
    /// When it was made ready, in simulated time: what its records take for the time when they were made.
    pub fn made_at(&self) -> Timestamp {
        self.now
    }

    /// Checks `scenario` and builds the database of every server it names.
    ///
    /// # Errors
    /// What is wrong; nothing has been changed then.
    pub fn new(scenario: Scenario, loaded: &[Loaded], library: &Library) -> Result<Arc<Self>, Vec<Mistake>> {
        let mut wrong = scenario.check(loaded);
        let now = scenario.clock().now();
        let images = loaded.iter().map(|_| OnceLock::new()).collect();
        let ready = Self { scenario, now, images, json: OnceLock::new(), secrets: OnceLock::new() };
        for (index, server) in loaded.iter().enumerate() {
            // What comes with the program is known to be good and can wait until somebody asks for that server.
            let is_named = ready.scenario.servers.contains_key(server.sim.slug);
            // With a bad switch its data cannot be judged, and what is too much is not made to be refused.
            let is_bad = ["settings", "generate"].iter().any(|part| {
                let way = ["servers", server.sim.slug, part].map(|key| places::Step::Key(key.to_owned()));
                wrong.iter().any(|it| it.steps.starts_with(&way))
            });
            if !is_bad && (is_named || server.corrected || library.has_own_data) {
                wrong.extend(ready.built(index, loaded, library).err().into_iter().flatten());
            }
        }
        if wrong.is_empty() { Ok(Arc::new(ready)) } else { Err(wrong) }
    }

    /// Reads a scenario, checks it whole and makes it ready; `name` is what its file is called.
    ///
    /// # Errors
    /// Every mistake, each with its place and a snippet.
    pub fn read(
        text: &str,
        name: Option<&str>,
        loaded: &[Loaded],
        library: &Library,
    ) -> Result<Arc<Self>, String> {
        if text.trim().is_empty() {
            return Err(Mistake::at(Vec::new(), "this is no scenario: it is empty").told(name, text, None));
        }
        let node = places::read(text).map_err(|(place, why)| {
            let why = format!("cannot be read: {why}");
            Mistake { place: Some(place), message: why, ..Mistake::default() }.told(name, text, None)
        })?;
        let told = |mut wrong: Vec<Mistake>| -> String {
            let place = |it: &Mistake| it.place.unwrap_or_else(|| node.find(&it.steps));
            wrong.sort_by_key(|it| it.file.is_none().then(|| place(it))); // Files of data come first, as they are.
            let told = wrong.into_iter().map(|mistake| library.placed(mistake).told(name, text, Some(&node)));
            told.collect::<Vec<_>>().join("\n")
        };
        let scenario = match Scenario::parse(text, library) {
            Ok(scenario) => scenario,
            Err(first) => {
                let schema = schema::scenario(loaded, library);
                let wrong = structure::check(&schema, &node);
                let wrong = if wrong.is_empty() {
                    vec![first]
                } else {
                    Self::all_wrong(wrong, &schema, &node, loaded, library)
                };
                return Err(told(wrong));
            }
        };
        Self::new(scenario, loaded, library).map_err(told)
    }

    /// What is wrong in the structure of a file, and beside it in what is left.
    fn all_wrong(
        mut wrong: Vec<Mistake>,
        schema: &Value,
        node: &places::Node,
        loaded: &[Loaded],
        library: &Library,
    ) -> Vec<Mistake> {
        let required = structure::required(schema);
        let readable = |without_empty| {
            let remains = Remains::of(node, &wrong, &required, without_empty)?;
            let scenario = Scenario::parse(&remains.text, library).ok()?;
            Some((remains, scenario))
        };
        if let Some((remains, scenario)) = readable(false).or_else(|| readable(true))
            && let Err(more) = Self::new(scenario, loaded, library)
        {
            wrong.extend(more.into_iter().filter(|mistake| !remains.may_cause(mistake)));
        }
        wrong
    }

    /// Whether the data that come with the program fit a server that a user's profile has corrected.
    ///
    /// # Errors
    /// Every mistake, with the way to its place in the profile.
    pub fn fits(server: &Loaded, library: &Library) -> Result<(), Vec<Mistake>> {
        let slug = server.sim.slug.to_owned();
        let servers = [(slug.clone(), Server::default())].into_iter().collect();
        let scenario = Scenario { servers, ..Scenario::default() };
        let Err(wrong) = Self::new(scenario, std::slice::from_ref(server), library) else { return Ok(()) };
        let key = |name: &str| places::Step::Key(name.to_owned());
        let of_profile = |mistake: Mistake| {
            let steps = mistake.steps.iter().filter(|step| matches!(step, places::Step::Key(_))).cloned();
            let Some(file) = &mistake.file else {
                let steps = steps.skip(2).chain([key("default")]).collect();
                return Mistake::at(steps, mistake.message);
            };
            let entity = file.rsplit(['/', '\\']).next().unwrap_or_default();
            let entity = entity.strip_suffix(".json").unwrap_or(entity);
            let steps = [key("entities"), key(entity), key("fields")].into_iter().chain(steps);
            Mistake::at(
                steps.collect(),
                format!("the data that come with {slug} do not fit: {}", mistake.message),
            )
        };
        // A field that does not fit does not in many records: the first of them is told.
        let mut first: Vec<(Mistake, usize)> = Vec::new();
        for mistake in wrong.into_iter().map(of_profile) {
            match first.iter_mut().find(|(known, _)| known.steps == mistake.steps) {
                Some((_, more)) => *more += 1,
                None => first.push((mistake, 0)),
            }
        }
        let told = first.into_iter().map(|(mut mistake, more)| {
            if more > 0 {
                mistake.message = format!("{}, and {more} more", mistake.message);
            }
            mistake
        });
        Err(told.collect())
    }

    /// The same, in a world whose clock starts as `clock` says.
    #[must_use]
    pub fn starting(&self, clock: ClockStart) -> Arc<Self> {
        let scenario = Scenario { clock: Some(clock), ..self.scenario.clone() };
        let now = scenario.clock().now();
        let images = self.images.iter().map(|_| OnceLock::new()).collect();
        Arc::new(Self { scenario, now, images, json: OnceLock::new(), secrets: OnceLock::new() })
    }

    /// The scenario as JSON, written once.
    pub(crate) fn json(&self) -> Result<&str, serde_json::Error> {
        if self.json.get().is_none() {
            let _ = self.json.set(serde_json::to_string(&self.scenario)?);
        }
        Ok(self.json.get().map_or("", String::as_str))
    }

    /// What the database of the simulator at `index` starts as.
    ///
    /// # Errors
    /// What is wrong with its data or settings.
    pub fn image(&self, index: usize, loaded: &[Loaded], library: &Library) -> Result<Image, String> {
        self.built(index, loaded, library).map_err(|mistakes| fill::first(&loaded[index], &mistakes))
    }

    fn built(&self, index: usize, loaded: &[Loaded], library: &Library) -> Result<Image, Vec<Mistake>> {
        if let Some(built) = self.images[index].get() {
            return built.clone();
        }
        aside(|| self.images[index].get_or_init(|| self.build(&loaded[index], library)).clone())
    }

    fn build(&self, server: &Loaded, library: &Library) -> Result<Image, Vec<Mistake>> {
        let standard = Server::default();
        let start = self.scenario.servers.get(server.sim.slug).unwrap_or(&standard);
        let seed = library.seed.or(self.scenario.seed).unwrap_or_default();
        let mut wrong = Vec::new();
        let image = build_image(&server.model, &start.settings, seed, self.now, |db| {
            start
                .fill(server, db, library, seed)
                .map(drop)
                .map_err(|mistakes| wrong = mistakes)
                .map_err(|()| String::new())
        });
        image.map_err(|why| if wrong.is_empty() { vec![Mistake::at(Vec::new(), why)] } else { wrong })
    }
}
