//! What only the records tell: the key that was meant, rows that are there and not shown, filters that miss by a case,
//! pages that end before their list does.

use std::collections::HashSet;

use serde_json::Value;

use super::{Asked, Step};
use crate::base::diagnostics::nearest;
use crate::base::error::Result;
use crate::base::urlencoded::pairs;
use crate::contract::{Holds, Parameter, Violation};
use crate::entity::model::Table;
use crate::rules::values::words;
use crate::server::gate::refusal::meant;
use crate::simulator::Loaded;
use crate::simulator::data::{self, Page};
use crate::store::effects::Delivered;
use crate::store::rows::Record;

/// How many records are looked through for one that was meant.
const LOOKED_AT: u64 = 10_000;

/// How many values of a request are looked for in records.
const MAX_VALUES: usize = 100;

/// How many fields that are not there are told of one query.
const MAX_CHOSEN: usize = 10;

impl Asked<'_> {
    /// The entity and the key that the request meant.
    pub(super) fn target(&self) -> Option<(String, Option<String>)> {
        let content: Value = serde_json::from_slice(&self.entry.body).unwrap_or_default();
        let refused = self.entry.effects.refused.first();
        let noted = refused.map(|refused| (refused.entity.clone(), refused.key.clone()));
        let in_request = || {
            let (table, key) = meant(&self.server.model, &self.entry.path, &content)?;
            // Behind a fixed word of the path, as in `client/code/{code}`, stands the key.
            let fixed = |word: &String| {
                self.operation.is_some_and(|operation| operation.path.split('/').any(|part| part == word))
            };
            let last = || self.entry.path.rsplit('/').next().map(str::to_owned);
            let key = if key.as_ref().is_some_and(fixed) { last() } else { key };
            Some((table.name.clone(), key))
        };
        noted.or_else(in_request)
    }

    /// Completes steps by what the records are now.
    pub(super) async fn look_at_records(&self, steps: &mut Vec<Step>) {
        let is_missed = self.refused == Some("state") && self.entry.handled_status == Some(404);
        if is_missed && let Some((entity, Some(key))) = self.target() {
            self.look_for(&entity, &key, steps).await;
        }
        let is_read = self.refused.is_none() && self.entry.handled_status.is_some_and(|status| status < 300);
        if is_read && let Some(delivered) = self.entry.effects.delivered.first() {
            steps.extend(self.chosen_for_nothing(&delivered.entity));
        }
        if is_read && let Some(list) = self.entry.effects.delivered.iter().find(|list| list.list != 0) {
            self.look_at_list(list, steps).await;
        }
    }

    /// Fields that the query chooses and that the entity does not have: they show nothing.
    fn chosen_for_nothing(&self, entity: &str) -> Vec<Step> {
        let Some((table, operation)) = self.server.model.table(entity).zip(self.operation) else {
            return Vec::new();
        };
        let names = || table.entity.fields.keys().map(String::as_str);
        let mut steps = Vec::new();
        for (name, value) in pairs(&self.entry.query) {
            let choosing =
                |one: &&Parameter| one.is_named(name.trim()) && matches!(one.holds, Holds::Selection);
            let Some(parameter) = operation.parameters.iter().find(choosing) else { continue };
            let chosen =
                value.split(',').map(|path| path.trim().split(['.', '/']).next().unwrap_or_default());
            let own = |wire: &str| self.server.renames.name(wire).into_owned();
            let is_known = |chosen: &str| names().any(|name| name.eq_ignore_ascii_case(&own(chosen)));
            let unknown = chosen.filter(|chosen| !matches!(*chosen, "" | "*") && !is_known(chosen));
            for chosen in unknown.take(MAX_CHOSEN) {
                let violation = Violation::new("parameter", &parameter.name, String::new(), None);
                let mut step =
                    Step {
                        check: "query",
                        result: "noted",
                        received: Some(self.masked(&format!("{}: {chosen}", parameter.name))),
                        nearest: nearest(chosen, names()).map(str::to_owned),
                        message: Some(self.masked(&format!(
                            "{entity} has no field {chosen}: the answer shows nothing of it"
                        ))),
                        ..Step::default()
                    };
                step.of_fact(self.entry.contract.violated_fact(self.entry.operation, &violation));
                steps.push(step);
            }
        }
        steps
    }

    /// A key that leads to no record: there is one that is not shown, or a key that is nearly it.
    async fn look_for(&self, entity: &str, key: &str, steps: &mut [Step]) {
        let Some(table) = self.server.model.table(entity) else { return };
        let company = self.company();
        let Ok(records) = self.records(table, company.as_deref()).await else { return };
        let Some(step) = steps.last_mut() else { return };
        step.received = Some(format!("{entity} {key}"));
        let came_later = self.wrote_later(entity, key);
        let has_key = |record: &&Record| keys(table, record).any(|known| known == key);
        match records.iter().find(has_key) {
            Some(record) if is_deleted(self.server, record) => {
                step.message = Some(format!("{entity} {key} is marked as deleted"));
            }
            Some(_) if came_later => {
                step.message = Some(format!("{entity} {key} was not there yet"));
            }
            Some(_) => {
                step.check = "rights";
                step.message = Some(format!("{entity} {key} is there, and not for this client to see"));
            }
            None if self.is_by_scenario() => {
                step.message = Some(format!("a step of the scenario has taken {entity} {key} away"));
            }
            None => {
                let all: HashSet<String> = records.iter().flat_map(|record| keys(table, record)).collect();
                let near = all.iter().find(|known| known.eq_ignore_ascii_case(key)).map(String::as_str);
                let near = near.or_else(|| nearest(key, all.iter().map(String::as_str)));
                step.nearest = near.map(str::to_owned).or_else(|| step.nearest.take());
            }
        }
    }

    /// Whether a later request created a record of that key.
    fn wrote_later(&self, entity: &str, key: &str) -> bool {
        let id = self.entry.id;
        let later = self.sandbox.journal(|journal| journal.after(id, usize::MAX).entries);
        let mut created =
            later.iter().filter_map(|entry| entry.effects()).flat_map(|effects| &effects.created);
        created.any(|created| created.row.entity == entity && created.row.key == key)
    }

    async fn look_at_list(&self, list: &Delivered, steps: &mut Vec<Step>) {
        let Some(table) = self.server.model.table(&list.entity) else { return };
        let is_beyond = list.rows == 0 && list.total > 0 && list.offset >= list.total;
        if is_beyond || list.offset + list.rows < list.total && !self.wished_for(list.rows) {
            steps.push(self.cut(list));
        }
        let company = Some(list.company.clone()).filter(|company| !company.is_empty());
        let Ok(records) = self.records(table, company.as_deref()).await else { return };
        if list.total == 0 {
            steps.extend(self.missed_by_case(table, &records));
        }
        if self.is_unfiltered() {
            let there = records.iter().filter(|record| !is_deleted(self.server, record)).count() as u64;
            let written = self.entry.id != self.sandbox.journal(|journal| journal.last_id());
            if list.total < there && !written {
                let (entity, hidden) = (&list.entity, there - list.total);
                steps.push(Step {
                    check: "rights",
                    result: "noted",
                    received: Some(format!("{} of {there} {entity}", list.total)),
                    message: Some(format!("{hidden} of {entity} are not for this client to see")),
                    ..Step::default()
                });
            }
        }
    }

    /// Whether the client itself asked for so many rows.
    fn wished_for(&self, rows: u64) -> bool {
        let sizes = || self.server.sim.paging.iter().map(|(size, _)| *size);
        let mut asked = pairs(&self.entry.query);
        asked.any(|(name, value)| {
            sizes().any(|size| size.eq_ignore_ascii_case(name.trim())) && value.trim().parse() == Ok(rows)
        })
    }

    /// A page that ended before its list.
    fn cut(&self, list: &Delivered) -> Step {
        // What begins behind the last row begins again.
        let is_beyond = list.offset >= list.total;
        let next = if is_beyond { 0 } else { list.offset + list.rows };
        let (size, from) = self.server.sim.paging.first().copied().unwrap_or_default();
        let page = list.limit.filter(|limit| *limit > 0).map(|limit| next / limit);
        let nearest = match (from, page) {
            ("", _) => None,
            (from, _) if list.limit == Some(0) && !from.contains("skip") => Some(format!("{from}=1")),
            (_, _) if list.limit == Some(0) => Some(size.to_owned()),
            (from, _) if from.contains("skip") => Some(format!("{from}={next}")),
            (from, Some(page)) => Some(format!("{from}={}", page + 1)),
            (from, None) => Some(from.to_owned()),
        };
        let mut step = Step {
            check: "page",
            result: "noted",
            received: Some(format!("{} of {} rows from {}", list.rows, list.total, list.offset)),
            nearest,
            message: Some(match list.limit {
                Some(0) => "the page that was asked for has no rows".to_owned(),
                _ if is_beyond => "the page begins behind the last row".to_owned(),
                Some(limit) => format!("a page has {limit} rows at most ({size})"),
                None => "the answer has a part of the rows".to_owned(),
            }),
            ..Step::default()
        };
        let violation = Violation::new("parameter", size, String::new(), None);
        step.of_fact(self.entry.contract.violated_fact(self.entry.operation, &violation));
        step
    }

    /// A value that no record has and one has in another case.
    fn missed_by_case(&self, table: &Table, records: &[Record]) -> Option<Step> {
        let asked = self.asked_values();
        let mut held: Vec<(&str, &str)> = Vec::new();
        for (field, value) in records.iter().flat_map(|record| &record.values) {
            texts(field, value, &mut held);
        }
        let is_other = |asked: &str, value: &str| {
            let (lower, other) = (asked.to_lowercase(), value.to_lowercase());
            other == lower && value != asked || other.contains(&lower) && !value.contains(asked)
        };
        let (asked, (field, value)) = asked.iter().find_map(|asked| {
            if held.iter().any(|(_, value)| value == asked) {
                return None;
            }
            let whole = held.iter().find(|(_, value)| value.to_lowercase() == asked.to_lowercase());
            let found = whole.or_else(|| held.iter().find(|(_, value)| is_other(asked, value)))?;
            Some((asked, *found))
        })?;
        let mut step = Step {
            check: "filter",
            result: "noted",
            received: Some(self.masked(asked)),
            nearest: Some(self.masked(value)),
            message: Some(format!("no {} has this in {field}; one has it in another case", table.name)),
            ..Step::default()
        };
        let violation = Violation::new("field", field, String::new(), None);
        step.of_fact(self.entry.contract.violated_fact(self.entry.operation, &violation));
        Some(step)
    }

    /// The texts that the request compares with: of parameters, between apostrophes in them, and of the body.
    fn asked_values(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, value) in pairs(&self.entry.query) {
            if name.starts_with('$') {
                found.extend(value.split('\'').skip(1).step_by(2).map(str::to_owned));
            } else {
                found.push(value.into_owned());
            }
        }
        let mut body: Value = serde_json::from_slice(&self.entry.body).unwrap_or_default();
        // Of a document in a language of its own, the texts in it.
        for name in self.server.sim.documents_in {
            let document = body.get_mut(*name).map(Value::take).unwrap_or_default();
            let document = document.as_str().unwrap_or_default();
            found.extend(document.split('"').skip(1).step_by(2).map(str::to_owned));
        }
        gather(&body, &mut found);
        found.retain(|text| text.len() > 1 && text.len() < 200);
        found.truncate(MAX_VALUES);
        found
    }

    /// Whether the list was asked for whole, but for its page and order.
    fn is_unfiltered(&self) -> bool {
        let sim = self.server.sim;
        let is_page = |name: &str| {
            sim.paging
                .iter()
                .any(|(size, from)| [size, from].iter().any(|one| one.eq_ignore_ascii_case(name)))
                || name.eq_ignore_ascii_case(sim.habits.order)
                || name.eq_ignore_ascii_case("$select")
                || name.eq_ignore_ascii_case("$expand")
        };
        self.entry.body.is_empty() && pairs(&self.entry.query).all(|(name, _)| is_page(name.trim()))
    }

    /// The company that the request meant, where there are companies.
    fn company(&self) -> Option<String> {
        let name = self.server.sim.habits.company;
        let value = Some(name).filter(|name| !name.is_empty()).and_then(|name| self.entry.headers.get(name));
        value.and_then(|value| value.to_str().ok()).map(|value| value.trim().to_owned())
    }

    async fn records(&self, table: &Table, company: Option<&str>) -> Result<Vec<Record>> {
        let ctx = self.sandbox.ctx(self.index, self.sandbox.prefix()).await?;
        let page = Page { limit: Some(LOOKED_AT), ..Page::default() };
        let found = ctx.read(|db| data::page(self.server, db, table, company, &page)).await?;
        Ok(found.0)
    }
}

fn is_deleted(server: &Loaded, record: &Record) -> bool {
    data::is_deleted(server, |field| record.values.get(field))
}

/// What a record is known by.
fn keys<'r>(table: &'r Table, record: &'r Record) -> impl Iterator<Item = String> + 'r {
    let values = table.entity.keys.iter().filter_map(|key| record.values.get(key));
    values.filter(|value| !value.is_null()).map(|value| words(value).into_owned())
}

/// The texts of a value, each with the name of the member that holds it.
fn texts<'v>(field: &'v str, value: &'v Value, into: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::String(text) if !text.is_empty() => into.push((field, text)),
        Value::Array(items) => items.iter().for_each(|item| texts(field, item, into)),
        Value::Object(members) => members.iter().for_each(|(name, member)| texts(name, member, into)),
        _ => {}
    }
}

/// All texts of a value.
fn gather(value: &Value, into: &mut Vec<String>) {
    match value {
        _ if into.len() > MAX_VALUES => {}
        Value::String(text) => into.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| gather(item, into)),
        Value::Object(members) => members.values().for_each(|member| gather(member, into)),
        _ => {}
    }
}
