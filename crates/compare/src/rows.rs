//! The rows that a recording shows: what the sandbox has to hold before the first request of it.

use std::collections::HashSet;

use indexmap::{IndexMap, IndexSet};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use simcore::Loaded;
use simcore::contract::Contract;
use simcore::entity::profile::{Entity, Field};

use crate::ids::{created, is_key, text};
use crate::recording::Exchange;
use crate::shape::joined;

/// The shortest name of a key by which fields of others are taken as references.
const SHORTEST_KEY: usize = 4;

/// How many rows are put in at most.
pub(crate) const MAX_ROWS: usize = 100_000;

/// Which record: entity, company, key.
pub(crate) type RowKey = (String, String, String);

/// What a recording shows.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    /// Whole rows, as they were first seen.
    pub(crate) seen: IndexMap<RowKey, Map<String, Value>>,
    /// Rows that must be there and were not seen, with what is known of them.
    pub(crate) needed: IndexMap<RowKey, Map<String, Value>>,
    /// All keys of those that were seen.
    known: HashSet<RowKey>,
    /// Those that requests of the recording made.
    created: HashSet<RowKey>,
}

/// What of a server rows are found by.
pub(crate) struct Finder<'a> {
    pub(crate) server: &'a Loaded,
    pub(crate) contract: &'a Contract,
}

/// Where rows stand in an answer.
pub(crate) struct Found<'v> {
    /// The path of each row: `data[]`.
    pub(crate) path: String,
    pub(crate) rows: Vec<&'v Map<String, Value>>,
}

impl<'a> Finder<'a> {
    fn entity(&self, name: &str) -> Option<&'a Entity> {
        self.server.model.profile.entities.get(name)
    }

    /// What an exchange is about.
    pub(crate) fn subject(&self, entry: &Exchange) -> Option<String> {
        let found = self.contract.find(entry.method.as_str(), &entry.path);
        let operation = found.operation.and_then(|place| self.contract.operations.get(place));
        let usual = operation.and_then(|operation| operation.own_path.as_ref());
        let path = usual.map_or_else(
            || percent_decode_str(&entry.path).decode_utf8_lossy().into_owned(),
            |usual| self.contract.paths().filled(usual, &found),
        );
        let entities = &self.server.model.profile.entities;
        let named = |word: &str| {
            let known = entities.keys().find(|known| known.eq_ignore_ascii_case(word));
            known
                .or_else(|| entities.keys().find(|known| self.alias(word).as_deref() == Some(known.as_str())))
                .cloned()
        };
        path.split('/').rev().find_map(named).or_else(|| self.named_in(&entry.body))
    }

    /// Another word of a path for an entity.
    fn alias(&self, word: &str) -> Option<String> {
        self.contract.path_aliases.get(&word.to_lowercase()).cloned()
    }

    /// The entity that a body names in a member.
    fn named_in(&self, body: &[u8]) -> Option<String> {
        let body: Value = serde_json::from_slice(body).ok()?;
        let named =
            |value: &Value| value.as_str().filter(|name| self.entity(name).is_some()).map(str::to_owned);
        body.as_object()?.values().find_map(named)
    }

    /// The rows of `entity` in an answer: the document, its elements, or those of one of its members.
    pub(crate) fn rows<'v>(&self, entity: &str, answer: &'v Value) -> Option<Found<'v>> {
        let keys = &self.entity(entity)?.keys;
        let is_row = |row: &Map<String, Value>| keys.iter().any(|key| row.get(key).is_some_and(is_key));
        let all = |path: String, items: &'v [Value]| {
            let rows: Vec<_> = items.iter().filter_map(Value::as_object).filter(|row| is_row(row)).collect();
            (!rows.is_empty()).then_some(Found { path, rows })
        };
        match answer {
            Value::Array(items) => all("[]".to_owned(), items),
            Value::Object(row) if is_row(row) => all(String::new(), std::slice::from_ref(answer)),
            Value::Object(members) => {
                members.iter().find_map(|(name, member)| all(format!("{name}[]"), member.as_array()?))
            }
            _ => None,
        }
    }

    /// Every list of rows in an answer, and the row that an answer is, each with its entity: those of the request's subject;
    /// where a vendor's answers say themselves what they show, those.
    pub(crate) fn lists<'v>(&self, subject: Option<&str>, answer: &'v Value) -> Vec<(String, Found<'v>)> {
        let of_subject = subject.and_then(|entity| Some((entity.to_owned(), self.rows(entity, answer)?)));
        let Some(shown) = self.server.sim.shown else { return of_subject.into_iter().collect() };
        let mut keys: HashSet<(&str, String)> = HashSet::new();
        for (entity, row) in shown(&Value::Null, answer) {
            keys.extend(self.keys(entity, &row).into_iter().map(|key| (entity, key)));
        }
        let entities: IndexSet<&str> = keys.iter().map(|(entity, _)| *entity).collect();
        let mut found = Vec::new();
        walk(answer, "", &mut |path, rows| {
            let is_of = |entity: &&&str| {
                rows.iter().all(|row| {
                    let key = self.key(entity, row);
                    key.is_some_and(|key| keys.contains(&(**entity, key)))
                })
            };
            if let Some(entity) = entities.iter().find(is_of) {
                found.push(((*entity).to_owned(), Found { path, rows }));
            }
        });
        found
    }

    /// The key by which a row is known.
    pub(crate) fn key(&self, entity: &str, row: &Map<String, Value>) -> Option<String> {
        let keys = &self.entity(entity)?.keys;
        keys.iter().find_map(|key| row.get(key).filter(|value| is_key(value)).map(text))
    }

    /// All keys of a row.
    pub(crate) fn keys(&self, entity: &str, row: &Map<String, Value>) -> Vec<String> {
        let keys = self.entity(entity).map(|entity| entity.keys.as_slice()).unwrap_or_default();
        keys.iter().filter_map(|key| row.get(key).filter(|value| is_key(value)).map(text)).collect()
    }

    /// The company of an exchange.
    pub(crate) fn company(&self, entry: &Exchange) -> String {
        let header = self.server.sim.habits.company.to_ascii_lowercase();
        let usual = self.server.model.profile.tenant.as_ref().map_or("", |tenant| &tenant.default);
        let named = entry.header(&header).filter(|named| !header.is_empty() && self.has_company(named));
        named.unwrap_or(usual).to_owned()
    }

    /// The company that most requests name, those that succeeded first.
    pub(crate) fn usual_company(&self, entries: &[Exchange]) -> Option<String> {
        let header = self.server.sim.habits.company.to_ascii_lowercase();
        let mut counts: IndexMap<&str, (usize, usize)> = IndexMap::new();
        for entry in entries {
            if let Some(named) = entry.header(&header).filter(|_| !header.is_empty()) {
                let count = counts.entry(named).or_default();
                count.0 += usize::from(entry.is_success());
                count.1 += 1;
            }
        }
        counts.into_iter().max_by_key(|(_, count)| *count).map(|(named, _)| named.to_owned())
    }

    /// Whether some setting knows that company.
    pub(crate) fn has_company(&self, company: &str) -> bool {
        self.server.model.profile.settings.values().any(|setting| mentions(&setting.default, company))
    }

    /// The rows that the entries show, as they were before the first of them.
    pub(crate) fn collect(&self, entries: &[Exchange]) -> Rows {
        let mut rows = Rows::default();
        for entry in entries {
            let sim = self.server.sim;
            let is_write = sim.habits.is_write(&entry.method, &entry.path, &entry.body);
            let company = self.company(entry);
            let body = serde_json::from_slice::<Value>(&entry.body).ok().map(|body| self.own_names(body));
            let answer =
                entry.json.clone().filter(|_| entry.is_success()).map(|answer| self.own_names(answer));
            let subject = self.subject(entry);
            if let (Some(entity), Some(answer)) = (&subject, &answer)
                && let Some(found) = self.rows(entity, answer)
            {
                found.rows.iter().for_each(|row| self.saw(&mut rows, entity, &company, row, entry, is_write));
            }
            if let (Some(shown), Some(answer)) = (sim.shown, &answer) {
                for (entity, row) in shown(body.as_ref().unwrap_or(&Value::Null), answer) {
                    self.saw(&mut rows, entity, &company, &row, entry, is_write);
                }
            }
            if is_write && entry.is_success() {
                self.wrote(&mut rows, entry, subject.as_deref(), body.as_ref(), &company);
            } else if is_write
                && entry.status == 409
                && let (Some(entity), Some(Value::Object(sent))) = (&subject, &body)
            {
                self.need(&mut rows, entity, &company, sent.clone());
            }
        }
        let Rows { known, needed, .. } = &mut rows;
        needed.retain(|key, _| !known.contains(key));
        rows
    }

    fn own_names(&self, value: Value) -> Value {
        let renames = &self.server.renames;
        if renames.is_empty() {
            return value;
        }
        serde_json::from_str(&renames.json(&value.to_string(), self.server.sim.names_in, &[]))
            .unwrap_or(value)
    }

    fn saw(
        &self,
        rows: &mut Rows,
        entity: &str,
        company: &str,
        row: &Map<String, Value>,
        entry: &Exchange,
        is_write: bool,
    ) {
        let named =
            self.keys(entity, row).into_iter().map(|key| (entity.to_owned(), company.to_owned(), key));
        let keys: Vec<RowKey> = named.collect();
        let Some(key) = keys.first().cloned() else { return };
        if keys.iter().any(|key| rows.created.contains(key)) {
            return;
        }
        if is_write && entry.method == "POST" {
            let is_new = !keys.iter().any(|key| rows.known.contains(key));
            rows.created.extend(keys.into_iter().filter(|_| is_new));
        } else if rows.seen.len() < MAX_ROWS {
            rows.known.extend(keys);
            let known = rows.seen.entry(key).or_default();
            for (name, value) in row {
                known.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
    }

    /// What must have been there, or is there now, when a write succeeded.
    fn wrote(
        &self,
        rows: &mut Rows,
        entry: &Exchange,
        subject: Option<&str>,
        body: Option<&Value>,
        company: &str,
    ) {
        let created = created(entry);
        if let (Some(entity), true) = (subject, entry.method == "POST") {
            rows.created.extend(created.map(|key| (entity.to_owned(), company.to_owned(), key)));
        }
        let sent = body.and_then(Value::as_object);
        if let (Some(entity), Some(sent), true) =
            (subject, sent, entry.method == "PUT" || entry.method == "PATCH")
        {
            self.need(rows, entity, company, sent.clone());
        }
        if let (Some(entity), Some(key)) = (subject, self.key_in_path(entry)) {
            let keys = self.entity(entity).map(|entity| entity.keys.clone()).unwrap_or_default();
            // Which of its keys it is does not show: it is all of them.
            let row = keys.into_iter().map(|name| (name, Value::String(key.clone()))).collect();
            self.need(rows, entity, company, row);
        }
        let mut referred = IndexSet::new();
        if let Some(body) = body {
            self.references(subject, body, &mut referred);
        }
        for (entity, field, value) in referred {
            let value: Value = serde_json::from_str(&value).unwrap_or_default();
            self.need(rows, &entity, company, [(field, value)].into_iter().collect());
        }
    }

    /// What the last variable after the entity's own segment of the path holds.
    fn key_in_path(&self, entry: &Exchange) -> Option<String> {
        let found = self.contract.find(entry.method.as_str(), &entry.path);
        let operation = self.contract.operations.get(found.operation?)?;
        let template = operation.own_path.as_ref().unwrap_or(&operation.path);
        let filled = self.contract.paths().filled(template, &found);
        let named = |word: &str| {
            self.server.model.profile.entities.keys().any(|known| known.eq_ignore_ascii_case(word))
        };
        let parts = template.split('/').zip(filled.split('/')).skip_while(|(_, word)| !named(word)).skip(1);
        let last = parts.filter(|(part, word)| part.starts_with('{') && !word.is_empty()).last()?;
        Some(percent_decode_str(last.1).decode_utf8_lossy().into_owned())
    }

    fn need(&self, rows: &mut Rows, entity: &str, company: &str, row: Map<String, Value>) {
        let Some(key) = self.key(entity, &row) else { return };
        let key = (entity.to_owned(), company.to_owned(), key);
        if !rows.created.contains(&key) && !rows.known.contains(&key) && rows.needed.len() < MAX_ROWS {
            rows.needed.entry(key).or_insert(row);
        }
    }

    /// The records of others that a body names: entity, key field, value as JSON.
    fn references(
        &self,
        subject: Option<&str>,
        body: &Value,
        referred: &mut IndexSet<(String, String, String)>,
    ) {
        let fields = subject.and_then(|entity| self.entity(entity)).map(|entity| &entity.fields);
        self.references_in(subject, fields, body, referred);
    }

    fn references_in(
        &self,
        subject: Option<&str>,
        fields: Option<&simcore::base::map::IndexMap<String, Field>>,
        value: &Value,
        referred: &mut IndexSet<(String, String, String)>,
    ) {
        match value {
            Value::Array(items) => {
                for item in items {
                    self.references_in(subject, fields, item, referred);
                }
            }
            Value::Object(members) => {
                for (name, value) in members {
                    let field = fields.and_then(|fields| fields.get(name));
                    if is_key(value) {
                        referred.extend(
                            self.reference(subject, field, name)
                                .map(|(entity, key)| (entity, key, value.to_string())),
                        );
                    } else {
                        self.references_in(subject, field.map(|field| &field.fields), value, referred);
                    }
                }
            }
            _ => {}
        }
    }

    /// The entity that a field refers to, and its key.
    fn reference(
        &self,
        subject: Option<&str>,
        field: Option<&Field>,
        name: &str,
    ) -> Option<(String, String)> {
        let entities = &self.server.model.profile.entities;
        if let Some(target) = field.and_then(|field| field.references.as_ref()) {
            return Some((target.clone(), entities.get(target)?.keys.first()?.clone()));
        }
        let others = entities.iter().filter(|(entity, _)| Some(entity.as_str()) != subject);
        let mut keys = others.flat_map(|(entity, it)| it.keys.iter().map(move |key| (entity, key)));
        let found = keys.find(|(_, key)| key.len() >= SHORTEST_KEY && name.ends_with(key.as_str()));
        found.map(|(entity, key)| (entity.clone(), key.clone()))
    }
}

/// Tells every list of objects in a document, with its path; those inside of a list are parts of its rows.
fn walk<'v>(value: &'v Value, path: &str, tell: &mut impl FnMut(String, Vec<&'v Map<String, Value>>)) {
    match value {
        Value::Array(items) => {
            let rows: Vec<_> = items.iter().filter_map(Value::as_object).collect();
            if !rows.is_empty() {
                tell(format!("{path}[]"), rows);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                walk(member, &joined(path, name), tell);
            }
        }
        _ => {}
    }
}

fn mentions(value: &Value, word: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| name == word || mentions(value, word)),
        Value::Array(items) => items.iter().any(|item| mentions(item, word)),
        Value::String(text) => text == word,
        Value::Number(number) => number.to_string() == word,
        Value::Null | Value::Bool(_) => false,
    }
}
