//! What a profile of a user's may say of refusals, settings, marks and labels.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Base, steps};
use crate::base::diagnostics::{Mistake, unknown};
use crate::entity::profile::{Field, FieldKind, Profile};
use crate::entity::refusals::{Refusal, Sentence, Status};
use crate::entity::settings::{Holds, Setting, TEMPLATE};

/// What is wrong with the changes, beside entities, calls and names; where a value is of the wrong kind it is silent.
pub(super) fn check<'a>(base: &'a Base<'a>, changes: &'a Map<String, Value>) -> Checker<'a> {
    let mut checker = Checker { base, own: base.own, changes, wrong: Vec::new() };
    checker.errors();
    checker.settings();
    checker.words();
    checker
}

pub(super) struct Checker<'a> {
    pub(super) base: &'a Base<'a>,
    pub(super) own: &'a Profile,
    pub(super) changes: &'a Map<String, Value>,
    pub(super) wrong: Vec<Mistake>,
}

/// [`unknown`], without the list of names where nobody would read it.
pub(crate) fn unknown_name(name: &str, known: &[&str]) -> String {
    let why = unknown("name", name, known.iter().copied());
    if why.contains("did you mean") {
        why
    } else {
        format!("unknown name `{name}`: nothing is called that here")
    }
}

impl<'a> Checker<'a> {
    pub(super) fn say(&mut self, way: &[&str], why: impl Into<String>) {
        self.wrong.push(Mistake::at(steps(way), why));
    }

    pub(super) fn part(&self, name: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        self.changes.get(name).and_then(Value::as_object).into_iter().flatten()
    }

    fn errors(&mut self) {
        for (name, change) in self.part("errors") {
            if let Some(own) = self.own.errors.get(name) {
                self.status(name, own, &change["status"]);
                self.sentence(name, own, &change["message"]);
            }
        }
        // A setting that gives a status is bound by what a status can be.
        let mut told = BTreeSet::new();
        for (name, refusal) in &self.own.errors {
            let changed = self.changes.get("errors").map(|errors| &errors[name.as_str()]["status"]);
            let changed = changed.and_then(|status| serde_json::from_value::<Status>(status.clone()).ok());
            let Some(Status::Setting { setting }) = changed.as_ref().or(refusal.status.as_ref()) else {
                continue;
            };
            let given = self.changes.get("settings").and_then(|settings| settings.get(setting));
            if let (Some(given), Some(merged)) = (given, self.setting(setting)) {
                let mut wrong = numbers(&merged).into_iter().filter(|status| !is_status(*status));
                let is_new = told.insert(setting.clone());
                if let Some(status) = wrong.next().filter(|_| is_new) {
                    let key = if given["default"].as_i64() == Some(status) { "default" } else { "values" };
                    let why =
                        format!("`{setting}` is the status of `{name}`, and {status} is none for a refusal");
                    self.say(&["settings", setting, key], why);
                }
            }
        }
    }

    fn status(&mut self, name: &str, own: &Refusal, status: &Value) {
        let way = ["errors", name, "status"];
        if let Some(setting) = status["setting"].as_str() {
            match self.setting(setting) {
                None => {
                    let known = self.own.settings.iter().filter(|(_, it)| is_status_setting(it));
                    self.say(&way, unknown("setting", setting, known.map(|(name, _)| name.as_str())));
                }
                Some(found) if !is_status_setting(&found) => {
                    let why = format!(
                        "the setting `{setting}` does not hold statuses of refusals (200, 400 to 599)"
                    );
                    self.say(&way, why);
                }
                Some(_) => {}
            }
        }
        if let Some(status) = status.as_i64().filter(|status| !is_status(*status)) {
            self.say(&way, format!("{status} is no status of a refusal: 200, or 400 to 599"));
        }
        if !status.is_null() && own.status.is_none() {
            self.say(&way, format!("`{name}` is a part of other refusals and has no status"));
        }
    }

    /// A setting as it is with the changes.
    fn setting(&self, name: &str) -> Option<Setting> {
        let mut tree = json!(self.own.settings.get(name)?);
        let change = self.changes.get("settings").and_then(|all| all[name].as_object());
        if let (Value::Object(tree), Some(change)) = (&mut tree, change) {
            for (key, value) in change {
                if value.is_null() {
                    tree.remove(key);
                } else {
                    tree.insert(key.clone(), value.clone());
                }
            }
        }
        serde_json::from_value(tree).ok()
    }

    fn sentence(&mut self, name: &str, own: &Refusal, message: &Value) {
        let way = ["errors", name, "message"];
        let Ok(sentence) = serde_json::from_value::<Sentence>(message.clone()) else { return };
        if own.message.is_none() && own.kinds.is_empty() && own.statuses.is_empty() {
            self.say(
                &way,
                format!("the words of `{name}` are those of what it refuses and cannot be others"),
            );
            return;
        }
        let known = own.message.as_ref().map(Sentence::placeholders).unwrap_or_default();
        let usual: Vec<&str> = own.message.iter().flat_map(Sentence::texts).map(|(_, text)| text).collect();
        for (_, text) in sentence.texts() {
            for brace in braces(text).filter(|it| !known.contains(it)) {
                // What the usual sentence has between braces and is no placeholder may stay.
                if !usual.iter().any(|usual| braces(usual).any(|known| known == brace)) {
                    self.say(&way, not_filled(brace, &known));
                }
            }
        }
        let languages: Vec<&str> = match &own.message {
            Some(own) => own.texts().filter_map(|(language, _)| language).collect(),
            None => Vec::new(),
        };
        for (language, _) in sentence.texts() {
            match language {
                Some(language) if languages.is_empty() => {
                    self.say(&way, format!("`{language}`: this sentence has one language"));
                }
                Some(language) if !languages.contains(&language) => {
                    self.say(&way, unknown("language", language, languages.iter().copied()));
                }
                _ => {}
            }
        }
    }

    fn settings(&mut self) {
        for (name, change) in self.part("settings") {
            let Some(own) = self.own.settings.get(name) else { continue };
            let way = ["settings", name.as_str()];
            if change["kind"].as_str().is_some_and(|kind| kind != own.kind.name()) {
                let why =
                    format!("the server reads `{name}` as {} and knows no other kind of it", own.kind.name());
                self.say(&[way[0], way[1], "kind"], why);
                continue;
            }
            let Some(merged) = self.setting(name) else { continue };
            if merged.min.zip(merged.max).is_some_and(|(min, max)| min > max) {
                self.say(&[way[0], way[1], "min"], format!("`min` of `{name}` is above its `max`"));
                continue;
            }
            let values = merged.values.iter().filter_map(|value| {
                let alone = Setting { values: Vec::new(), ..merged.clone() };
                Some(("values", alone.accepts(value).err()?))
            });
            let default = merged.accepts(&merged.default).err().map(|why| ("default", why));
            let wrong: Vec<_> = values.chain(default).collect();
            for (key, why) in wrong {
                let key = if change[key].is_null() { "default" } else { key };
                self.say(&[way[0], way[1], key], format!("setting `{name}`: {key} {why}"));
            }
            if let Err(why) = holds(self.own, self.changes, name, &merged.default) {
                self.say(&[way[0], way[1], "default"], format!("setting `{name}`: default {why}"));
            }
        }
    }

    /// Names of fields, entities and settings in the sections that only name them.
    fn words(&mut self) {
        if let Some(language) = self.changes.get("language").and_then(Value::as_str) {
            let texts = self
                .own
                .settings
                .iter()
                .filter(|(_, it)| it.kind == FieldKind::Text && !it.values.is_empty());
            let texts: Vec<&str> = texts.map(|(name, _)| name.as_str()).collect();
            if !texts.contains(&language) {
                self.say(&["language"], unknown("setting", language, texts.into_iter()));
            }
        }
        let known = names(self.own, self.changes);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let mut wrong = Vec::new();
        let mut judge = |way: &[&str], name: &str| {
            let (entity, field) = name.split_once('.').unwrap_or(("", name));
            let is_known = |name: &str| name.is_empty() || name.contains('*') || known.contains(&name);
            if !(is_known(name) || is_known(entity) && is_known(field.rsplit('.').next().unwrap_or(field))) {
                wrong.push(Mistake::at(steps(way), unknown_name(name, &known)));
            }
        };
        for section in ["labels", "deleted", "samples"] {
            self.part(section).for_each(|(name, _)| judge(&[section, name], name));
        }
        for (mark, names) in self.part("marks") {
            let names = names.as_array().into_iter().flatten().filter_map(Value::as_str);
            names.filter(|_| mark != "since").for_each(|name| judge(&["marks", mark], name));
        }
        self.wrong.extend(wrong);
        for (key, change) in self.part("common") {
            let is_taken = |change: &Value| change.is_null() || !change["kind"].is_null();
            let fields = change.as_object().into_iter().flatten().filter(|_| key == "fields");
            let taken: Vec<&String> =
                fields.filter(|(_, change)| is_taken(change)).map(|(name, _)| name).collect();
            for name in taken {
                let is_own = self.own.common.as_ref().is_some_and(|common| common.fields.contains_key(name));
                if is_own {
                    let why = format!("`{name}` is a field of every entity: it stays, and of its kind");
                    self.say(&["common", "fields", name], why);
                }
            }
        }
    }
}

/// Whether the names in a setting's value are there.
///
/// # Errors
/// Which is not.
pub(crate) fn holds(
    profile: &Profile,
    changes: &Map<String, Value>,
    name: &str,
    value: &Value,
) -> Result<(), String> {
    if name == TEMPLATE {
        return template(value);
    }
    let holds = profile.settings.get(name).and_then(|setting| setting.holds);
    let texts: Vec<&str> = match value {
        Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
        Value::Object(members) => members.keys().map(String::as_str).collect(),
        value => value.as_str().into_iter().collect(),
    };
    let mut texts = texts.into_iter();
    match holds {
        Some(Holds::Entities) => {
            let more = changes.get("entities").and_then(Value::as_object).into_iter().flat_map(Map::keys);
            let known: Vec<&str> = profile.entities.keys().chain(more).map(String::as_str).collect();
            let wrong = texts.find(|text| !known.iter().any(|known| known.eq_ignore_ascii_case(text)));
            wrong.map_or(Ok(()), |text| {
                Err(format!("names an {}", unknown("entity", text, known.into_iter())))
            })
        }
        _ => Ok(()),
    }
}

/// Whether everything between braces in a template is filled.
fn template(value: &Value) -> Result<(), String> {
    const KNOWN: [&str; 4] = ["status", "code", "message", "details"];
    match value {
        Value::String(text) => {
            let wrong =
                braces(text).find(|name| !KNOWN.contains(name) || *name == "details" && text != "{details}");
            wrong.map_or(Ok(()), |name| Err(format!("holds an {}", not_filled(name, &KNOWN))))
        }
        Value::Object(members) => members.values().try_for_each(template),
        Value::Array(items) => items.iter().try_for_each(template),
        _ => Ok(()),
    }
}

fn not_filled(name: &str, known: &[&str]) -> String {
    if known.contains(&name) {
        return format!("unknown placeholder `{name}` in a text: it stands alone");
    }
    if known.is_empty() {
        return format!("unknown placeholder `{name}`: this sentence has none");
    }
    unknown("placeholder", name, known.iter().copied())
}

/// What stands between braces, and what follows a brace that nothing closes.
fn braces(text: &str) -> impl Iterator<Item = &str> {
    let opened = text.match_indices('{').map(|(place, _)| &text[place..]);
    opened.map(|part| part.split_once('}').map_or(part, |(name, _)| &name[1..]))
}

fn numbers(setting: &Setting) -> Vec<i64> {
    let bounds = setting.bounds().map(|(least, greatest)| [least, greatest]);
    let values = setting.values.iter().chain([&setting.default]).filter_map(Value::as_i64);
    values.chain(bounds.into_iter().flatten()).collect()
}

fn is_status_setting(setting: &Setting) -> bool {
    setting.kind == FieldKind::Integer && numbers(setting).into_iter().all(is_status)
}

/// Whether a refusal can have this status: one with a body that is no success of another kind and leads nowhere else.
fn is_status(status: i64) -> bool {
    status == 200 || (400..600).contains(&status)
}

/// Every name of an entity or a field, with those that the changes add.
pub(crate) fn names(own: &Profile, changes: &Map<String, Value>) -> Vec<String> {
    fn of_fields<'a>(fields: impl Iterator<Item = (&'a String, &'a Field)>, names: &mut Vec<String>) {
        for (name, field) in fields {
            names.push(name.clone());
            of_fields(field.fields.iter(), names);
        }
    }
    fn of_changes(change: &Value, names: &mut Vec<String>) {
        for (name, change) in change["fields"].as_object().into_iter().flatten() {
            names.push(name.clone());
            of_changes(change, names);
        }
    }
    let mut names = Vec::new();
    for (name, entity) in &own.entities {
        names.push(name.clone());
        of_fields(entity.fields.iter(), &mut names);
    }
    for (name, change) in changes.get("entities").and_then(Value::as_object).into_iter().flatten() {
        names.push(name.clone());
        of_changes(change, &mut names);
    }
    names.extend(own.labels.keys().chain(own.deleted.keys()).cloned());
    let marks = &own.marks;
    names.extend([&marks.notes, &marks.money, &marks.stamps].into_iter().flatten().cloned());
    names.sort_unstable();
    names.dedup();
    names
}
