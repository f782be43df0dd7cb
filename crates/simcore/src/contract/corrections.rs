//! What a profile says of refusals, paths and names, in the contract that a vendor's crate has made.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use http::StatusCode;
use serde_json::{Map, Value, json};

use super::facts::Fact;
use super::{Answer, Contract, Member, Object, Operation, Shape};
use crate::entity::profile::{Evidence, Moved, Profile};
use crate::entity::refusals::{Refusal, Sentence, Words};
use crate::entity::settings::Settings;

/// The setting that holds a template of refusals; an empty one stands for the vendor's own form.
pub const TEMPLATE: &str = "error_template";

impl Contract {
    /// Brings the contract to what the profile says: calls that are elsewhere or not there, names, refusals and their
    /// statuses. `own` gives an operation's usual path, and the name of its row.
    pub(crate) fn correct(
        &mut self,
        profile: &Profile,
        settings: &Settings,
        is_corrected: bool,
        own: impl Fn(&Operation) -> (String, &'static str),
    ) {
        self.note_refusals(profile, settings, is_corrected);
        self.frame_refusals(profile, settings);
        if !profile.routes.is_empty() {
            self.operations.retain_mut(|operation| {
                let (path, name) = own(operation);
                match correction(profile, operation.method, &path, name) {
                    None => true,
                    Some(None) => false,
                    Some(Some(moved)) => {
                        let (path, evidence) = moved.parts();
                        operation.own_path = Some(std::mem::replace(&mut operation.path, path.to_owned()));
                        operation.evidence = evidence;
                        true
                    }
                }
            });
            self.bare_paths.retain(|path| profile.routes.get(path) != Some(&None));
            for path in &mut self.bare_paths {
                if let Some(Some(moved)) = profile.routes.get(path.as_str()) {
                    moved.parts().0.clone_into(path);
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
            let member = || Member::maybe(Shape::Anything, Evidence::of_user());
            let members = template.keys().map(|name| (name.as_str(), member()));
            self.components.insert("Error".to_owned(), Object::of(members).about("A refusal."));
        }
    }

    fn note_refusals(&mut self, profile: &Profile, settings: &Settings, is_corrected: bool) {
        let words = Words::new(profile, settings);
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
            self.add_status(status, refusal);
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

    /// A status that no call is documented to answer with.
    fn add_status(&mut self, status: StatusCode, refusal: &Refusal) {
        let mut answers =
            self.operations.iter().flat_map(|operation| &operation.answers).chain(&self.refusals);
        if answers.any(|answer| answer.status == status.as_u16()) || self.refusals.is_empty() {
            return;
        }
        let about = status.canonical_reason().unwrap_or("Refused");
        self.refusals.push(Answer::refusal(status.as_u16(), about, refusal.evidence));
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

/// What the profile says of a call: by verb and path, by its name, by its path; nothing where it says nothing.
fn correction<'a>(profile: &'a Profile, method: &str, path: &str, name: &str) -> Option<&'a Option<Moved>> {
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
