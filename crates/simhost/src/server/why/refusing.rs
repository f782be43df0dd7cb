//! The check that refused a request: what it received, and what would have passed.

use super::checks::{Check, check_of, is_about};
use super::{Asked, Step};
use crate::contract::Violation;
use crate::entity::profile::Evidence;

impl Asked<'_> {
    /// The step of the check that answered.
    pub(super) fn refusing(&self, check: Check) -> Step {
        let mut step = Step { check, result: "refused", ..self.passed(check) };
        if check == "fault" {
            let id = self.entry.fault.clone().unwrap_or_default();
            step.message = Some(self.fault_in_words(&id));
            step.received = Some(id);
            return step;
        }
        let entry = self.entry;
        let refusal = self.refusal();
        let first = |is: &dyn Fn(&&Violation) -> bool| entry.violations.iter().find(|found| is(found));
        let here = |found: &&Violation| check == "contract" || check_of(entry, found) == check;
        let violation = first(&|found| here(found) && is_about(refusal, found)).or_else(|| first(&here));
        match violation {
            Some(violation) => self.violated(&mut step, violation),
            None => self.unviolated(&mut step),
        }
        if let Some(refusal) = refusal {
            step.refusal.clone_from(&refusal.name);
            let named = refusal.name.as_deref().and_then(|name| self.evidence_of(name));
            if step.fact.is_none()
                && let Some((line, evidence)) = named
            {
                (step.fact, step.evidence) = (Some(line), Some(evidence));
            }
        }
        if step.fact.is_none() {
            let status = entry.handled_status.unwrap_or_default();
            let operation = entry.operation;
            let fact = operation.and_then(|place| entry.contract.status_fact(place, status));
            step.of_fact(fact.or_else(|| entry.contract.operation_fact(operation?)));
        }
        step
    }

    /// A refusal that no violation stands behind: what was wrong by the vendor's own words.
    fn unviolated(&self, step: &mut Step) {
        let entry = self.entry;
        step.fact = None;
        step.evidence = None;
        let refusal = self.refusal();
        let message = refusal.map(|refusal| self.masked(&refusal.message));
        step.message = entry.unreadable.as_ref().map(ToString::to_string).or(message);
        let detail = refusal.and_then(|refusal| refusal.details.first());
        if let Some((field, why)) = detail {
            let value = self.field(field).or_else(|| self.parameter(field));
            let field = self.masked(field);
            step.received = Some(value.map_or_else(|| field.clone(), |value| format!("{field}: {value}")));
            if !why.is_empty() {
                step.message = Some(self.masked(why));
            }
        }
        match step.check {
            "transport" => step.received = Some(self.masked(&String::from_utf8_lossy(&entry.body))),
            "credentials" => self.bad_credentials(step),
            "quota" => {
                let wait = entry.response_headers.get("retry-after").and_then(|wait| wait.to_str().ok());
                step.nearest = wait.map(|wait| format!("the same after {wait} s"));
            }
            "method" => {
                let allowed = entry.response_headers.get("allow").and_then(|allow| allow.to_str().ok());
                step.nearest = allowed.map(str::to_owned);
            }
            _ => {}
        }
    }

    /// Which headers of credentials came, never what they hold.
    fn bad_credentials(&self, step: &mut Step) {
        let contract = &self.entry.contract;
        let mut headers = contract.credential_headers();
        if let Some(about) = self.refusal().and_then(|refusal| refusal.about) {
            headers = vec![about];
        }
        let told = headers.iter().map(|header| {
            let is_there = header.contains(' ') || self.entry.headers.contains_key(*header);
            format!("{header} {}", if is_there { "is there and not good" } else { "is missing" })
        });
        step.received = Some(told.collect::<Vec<_>>().join(", "));
        let by_clock = self.refusal().is_some_and(|refusal| refusal.by_clock);
        let sign_in = contract.operations.iter().find(|operation| operation.sign_in.is_some());
        step.nearest = match sign_in {
            Some(operation) if by_clock => Some(format!("a new token: {}", operation.title())),
            _ => Some(headers.join(" and ")),
        };
        if by_clock {
            let message = step.message.take().filter(|message| !message.is_empty());
            let message = message.map(|message| format!(" ({message})")).unwrap_or_default();
            step.message = Some(format!("what was good once had expired at {}{message}", self.entry.at));
        }
    }

    /// The refusal of a name, and where it comes from.
    fn evidence_of(&self, name: &str) -> Option<(String, &'static str)> {
        let refusal = self.server.model.profile.errors.get(name)?;
        Some((format!("refusal {name}"), Evidence::name(refusal.evidence)))
    }
}
