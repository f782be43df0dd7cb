//! Why a request was answered as it was: the checks in the order in which they were made, up to the one that answered.
//!
//! The gate only notes how far a request came and what refused it ([`crate::journal::processing`]); the rest is found when
//! somebody asks, from the entry, the contract that was in force and the records as they are now.

mod checks;
mod filters;
mod refusing;
mod surprises;

use serde_json::{Value, json};

use crate::contract::{Fact, Operation, Violation};
use crate::journal::Entry;
use crate::journal::processing::{Refusal, Stage};
use crate::rules::step::StepAction;
use crate::sandbox::Sandbox;
use crate::server::why::checks::{Check, check_of, refused_at};
use crate::simulator::{Loaded, Routes, find};

/// A check, and what came of it.
#[derive(Clone, Debug, Default)]
struct Step {
    check: &'static str,
    /// `passed`, `noted` (something was wrong and let pass), `refused`, `damaged` (a fault on the way out).
    result: &'static str,
    received: Option<String>,
    nearest: Option<String>,
    /// As `field Order.code`.
    fact: Option<String>,
    evidence: Option<&'static str>,
    message: Option<String>,
    refusal: Option<String>,
}

impl Step {
    fn to_json(&self) -> Value {
        let mut shown = json!({
            "check": self.check,
            "result": self.result,
            "received": self.received,
            "nearest": self.nearest,
            "fact": self.fact,
            "evidence": self.evidence,
        });
        for (name, text) in [("message", &self.message), ("refusal", &self.refusal)] {
            if let Some(text) = text {
                shown[name] = text.as_str().into();
            }
        }
        shown
    }

    fn of_fact(&mut self, fact: Option<&Fact>) {
        if let Some(fact) = fact {
            (self.fact, self.evidence) = (Some(fact.line()), Some(fact.evidence.name()));
        }
    }
}

/// An entry that is explained.
struct Asked<'a> {
    sandbox: &'a Sandbox,
    entry: &'a Entry,
    server: &'a Loaded,
    index: usize,
    operation: Option<&'a Operation>,
    /// Which check refused it.
    refused: Option<Check>,
}

/// Why an entry of a sandbox was answered as it was: `{"request","answer","steps":[{"check","result","received",
/// "nearest","fact","evidence"}],"cause"}`. Secrets are masked as in the journal. Nothing for an entry of a server that
/// is not there.
pub async fn why(sandbox: &Sandbox, entry: &Entry) -> Option<Value> {
    let (index, server) = find(&sandbox.shared().servers, entry.server).ok()?;
    let operation = entry.operation.map(|place| &entry.contract.operations[place]);
    let refused = refused_at(entry, server, sandbox.is_strict());
    let asked = Asked { sandbox, entry, server, index, operation, refused };
    let mut steps = asked.steps();
    asked.look_at_records(&mut steps).await;
    let made: Vec<Value> = steps.iter().map(Step::to_json).collect();
    let mut told = json!({
        "request": asked.request(),
        "answer": asked.answer(),
        "steps": made,
        "cause": asked.cause(&steps),
    });
    entry.known.hide_in(&mut told);
    Some(told)
}

impl Asked<'_> {
    fn request(&self) -> Value {
        let mut shown = self.entry.summary();
        let names = ["id", "at", "server", "method", "path", "query", "principal"];
        names.iter().map(|name| ((*name).to_owned(), shown[*name].take())).collect()
    }

    fn answer(&self) -> Value {
        let entry = self.entry;
        let refusal = entry.processing.refusal.as_ref();
        json!({
            "status": entry.status,
            "handled_status": entry.handled_status,
            "fault": entry.fault,
            "message": refusal.map(|refusal| self.masked(&refusal.message)),
            "refusal": refusal.and_then(|refusal| refusal.name.as_deref()),
        })
    }

    fn masked(&self, text: &str) -> String {
        self.entry.masked(text)
    }

    fn refusal(&self) -> Option<&Refusal> {
        self.entry.processing.refusal.as_deref()
    }

    /// The checks that this server makes, in their order.
    fn order(&self) -> Vec<Check> {
        let sim = self.server.sim;
        let mut order = vec!["transport", "sandbox", "fault"];
        if sim.admit.is_some() {
            order.push("quota");
        }
        let routing = ["route", "method"];
        if sim.auth_first {
            order.push("credentials");
            order.extend(routing);
        } else {
            order.extend(routing);
            order.push("credentials");
        }
        order.extend(["headers", "query", "body"]);
        if self.sandbox.is_strict() || self.entry.processing.stage == Stage::Contract {
            order.push("contract");
        }
        order.extend(["state", "rights", "rule"]);
        self.refused_late(&mut order);
        order
    }

    /// What the vendor's own code refuses for a reason that is usually looked at before it, it refuses late.
    fn refused_late(&self, order: &mut Vec<Check>) {
        let Some(refused) = self.refused else { return };
        let is_own = self.entry.processing.stage == Stage::Handler
            && matches!(self.server.sim.routes, Routes::Table(_))
            && matches!(refused, "credentials" | "quota" | "route" | "method");
        if is_own || !order.contains(&refused) {
            order.retain(|check| *check != refused);
            let place = order.iter().position(|check| *check == "state").unwrap_or(order.len());
            order.insert(place, refused);
        }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for check in self.order() {
            let here = || self.entry.violations.iter().filter(|found| check_of(self.entry, found) == check);
            if Some(check) == self.refused {
                let refusing = self.refusing(check);
                // A slip in a name often stands behind what is missing under the right one.
                let slips = here().filter(|found| found.rule == "field" && found.nearest.is_some());
                let slips = slips.map(|found| self.noted(check, found));
                steps.extend(slips.filter(|slip| slip.received != refusing.received));
                steps.push(refusing);
                return steps;
            }
            let noted = here();
            let noted: Vec<Step> = noted.map(|found| self.noted(check, found)).collect();
            if noted.is_empty() {
                steps.push(self.passed(check));
            } else {
                steps.extend(noted);
            }
        }
        let damage = self.entry.fault.as_ref().filter(|_| self.entry.handled_status.is_some());
        steps.extend(damage.map(|id| Step {
            check: "fault",
            result: "damaged",
            received: Some(id.clone()),
            message: Some(self.fault_in_words(id)),
            ..Step::default()
        }));
        steps
    }

    fn passed(&self, check: Check) -> Step {
        let entry = self.entry;
        let received = match check {
            "sandbox" => Some(self.sandbox.name.clone()),
            "credentials" if self.operation.is_some_and(|operation| operation.is_open) => {
                Some("none needed".to_owned())
            }
            "credentials" => Some(entry.principal.clone()).filter(|name| !name.is_empty()),
            "route" => Some(entry.shown_path().into_owned()),
            "method" => Some(entry.method.to_string()),
            "query" => Some(self.masked(&entry.query)).filter(|query| !query.is_empty()),
            "body" => Some(format!("{} bytes", entry.body.len())),
            _ => None,
        };
        let mut step = Step { check, result: "passed", received, ..Step::default() };
        if matches!(check, "route" | "method") {
            step.of_fact(entry.operation.and_then(|place| entry.contract.operation_fact(place)));
        }
        if check == "headers" {
            self.note_company(&mut step);
        }
        step
    }

    /// A header that names a company, and that a default stood in for.
    fn note_company(&self, step: &mut Step) {
        let name = self.server.sim.habits.company;
        let is_asked = self.operation.is_some_and(|operation| !operation.is_open);
        if name.is_empty() || !is_asked || self.entry.headers.contains_key(name) {
            return;
        }
        let default = self.server.model.profile.tenant.as_ref().map_or("", |tenant| &tenant.default);
        step.result = "noted";
        step.received = Some(format!("no {name}"));
        step.nearest = Some(format!("{name}: {default}"));
        step.message = Some(format!("without {name} company {default} is meant"));
        let fact = self.entry.operation.and_then(|place| {
            let violation = Violation::new("required", name, String::new(), None);
            self.entry.contract.violated_fact(Some(place), &violation)
        });
        step.of_fact(fact);
    }

    fn noted(&self, check: Check, violation: &Violation) -> Step {
        let mut step = Step { check, result: "noted", ..Step::default() };
        self.violated(&mut step, violation);
        step
    }

    fn violated(&self, step: &mut Step, violation: &Violation) {
        let contract = &self.entry.contract;
        step.received = Some(self.at(violation));
        // The contract's own words are no secret, whatever they are about.
        step.nearest = violation.nearest.clone().or_else(|| self.mended(violation));
        step.message = Some(self.masked(&violation.message));
        step.of_fact(contract.violated_fact(self.entry.operation, violation));
    }

    /// What stands where a violation is.
    fn at(&self, violation: &Violation) -> String {
        let position = self.masked(&violation.position);
        let value = match violation.rule {
            "verb" => {
                return format!("{} {}", self.entry.method, self.entry.shown_path());
            }
            "content-type" => self.entry.headers.get("content-type").map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                self.masked(&value)
            }),
            "parameter" | "alias" => self.parameter(&violation.position),
            "field" | "type" | "value" => self.field(&violation.position),
            _ => None,
        };
        match value {
            Some(value) => format!("{position}: {value}"),
            None if position.is_empty() => "the body".to_owned(),
            None => position,
        }
    }

    /// The value of a parameter of the query, secrets masked.
    fn parameter(&self, position: &str) -> Option<String> {
        let name = position.split(':').next().unwrap_or(position);
        let query = self.masked(&self.entry.query);
        let mut pairs = crate::base::urlencoded::pairs(&query);
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.into_owned())
    }

    /// The value of a field of the body, secrets masked.
    fn field(&self, position: &str) -> Option<String> {
        let shown = self.entry.shown_body(&self.entry.body);
        let body: Value = serde_json::from_str(shown.as_str()?).ok()?;
        let pointer = position.replace(['.', '['], "/").replace(']', "");
        let found = body.pointer(&format!("/{}", pointer.trim_start_matches('/')))?;
        let text = found.to_string();
        (text.len() <= 200).then_some(text)
    }

    fn fault_in_words(&self, id: &str) -> String {
        let world = self.sandbox.world();
        let rule = world.faults.rules().iter().find(|state| state.rule.id == id).map(|state| &state.rule);
        let then = rule.and_then(|rule| serde_json::to_value(&rule.then).ok());
        match then {
            Some(then) => format!("fault {id}: {}", self.masked(&then.to_string())),
            None => format!("fault {id}, which is not in force any more"),
        }
    }

    /// What did it: `fault`, `quota`, `clock`, `scenario` or `client`; nothing where nothing is wrong.
    fn cause(&self, steps: &[Step]) -> Option<&'static str> {
        let refusal = self.refusal();
        let Some(refused) = self.refused else {
            let is_wrong = |result: &str| steps.iter().any(|step| step.result == result);
            return if is_wrong("damaged") { Some("fault") } else { is_wrong("noted").then_some("client") };
        };
        match refused {
            "fault" => Some("fault"),
            "quota" => Some("quota"),
            _ if refusal.is_some_and(|refusal| refusal.by_clock) => Some("clock"),
            _ if self.is_by_scenario() => Some("scenario"),
            _ => Some("client"),
        }
    }

    /// Whether a step of the scenario, or the state that it starts the server in, stands behind a refusal.
    fn is_by_scenario(&self) -> bool {
        let is_server_s = self.entry.handled_status.is_some_and(|status| status >= 500);
        if is_server_s || self.refusal().is_some_and(|refusal| refusal.is_temporary) {
            return true;
        }
        let (ready, world) = (self.sandbox.scenario(), self.sandbox.world());
        let fired = ready.scenario.steps.iter().zip(&world.steps).filter(|(_, progress)| progress.fired > 0);
        let mut actions = fired.flat_map(|(step, _)| &step.actions);
        let target = self.target();
        actions.any(|action| match action {
            StepAction::Insert(records) | StepAction::Update(records) | StepAction::Delete(records) => {
                let is_here = |(entity, key): &(String, Option<String>)| {
                    *entity == records.entity && (records.key.is_none() || *key == records.key)
                };
                records.server == self.entry.server && target.as_ref().is_some_and(is_here)
            }
            StepAction::Settings(change) => {
                change.server == self.entry.server
                    && matches!(self.refused, Some("rights" | "state" | "credentials" | "rule" | "method"))
            }
            StepAction::Action(call) => {
                call.server == self.entry.server && matches!(self.refused, Some("state" | "rights" | "rule"))
            }
            StepAction::Advance(_) | StepAction::Faults(_) => false,
        })
    }
}
