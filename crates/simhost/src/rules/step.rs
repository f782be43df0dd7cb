//! What happens by itself: when a request comes, when simulated time comes, or after another step.

use crate::base::map::IndexMap;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::diagnostics::{MAX_NAME, short, unknown};
use crate::base::duration::Duration;
use crate::base::request::RequestView;
use crate::base::written::{as_switches, as_written};
use crate::entity::validate::Purpose;
use crate::rules::fault::Rule;
use crate::rules::request::Request;
use crate::rules::values::check_length;
use crate::simulator::data;
use crate::simulator::parameters::checked;
use crate::simulator::{Loaded, find};

/// How many steps one request or one move of the clock can set off: more is a scenario that never ends.
pub const MAX_FIRINGS: usize = 10_000;

/// How many steps a scenario may have: every request is held against each of them.
pub const MAX_STEPS: usize = 1_000;

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// What other steps call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the `count`th such request has been handled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<On>,
    /// When so much simulated time has passed since the start.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Duration>,
    /// When the step of that name has fired.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Whether it fires again and again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeat: bool,
    /// What it does, in order.
    #[serde(rename = "do")]
    pub actions: Vec<StepAction>,
}

/// Which request sets a step off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct On {
    /// Such requests are counted.
    pub request: Request,
    /// The how manieth of them; the first when nothing is said.
    #[serde(default = "first")]
    pub count: u64,
    /// That `request` names what the server does not document, on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undocumented: bool,
}

fn first() -> u64 {
    1
}

/// One thing that a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StepAction {
    /// Moves the clock on.
    Advance(Duration),
    /// Creates records.
    Insert(Records),
    /// Changes a record.
    Update(Records),
    /// Removes a record.
    Delete(Records),
    /// Runs a back-office action.
    Action(ActionCall),
    /// Switches fault rules on or off.
    Faults(FaultSwitch),
    /// Changes settings of a server.
    Settings(SettingsChange),
}

/// Which records, and how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Records {
    /// The simulator's slug.
    pub server: String,
    /// The entity.
    pub entity: String,
    /// The company, where the vendor has companies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// Which record is changed or removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What it is changed to.
    #[serde(skip_serializing_if = "Map::is_empty", deserialize_with = "as_written")]
    pub set: Map<String, Value>,
    /// What is created.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "as_written")]
    pub records: Vec<Map<String, Value>>,
}

/// Which action, with what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionCall {
    /// The simulator's slug.
    pub server: String,
    /// The action.
    pub name: String,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty", deserialize_with = "as_written")]
    pub with: Map<String, Value>,
}

/// Which fault rules.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FaultSwitch {
    /// Ids of rules that come into force.
    pub on: Vec<String>,
    /// Ids of rules that rest.
    pub off: Vec<String>,
}

/// Which settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// The simulator's slug.
    pub server: String,
    /// Values by name.
    #[serde(deserialize_with = "as_switches")]
    pub set: IndexMap<String, Value>,
}

/// What has come of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// How many requests were such as set it off.
    pub matched: u64,
    /// How often it has been set off and not yet done.
    pub pending: u64,
    /// How often it was done.
    pub fired: u64,
    /// How often it was not done although its time had come, because too much came at once.
    #[serde(default)]
    pub missed: u64,
    /// Why it could not be done, the last time.
    pub error: Option<String>,
}

impl Step {
    /// Its name in messages: its own, or its place from 1 on.
    pub fn title(&self, place: usize) -> String {
        let named = self.name.as_deref().map(|name| short(name, MAX_NAME).into_owned());
        named.unwrap_or_else(|| format!("step {}", place + 1))
    }

    /// Whether it can be done, in a scenario with these steps and fault rules.
    ///
    /// # Errors
    /// A sentence that says why it cannot.
    pub fn check(&self, others: &[Step], faults: &[Rule], loaded: &[Loaded]) -> Result<(), String> {
        check_length("name", self.name.as_deref().unwrap_or_default())?;
        let slugs: Vec<&str> = loaded.iter().map(|server| server.sim.slug).collect();
        let triggers = [self.on.is_some(), self.at.is_some(), self.after.is_some()];
        if triggers.iter().filter(|given| **given).count() != 1 {
            return Err("it has one of `on`, `at` and `after`".to_owned());
        }
        if let Some(on) = &self.on {
            on.request.check(&slugs)?;
            if on.request.status.is_some() || on.request.when.between.is_some() {
                return Err("`status` and `between` belong to the `request` of expectations".to_owned());
            }
            if on.count == 0 {
                return Err("`count` is 1 or more".to_owned());
            }
        }
        if self.repeat && self.at.is_some_and(|at| at.0.is_zero()) {
            return Err("a step that repeats needs an `at` longer than nothing".to_owned());
        }
        if let Some(after) = &self.after {
            let names = others.iter().filter_map(|step| step.name.as_deref());
            if !names.clone().any(|name| name == after) {
                return Err(unknown("step", after, names));
            }
        }
        check_actions(&self.actions, faults, loaded)
    }

    /// How often it is to be done for the time that has come.
    fn is_owed(&self, progress: &Progress, passed: SignedDuration) -> u64 {
        self.due(passed).saturating_sub(progress.fired.saturating_add(progress.missed))
    }

    /// How often it should have fired when `passed` has passed since the start.
    fn due(&self, passed: SignedDuration) -> u64 {
        let Some(at) = self.at else { return 0 };
        if passed < at.0 {
            return 0;
        }
        if !self.repeat {
            return 1;
        }
        let times = passed.as_millis() / at.0.as_millis().max(1);
        u64::try_from(times).unwrap_or(u64::MAX)
    }
}

impl StepAction {
    pub(crate) fn check(&self, faults: &[Rule], loaded: &[Loaded]) -> Result<(), String> {
        match self {
            Self::Insert(records) if records.records.is_empty() => Err("`insert` needs `records`".to_owned()),
            Self::Update(records) | Self::Delete(records) if records.key.is_none() => {
                Err("`update` and `delete` need the `key` of a record".to_owned())
            }
            Self::Insert(records) => records.check(&records.records, Purpose::Load, loaded),
            Self::Update(records) => records.check([&records.set], Purpose::Correct, loaded),
            Self::Delete(records) => records.check([], Purpose::Correct, loaded),
            Self::Action(act) => {
                let actions = &find(loaded, &act.server)?.1.model.profile.actions;
                let refuse = || unknown("action", &act.name, actions.keys().map(String::as_str));
                let spec = actions.get(&act.name).ok_or_else(refuse)?;
                checked(spec, act.with.clone()).map(drop).map_err(|error| error.explain())
            }
            Self::Faults(switch) => {
                let known = |id: &str| faults.iter().any(|rule| rule.id == id);
                let refuse = |id: &String| {
                    let named = faults.iter().map(|rule| rule.id.as_str()).filter(|id| !id.is_empty());
                    unknown("fault", id, named)
                };
                let mut ids = switch.on.iter().chain(&switch.off);
                ids.find(|id| !known(id)).map_or(Ok(()), |id| Err(refuse(id)))
            }
            Self::Settings(change) => find(loaded, &change.server)?.1.check_settings(&change.set),
            Self::Advance(_) => Ok(()),
        }
    }
}

impl Records {
    /// Whether the entity is there and has the fields of `records`.
    fn check<'a>(
        &self,
        records: impl IntoIterator<Item = &'a Map<String, Value>>,
        purpose: Purpose,
        loaded: &[Loaded],
    ) -> Result<(), String> {
        let (_, server) = find(loaded, &self.server)?;
        let table = data::table(server, &self.entity).map_err(|error| error.message)?;
        for record in records {
            let mut record = record.clone();
            data::take_tenant(server, None, &mut record);
            data::check(server, table, record, purpose).map_err(|error| error.explain())?;
        }
        Ok(())
    }
}

/// Whether all of `actions` can be done.
///
/// # Errors
/// Why one cannot.
pub(crate) fn check_actions(
    actions: &[StepAction],
    faults: &[Rule],
    loaded: &[Loaded],
) -> Result<(), String> {
    actions.iter().try_for_each(|action| action.check(faults, loaded))
}

/// Counts a request in the steps that wait for it; whether it sets one off.
pub fn count(steps: &[Step], progress: &mut [Progress], request: &RequestView<'_>) -> bool {
    let mut set_off = false;
    for (step, progress) in steps.iter().zip(progress) {
        let Some(on) = step.on.as_ref().filter(|on| on.request.matches(request)) else { continue };
        progress.matched += 1;
        let again = step.repeat && progress.matched % on.count == 0;
        if progress.matched == on.count || again {
            progress.pending += 1;
            set_off = true;
        }
    }
    set_off
}

/// The place of the next step to be done, marked as done: one that a request set off, or whose time has come.
pub fn next(steps: &[Step], progress: &mut [Progress], now: Timestamp, started: Timestamp) -> Option<usize> {
    let passed = now.duration_since(started);
    for (place, (step, progress)) in steps.iter().zip(progress.iter_mut()).enumerate() {
        if progress.pending > 0 {
            progress.pending -= 1;
        } else if step.is_owed(progress, passed) == 0 {
            continue;
        }
        progress.fired += 1;
        return Some(place);
    }
    None
}

/// Ends what has been set off without end: what is due is not done any more, and the report says so from then on. The
/// titles of the steps.
pub fn stop(steps: &[Step], progress: &mut [Progress], now: Timestamp, started: Timestamp) -> Vec<String> {
    let passed = now.duration_since(started);
    let mut stopped = Vec::new();
    for (place, (step, progress)) in steps.iter().zip(progress).enumerate() {
        let owed = progress.pending.saturating_add(step.is_owed(progress, passed));
        if owed > 0 {
            progress.pending = 0;
            progress.missed = progress.missed.saturating_add(owed);
            stopped.push(step.title(place));
        }
    }
    stopped
}

impl Progress {
    /// What is told of it: why it was not done as often as it should have been, and why it could not be done the last
    /// time.
    pub fn told(&self) -> Option<String> {
        let missed = (self.missed > 0).then(|| {
            let missed = self.missed;
            format!("it was stopped: {MAX_FIRINGS} steps had been set off at once, and {missed} of this one were left out")
        });
        let told: Vec<String> = missed.into_iter().chain(self.error.clone()).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }
}

/// Whether time may come to be `now`: the steps whose time has come then are not too many.
///
/// # Errors
/// Which step would be done how often.
pub fn check_time(
    steps: &[Step],
    progress: &[Progress],
    now: Timestamp,
    started: Timestamp,
) -> Result<(), String> {
    let passed = now.duration_since(started);
    let due = steps.iter().zip(progress).map(|(step, progress)| step.is_owed(progress, passed));
    let due: Vec<u64> = due.collect();
    let all = due.iter().fold(0, |all: u64, due| all.saturating_add(*due));
    if all <= MAX_FIRINGS as u64 {
        return Ok(());
    }
    let most = due.iter().enumerate().max_by_key(|(_, due)| **due).map_or(0, |(place, _)| place);
    let (title, times) = (steps[most].title(most), due[most]);
    Err(format!(
        "`{title}` would fire {times} times, {all} steps with the others; at most {MAX_FIRINGS} do at once"
    ))
}

/// Sets off the steps that come after the one at `done`.
pub fn follow(steps: &[Step], progress: &mut [Progress], done: usize) {
    let Some(name) = steps.get(done).and_then(|step| step.name.as_deref()) else { return };
    for (step, progress) in steps.iter().zip(progress) {
        if step.after.as_deref() == Some(name) && (step.repeat || progress.fired == 0) {
            progress.pending += 1;
        }
    }
}
