//! The smallest scenario that still fails: what can be left out of faults, steps and expectations is left out, chunk by chunk.

use std::collections::BTreeSet;

use erpsatz::Profiles;
use erpsatz::replay::{Replayed, Trial, replay};
use jiff::SignedDuration;
use serde_json::Value;
use simhost::server::opened::Opened;

/// The lists of a scenario of which parts may be left out.
const LISTS: [&str; 3] = ["faults", "steps", "expect"];

/// How often a run is played again at most to find it.
const MAX_TRIALS: usize = 200;

/// It, and how it fails.
pub(super) struct Smallest {
    /// The scenario.
    pub(super) scenario: Value,
    /// What is wrong with the run, in words.
    pub(super) fails: Vec<String>,
    /// Whether control's faults and expectations are in the scenario, and so not in the script.
    pub(super) has_rules_of_control: bool,
}

/// Tries a scenario in the place of the capsule's own.
struct Trials<'a> {
    run: &'a Run,
    profiles: &'a Profiles,
    wanted: BTreeSet<String>,
    left: usize,
}

/// What happened, and how long after the beginning.
#[derive(Clone)]
struct Run {
    capsule: Opened,
    waited: Vec<SignedDuration>,
}

/// The smallest scenario of a capsule.
///
/// # Errors
/// When it cannot be played again.
pub(super) async fn of(capsule: &Opened, profiles: &Profiles) -> Result<Smallest, String> {
    let first = replay(capsule, profiles, None).await?;
    let wanted = signature(capsule, &first);
    let whole = Run { capsule: capsule.clone(), waited: first.waited };
    let (merged, without) = (merged(capsule), whole.without_rules());
    let mut trials = Trials { run: &without, profiles, wanted, left: MAX_TRIALS };
    let has_rules_of_control = trials.fails(&merged).await;
    let mut scenario = if has_rules_of_control {
        merged
    } else {
        trials.run = &whole;
        capsule.head["scenario"].clone()
    };
    for list in LISTS {
        trials.shorten(&mut scenario, list).await;
    }
    if let Some(servers) = scenario["servers"].as_object_mut() {
        servers.values_mut().for_each(without_nothing);
    }
    without_nothing(&mut scenario);
    Ok(Smallest { scenario, fails: trials.wanted.into_iter().collect(), has_rules_of_control })
}

fn without_nothing(value: &mut Value) {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, value| !is_nothing(value));
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// How a run fails, and failed when it was kept: the expectations that it misses; where it misses none, what the judge calls wrong; where that is
/// nothing, the statuses that its requests got.
fn signature(capsule: &Opened, played: &Replayed) -> BTreeSet<String> {
    // What only one of the two was judged to be is no part of the run: somebody's time on the clock, another version.
    let both = |wrong: &dyn Fn(&Value) -> BTreeSet<String>| -> BTreeSet<String> {
        wrong(&capsule.end["report"]).intersection(&wrong(&played.report)).cloned().collect()
    };
    let ways = [both(&missed), both(&verdicts)];
    let found = ways.into_iter().find(|way| !way.is_empty());
    found.unwrap_or_else(|| BTreeSet::from([statuses(&capsule.events)]))
}

fn missed(report: &Value) -> BTreeSet<String> {
    let all = report["expectations"].as_array().into_iter().flatten();
    let missed = all.filter(|expectation| expectation["met"] != true);
    missed
        .filter_map(|expectation| Some(format!("missed: {}", expectation["description"].as_str()?)))
        .collect()
}

fn verdicts(report: &Value) -> BTreeSet<String> {
    let all = report["verdicts"].as_array().into_iter().flatten();
    let wrong = all.filter(|verdict| verdict["severity"] != "advice");
    wrong.filter_map(|verdict| Some(format!("verdict: {}", verdict["verdict"].as_str()?))).collect()
}

fn statuses(events: &[Value]) -> String {
    let requests = events.iter().map(|event| &event["request"]).filter(|request| !request.is_null());
    let statuses: Vec<String> = requests.map(|request| request["status"].to_string()).collect();
    format!("answers: {}", statuses.join(" "))
}

/// The scenario with the faults and expectations that there were at the end.
fn merged(capsule: &Opened) -> Value {
    let mut scenario = capsule.head["scenario"].clone();
    for (list, end) in [("faults", "faults"), ("expect", "expectations")] {
        if let Some(rules) = capsule.end[end].as_array() {
            scenario[list] = rules.clone().into();
        }
    }
    scenario
}

/// Whether a change adds or ends faults or expectations.
pub(super) fn is_of_rules(change: &Value) -> bool {
    let path = change["path"].as_str().unwrap_or_default();
    ["/faults", "/expectations"].iter().any(|rules| path.starts_with(rules))
}

impl Run {
    fn without_rules(&self) -> Self {
        let mut without = self.clone();
        let events = self.capsule.events.iter().cloned().zip(self.waited.iter().copied());
        (without.capsule.events, without.waited) =
            events.filter(|(event, _)| !is_of_rules(&event["change"])).unzip();
        without
    }
}

impl Trials<'_> {
    /// Whether the run still fails in the same way: all that it missed, or all that the judge called wrong.
    async fn fails(&mut self, scenario: &Value) -> bool {
        if self.left == 0 {
            return false;
        }
        self.left -= 1;
        let trial = Trial { scenario, waited: &self.run.waited };
        let played = replay(&self.run.capsule, self.profiles, Some(trial)).await;
        let Ok(played) = played else { return false };
        let has_all = |found: BTreeSet<String>| self.wanted.is_subset(&found);
        has_all(missed(&played.report)) || has_all(verdicts(&played.report)) || self.is_same(&played)
    }

    /// Where only the answers tell: whether they are what they were.
    fn is_same(&self, played: &Replayed) -> bool {
        self.wanted.iter().all(|one| one.starts_with("answers: ")) && played.difference.is_none()
    }

    /// Leaves out of a list what the run fails without: halves first, then ever smaller parts.
    async fn shorten(&mut self, scenario: &mut Value, list: &str) {
        let mut size = scenario[list].as_array().map_or(0, Vec::len);
        while size > 0 {
            let mut from = 0;
            while let Some(items) = scenario[list].as_array().filter(|items| from < items.len()) {
                let mut fewer = items.clone();
                fewer.drain(from..(from + size).min(items.len()));
                let mut smaller = scenario.clone();
                smaller[list] = fewer.into();
                if self.fails(&smaller).await {
                    *scenario = smaller;
                } else {
                    from += size;
                }
            }
            size /= 2;
        }
    }
}
