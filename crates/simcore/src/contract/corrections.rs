//! What a profile says of refusals, paths and names, in the contract that a vendor's crate has made.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::facts::Fact;
use super::{Answer, Contract, Member, Object, Operation, Shape, usual};
use crate::entity::profile::{CallChange, Evidence, FieldKind, Profile};
use crate::entity::refusals::{Refusal, Sentence, Words};
use crate::entity::settings::{Settings, TEMPLATE};

/// The kind of fact that the order of a list is.
pub(super) const ORDER: &str = "order";

impl Contract {
    /// Brings the contract to what the profile says: calls that are elsewhere or not there, names, refusals and their
    /// statuses. `usual` is the server's own profile where a user has corrected it;
    /// `own` gives an operation's usual path, and the name of its row.
    pub(crate) fn correct(
        &mut self,
        profile: &Profile,
        settings: &Settings,
        usual: Option<&Profile>,
        own: impl Fn(&Operation) -> (String, &'static str),
    ) {
        self.note_orders(profile);
        self.note_refusals(profile, settings, usual);
        self.frame_refusals(profile, settings);
        if !profile.routes.is_empty() {
            self.operations.retain_mut(|operation| {
                let (path, name) = own(operation);
                match correction(profile, operation.method, &path, name) {
                    None => true,
                    Some(None) => false,
                    Some(Some(change)) => {
                        if let Some(path) = change.path() {
                            operation.own_path =
                                Some(std::mem::replace(&mut operation.path, path.to_owned()));
                        }
                        operation.evidence = change.evidence();
                        change.status().into_iter().for_each(|status| operation.succeed_with(status));
                        true
                    }
                }
            });
            self.bare_paths.retain(|path| profile.routes.get(path) != Some(&None));
            for path in &mut self.bare_paths {
                let change = profile.routes.get(path.as_str()).and_then(Option::as_ref);
                if let Some(moved) = change.and_then(CallChange::path) {
                    moved.clone_into(path);
                }
            }
        }
        if !profile.names.is_empty() {
            let renames = profile.renames();
            for operation in &mut self.operations {
                let wire = renames.path(&operation.path).into_owned();
                if wire != operation.path {
                    let usual = std::mem::replace(&mut operation.path, wire);
                    operation.own_path.get_or_insert(usual);
                }
            }
            for path in &mut self.bare_paths {
                *path = renames.path(path).into_owned();
            }
            if let Some(text) = &mut self.text {
                *text = renames.words_outside_quotes(text);
            }
            self.renames = renames;
        }
    }

    /// The body of refusals as a template of the user's has it.
    fn frame_refusals(&mut self, profile: &Profile, settings: &Settings) {
        if !profile.settings.contains_key(TEMPLATE) {
            return;
        }
        let template = settings.value(TEMPLATE).as_object().filter(|members| !members.is_empty());
        let known = self.components.get("Error").map(|error| &error.members);
        if let Some(template) = template
            && known.is_none_or(|known| !known.keys().eq(template.keys()))
        {
            let error = framed(template, &Shape::Anything, Evidence::of_user());
            self.components.insert("Error".to_owned(), error.about("A refusal."));
        }
    }

    /// The orders that a user's profile gives to lists.
    fn note_orders(&mut self, profile: &Profile) {
        for (name, entity) in &profile.entities {
            let Some(order) = entity.order.clone().map(String::from) else { continue };
            let about = format!("Lists of `{name}` are ordered by `{order}` where nobody asks for an order.");
            if let Some(text) = &mut self.text {
                let _ = writeln!(text, "\n# {about} [{}]", entity.evidence.name());
            }
            self.named.push(Fact {
                kind: ORDER,
                name: format!("{name} order"),
                evidence: entity.evidence,
                about,
            });
        }
    }

    /// Adds the orders of lists that a user's profile gives to a document.
    pub(super) fn tell_orders(&self, document: &mut Value) {
        let orders = self.named.iter().filter(|fact| fact.kind == ORDER);
        let orders: Vec<&str> = orders.map(|fact| fact.about.as_str()).collect();
        if !orders.is_empty() {
            document["x-orders"] = orders.into();
        }
    }

    fn note_refusals(&mut self, profile: &Profile, settings: &Settings, usual: Option<&Profile>) {
        let (words, is_corrected) = (Words::new(profile, settings), usual.is_some());
        let mut comments = String::new();
        for (name, refusal) in &profile.errors {
            let status = refusal.status.as_ref().and_then(|status| words.status(status));
            if status.is_none() && refusal.code.is_none() {
                continue;
            }
            let about = sentences(refusal);
            let about = if about.is_empty() { refusal.about.clone() } else { about };
            self.refusal_list.insert(name.clone(), told(refusal, status));
            self.named.push(Fact { kind: "refusal", name: name.clone(), evidence: refusal.evidence, about });
            let Some(status) = status.filter(|status| is_corrected && status.as_u16() >= 400) else {
                continue;
            };
            let usual = usual.and_then(|usual| usual.errors.get(name)?.status.as_ref());
            self.add_status(status, refusal, usual.and_then(|usual| words.status(usual)));
            let code = refusal.code.as_deref().unwrap_or_default();
            // Writing to a text does not fail.
            let _ = writeln!(
                comments,
                "# {name}: {status} {code} {} [{}]",
                sentences(refusal),
                refusal.evidence.name(),
                status = status.as_u16(),
            );
        }
        if let Some(text) = self.text.as_mut().filter(|_| is_corrected) {
            text.push_str("\n# Refusals\n");
            text.push_str(&comments);
        }
    }

    /// A status that no call is documented to answer with: it is one of the calls that have the usual one, or of all.
    fn add_status(&mut self, status: StatusCode, refusal: &Refusal, usual: Option<StatusCode>) {
        let mut answers =
            self.operations.iter().flat_map(|operation| &operation.answers).chain(&self.refusals);
        if usual == Some(status) || self.refusals.is_empty() {
            return;
        }
        let is_known = answers.any(|answer| answer.status == status.as_u16());
        let about = status.canonical_reason().unwrap_or("Refused");
        let answer = usual::refusal(status.as_u16(), about, refusal.evidence);
        let has = |answers: &[Answer], status: StatusCode| {
            answers.iter().any(|answer| answer.status == status.as_u16())
        };
        let is_of_all = usual.is_none_or(|usual| has(&self.refusals, usual));
        let of_some =
            self.operations.iter_mut().filter(|call| usual.is_some_and(|usual| has(&call.answers, usual)));
        let mut is_of_some = false;
        for call in of_some.filter(|_| !is_of_all) {
            is_of_some = true;
            if !has(&call.answers, status) {
                call.answers.push(answer.clone());
            }
        }
        if !(is_of_some || is_known && usual.is_none() || has(&self.refusals, status)) {
            self.refusals.push(answer);
        }
    }

    /// Where a call that usually has this path is with this verb in a user's profile; nothing where it is not elsewhere.
    pub fn moved(&self, method: &str, path: &str) -> Option<String> {
        let operations = self.operations.iter().filter(|operation| operation.method == method);
        let mut moved =
            operations.filter_map(|operation| moved(operation.own_path.as_ref()?, &operation.path, path));
        moved.next()
    }

    /// A printed document with the names that are others on the wire.
    pub(super) fn on_the_wire(&self, mut document: Value) -> Value {
        if !self.renames.is_empty() {
            self.rename(&mut document, "");
        }
        document
    }

    fn rename(&self, value: &mut Value, under: &str) {
        match value {
            Value::Object(members) => {
                // Keys are names where properties and examples are; elsewhere they are words of the document.
                let are_names = matches!(under, "properties" | "example" | "value" | "mapping");
                let renamed = std::mem::take(members).into_iter().map(|(key, mut member)| {
                    let below = if matches!(under, "example" | "value") { under } else { key.as_str() };
                    let below = if under == "properties" { "" } else { below };
                    self.rename(&mut member, below);
                    (if are_names { self.renames.name(&key).into_owned() } else { key }, member)
                });
                *members = renamed.collect::<Map<_, _>>();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item, under)),
            Value::String(text) if matches!(under, "required" | "name" | "propertyName") => {
                *text = self.renames.name(text).into_owned();
            }
            _ => {}
        }
    }
}

impl Operation {
    /// What it answers with when it succeeds.
    pub fn successes(&self) -> impl Iterator<Item = u16> + '_ {
        self.answers.iter().map(|answer| answer.status).filter(|status| *status < 300)
    }

    /// The same, where that is one status.
    pub fn usual_success(&self) -> Option<u16> {
        let mut successes = self.successes();
        successes.next().filter(|_| successes.next().is_none())
    }

    fn succeed_with(&mut self, status: u16) {
        let usual = self.usual_success();
        let evidence = self.evidence;
        for answer in self.answers.iter_mut().filter(|answer| usual == Some(answer.status)) {
            (answer.status, answer.evidence) = (status, evidence);
            if status == StatusCode::NO_CONTENT.as_u16() {
                (answer.content, answer.example) = (None, Value::Null);
            }
        }
        self.own_status = usual.filter(|usual| *usual != status);
        self.status = Some(status);
    }
}

/// What a template of refusals looks like when it is filled; `details` is what stands for `{details}`.
pub fn framed(template: &Map<String, Value>, details: &Shape, evidence: Evidence) -> Object {
    let members = template.iter().map(|(name, value)| {
        // What is alone in a member is left out where there is none.
        let required = !matches!(value.as_str(), Some("{details}" | "{code}"));
        (name.as_str(), Member { required, ..Member::always(shape(value, details, evidence), evidence) })
    });
    Object::of(members)
}

fn shape(template: &Value, details: &Shape, evidence: Evidence) -> Shape {
    match template {
        Value::String(text) if text == "{details}" => details.clone(),
        Value::String(_) => Shape::kind(FieldKind::Text),
        Value::Bool(_) => Shape::kind(FieldKind::Boolean),
        Value::Number(_) => Shape::kind(FieldKind::Decimal),
        Value::Object(members) => Shape::Object(framed(members, details, evidence)),
        Value::Array(items)
            if !items.is_empty() && items.iter().all(|item| item.is_string() && item != "{details}") =>
        {
            Shape::list(Shape::kind(FieldKind::Text))
        }
        Value::Array(items) if items.len() == 1 => Shape::list(shape(&items[0], details, evidence)),
        _ => Shape::Anything,
    }
}

/// What the profile says of a call: by verb and path, by its name, by its path; nothing where it says nothing.
fn correction<'a>(
    profile: &'a Profile,
    method: &str,
    path: &str,
    name: &str,
) -> Option<&'a Option<CallChange>> {
    let keys = [format!("{method} {path}"), name.to_owned(), path.to_owned()];
    let mut found = keys.iter().filter_map(|key| profile.routes.get(key));
    found.next()
}

fn sentences(refusal: &Refusal) -> String {
    let texts: Vec<&str> = refusal.message.iter().flat_map(Sentence::texts).map(|(_, text)| text).collect();
    let mut seen = BTreeSet::new();
    let texts: Vec<&str> = texts.into_iter().filter(|text| seen.insert(*text)).collect();
    texts.join(" / ")
}

/// A refusal for users: status, code, message, evidence.
fn told(refusal: &Refusal, status: Option<StatusCode>) -> Value {
    let mut told = json!({ "message": refusal.message, "evidence": refusal.evidence });
    if let Some(status) = status {
        told["status"] = status.as_u16().into();
    }
    if let Some(code) = &refusal.code {
        told["code"] = code.as_str().into();
    }
    told
}

/// `path` by the other template, when it is one of the first.
fn moved(own: &str, wire: &str, path: &str) -> Option<String> {
    let (templates, parts): (Vec<&str>, Vec<&str>) = (own.split('/').collect(), path.split('/').collect());
    if templates.len() != parts.len() {
        return None;
    }
    let mut filled = wire.to_owned();
    for (template, part) in templates.iter().zip(parts) {
        if template.starts_with('{') {
            filled = filled.replacen(template, part, 1);
        } else if !template.eq_ignore_ascii_case(part) {
            return None;
        }
    }
    Some(filled)
}

#[cfg(test)]
mod tests {
    use super::moved;

    #[test]
    fn a_path_is_moved_with_its_variables() {
        let (own, wire) = ("/v1/client/{id}", "/v1/tiers/{id}/fiche");
        assert_eq!(moved(own, wire, "/v1/client/88").as_deref(), Some("/v1/tiers/88/fiche"));
        assert_eq!(moved(own, wire, "/v1/devis/88"), None);
        assert_eq!(moved(own, wire, "/v1/client"), None);
    }
}
