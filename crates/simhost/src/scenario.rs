//! A scenario: what a sandbox starts as, and what goes wrong in it.

pub mod documented;
mod fill;
pub mod generate;
pub mod schema;
pub mod tally;
pub mod warnings;
pub mod world;

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::clock::Clock;
use crate::base::diagnostics::{self, explain, unknown};
use crate::base::written;
use crate::entity::profile::merge_maps;
use crate::rules::expect::Expectation;
use crate::rules::fail_on::FailOn;
use crate::rules::fault::Rule;
use crate::rules::step::{self, Step};
use crate::simulator::{Loaded, find};
use crate::store::{Image, build_image};

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
    #[serde(skip_serializing_if = "Option::is_none")]
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

/// What can be loaded by name: scenarios as YAML, and seed data as files of JSON.
#[derive(Debug, Default)]
pub struct Library {
    /// Scenario texts by name.
    pub scenarios: IndexMap<String, Cow<'static, str>>,
    /// Seed data by simulator and set.
    pub data: IndexMap<String, IndexMap<String, DataSet>>,
    /// Whether some of the data is the user's own.
    pub has_own_data: bool,
    /// The seed that beats those of scenarios (`--seed`).
    pub seed: Option<u64>,
    /// Who watches when many records are generated.
    pub progress: Option<generate::Progress>,
}

/// The files of one set of seed data, by entity.
pub type DataSet = IndexMap<String, DataFile>;

/// A file of seed data.
#[derive(Clone, Debug)]
pub struct DataFile {
    /// What the user calls it.
    pub name: String,
    /// What is in it.
    pub text: Cow<'static, [u8]>,
}

/// A scenario made ready: checked, with an image of the database of every server it names, and of the others once they
/// are asked for.
#[derive(Debug)]
pub struct Ready {
    /// The scenario, with what it extends laid under it.
    pub scenario: Scenario,
    now: Timestamp,
    images: Vec<OnceLock<Result<Image, String>>>,
    json: OnceLock<String>,
}

fn instant_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

impl Scenario {
    /// Reads a scenario from YAML or JSON and lays it over what it extends.
    ///
    /// # Errors
    /// Where and what is wrong, with a snippet.
    pub fn parse(text: &str, library: &Library) -> Result<Self, String> {
        Self::parse_within(text, library, &mut Vec::new())
    }

    fn parse_within(text: &str, library: &Library, line: &mut Vec<String>) -> Result<Self, String> {
        let scenario: Self = match serde_json::from_str(text) {
            Ok(scenario) => scenario,
            Err(_) => written::from_yaml(text).map_err(|error| diagnostics::read(&error.to_string()))?,
        };
        let Some(parent) = scenario.extends.clone() else { return Ok(scenario) };
        if line.contains(&parent) {
            return Err(explain(text, &format!("`{parent}` extends itself")));
        }
        line.push(parent.clone());
        let parent = library.scenario(&parent).map_err(|why| explain(text, &why))?;
        let parent = Self::parse_within(parent, library, line)?;
        Ok(scenario.over(parent))
    }

    /// Maps are merged key by key, scalars replaced, lists added after the parent's.
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
            faults: parent.faults.into_iter().chain(self.faults).collect(),
            steps: parent.steps.into_iter().chain(self.steps).collect(),
            expect: parent.expect.into_iter().chain(self.expect).collect(),
            fail_on: self.fail_on.or(parent.fail_on),
        }
    }

    fn check(&self, loaded: &[Loaded]) -> Result<(), String> {
        let slugs: Vec<&str> = loaded.iter().map(|server| server.sim.slug).collect();
        for (slug, server) in &self.servers {
            let (_, known) = find(loaded, slug)?;
            known.check_settings(&server.settings)?;
            generate::check(known, &server.generate)?;
        }
        for (place, rule) in self.faults.iter().enumerate() {
            rule.check(&slugs).map_err(|why| format!("fault {}: {why}", place + 1))?;
        }
        for (place, expectation) in self.expect.iter().enumerate() {
            expectation.check(loaded).map_err(|why| format!("expectation {}: {why}", place + 1))?;
        }
        step::check(&self.steps, &self.faults, loaded)?;
        self.check_documented(loaded)
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
    /// Checks `scenario` and builds the database of every server it names.
    ///
    /// # Errors
    /// What is wrong; nothing has been changed then.
    pub fn new(scenario: Scenario, loaded: &[Loaded], library: &Library) -> Result<Arc<Self>, String> {
        scenario.check(loaded)?;
        let now = scenario.clock().now();
        let images = loaded.iter().map(|_| OnceLock::new()).collect();
        let ready = Self { scenario, now, images, json: OnceLock::new() };
        for (index, server) in loaded.iter().enumerate() {
            // What comes with the program is known to be good and can wait until somebody asks for that server.
            let is_named = ready.scenario.servers.contains_key(server.sim.slug);
            if is_named || server.corrected || library.has_own_data {
                ready.image(index, loaded, library)?;
            }
        }
        Ok(Arc::new(ready))
    }

    /// The same, in a world whose clock starts as `clock` says.
    #[must_use]
    pub fn starting(&self, clock: ClockStart) -> Arc<Self> {
        let scenario = Scenario { clock: Some(clock), ..self.scenario.clone() };
        let now = scenario.clock().now();
        let images = self.images.iter().map(|_| OnceLock::new()).collect();
        Arc::new(Self { scenario, now, images, json: OnceLock::new() })
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
        let server = &loaded[index];
        let build = || self.build(server, library);
        self.images[index].get_or_init(build).clone()
    }

    fn build(&self, server: &Loaded, library: &Library) -> Result<Image, String> {
        let standard = Server::default();
        let start = self.scenario.servers.get(server.sim.slug).unwrap_or(&standard);
        let seed = library.seed.or(self.scenario.seed).unwrap_or_default();
        build_image(&server.model, &start.settings, self.now, |db| {
            let filled = start.fill(server, db, library, seed);
            filled.map(drop).map_err(|mistakes| fill::first(server, &mistakes))
        })
    }
}

impl Library {
    /// The text of the scenario of that name.
    ///
    /// # Errors
    /// A sentence that names the nearest one there is.
    pub fn scenario(&self, name: &str) -> Result<&str, String> {
        let text = self.scenarios.get(name).map(AsRef::as_ref);
        text.ok_or_else(|| unknown("scenario", name, self.scenarios.keys().map(String::as_str)))
    }

    /// The text of a file of seed data, by what the user calls it.
    pub(crate) fn text_of(&self, name: &str) -> Option<Cow<'_, str>> {
        let mut files = self.data.values().flat_map(IndexMap::values).flat_map(IndexMap::values);
        files.find(|file| file.name == name).map(|file| String::from_utf8_lossy(&file.text))
    }

    /// The files of a set, by entity; the default set may be missing, another may not.
    pub(crate) fn set(
        &self,
        slug: &str,
        set: Option<&str>,
    ) -> Result<impl Iterator<Item = (&String, &DataFile)>, String> {
        let sets = self.data.get(slug);
        let found = sets.and_then(|sets| sets.get(set.unwrap_or(DEFAULT_SET)));
        if found.is_none() && set.is_some_and(|set| set != "none") {
            let names = sets.into_iter().flat_map(IndexMap::keys).map(String::as_str).chain(["none"]);
            return Err(unknown("data set", set.unwrap_or_default(), names));
        }
        Ok(found.into_iter().flatten())
    }
}
