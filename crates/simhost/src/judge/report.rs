//! What a world came to: expectations, requests outside the contract, faults, steps, and verdicts on the client.

use serde_json::{Value, json};

use crate::base::diagnostics::{MAX_NAME, short};
use crate::journal::mask::mask_json;
use crate::judge::expectations::{Facts, fault, judge};
use crate::rules::fail_on::FailOn;
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
    /// What else expectations are judged by.
    pub facts: &'a Facts<'a>,
    /// How many entries the journal has dropped.
    pub dropped: u64,
    /// Whether the judge had to forget something for want of room.
    pub judge_was_cut: bool,
}

/// The report on everything since the world began; nothing of it is looked up in the journal. `ok` is whether every
/// expectation is met.
pub fn report(run: &Run<'_>) -> Value {
    let Run { sandbox, scenario, world, facts, dropped, judge_was_cut } = run;
    let expectations: Vec<Value> =
        world.expectations.states().iter().map(|state| judge(state, world, facts)).collect();
    let mut report = json!({
        "ok": expectations.iter().all(|expectation| expectation["met"] == true),
        "sandbox": sandbox,
        "scenario": short(&scenario.name, MAX_NAME),
        "at": world.clock.now().to_string(),
        "requests": world.tally.requests,
        "expectations": expectations,
        "violations": world.tally.lines,
        "violations_total": world.tally.violations,
        "faults": world.faults.rules().iter().map(fault).collect::<Vec<_>>(),
        "assumptions": world.tally.assumptions().collect::<Vec<_>>(),
        "verdicts": facts.verdicts,
        "steps": steps(scenario, world),
        "dropped": dropped,
        "judge_was_cut": judge_was_cut,
    });
    // Conditions repeat what a user wrote, secrets too.
    mask_json(&mut report);
    report
}

/// Whether a report fails by `fail_on`; `counts` is whether its expectations do.
pub fn fails(report: &Value, fail_on: FailOn, counts: bool) -> bool {
    let has = |severity: &str| {
        let verdicts = report["verdicts"].as_array().map(Vec::as_slice).unwrap_or_default();
        verdicts.iter().any(|verdict| verdict["severity"] == severity)
    };
    fail_on.expectations && counts && report["ok"] != true
        || fail_on.violations && report["violations_total"].as_u64() > Some(0)
        || fail_on.has_errors() && has("error")
        || fail_on.warnings && has("warning")
}

fn steps(scenario: &Scenario, world: &World) -> Vec<Value> {
    let show = |(place, step): (usize, &crate::rules::step::Step)| {
        let progress = world.steps.get(place).cloned().unwrap_or_default();
        json!({ "name": step.title(place), "fired": progress.fired, "error": progress.told() })
    };
    scenario.steps.iter().enumerate().map(show).collect()
}
