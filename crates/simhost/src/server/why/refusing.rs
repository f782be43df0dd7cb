//! The check that refused a request: what it received, and what would have passed.

use serde_json::Value;

use super::checks::{Check, check_of, is_about};
use super::{Asked, Step};
use crate::base::diagnostics::short;
use crate::base::error::ErrorKind;
use crate::contract::Violation;
use crate::entity::profile::Evidence;

/// How much of a body is told.
const MAX_SHOWN: usize = 200;

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
        // A refusal that names one header of credentials is not about another one.
        let violation = violation.filter(|found| {
            let is_about = |meant: &str| found.position == meant || found.nearest.as_deref() == Some(meant);
            self.meant_header().is_none_or(is_about)
        });
        match violation {
            Some(violation) => self.violated(&mut step, violation),
            None => self.unviolated(&mut step),
        }
        if step.received.as_deref().is_none_or(str::is_empty) {
            step.received = Some(format!("{} {}", entry.method, entry.shown_path()));
        }
        if let Some(refusal) = refusal {
            step.nearest = step.nearest.take().or_else(|| refusal.nearest.clone());
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
            // One word is a value, no sentence.
            if why.contains(' ') {
                step.message = Some(self.masked(why));
            }
        }
        match step.check {
            "transport" => step.received = Some(self.masked(&String::from_utf8_lossy(&entry.body))),
            "credentials" => self.bad_credentials(step),
            "headers" if refusal.is_some_and(|refusal| refusal.kind == ErrorKind::MediaType) => {
                let media = entry.headers.get("content-type").map(|value| value.to_str().unwrap_or_default());
                step.received = Some(format!("content-type: {}", media.unwrap_or("none")));
                let body = self.operation.and_then(|operation| operation.body.as_ref());
                step.nearest = body.and_then(|body| body.media.first()).map(|media| (*media).to_owned());
            }
            "body" => self.wrong_body(step, detail.is_some()),
            "headers" if step.received.is_none() => step.received = self.repeated_header(),
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

    /// What came of a body that is wrong as a whole, or that could not be read: the entry holds none of that one.
    fn wrong_body(&self, step: &mut Step, is_told: bool) {
        let limit = self.sandbox.shared().options.max_body;
        let told = match self.refusal().map(|refusal| refusal.kind) {
            Some(ErrorKind::TooLarge) if self.entry.body.is_empty() => {
                step.nearest = Some(format!("at most {limit} bytes"));
                format!("more than {limit} bytes")
            }
            Some(ErrorKind::Cut) => "a body that breaks off".to_owned(),
            Some(ErrorKind::Late) => "a body that comes too slowly".to_owned(),
            _ if is_told => return,
            _ => match self.entry.shown_body(&self.entry.body).as_str() {
                None => "no body".to_owned(),
                Some(text) => short(text, MAX_SHOWN).into_owned(),
            },
        };
        step.received = Some(told);
    }

    /// Which headers of credentials came, never what they hold.
    fn bad_credentials(&self, step: &mut Step) {
        let contract = &self.entry.contract;
        let (meant, about) = (self.meant_header(), self.refusal().and_then(|refusal| refusal.about));
        if let Some(body) = self.signing_in().filter(|_| meant.is_none() && about.is_none()) {
            let sent = match serde_json::from_slice(&self.entry.body) {
                Ok(sent) => names(&sent),
                Err(_) => {
                    let text = String::from_utf8_lossy(&self.entry.body);
                    let pairs = crate::base::urlencoded::pairs(&text);
                    pairs.map(|(name, _)| name.into_owned()).collect::<Vec<_>>().join(", ")
                }
            };
            step.received = Some(format!("{sent} in the body are not good"));
            step.nearest = Some(names(body));
            return;
        }
        let mut headers = contract.credential_headers();
        headers.retain(|header| meant.is_none_or(|meant| meant == *header));
        if let Some(about) = about {
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

    /// What a body holds by which clients sign in, where this request does.
    fn signing_in(&self) -> Option<&Value> {
        let operation = self.operation?;
        let is_by_body = operation.sign_in.is_some_and(|sign_in| sign_in.basic.is_none());
        operation.body.as_ref().filter(|_| is_by_body).map(|body| &body.example)
    }

    /// The header of credentials that the refusal's name is about, where there are several.
    fn meant_header(&self) -> Option<&str> {
        let plain = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
        let name = plain(self.refusal()?.name.as_deref()?);
        let headers = self.entry.contract.credential_headers();
        headers.into_iter().find(|header| name.contains(&plain(header)))
    }

    /// A header whose value the refusal repeats.
    fn repeated_header(&self) -> Option<String> {
        let message = &self.refusal()?.message;
        let mut headers = self.entry.headers.iter();
        headers.find_map(|(name, value)| {
            let value = value.to_str().ok()?.trim();
            let mut words = message.split([' ', '«', '»', '"', '\'', '\u{a0}']);
            let is_repeated = !value.is_empty() && words.any(|word| word == value);
            is_repeated.then(|| format!("{name}: {}", self.masked(value)))
        })
    }

    /// The refusal of a name, and where it comes from.
    fn evidence_of(&self, name: &str) -> Option<(String, &'static str)> {
        let refusal = self.server.model.profile.errors.get(name)?;
        Some((format!("refusal {name}"), Evidence::name(refusal.evidence)))
    }
}

/// The names of an object's members.
fn names(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    members.map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}
