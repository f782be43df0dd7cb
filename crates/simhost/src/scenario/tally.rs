//! What is counted of all requests of a world, as they end: nothing is looked up afterwards.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::contract::{Fact, Violation};
use crate::rules::counting::RequestLine;

/// How many violations are remembered; all are counted.
pub const MAX_VIOLATIONS: usize = 200;

/// How much of each text of a violation is remembered.
const LONGEST: usize = 500;

/// One violation, and whose.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ViolationLine {
    /// The request.
    pub id: u64,
    /// The simulator's slug.
    pub server: String,
    /// Its verb and path.
    pub request: String,
    /// Which rule of the contract.
    pub rule: String,
    /// Where in the request.
    pub position: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The nearest form that the contract has.
    pub nearest: Option<String>,
}

/// What is counted of all requests of a world.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many requests have come.
    pub requests: u64,
    /// How many were outside the contract.
    pub outside: u64,
    /// In how many ways they were.
    pub violations: u64,
    /// The first of these, at most [`MAX_VIOLATIONS`].
    pub lines: Vec<ViolationLine>,
    /// The assumed facts that requests used, by server, kind and name, with how many did.
    assumptions: BTreeMap<String, (String, Map<String, Value>, u64)>,
}

impl Tally {
    /// Counts a request of `server` that has ended; `line` is how reports name it.
    pub fn count<'f>(
        &mut self,
        server: &str,
        violations: &[Violation],
        facts: impl Iterator<Item = &'f Fact>,
        line: impl Fn() -> RequestLine,
    ) {
        self.requests += 1;
        self.outside += u64::from(!violations.is_empty());
        for violation in violations {
            self.violations += 1;
            if self.lines.len() < MAX_VIOLATIONS {
                let line = line();
                self.lines.push(ViolationLine {
                    id: line.id,
                    request: line.request(),
                    server: line.server,
                    rule: violation.rule.to_owned(),
                    position: cut(&violation.position),
                    message: cut(&violation.message),
                    nearest: violation.nearest.as_deref().map(cut),
                });
            }
        }
        let mut key = String::new();
        for fact in facts {
            key.clear();
            key.extend([server, " ", fact.kind, " ", &fact.name]);
            match self.assumptions.get_mut(&key) {
                Some(assumed) => assumed.2 += 1,
                None => {
                    let assumed = (server.to_owned(), fact.to_json(), 1);
                    self.assumptions.insert(key.clone(), assumed);
                }
            }
        }
    }

    /// The assumed facts that requests used, with how many did.
    pub fn assumptions(&self) -> impl Iterator<Item = Value> {
        self.assumptions.values().map(|(server, fact, requests)| {
            let mut shown = Map::from_iter([("server".to_owned(), Value::from(server.as_str()))]);
            shown.extend(fact.clone());
            shown.insert("requests".to_owned(), (*requests).into());
            Value::Object(shown)
        })
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
