//! What a run came to: expectations, requests outside the contract, faults, steps, and verdicts on the client.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::contract::Fact;
use crate::journal::Entry;
use crate::journal::mask::mask_json;
use crate::judge::Verdict;
use crate::rules::fault::RuleState;
use crate::scenario::Scenario;
use crate::scenario::world::World;

/// What a report is made from.
pub struct Run<'a> {
    /// The name of the sandbox.
    pub sandbox: &'a str,
    /// The scenario in force.
    pub scenario: &'a Scenario,
    /// How far it has come.
    pub world: &'a World,
    /// The requests since it began, oldest first.
    pub journal: &'a [Arc<Entry>],
    /// What the judge says.
    pub verdicts: &'a [Verdict],
}

/// The report on everything since the scenario began. `ok` is whether every expectation is met.
pub fn report(run: &Run<'_>) -> Value {
    let Run { sandbox, scenario, world, journal, verdicts } = *run;
    let expectations = expectations(scenario, world, journal);
    let violations: Vec<Value> = journal.iter().flat_map(|entry| violations(entry)).collect();
    let mut report = json!({
        "ok": expectations.iter().all(|expectation| expectation["met"] == true),
        "sandbox": sandbox,
        "scenario": scenario.name,
        "at": world.clock.now().to_string(),
        "expectations": expectations,
        "violations": violations,
        "faults": world.faults.rules().iter().map(fault).collect::<Vec<_>>(),
        "assumptions": assumptions(journal),
        "verdicts": verdicts.iter().map(Verdict::to_json).collect::<Vec<_>>(),
        "steps": steps(scenario, world),
    });
    // Conditions repeat what a user wrote, secrets too.
    mask_json(&mut report);
    report
}

fn expectations(scenario: &Scenario, world: &World, journal: &[Arc<Entry>]) -> Vec<Value> {
    let judge = |(place, expectation): (usize, &crate::rules::expect::Expectation)| {
        if expectation.no_violations {
            let nearest: Vec<Value> = journal.iter().flat_map(|entry| violations(entry)).take(3).collect();
            let (met, count) = (world.violations == 0, world.violations);
            return json!({ "description": expectation.description(), "met": met, "count": count, "nearest": nearest });
        }
        if expectation.all_faults_hit {
            let missed = world.faults.rules().iter().filter(|state| state.hits == 0).map(fault);
            let missed: Vec<Value> = missed.collect();
            let (met, count) = (missed.is_empty(), world.faults.rules().len() - missed.len());
            return json!({ "description": expectation.description(), "met": met, "count": count, "nearest": missed });
        }
        expectation.judge(world.counts.get(place).copied().unwrap_or_default(), journal)
    };
    scenario.expect.iter().enumerate().map(judge).collect()
}

fn violations(entry: &Entry) -> Vec<Value> {
    let show = |violation: &crate::contract::Violation| {
        json!({
            "id": entry.id,
            "server": entry.server,
            "request": format!("{} {}", entry.method, entry.path),
            "rule": violation.rule,
            "position": violation.position,
            "message": violation.message,
            "nearest": violation.nearest,
        })
    };
    entry.violations.iter().map(show).collect()
}

/// The assumed facts that the run used, with how many requests did.
fn assumptions(journal: &[Arc<Entry>]) -> Vec<Value> {
    let mut counts: BTreeMap<(&str, &str, &str), (&Fact, u64)> = BTreeMap::new();
    for entry in journal {
        for fact in entry.assumptions.iter().filter_map(|fact| entry.contract.facts().get(*fact)) {
            counts.entry((entry.server, fact.kind, &fact.name)).or_insert((fact, 0)).1 += 1;
        }
    }
    let show = |((server, _, _), (fact, requests)): ((&str, &str, &str), (&Fact, u64))| {
        let mut shown = Map::from_iter([("server".to_owned(), Value::from(server))]);
        shown.extend(fact.to_json());
        shown.insert("requests".to_owned(), requests.into());
        Value::Object(shown)
    };
    counts.into_iter().map(show).collect()
}

/// A fault rule with what it did, for users.
pub fn fault(state: &RuleState) -> Value {
    let mut shown = serde_json::to_value(&*state.rule).unwrap_or_default();
    shown["hits"] = state.hits.into();
    shown["completed"] = state.completed().into();
    shown["enabled"] = state.on.into();
    mask_json(&mut shown);
    shown
}

fn steps(scenario: &Scenario, world: &World) -> Vec<Value> {
    let show = |(place, step): (usize, &crate::rules::step::Step)| {
        let progress = world.steps.get(place).cloned().unwrap_or_default();
        json!({ "name": step.title(place), "fired": progress.fired, "error": progress.error })
    };
    scenario.steps.iter().enumerate().map(show).collect()
}
