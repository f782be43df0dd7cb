//! Whether rules name calls that the servers have: one that names none would never be met by any request.

use std::sync::Arc;

use crate::base::map::IndexMap;
use serde_json::Value;

use crate::base::diagnostics::Mistake;
use crate::base::places;
use crate::contract::{Contract, UnknownName};
use crate::entity::settings::Settings;
use crate::rules::expect::Expectation;
use crate::rules::fault::Rule;
use crate::rules::matcher::When;
use crate::rules::step::{Step, StepAction};
use crate::scenario::Scenario;
use crate::simulator::{Loaded, find};

/// The contracts that servers can have in one scenario: as it starts them, and as its steps change their settings.
pub struct Documented<'a> {
    scenario: &'a Scenario,
    loaded: &'a [Loaded],
    /// The contract in force, where it may be another.
    current: Option<(usize, Arc<Contract>)>,
}

impl<'a> Documented<'a> {
    /// Those of a scenario.
    pub fn new(scenario: &'a Scenario, loaded: &'a [Loaded]) -> Self {
        Self { scenario, loaded, current: None }
    }

    /// Also the one that is in force now for the server at `index`.
    #[must_use]
    pub fn with(self, index: usize, contract: Arc<Contract>) -> Self {
        Self { current: Some((index, contract)), ..self }
    }

    fn contracts(&self, slug: &str) -> Vec<Arc<Contract>> {
        let Ok((index, server)) = find(self.loaded, slug) else { return Vec::new() };
        let given = self.scenario.servers.get(slug).map(|server| server.settings.clone()).unwrap_or_default();
        let contract = |given: IndexMap<String, Value>| {
            server.contract(&Settings::new(server.model.profile.clone(), given))
        };
        let actions = self.scenario.steps.iter().flat_map(|step| &step.actions);
        let changed = actions.filter_map(|action| match action {
            StepAction::Settings(change) if change.server == slug => {
                let mut given = given.clone();
                given.extend(change.set.clone());
                Some(contract(given))
            }
            _ => None,
        });
        let current =
            self.current.iter().filter(|(of, _)| *of == index).map(|(_, contract)| contract.clone());
        current.chain(std::iter::once(contract(given.clone()))).chain(changed).collect()
    }

    /// Whether some operation of the server takes what `when` describes; `beside` is the key of `when`.
    ///
    /// # Errors
    /// A sentence with the nearest documented call.
    fn check(&self, slug: &str, when: &When, beside: &str) -> Result<(), String> {
        let (method, path) = (when.method.as_deref(), when.path.as_deref());
        if method.is_none() && path.is_none() {
            return Ok(());
        }
        let nearest =
            self.contracts(slug).iter().map(|contract| contract.undocumented(method, path)).collect();
        let nearest: Option<Vec<String>> = nearest;
        let Some(nearest) = nearest.and_then(|nearest| nearest.into_iter().next()) else { return Ok(()) };
        let asked = match (method, path) {
            (Some(method), Some(path)) => format!("`{path}` of {slug} takes no {method}"),
            (None, Some(path)) => format!("`{path}` is no path of {slug}"),
            (method, None) => format!("{slug} takes no `{}` anywhere", method.unwrap_or_default()),
        };
        let meant = if nearest.is_empty() { String::new() } else { format!(", did you mean `{nearest}`?") };
        Err(format!("{asked}{meant} (`undocumented: true` beside its `{beside}` lets it stand)"))
    }

    /// Whether a fault rule can apply to a documented request.
    ///
    /// # Errors
    /// A sentence with the nearest documented call.
    pub fn check_fault(&self, rule: &Rule) -> Result<(), String> {
        if rule.undocumented { Ok(()) } else { self.check(&rule.server, &rule.when, "when") }
    }

    /// Whether an expectation names a documented request.
    ///
    /// # Errors
    /// A sentence with the nearest documented call.
    pub fn check_expectation(&self, expectation: &Expectation) -> Result<(), String> {
        match &expectation.request {
            Some(request) if !expectation.undocumented => {
                self.check(&request.server, &request.when, "request")
            }
            _ => Ok(()),
        }
    }

    /// What of a condition's names nobody documents, whichever of the contracts is in force: the keys below it, and a
    /// sentence.
    fn doubt(&self, slug: &str, when: &When) -> Option<Doubt> {
        let query: Vec<&str> = when.query.keys().map(String::as_str).collect();
        let body: Vec<&str> =
            when.body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        if query.is_empty() && body.is_empty() {
            return None;
        }
        let (method, path) = (when.method.as_deref(), when.path.as_deref());
        let contracts = self.contracts(slug);
        let found = contracts
            .iter()
            .map(|contract| contract.unknown_name(method, path, query.iter().copied(), body.iter().copied()));
        let found: Option<Vec<UnknownName>> = found.collect();
        let UnknownName { is_field, written, message } = found?.into_iter().next()?;
        let part = if is_field { "body" } else { "query" };
        Some(Doubt { keys: vec![part.to_owned(), written], message })
    }

    /// What of an expectation is probably a mistake, although a client or a record may be so.
    pub fn doubt_of(&self, expectation: &Expectation) -> Option<Doubt> {
        if let Some(record) = &expectation.record {
            let (path, message) = record.doubt(self.loaded)?;
            return Some(Doubt { keys: ["record", "where", path].map(str::to_owned).into(), message });
        }
        let request = expectation.request.as_ref().filter(|_| !expectation.undocumented)?;
        Some(self.doubt(&request.server, &request.when)?.below("request"))
    }

    /// Whether a step waits for a documented request.
    ///
    /// # Errors
    /// A sentence with the nearest documented call.
    pub(crate) fn check_step(&self, step: &Step) -> Result<(), String> {
        match &step.on {
            Some(on) if !on.undocumented => self.check(&on.request.server, &on.request.when, "request"),
            _ => Ok(()),
        }
    }
}

/// What is probably a mistake and does no harm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The way to it.
    keys: Vec<String>,
    /// What is wrong with it, in a sentence.
    pub message: String,
}

impl Doubt {
    fn below(mut self, key: &str) -> Self {
        self.keys.insert(0, key.to_owned());
        self
    }

    /// As a mistake in the item of a list of the scenario.
    fn in_item(self, list: &str, place: usize, name: &str) -> Mistake {
        let keys = self.keys.into_iter().map(places::Step::Key);
        let way = [places::Step::Key(list.to_owned()), places::Step::Item(place)].into_iter().chain(keys);
        Mistake::at(way.collect(), format!("{name} {}: {}", place + 1, self.message))
    }
}

impl Scenario {
    /// What is probably a mistake and does no harm: requests that must never come and that nobody documents, and
    /// conditions on names that nobody documents.
    pub fn warnings(&self, loaded: &[Loaded]) -> Vec<Mistake> {
        let documented = Documented::new(self, loaded);
        let mut found = Vec::new();
        for (place, rule) in self.faults.iter().enumerate().filter(|(_, rule)| !rule.undocumented) {
            let doubt = documented.doubt(&rule.server, &rule.when);
            found.extend(doubt.map(|doubt| doubt.below("when").in_item("faults", place, "fault")));
        }
        for (place, step) in self.steps.iter().enumerate() {
            let Some(on) = step.on.as_ref().filter(|on| !on.undocumented) else { continue };
            let doubt = documented.doubt(&on.request.server, &on.request.when);
            found.extend(
                doubt.map(|doubt| doubt.below("request").below("on").in_item("steps", place, "step")),
            );
        }
        for (place, expected) in self.expect.iter().enumerate() {
            if let Some(why) = documented.check_expectation(expected).err().filter(|_| expected.never) {
                let keys = ["request", "path"].map(str::to_owned).into();
                found.push(Doubt { keys, message: why }.in_item("expect", place, "expectation"));
            }
            let doubt = documented.doubt_of(expected);
            found.extend(doubt.map(|doubt| doubt.in_item("expect", place, "expectation")));
        }
        found
    }
}
