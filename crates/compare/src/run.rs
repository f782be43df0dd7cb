//! A recording asked again, request by request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HeaderName};
use bytes::Bytes;
use serde_json::Value;
use simcore::Loaded;
use simcore::contract::{Contract, Found, Operation};
use simcore::entity::profile::Evidence;
use simhost::scenario::Library;

use crate::answers::Comparer;
use crate::difference::{Difference, Items, Kind};
use crate::enums::enums;
use crate::headers::VERBS;
use crate::ids::{Ids, last_segment, text};
use crate::lists::{Hints, Lists, ROWS};
use crate::recording::Exchange;
use crate::rows::{Finder, Rows};
use crate::words::{HIDDEN, Words};
use crate::world::{Answer, Asked, World, put};

/// Headers of a recording that say nothing to the simulator.
const LEFT_OUT: [&str; 10] = [
    "host",
    "content-length",
    "content-encoding",
    "connection",
    "cookie",
    "accept-encoding",
    "transfer-encoding",
    "te",
    "upgrade",
    "keep-alive",
];

/// What stands for credentials that are nobody's.
const NOBODY: &str = "nobody";

/// A recording of one server, and what it is held against.
pub(crate) struct Run<'a> {
    pub(crate) server: &'a Loaded,
    pub(crate) library: &'a Library,
    pub(crate) entries: &'a [Exchange],
    pub(crate) keeps_values: bool,
    /// Told after each request.
    pub(crate) progress: &'a dyn Fn(),
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) items: Items,
    /// Facts with evidence `recorded` that an answer agreed with.
    pub(crate) confirmed: BTreeSet<String>,
    /// Numbers and names that a setting may have to be: limits that were seen or asked for, members that hold lists.
    pub(crate) hints: Hints,
}

struct Asking<'a> {
    run: &'a Run<'a>,
    world: World,
    contract: Arc<Contract>,
    words: Words,
    lists: Lists,
    ids: Ids,
    /// The company that the recording is about, as it calls it.
    company: Option<String>,
    /// Its project, where requests name one.
    project: Option<String>,
    outcome: Outcome,
}

impl Run<'_> {
    /// Asks all of it.
    pub(crate) async fn outcome(&self) -> Result<Outcome, String> {
        let Some(first) = self.entries.first() else { return Ok(Outcome::default()) };
        let contract = self.server.usual_contract();
        let finder = Finder { server: self.server, contract: &contract };
        let rows = finder.collect(self.entries);
        let world = World::start(self.server, self.library, &rows, first.at).await?;
        let contract = world.contract().await;
        let finder = Finder { server: self.server, contract: &contract };
        let lists = Lists::new(&finder, self.entries);
        let words = Words::new(self.entries, &self.server.model.profile);
        let mut asking = Asking {
            run: self,
            world,
            contract: contract.clone(),
            words,
            lists,
            ids: Ids::default(),
            company: finder.usual_company(self.entries),
            project: None,
            outcome: Outcome::default(),
        };
        asking.project();
        asking.world.sign_in().await;
        for entry in self.entries {
            asking.pass(entry, &rows).await;
            (self.progress)();
        }
        Ok(asking.outcome)
    }
}

impl Asking<'_> {
    fn finder(&self) -> Finder<'_> {
        Finder { server: self.run.server, contract: &self.contract }
    }

    /// The project of the recording is the sandbox's own.
    fn project(&mut self) {
        let Some(own) = self.world.project().map(str::to_owned) else { return };
        let mut counts: HashMap<String, usize> = HashMap::new();
        for entry in self.run.entries.iter().filter(|entry| entry.is_success()) {
            let found = self.contract.find(entry.method.as_str(), &entry.path);
            if let Some(named) = self.contract.paths().variable(&found, "project") {
                *counts.entry(named.to_owned()).or_default() += 1;
            }
        }
        if let Some((named, _)) = counts.into_iter().max_by_key(|(_, count)| *count) {
            self.ids.learn(&named, &own);
            self.project = Some(named);
        }
    }

    async fn pass(&mut self, entry: &Exchange, rows: &Rows) {
        self.world.at(entry.at).await;
        let found = self.contract.find(entry.method.as_str(), &entry.path);
        let operation = found.operation.and_then(|place| self.contract.operations.get(place)).cloned();
        let signs_in = operation.as_ref().is_some_and(|operation| operation.sign_in.is_some());
        let (answer, differences) = if signs_in && entry.is_success() {
            self.signed_in(entry, &found, operation.as_ref()).await
        } else {
            self.asked(entry, &found, operation.as_ref()).await
        };
        let sim = self.run.server.sim;
        if sim.habits.is_write(&entry.method, &entry.path, &entry.body)
            && entry.is_success()
            && answer.is_success()
        {
            self.learn_ids(entry, &answer);
        }
        let title = self.title(entry, operation.as_ref());
        let mut differences = differences;
        self.beyond_shape(entry, &found, &answer, &mut differences);
        self.lists.note(entry, rows);
        self.confirm(entry, operation.as_ref(), &answer, &differences);
        for difference in differences {
            self.outcome.items.add(sim.slug, &title, entry.number, difference);
        }
    }

    /// What the operation is called: a path that nobody has as a template.
    fn title(&self, entry: &Exchange, operation: Option<&Operation>) -> String {
        let calls: Vec<&str> = self.run.server.sim.habits.calls.to_vec();
        let body = String::from_utf8_lossy(&entry.body);
        let called: Vec<&str> = calls.into_iter().filter(|call| body.contains(call)).collect();
        let title = operation.map_or_else(
            || {
                let keeps = self.run.keeps_values;
                let parts: Vec<&str> = entry.path.split('/').collect();
                // Behind a collection stands a key, where no list is shown.
                let last = parts.len() - 1;
                let is_key = |place: usize| place == last && place > 1 && !shows_list(entry);
                let parts = parts.iter().enumerate().map(|(place, part)| match *part {
                    part if keeps => part,
                    part if is_key(place) && !self.words.is_own(part) => HIDDEN,
                    part => self.words.segment(part),
                });
                let verb = Some(entry.method.as_str()).filter(|verb| keeps || VERBS.contains(verb));
                format!("{} {}", verb.unwrap_or(HIDDEN), parts.collect::<Vec<_>>().join("/"))
            },
            Operation::title,
        );
        if called.is_empty() { title } else { format!("{title} {}", called.join(" ")) }
    }

    fn comparer<'c>(&'c self, entry: &Exchange, found: &'c Found, entity: Option<&str>) -> Comparer<'c> {
        let json = entry.json.as_ref();
        let lists = json.map(|json| self.finder().lists(entity, json)).unwrap_or_default();
        Comparer {
            server: self.run.server,
            contract: &self.contract,
            words: &self.words,
            keeps_values: self.run.keeps_values,
            project: self.project.as_deref(),
            found,
            lists: lists.into_iter().map(|(entity, rows)| (entity, rows.path)).collect(),
        }
    }

    /// The sandbox's own client signs in where the recorded one did.
    async fn signed_in(
        &mut self,
        entry: &Exchange,
        found: &Found,
        operation: Option<&Operation>,
    ) -> (Answer, Vec<Difference>) {
        let Some(answer) = self.world.sign_in().await else {
            return self.asked(entry, found, operation).await;
        };
        let member = operation.and_then(|operation| operation.sign_in).map(|sign_in| sign_in.member);
        let recorded = entry.json.as_ref().zip(member).and_then(|(json, member)| json.get(member)).map(text);
        if let (Some(recorded), Some(own)) = (recorded, self.world.token(&self.contract)) {
            self.ids.learn(&recorded, &own);
        }
        let differences = self.comparer(entry, found, None).differences(entry, &answer);
        (answer, differences)
    }

    async fn asked(
        &mut self,
        entry: &Exchange,
        found: &Found,
        operation: Option<&Operation>,
    ) -> (Answer, Vec<Difference>) {
        let subject = self.finder().subject(entry);
        let mut best: Option<(Answer, Vec<Difference>)> = None;
        for credentials in self.credentials(entry) {
            let asked = self.request(entry, operation, &credentials);
            let mut answer = self.world.ask(&asked).await;
            if answer.status == 401 && entry.status != 401 {
                self.world.sign_in().await;
                let own = self.world.credentials(&self.contract);
                answer = self.world.ask(&self.request(entry, operation, &own)).await;
            }
            let differences = self.comparer(entry, found, subject.as_deref()).differences(entry, &answer);
            let is_done = differences.is_empty();
            let rank = |status: u16, count: usize| (status != entry.status, count);
            let is_better = best.as_ref().is_none_or(|(known, of)| {
                rank(answer.status, differences.len()) < rank(known.status, of.len())
            });
            if is_better {
                best = Some((answer, differences));
            }
            if is_done {
                break;
            }
        }
        // There is always a way to ask.
        best.unwrap_or_else(|| {
            let body = Bytes::new();
            (
                Answer { status: 0, headers: HeaderMap::new(), body, json: None, refusals: Vec::new() },
                Vec::new(),
            )
        })
    }

    /// The credentials to ask with: the sandbox's own; where nobody was let in, all that can be wrong with them.
    fn credentials(&self, entry: &Exchange) -> Vec<HeaderMap> {
        let own = self.world.credentials(&self.contract);
        if entry.status != 401 {
            return vec![own];
        }
        let mut ways = vec![HeaderMap::new()];
        for (name, value) in &own {
            let recorded = entry.header(name.as_str()).map(|value| self.ids.inside(value));
            let garbled = String::from_utf8_lossy(value.as_bytes());
            let garbled = match garbled.split_once(' ') {
                Some((scheme, _)) => format!("{scheme} {NOBODY}"),
                None => NOBODY.to_owned(),
            };
            let own = String::from_utf8_lossy(value.as_bytes()).into_owned();
            let with = |known: &HeaderMap, value: &str| {
                let mut headers = known.clone();
                put(&mut headers, name.as_str(), value);
                headers
            };
            let before = std::mem::take(&mut ways);
            for known in &before {
                ways.extend(recorded.iter().map(|value| with(known, value)));
                ways.extend([&own, &garbled].into_iter().map(|value| with(known, value)));
                ways.push(known.clone());
            }
        }
        // A write that was refused must not be done.
        let is_write = self.run.server.sim.habits.is_write(&entry.method, &entry.path, &entry.body);
        ways.retain(|way| !is_write || *way != own);
        ways
    }

    fn request(&self, entry: &Exchange, operation: Option<&Operation>, credentials: &HeaderMap) -> Asked {
        let mut headers = HeaderMap::new();
        let own: Vec<String> = self
            .contract
            .security
            .iter()
            .flatten()
            .map(|scheme| scheme.header.to_ascii_lowercase())
            .chain([AUTHORIZATION.as_str().to_owned()])
            .collect();
        let company = self.run.server.sim.habits.company.to_ascii_lowercase();
        for (name, value) in &entry.headers {
            let is_left_out = LEFT_OUT.contains(&name.as_str())
                || own.contains(name)
                || name.starts_with("proxy-")
                || name.starts_with("erpsatz-");
            if is_left_out {
                continue;
            }
            let is_own = self.company.as_ref() == Some(value);
            let is_strange = *name == company && is_own && !self.finder().has_company(value);
            let value = if is_strange { self.finder().company(entry) } else { self.ids.inside(value) };
            put(&mut headers, name, &value);
        }
        let is_open = operation.is_some_and(|operation| operation.is_open && operation.sign_in.is_none());
        let given = credentials.iter().filter(|_| !is_open);
        headers.extend(given.map(|(name, value)| (HeaderName::from(name), value.clone())));
        let path = self.ids.path(&entry.path);
        let query = self.ids.query(&entry.query);
        let target = if query.is_empty() { path } else { format!("{path}?{query}") };
        Asked { method: entry.method.clone(), target, headers, body: self.ids.body(&entry.body).into() }
    }

    fn learn_ids(&mut self, entry: &Exchange, answer: &Answer) {
        let entities = self.run.server.model.profile.entities.values();
        let keys: BTreeSet<String> = entities.flat_map(|entity| entity.keys.iter().cloned()).collect();
        let is_id = move |name: &str| {
            name.is_empty() || keys.contains(name) || name.to_ascii_lowercase().ends_with("id")
        };
        if let (Some(recorded), Some(ours)) = (&entry.json, &answer.json) {
            self.ids.learn_from(recorded, ours, "", &is_id);
        }
        let here = answer.headers.get("location").and_then(|place| place.to_str().ok());
        if let (Some(recorded), Some(ours)) =
            (entry.answer_header("location").and_then(last_segment), here.and_then(last_segment))
        {
            self.ids.learn(&recorded, &ours);
        }
    }

    /// Values of lists that a profile has, order and number of rows.
    fn beyond_shape(
        &mut self,
        entry: &Exchange,
        found: &Found,
        answer: &Answer,
        differences: &mut Vec<Difference>,
    ) {
        if !entry.is_success() || !answer.is_success() {
            Lists::hint(entry, &self.contract, self.run.server, &mut self.outcome.hints);
            return;
        }
        let subject = self.finder().subject(entry);
        let comparer = self.comparer(entry, found, subject.as_deref());
        let mut more = Vec::new();
        let lists = entry.json.as_ref().map(|json| self.finder().lists(subject.as_deref(), json));
        for (entity, rows) in lists.unwrap_or_default() {
            let fields = self.run.server.model.profile.entities.get(&entity).map(|entity| &entity.fields);
            for row in rows.rows {
                if let Some(fields) = fields {
                    enums(&comparer, &rows.path, fields, row, &mut more);
                }
            }
        }
        if let (Some(recorded), Some(ours)) = (&entry.json, &answer.json) {
            more.extend(self.lists.differences(&comparer, subject.as_deref(), entry, (recorded, ours)));
        }
        if let Some(Value::Object(members)) = &entry.json {
            let lists = members.iter().filter(|(_, member)| member.is_array());
            let lists = lists.filter(|(name, _)| self.words.name(name) == **name);
            self.outcome.hints.names.extend(lists.map(|(name, _)| name.clone()));
        }
        let numbers = more.iter().filter(|found| found.kind == Kind::Limit);
        let numbers = numbers.filter_map(|found| found.recorded.split(' ').next()?.parse::<i64>().ok());
        self.outcome.hints.numbers.extend(numbers);
        differences.extend(more);
    }

    /// Facts that were learned from an earlier recording, and that this one agrees with.
    fn confirm(
        &mut self,
        entry: &Exchange,
        operation: Option<&Operation>,
        answer: &Answer,
        differences: &[Difference],
    ) {
        let profile = &self.run.server.model.profile;
        let is_denied = |fact: &str| differences.iter().any(|found| found.fact == fact);
        if entry.status == answer.status {
            for name in &answer.refusals {
                let fact = format!("errors.{name}");
                let is_recorded =
                    profile.errors.get(name).is_some_and(|it| it.evidence == Evidence::Recorded);
                if is_recorded && !is_denied(&fact) {
                    self.outcome.confirmed.insert(fact);
                }
            }
        }
        if let Some(operation) =
            operation.filter(|it| it.evidence == Evidence::Recorded && entry.status != 404)
        {
            self.outcome.confirmed.insert(operation.title());
        }
        let finder = Finder { server: self.run.server, contract: &self.contract };
        let Some(json) = entry.json.as_ref().filter(|_| entry.is_success()) else { return };
        for (entity, rows) in finder.lists(finder.subject(entry).as_deref(), json) {
            let Some(known) = profile.entities.get(&entity) else { continue };
            let fact = format!("{entity} order");
            let is_ordered = known.order.is_some() && known.evidence == Evidence::Recorded;
            if is_ordered && rows.rows.len() >= ROWS && !is_denied(&fact) {
                self.outcome.confirmed.insert(fact);
            }
            let recorded = known.fields.iter().filter(|(_, field)| field.evidence == Evidence::Recorded);
            for (name, _) in recorded {
                let fact = format!("{entity}.{name}");
                if rows.rows.iter().any(|row| row.contains_key(name)) && !is_denied(&fact) {
                    self.outcome.confirmed.insert(fact);
                }
            }
        }
    }
}

/// Whether an answer is a list, or holds one.
fn shows_list(entry: &Exchange) -> bool {
    entry.json.as_ref().is_some_and(|json| {
        json.is_array() || json.as_object().is_some_and(|members| members.values().any(Value::is_array))
    })
}
