//! One record after the other of one entity.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::map::IndexMap;
use jiff::Timestamp;
use rusqlite::params_from_iter;
use rusqlite::types::ToSqlOutput;
use serde_json::{Map, Value};

use super::plan::{self, Part};
use super::subject::Subject;
use crate::base::error::{Error, Result};
use crate::base::random::generator;
use crate::entity::model::{Table, quote};
use crate::entity::profile::{FieldKind, Profile};
use crate::entity::sample::{Sample, Source};
use crate::simulator::Loaded;
use crate::simulator::data;
use crate::store::db::Db;
use crate::store::rows::{self, Record};

/// Makes the records of one entity.
pub(super) struct Maker<'a> {
    pub(super) table: &'a Table,
    profile: &'a Profile,
    parts: Vec<Part<'a>>,
    tenant: String,
    seed: u64,
    stream: String,
    /// The numbers of each key that is made from a template.
    series: HashMap<&'a str, Series>,
    sources: Sources,
}

/// The values of a key that is made from a template.
struct Series {
    last: u64,
    /// Those that records have.
    taken: HashSet<String>,
}

/// The records that values are taken from.
#[derive(Default)]
struct Sources {
    tenant: String,
    /// Row ids of those that may be referred to, by entity and what their values are like.
    referable: HashMap<Kinship, Vec<i64>>,
    /// Records that were read, by table and row id: the same few are referred to again and again.
    read: HashMap<(String, i64), Arc<Record>>,
}

/// How many records [`Sources`] keeps at hand.
const MAX_READ: usize = 4_096;

/// An entity, and what the values are like that are taken from it.
type Kinship = (String, Option<String>);

/// What one object is made with.
struct Scope<'a> {
    /// None where nothing is taken from records.
    db: Option<&'a Db<'a>>,
    /// The entity that it is of.
    own: &'a str,
    subject: &'a mut Subject,
    sources: &'a mut Sources,
    number: u64,
    /// What it has so far.
    made: Map<String, Value>,
    /// The records that its values are taken from.
    picked: IndexMap<Kinship, Option<Arc<Record>>>,
}

impl<'a> Maker<'a> {
    pub(super) fn new(server: &'a Loaded, table: &'a Table, seed: u64) -> Self {
        let profile = &*server.model.profile;
        let tenant = data::tenant(server, None);
        Self {
            table,
            profile,
            parts: plan::of(profile, table),
            sources: Sources { tenant: tenant.clone(), ..Sources::default() },
            tenant,
            seed,
            stream: format!("generate/{}/{}", server.sim.slug, table.name),
            series: HashMap::new(),
        }
    }

    /// Reads what it needs of the database once; whether that is all it needs, as nothing is taken from records, and no
    /// key may be another's by chance.
    pub(super) fn can_run_ahead(&mut self, db: &Db<'_>) -> Result<bool> {
        let is_free = |part: &Part<'_>| match &part.sample {
            Sample::Template(text) if part.is_key => text.contains("{n"),
            sample => !part.is_key && sample.sources().next().is_none(),
        };
        if !self.parts.iter().all(is_free) {
            return Ok(false);
        }
        for part in self.parts.iter().filter(|part| part.is_key) {
            self.series.insert(part.name, Series::of(db, self.table, &self.tenant, part.name)?);
        }
        Ok(true)
    }

    /// Where its series stand.
    pub(super) fn numbers(&self) -> Vec<u64> {
        self.keys().filter_map(|name| Some(self.series.get(name)?.last)).collect()
    }

    /// Goes back to where its series stood.
    pub(super) fn go_back(&mut self, numbers: &[u64]) {
        let keys: Vec<&str> = self.keys().collect();
        for (name, number) in keys.iter().zip(numbers) {
            if let Some(series) = self.series.get_mut(name) {
                series.last = *number;
            }
        }
    }

    fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.parts.iter().filter(|part| part.is_key).map(|part| part.name)
    }

    /// The record of that number, made at that instant; another one at each attempt. It needs no database where it
    /// [runs ahead](Self::can_run_ahead).
    pub(super) fn record(
        &mut self,
        db: Option<&Db<'_>>,
        at: Timestamp,
        number: u64,
        attempt: u64,
    ) -> Result<Map<String, Value>> {
        let draws = generator(self.seed, &self.stream, number.wrapping_add(attempt << 32));
        let mut subject = Subject::new(draws, self.profile.locale, at);
        let sources = &mut self.sources;
        let (made, picked) = (Map::new(), IndexMap::default());
        let mut scope =
            Scope { db, own: &self.table.name, subject: &mut subject, sources, number, made, picked };
        for part in &self.parts {
            let value = match &part.sample {
                Sample::Template(text) if part.is_key => {
                    let series = match self.series.entry(part.name) {
                        Entry::Occupied(series) => series.into_mut(),
                        Entry::Vacant(new) => {
                            new.insert(Series::of(scope.db()?, self.table, &self.tenant, part.name)?)
                        }
                    };
                    Some(scope.free(text, series))
                }
                sample => scope.value(sample)?,
            };
            if let Some(value) = value {
                scope.made.insert(part.name.to_owned(), shortened(part.max_length, value));
            }
        }
        Ok(scope.made)
    }
}

impl Series {
    fn of(db: &Db<'_>, table: &Table, tenant: &str, field: &str) -> Result<Self> {
        Ok(Self { last: 0, taken: all(db, table, tenant, field)? })
    }
}

impl<'a> Scope<'a> {
    fn db(&self) -> Result<&'a Db<'a>> {
        self.db.ok_or_else(|| Error::internal("what is made ahead takes nothing from records"))
    }

    /// `template` with the next number that no record has in that field.
    fn free(&mut self, template: &str, series: &mut Series) -> Value {
        loop {
            series.last += 1;
            let text = self.subject.digits(&plan::numbered(template, series.last));
            // With its number in it, it is no other generated one's.
            let is_free = if template.contains("{n") {
                !series.taken.contains(&text)
            } else {
                series.taken.insert(text.clone())
            };
            if is_free {
                return text.into();
            }
        }
    }

    /// A value of `sample`; nothing where it is to be taken from a record and there is none.
    fn value(&mut self, sample: &Sample) -> Result<Option<Value>> {
        Ok(match sample {
            Sample::None => None,
            Sample::Meaning(meaning) => Some(self.subject.value(*meaning)),
            Sample::Template(text) => Some(self.subject.digits(&plan::numbered(text, self.number)).into()),
            Sample::Choice(values) => self.subject.one_of(values).cloned(),
            Sample::Of(source) => self.taken(source)?,
            Sample::Members { among, members, one_of } => {
                let known = among.as_ref().map(|among| self.sources.all(self.db()?, among)).transpose()?;
                let mut object = Map::new();
                let beside = self.subject.one_of(one_of).into_iter().flatten();
                for (name, member) in members.iter().chain(beside) {
                    if known.as_ref().is_some_and(|known| !known.contains(name)) {
                        continue;
                    }
                    match self.value(member)? {
                        Some(value) => drop(object.insert(name.clone(), value)),
                        // What it refers to does not exist, so that it would make no sense.
                        None if matches!(member, Sample::Of(_)) => return Ok(None),
                        None => {}
                    }
                }
                Some(Value::Object(object))
            }
            Sample::Some(element) => {
                let mut list = Vec::new();
                for _ in 0..=self.subject.below(3) {
                    self.subject.turn();
                    list.extend(self.element(element)?);
                }
                (!list.is_empty()).then_some(Value::Array(list))
            }
            Sample::Each(elements) => {
                let list = elements.iter().map(|element| self.element(element));
                let list: Option<Vec<Value>> = list.collect::<Result<_>>()?;
                list.map(Value::Array)
            }
        })
    }

    /// An element of a list: what it takes from records, it takes from others than its neighbours.
    fn element(&mut self, sample: &Sample) -> Result<Option<Value>> {
        let outside = std::mem::take(&mut self.picked);
        let value = self.value(sample);
        self.picked = outside;
        value
    }

    /// The value of a field of a record that may be referred to: of the same record all over an object.
    fn taken(&mut self, source: &Source) -> Result<Option<Value>> {
        let kinship = (source.entity.clone(), source.like.clone());
        let is_own = source.entity == self.own;
        if !self.picked.contains_key(&kinship) {
            let db = self.db()?;
            let table = db.table(&source.entity)?;
            // Of its own kind there are ever more; they are looked up again as often as their number has doubled.
            if is_own && self.number.is_power_of_two() {
                self.sources.referable.remove(&kinship);
            }
            let id = match &source.shared {
                Some(shared) => {
                    let ids = self.alike(table, shared)?;
                    self.subject.one_of(&ids).copied()
                }
                None => self.subject.one_of(self.sources.rows(db, table, source, &kinship)?).copied(),
            };
            let record = id.map(|id| self.sources.record(db, table, id)).transpose()?;
            self.picked.insert(kinship.clone(), record);
        }
        let record = self.picked.get(&kinship).and_then(Option::as_ref);
        // The first one of its kind can only refer to itself.
        let itself = || self.made.get(&source.field).filter(|_| is_own);
        let value = record.map_or_else(itself, |record| record.values.get(&source.field));
        Ok(value.filter(|value| !value.is_null()).cloned())
    }
}

impl Scope<'_> {
    /// Row ids of the records of `table` that have the same `shared` as what is being made, or as a record that it
    /// takes values from.
    fn alike(&self, table: &Table, shared: &str) -> Result<Vec<i64>> {
        let of_picked = || self.picked.values().flatten().find_map(|record| record.values.get(shared));
        let value = self.made.get(shared).or_else(of_picked).and_then(Value::as_str).unwrap_or_default();
        let text =
            format!("SELECT _id FROM {} WHERE _tenant = ? AND {} = ? ORDER BY _id", table.sql, quote(shared));
        let mut statement = self.db()?.conn.prepare_cached(&text)?;
        let ids = statement.query_map([&self.sources.tenant, value], |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<_>>()?)
    }
}

impl Sources {
    /// Row ids of the records of `table` that may be referred to.
    fn rows(&mut self, db: &Db<'_>, table: &Table, source: &Source, kinship: &Kinship) -> Result<&[i64]> {
        if !self.referable.contains_key(kinship) {
            let mut conditions = vec!["_tenant = ?".to_owned()];
            let mut binds = vec![ToSqlOutput::from(self.tenant.as_str())];
            for (field, value) in &table.entity.referable {
                let kind = table.entity.fields.get(field).map_or(FieldKind::Text, |field| field.kind);
                conditions.push(format!("{} IS ?", quote(field)));
                binds.push(rows::to_sql(kind, value));
            }
            if let Some(like) = &source.like {
                conditions.push(format!("{} GLOB ?", quote(&source.field)));
                binds.push(like.as_str().into());
            }
            let conditions = conditions.join(" AND ");
            let text = format!("SELECT _id FROM {} WHERE {conditions} ORDER BY _id", table.sql);
            let mut statement = db.conn.prepare_cached(&text)?;
            let ids = statement.query_map(params_from_iter(binds), |row| row.get(0))?;
            let ids = ids.collect::<rusqlite::Result<Vec<i64>>>()?;
            self.referable.insert(kinship.clone(), ids);
        }
        Ok(self.referable.get(kinship).map_or(&[], Vec::as_slice))
    }

    fn record(&mut self, db: &Db<'_>, table: &Table, id: i64) -> Result<Arc<Record>> {
        let key = (table.name.clone(), id);
        if let Some(record) = self.read.get(&key) {
            return Ok(record.clone());
        }
        if self.read.len() >= MAX_READ {
            self.read.clear();
        }
        let record = Arc::new(db.load(table, id)?);
        self.read.insert(key, record.clone());
        Ok(record)
    }

    /// Every value of a field.
    fn all(&self, db: &Db<'_>, source: &Source) -> Result<HashSet<String>> {
        all(db, db.table(&source.entity)?, &self.tenant, &source.field)
    }
}

/// Every value that the records of `tenant` have in a field.
fn all(db: &Db<'_>, table: &Table, tenant: &str, field: &str) -> Result<HashSet<String>> {
    let text = format!("SELECT CAST({} AS TEXT) FROM {} WHERE _tenant = ?", quote(field), table.sql);
    let mut statement = db.conn.prepare_cached(&text)?;
    let values = statement.query_map([tenant], |row| row.get::<_, Option<String>>(0))?;
    Ok(values.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?)
}

/// A text in the length that its field allows.
fn shortened(longest: Option<usize>, value: Value) -> Value {
    match (longest, value) {
        (Some(longest), Value::String(text)) if text.chars().count() > longest => {
            text.chars().take(longest).collect::<String>().trim_end().into()
        }
        (_, value) => value,
    }
}
