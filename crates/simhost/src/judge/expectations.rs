//! Expectations of a scenario, judged.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::base::diagnostics::short;
use crate::journal::mask::{MASK, is_secret_field, is_secret_header, mask_json, mask_text};
use crate::rules::counting::{ExpectationState, Near, RequestLine};
use crate::rules::difference::Part;
use crate::rules::expect::Expectation;
use crate::rules::fault::RuleState;
use crate::scenario::world::World;

/// How much of a description is told.
const LONGEST: usize = 1000;

/// How many records or faults a miss names.
const NAMED: usize = 3;

/// What else an expectation is judged by, besides what was counted for it.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// The verdicts on the clients.
    pub verdicts: &'a [Value],
    /// How many records there are, by the name of the expectation that asks.
    pub records: HashMap<String, Records>,
}

/// The records that an expectation means.
#[derive(Clone, Debug, Default)]
pub struct Records {
    /// How many there are.
    pub count: u64,
    /// Those that nearly are, or those that are, as the report names them.
    pub named: Vec<Value>,
}

/// The expectation in the report: met or not, how often, the requests that counted when not, and those that nearly did.
pub fn judge(state: &ExpectationState, world: &World, facts: &Facts<'_>) -> Value {
    let expectation = &state.expectation;
    let description = expectation.description(|name, value| masked(Part::Field, name, value, &[]));
    let mut shown = json!({
        "id": state.id,
        "kind": kind(expectation),
        "description": short(&description, LONGEST),
        "met": state.is_met(),
        "count": state.matched,
        "nearest": [],
        "requests": [],
    });
    let (met, count, nearest) = if expectation.request.is_some() {
        let wants_more = expectation.wants_more(state.matched, state.in_turn);
        let mut nearest: Vec<Value> = state.near.iter().filter(|_| wants_more).map(near).collect();
        if nearest.is_empty() {
            // Those that counted are all that there is to name.
            nearest = state.counted.iter().rev().take(NAMED).map(line).collect();
        }
        (state.is_met(), state.matched, nearest)
    } else if expectation.no_violations {
        let lines = world.tally.lines.iter().filter(|line| line.id > state.since).take(NAMED);
        (
            state.matched == 0,
            state.matched,
            lines.map(|line| serde_json::to_value(line).unwrap_or_default()).collect(),
        )
    } else if expectation.all_faults_hit {
        let idle = world.faults.rules().iter().filter(|state| state.hits == 0);
        let idle: Vec<Value> = idle.map(fault).collect();
        let hit = (world.faults.rules().len() - idle.len()) as u64;
        (idle.is_empty(), hit, idle)
    } else if let Some(record) = &expectation.record {
        let records = facts.records.get(&state.id).cloned().unwrap_or_default();
        (record.is_met(records.count), records.count, records.named)
    } else {
        let is_forbidden = |verdict: &&Value| {
            let kind = verdict["verdict"].as_str().unwrap_or_default();
            let requests = verdict["requests"].as_array().map(Vec::as_slice).unwrap_or_default();
            let is_since = requests.is_empty() || requests.iter().any(|id| id.as_u64() > Some(state.since));
            is_since && expectation.forbids(kind, verdict["severity"] == "advice")
        };
        let found: Vec<Value> = facts.verdicts.iter().filter(is_forbidden).cloned().collect();
        (found.is_empty(), found.len() as u64, found.into_iter().take(NAMED).collect())
    };
    shown["met"] = met.into();
    shown["count"] = count.into();
    if !met {
        shown["nearest"] = Value::Array(nearest);
        shown["requests"] = state.counted.iter().map(line).collect();
    }
    shown
}

/// What is expected, in a word.
fn kind(expectation: &Expectation) -> &'static str {
    match expectation {
        Expectation { request: Some(_), .. } => "request",
        Expectation { record: Some(_), .. } => "record",
        Expectation { no_violations: true, .. } => "violations",
        Expectation { all_faults_hit: true, .. } => "faults",
        _ => "verdicts",
    }
}

/// A request as reports name it.
pub fn line(line: &RequestLine) -> Value {
    json!({
        "id": line.id,
        "at": line.at.to_string(),
        "server": line.server,
        "request": line.request(),
        "method": line.method,
        "path": line.path,
        "status": line.status,
        "fault": line.fault,
    })
}

fn near(near: &Near) -> Value {
    let mut shown = line(&near.line);
    shown["difference"] = near.difference.as_str().into();
    shown
}

/// What may be told of a value of a part of a request; `secrets` are the simulator's own names.
pub fn masked(part: Part, name: &str, value: &str, secrets: &[&str]) -> String {
    let is_secret = match part {
        Part::Header => is_secret_header(name, secrets),
        Part::Query | Part::Field => is_secret_field(name.rsplit('.').next().unwrap_or(name), secrets),
        Part::Body => return mask_text(value, secrets, |_| {}),
        Part::Method | Part::Path | Part::Time | Part::Status => false,
    };
    if is_secret { MASK.to_owned() } else { mask_text(value, secrets, |_| {}) }
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
