//! Two answers to the same request: where they differ in shape and rule.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Value, json};
use simcore::Loaded;
use simcore::contract::{Contract, Found, Operation};
use simcore::entity::profile::{Entity, Evidence, Field};
use simcore::entity::refusals::Refusal;

use crate::difference::{Difference, Kind};
use crate::headers;
use crate::recording::Exchange;
use crate::shape::{self, Place, Places, joined, named, places};
use crate::words::{HIDDEN, Words};
use crate::world::Answer;

/// What is known of a request when its answers are compared.
pub(crate) struct Comparer<'a> {
    pub(crate) server: &'a Loaded,
    pub(crate) contract: &'a Contract,
    pub(crate) words: &'a Words,
    /// Whether values of the recording may be told.
    pub(crate) keeps_values: bool,
    /// The project of the recording, as it calls it.
    pub(crate) project: Option<&'a str>,
    /// Where the request leads.
    pub(crate) found: &'a Found,
    /// The entities whose rows the recorded answer shows, each with their path in it.
    pub(crate) lists: Vec<(String, String)>,
}

impl<'a> Comparer<'a> {
    pub(crate) fn operation(&self) -> Option<&'a Operation> {
        self.contract.operations.get(self.found.operation?)
    }

    /// All that differs.
    pub(crate) fn differences(&self, entry: &Exchange, ours: &Answer) -> Vec<Difference> {
        let mut found = Vec::new();
        let (is_good, is_ours_good) = (entry.is_success(), ours.is_success());
        if is_good && !self.found.is_path() {
            return vec![self.unknown_path(entry, ours)];
        }
        if entry.status != ours.status {
            found.push(self.status(entry, ours));
        }
        if is_good != is_ours_good {
            if is_good {
                self.unknown_fields(entry, ours, &mut found);
            }
            return found;
        }
        if is_outage(entry.status) != is_outage(ours.status) {
            // Another reason has other words.
            return found;
        }
        let headers = headers::differing(self.contract, entry, ours).into_iter();
        found.extend(
            headers.map(|header| self.of_operation(header.kind, &header.title, header.recorded, header.ours)),
        );
        if !entry.has_body || entry.method == "HEAD" {
            return found;
        }
        match (&entry.json, &ours.json) {
            (Some(recorded), Some(answer)) if is_good && recorded.get("errors").is_none() => {
                self.bodies(recorded, answer, &mut found);
            }
            (Some(recorded), Some(answer)) => self.refusals(entry, recorded, (answer, ours), &mut found),
            (recorded, answer) => {
                let form = |json: &Option<Value>, body: &[u8]| match json {
                    _ if body.is_empty() => "no body",
                    Some(_) => "JSON",
                    None => "no JSON",
                };
                let (recorded, answer) = (form(recorded, &entry.answer), form(answer, &ours.body));
                if recorded != answer {
                    let kind = if is_good { Kind::Type } else { Kind::Error };
                    found.push(self.of_operation(kind, "", recorded, answer));
                }
            }
        }
        found
    }

    pub(crate) fn of_operation(
        &self,
        kind: Kind,
        place: &str,
        recorded: impl Into<String>,
        ours: impl Into<String>,
    ) -> Difference {
        let operation = self.operation();
        Difference {
            kind,
            place: place.to_owned(),
            recorded: recorded.into(),
            ours: ours.into(),
            fact: operation.map(Operation::title).unwrap_or_default(),
            evidence: operation.map(|operation| operation.evidence),
            correction: None,
            rename: None,
        }
    }

    fn unknown_path(&self, entry: &Exchange, ours: &Answer) -> Difference {
        let told = self.of_operation(Kind::Path, "", "there", format!("not there ({})", ours.status));
        match self.moved(entry) {
            Some((operation, correction)) => Difference {
                fact: operation.title(),
                evidence: Some(operation.evidence),
                correction: Some(correction),
                ..told
            },
            None => Difference { fact: "routes".to_owned(), evidence: Some(Evidence::Assumed), ..told },
        }
    }

    pub(crate) fn refusal(&self, name: &str) -> Option<&'a Refusal> {
        self.server.model.profile.errors.get(name)
    }

    pub(crate) fn of_refusal(&self, name: &str, found: Difference, correction: &Value) -> Difference {
        Difference {
            fact: format!("errors.{name}"),
            evidence: self.refusal(name).map(|refusal| refusal.evidence),
            correction: Some(json!({ "errors": { name: correction } })),
            ..found
        }
    }

    fn status(&self, entry: &Exchange, ours: &Answer) -> Difference {
        let told = self.of_operation(Kind::Status, "", entry.status.to_string(), ours.status.to_string());
        match ours.refusals.first().cloned().or_else(|| self.by_code(ours)) {
            // A service that is down, or has had enough, says nothing of the refusal that was asked for.
            Some(_) if is_outage(entry.status) != is_outage(ours.status) => told,
            _ if entry.is_success() && ours.is_success() => self.other_success(entry, told),
            Some(name) if !entry.is_success() => {
                self.of_refusal(&name, told, &json!({ "status": entry.status, "evidence": "recorded" }))
            }
            _ if !entry.is_success() && ours.is_success() => {
                self.refused_field(entry, &told).unwrap_or_else(|| self.taken_away(entry, ours, told))
            }
            // What we refuse and the service does not.
            Some(name) => Difference { correction: None, ..self.of_refusal(&name, told, &Value::Null) },
            None => told,
        }
    }

    /// A call that succeeds with another status.
    fn other_success(&self, entry: &Exchange, told: Difference) -> Difference {
        let operation = self.operation().filter(|operation| operation.usual_success().is_some());
        let correction = operation.map(|operation| {
            let status = json!({ "status": entry.status, "evidence": "recorded" });
            json!({ "routes": { call(operation): status } })
        });
        Difference { correction, ..told }
    }

    /// A field that the recording refuses to be asked for, and we answer with: the refusal names it, and what it is one of.
    fn refused_field(&self, entry: &Exchange, told: &Difference) -> Option<Difference> {
        let body = String::from_utf8_lossy(&entry.answer);
        let asked = String::from_utf8_lossy(&entry.body);
        let words: HashSet<&str> = words_of(&body).collect();
        let asked: HashSet<&str> = words_of(&asked).chain(words_of(&entry.query)).collect();
        let subject = self.lists.first().map(|(entity, _)| entity.as_str());
        let is_meant = |entity: &str| {
            let is_named = |word: &&str| -> bool {
                word.len() >= SHORTEST_WORD && entity.to_lowercase().starts_with(&word.to_lowercase())
            };
            subject == Some(entity) || words.iter().any(is_named)
        };
        let mut entities = self.server.model.profile.entities.iter().filter(|(name, _)| is_meant(name));
        let (entity, name, field) = entities.find_map(|(entity, known)| {
            let mut fields = known.fields.iter();
            let found = fields.find(|(name, _)| {
                let wire = self.server.renames.name(name);
                words.contains(&*wire) && asked.contains(&*wire) && !known.keys.contains(*name)
            });
            found.map(|(name, field)| (entity, name, field))
        })?;
        Some(Difference {
            fact: format!("{entity}.{name}"),
            evidence: Some(field.evidence),
            correction: Some(json!({ "entities": { entity: { "fields": { name: null } } } })),
            ..told.clone()
        })
    }

    /// A call that the recording does not have: it answers as it does to paths and verbs that nobody has.
    fn taken_away(&self, entry: &Exchange, ours: &Answer, told: Difference) -> Difference {
        let Some(operation) = self.operation() else { return told };
        if !matches!(entry.status, 404 | 405 | 501) || !ours.is_success() {
            return told;
        }
        let usual = operation.own_path.as_ref().unwrap_or(&operation.path);
        // That there is no such record is likelier than that there is no such call.
        if entry.status == 404 && usual.ends_with('}') {
            return told;
        }
        Difference {
            kind: Kind::Path,
            recorded: format!("not there ({})", entry.status),
            ours: format!("there ({})", ours.status),
            correction: Some(json!({ "routes": { call(operation): null } })),
            ..told
        }
    }

    fn bodies(&self, recorded: &Value, ours: &Value, found: &mut Vec<Difference>) {
        let (recorded, ours) = (places(recorded), places(ours));
        for (path, there) in &recorded {
            let Some(here) = ours.get(path) else { continue };
            self.members(path, (there, &recorded), (here, &ours), found);
            let is_same =
                there.kinds.is_empty() || here.kinds.is_empty() || !there.kinds.is_disjoint(&here.kinds);
            if !is_same {
                found.push(self.kinds(path, there, here));
            }
        }
    }

    fn kinds(&self, path: &str, there: &Place, here: &Place) -> Difference {
        let told =
            self.of_operation(Kind::Type, &self.told_path(path), named(&there.kinds), named(&here.kinds));
        self.of_field(
            path,
            told,
            json!({ "kind": shape::Kind::of_field(&there.kinds), "evidence": "recorded" }),
        )
    }

    fn members(
        &self,
        path: &str,
        (there, recorded): (&Place, &Places),
        (here, ours): (&Place, &Places),
        found: &mut Vec<Difference>,
    ) {
        if there.objects == 0 || here.objects == 0 {
            return;
        }
        for name in there.members.keys().filter(|name| !here.members.contains_key(*name)) {
            let place = joined(path, name);
            let held = recorded.get(&place).cloned().unwrap_or_default();
            let kinds = if held.kinds.is_empty() { "null".to_owned() } else { named(&held.kinds) };
            let told = self.of_operation(Kind::FieldMissing, &self.told_path(&place), kinds, "none");
            let told = self.of_field(&place, told, self.field_at(recorded, &place));
            let rename = self.rename(&told, (there, here), |other| other == name);
            found.push(Difference { rename, ..told });
        }
        let always = here.members.iter().filter(|(_, count)| **count == here.objects);
        for (name, _) in always.filter(|(name, _)| !there.members.contains_key(*name)) {
            let place = joined(path, name);
            let kinds = ours.get(&place).map(|held| held.kinds.clone()).unwrap_or_default();
            let kinds = if kinds.is_empty() { "null".to_owned() } else { named(&kinds) };
            let told = self.of_operation(Kind::FieldExtra, &self.told_path(&place), "none", kinds);
            let told = self.of_field(&place, told, Value::Null);
            let rename = self.rename(&told, (here, there), |other| other == name);
            found.push(Difference { rename, ..told });
        }
    }

    /// What says that a field which only the first of two objects has is called otherwise in the second: there, a field that
    /// the first does not have stands in its place.
    fn rename(
        &self,
        told: &Difference,
        (one, other): (&Place, &Place),
        is_it: impl Fn(&String) -> bool,
    ) -> Option<Value> {
        // What may not be told of the name of a field has no correction either.
        told.correction.as_ref().filter(|_| one.members.len() == other.members.len())?;
        let place = one.members.keys().position(is_it)?;
        let (name, _) = one.members.get_index(place)?;
        let (instead, _) = other.members.get_index(place)?;
        if one.members.contains_key(instead) {
            return None;
        }
        let (ours, recorded) =
            if told.kind == Kind::FieldMissing { (instead, name) } else { (name, instead) };
        Some(json!({ "names": { &*self.server.renames.name(ours): recorded } }))
    }

    /// Fields that the recording has and that we refuse to be asked for: our refusal names them.
    fn unknown_fields(&self, entry: &Exchange, ours: &Answer, found: &mut Vec<Difference>) {
        let Some(recorded) = &entry.json else { return };
        let body = String::from_utf8_lossy(&ours.body);
        let refused: HashSet<&str> = words_of(&body).collect();
        let places = places(recorded);
        for (entity, path) in &self.lists {
            let (Some(known), Some(place)) =
                (self.server.model.profile.entities.get(entity), places.get(path))
            else {
                continue;
            };
            let is_unknown = |name: &str| {
                refused.contains(name) && !known.fields.contains_key(&*self.server.renames.name(name))
            };
            for name in place.members.keys().filter(|name| is_unknown(name)) {
                let place = joined(path, name);
                let kinds = places.get(&place).map(|held| named(&held.kinds)).unwrap_or_default();
                let kinds = if kinds.is_empty() { "null".to_owned() } else { kinds };
                let told = self.of_operation(Kind::FieldMissing, &self.told_path(&place), kinds, "refused");
                found.push(self.of_field(&place, told, self.field_at(&places, &place)));
            }
        }
    }

    /// A field of a profile for what stands at a path; without members whose names may not be told.
    fn field_at(&self, places: &Places, path: &str) -> Value {
        let place = places.get(path).cloned().unwrap_or_default();
        let mut field = json!({ "kind": shape::Kind::of_field(&place.kinds), "evidence": "recorded" });
        let is_list = place.kinds.contains(&shape::Kind::List);
        let below = if is_list { format!("{path}[]") } else { path.to_owned() };
        let is_told = |name: &&String| self.keeps_values || self.words.name(name) == **name;
        let names = places.get(&below).into_iter().flat_map(|place| place.members.keys()).filter(is_told);
        let members: serde_json::Map<String, Value> =
            names.map(|name| (name.clone(), self.field_at(places, &joined(&below, name)))).collect();
        if !members.is_empty() {
            field["fields"] = members.into();
        }
        field
    }

    /// The list of rows that a path is in, with their entity.
    fn list(&self, path: &str) -> Option<&(String, String)> {
        let is_in = |rows: &str| {
            path.strip_prefix(rows)
                .is_some_and(|rest| rows.is_empty() || rest.is_empty() || rest.starts_with('.'))
        };
        let lists = self.lists.iter().filter(|(_, rows)| is_in(rows));
        lists.max_by_key(|(_, rows)| rows.len())
    }

    /// A path of which every name is one of a field, as those of rows are.
    pub(crate) fn told_path(&self, path: &str) -> String {
        if self.keeps_values {
            return path.to_owned();
        }
        let rows = self.list(path).map(|(_, rows)| rows);
        let own = rows.map(|rows| rows.split('.').filter(|part| !part.is_empty()).count());
        let parts = path.split('.').enumerate().map(|(place, part)| {
            let name = part.trim_end_matches("[]");
            let is_told = name.is_empty() || own.is_some_and(|own| place < own);
            let told = if is_told { name.to_owned() } else { self.words.name(name) };
            format!("{told}{}", &part[name.len()..])
        });
        parts.collect::<Vec<_>>().join(".")
    }

    /// Rows that come by a field without being asked to, with what says so.
    pub(crate) fn of_order(
        &self,
        entity: &str,
        field: &str,
        direction: Ordering,
        told: Difference,
    ) -> Difference {
        let own = self.server.renames.name(field);
        let order = if direction == Ordering::Less { own.into_owned() } else { format!("{own} desc") };
        let known = self.server.model.profile.entities.get(entity);
        Difference {
            fact: format!("{entity} order"),
            evidence: known.map(|known| known.evidence),
            correction: Some(json!({ "entities": { entity: { "order": order, "evidence": "recorded" } } })),
            ..told
        }
    }

    /// A difference in a field of the rows, with what corrects it.
    pub(crate) fn of_field(&self, path: &str, told: Difference, change: Value) -> Difference {
        let inner = self.list(path).and_then(|(entity, rows)| {
            let inner =
                if rows.is_empty() { path } else { path.strip_prefix(rows.as_str())?.strip_prefix('.')? };
            Some((entity, inner)).filter(|_| !inner.is_empty() && !inner.contains(HIDDEN))
        });
        let Some((name, inner)) = inner else { return told };
        let name = name.as_str();
        let Some(entity) = self.server.model.profile.entities.get(name) else { return told };
        let names: Vec<String> = inner
            .split('.')
            .map(|part| self.server.renames.name(part.trim_end_matches("[]")).into_owned())
            .collect();
        let evidence = field(entity, &names).map_or(entity.evidence, |field| field.evidence);
        let is_told = |name: &String| self.keeps_values || self.words.name(name) == *name;
        let safe = names.iter().all(is_told);
        let shown = names.iter().map(|name| if is_told(name) { name.as_str() } else { HIDDEN });
        let correction = safe.then(|| json!({ "entities": { name: { "fields": nested(&names, change) } } }));
        Difference {
            fact: format!("{name}.{}", shown.collect::<Vec<_>>().join(".")),
            evidence: Some(evidence),
            correction,
            ..told
        }
    }
}

/// What a profile calls a call.
pub(crate) fn call(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.own_path.as_ref().unwrap_or(&operation.path))
}

/// Whether a status says that the service cannot, whatever it was asked.
fn is_outage(status: u16) -> bool {
    status == 429 || status >= 500
}

/// The shortest word by which an entity is known.
const SHORTEST_WORD: usize = 4;

/// The words of a text that can be names.
fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| !word.is_empty())
}

fn field<'e>(entity: &'e Entity, names: &[String]) -> Option<&'e Field> {
    let (first, rest) = names.split_first()?;
    rest.iter().try_fold(entity.fields.get(first)?, |field, name| field.fields.get(name))
}

fn nested(names: &[String], change: Value) -> Value {
    let Some((first, rest)) = names.split_first() else { return change };
    if rest.is_empty() {
        json!({ first: change })
    } else {
        json!({ first: { "fields": nested(rest, change) } })
    }
}
