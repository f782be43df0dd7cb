//! Data that adds up: the rules of profiles (see [`crate::entity::consistency`]) and of simulators, held against every
//! record of a database.

use std::collections::HashMap;

use crate::base::map::IndexMap;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::base::decimal;
use crate::base::error::Result;
use crate::entity::consistency::{Consistency, Reference, values};
use crate::entity::identifier::siren_of;
use crate::entity::model::Table;
use crate::entity::profile::{Field, FieldKind};
use crate::entity::validate;
use crate::simulator::Loaded;
use crate::store::db::{Db, Select};
use crate::store::rows::Record;

/// Something that does not add up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The entity.
    pub entity: String,
    /// The record's row id.
    pub row: i64,
    /// The field, as a path.
    pub path: String,
    /// What does not add up, to follow the field's name.
    pub message: String,
}

/// All that was found.
#[derive(Debug, Default)]
pub struct Findings(pub Vec<Finding>);

impl Findings {
    /// Notes that `path` of a record does not add up.
    pub fn add(&mut self, entity: &str, row: i64, path: impl Into<String>, message: impl Into<String>) {
        let finding = Finding { entity: entity.to_owned(), row, path: path.into(), message: message.into() };
        self.0.push(finding);
    }
}

/// Whether two amounts are the same to the cent.
pub fn same_amount(left: Decimal, right: Decimal) -> bool {
    left.saturating_sub(right).abs() < Decimal::new(5, 3)
}

/// A record with the company it is of.
struct Owned {
    tenant: String,
    record: Record,
}

/// The records of a database that are not deleted, by entity.
struct Records(HashMap<String, Vec<Owned>>);

/// Holds every record of the database against all rules. The simulator fills in fields anew for that, which moves
/// counters: use a database that nobody needs any more.
///
/// # Errors
/// When the database cannot be read.
pub fn check(server: &Loaded, db: &Db<'_>) -> Result<Vec<Finding>> {
    let all = Records::read(db)?;
    let mut checker = Checker { server, db, all: &all, findings: Findings::default() };
    for table in db.model.tables.values() {
        for (name, field) in &table.entity.fields {
            checker.referring(table, name, field);
        }
        for rule in &table.entity.consistency {
            checker.hold(table, rule);
        }
    }
    let mut findings = checker.findings;
    (server.sim.consistency)(db, &mut findings)?;
    Ok(findings.0)
}

struct Checker<'a> {
    server: &'a Loaded,
    db: &'a Db<'a>,
    all: &'a Records,
    findings: Findings,
}

impl Records {
    fn read(db: &Db<'_>) -> Result<Self> {
        let mut all = HashMap::new();
        let deleted = &db.model.profile.deleted;
        let is_alive =
            |record: &Record| deleted.iter().all(|(name, value)| record.values.get(name) != Some(value));
        for table in db.model.tables.values() {
            let mut own = Vec::new();
            for record in db.records(table, &Select::default())?.into_iter().filter(is_alive) {
                own.push(Owned { tenant: db.tenant(table, record.id)?, record });
            }
            all.insert(table.name.clone(), own);
        }
        Ok(Self(all))
    }

    fn of(&self, entity: &str) -> &[Owned] {
        self.0.get(entity).map_or(&[], Vec::as_slice)
    }

    /// The records of an entity by company and what they have at `path`.
    fn by(&self, entity: &str, path: &str) -> HashMap<(&str, String), &Record> {
        let all = self.of(entity).iter();
        all.flat_map(|owned| {
            let found = values(&owned.record.values, path).into_iter();
            found.map(|(_, value)| ((owned.tenant.as_str(), plain(value)), &owned.record))
        })
        .collect()
    }
}

impl Checker<'_> {
    /// What `references` of a field, or of one inside it, says.
    fn referring(&mut self, table: &Table, path: &str, field: &Field) {
        if let Some(target) = field.references.as_ref().and_then(|target| self.db.model.tables.get(target)) {
            let name = path.rsplit('.').next().unwrap_or(path);
            let to = vec![format!("{}.{}", target.name, target.entity.key_named_by(name))];
            let declared =
                |rule: &Consistency| matches!(rule, Consistency::Reference(it) if it.field == path);
            // A rule of its own says more.
            if !table.entity.consistency.iter().any(declared) {
                self.refer(table, &Reference { field: path.to_owned(), to, same: IndexMap::default() });
            }
        }
        let inside = if field.kind == FieldKind::List { "[]" } else { "" };
        for (name, field) in &field.fields {
            self.referring(table, &format!("{path}{inside}.{name}"), field);
        }
    }

    fn hold(&mut self, table: &Table, rule: &Consistency) {
        match rule {
            Consistency::Reference(reference) => self.refer(table, reference),
            Consistency::Numbers { field, by, within } => self.numbers(table, field, by, within),
            Consistency::Derived(fields) => self.derived(table, fields),
            Consistency::Identifier { field, kind } => self.each(table, |record, found| {
                for (at, value) in values(&record.values, field) {
                    if let Some(problem) = kind.problem(value.as_str().unwrap_or_default()) {
                        found(at, format!("{} {problem}", plain(value)));
                    }
                }
            }),
            Consistency::SameFirm(fields) => self.each(table, |record, found| {
                let firms: Vec<(&String, &str)> =
                    fields.iter().filter_map(|field| Some((field, siren_of(record.text(field))?))).collect();
                for pair in firms.windows(2).filter(|pair| pair[0].1 != pair[1].1) {
                    found(pair[1].0.clone(), format!("is of another firm than `{}`", pair[0].0));
                }
            }),
            Consistency::InOrder(fields) => self.each(table, |record, found| {
                let dates = fields.iter().filter_map(|field| Some((field, instant(record, field)?)));
                let dates: Vec<(&String, &str)> = dates.collect();
                for pair in dates.windows(2).filter(|pair| is_before(pair[1].1, pair[0].1)) {
                    let [(first, earlier), (second, later)] = [pair[0], pair[1]];
                    found(second.clone(), format!("{later} is before `{first}`, {earlier}"));
                }
            }),
            Consistency::Sum { total, of } => self.each(table, |record, found| {
                let amounts = |path: &String| values(&record.values, path).into_iter();
                let amount = |(_, value): (String, &Value)| decimal::from_json(value);
                // What is not there, as the balance of an order, breaks no rule.
                if of.iter().any(|path| !path.contains("[]") && amounts(path).next().is_none()) {
                    return;
                }
                let sum = of
                    .iter()
                    .flat_map(amounts)
                    .filter_map(amount)
                    .fold(Decimal::ZERO, Decimal::saturating_add);
                if let Some(stored) = amounts(total).next().and_then(amount)
                    && !same_amount(stored, sum)
                {
                    found(total.clone(), format!("{stored} is not the sum of {}, {sum}", of.join(" and ")));
                }
            }),
        }
    }

    fn each(&mut self, table: &Table, hold: impl Fn(&Record, &mut dyn FnMut(String, String))) {
        for Owned { record, .. } in self.all.of(&table.name) {
            hold(record, &mut |path, message| self.findings.add(&table.name, record.id, path, message));
        }
    }

    fn refer(&mut self, table: &Table, reference: &Reference) {
        let targets = reference.to.iter().filter_map(|to| Some((to, to.split_once('.')?)));
        let targets: Vec<_> =
            targets.map(|(to, (entity, field))| (to, entity, self.all.by(entity, field))).collect();
        for Owned { tenant, record } in self.all.of(&table.name) {
            for (at, value) in values(&record.values, &reference.field) {
                let key = (tenant.as_str(), plain(value));
                if key.1.is_empty() {
                    continue;
                }
                let named = targets.iter().find_map(|(_, entity, by)| Some((entity, by.get(&key)?)));
                let Some((entity, named)) = named else {
                    let to = reference.to.join(" or ");
                    self.findings.add(&table.name, record.id, at, format!("{} is no {to}", key.1));
                    continue;
                };
                for (own, theirs) in &reference.same {
                    let both = values(&record.values, own).pop().zip(values(&named.values, theirs).pop());
                    if let Some(((_, ours), (_, theirs))) = both
                        && plain(ours) != plain(theirs)
                    {
                        let (ours, theirs) = (plain(ours), plain(theirs));
                        let message = format!("{entity} {} is of {theirs}, not of `{own}` {ours}", key.1);
                        self.findings.add(&table.name, record.id, at.clone(), message);
                    }
                }
            }
        }
    }

    fn numbers(&mut self, table: &Table, field: &str, by: &str, within: &[String]) {
        type Series<'r> = (&'r str, String, Vec<String>);
        let mut series: HashMap<Series<'_>, Vec<(u64, &str, &Record)>> = HashMap::new();
        for Owned { tenant, record } in self.all.of(&table.name) {
            let number = record.values.get(field).map(plain).unwrap_or_default();
            let start = number.trim_end_matches(|letter: char| letter.is_ascii_digit()).len();
            let alike = within.iter().map(|name| record.values.get(name).map(plain).unwrap_or_default());
            if let (Ok(count), Some(date)) = (number[start..].parse(), instant(record, by)) {
                let key = (tenant.as_str(), number[..start].to_owned(), alike.collect());
                series.entry(key).or_default().push((count, date, record));
            }
        }
        for numbered in series.values_mut() {
            numbered.sort_by_key(|(count, ..)| *count);
            let mut newest: Option<&(u64, &str, &Record)> = None;
            for one in numbered.iter() {
                match newest {
                    Some((_, date, earlier)) if is_before(one.1, date) => {
                        let (number, before) = (plain(&one.2.values[field]), plain(&earlier.values[field]));
                        let message = format!("{number} is of {}, and {before} is of {date}", one.1);
                        self.findings.add(&table.name, one.2.id, field, message);
                    }
                    _ => newest = Some(one),
                }
            }
        }
    }

    /// Takes the fields out and lets the server fill them in again.
    fn derived(&mut self, table: &Table, fields: &[String]) {
        for Owned { tenant, record } in self.all.of(&table.name) {
            let mut anew = record.values.clone();
            anew.retain(|name, _| !fields.contains(name));
            if (self.server.sim.complete)(self.db, &table.name, tenant, &mut anew).is_err() {
                continue;
            }
            for field in fields {
                let (stored, own) = (&record.values[field], anew.get(field).unwrap_or(&Value::Null));
                let same = match (decimal::from_json(stored), decimal::from_json(own)) {
                    (Some(stored), Some(own)) => same_amount(stored, own),
                    _ => stored == own,
                };
                if !same {
                    let message =
                        format!("{} is not what follows from the rest, {}", plain(stored), plain(own));
                    self.findings.add(&table.name, record.id, field.clone(), message);
                }
            }
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The text of a date that can be read.
fn instant<'r>(record: &'r Record, field: &str) -> Option<&'r str> {
    let text = values(&record.values, field).pop()?.1.as_str()?;
    validate::datetime(text).map(|_| text)
}

/// Whether the first date is before the second: as instants where both have an offset, as days where one is a day
/// alone, as local times otherwise.
fn is_before(left: &str, right: &str) -> bool {
    if let (Ok(left), Ok(right)) = (left.parse::<jiff::Timestamp>(), right.parse::<jiff::Timestamp>()) {
        return left < right;
    }
    if left.len() == 10 || right.len() == 10 {
        return validate::date(left) < validate::date(right);
    }
    validate::datetime(left) < validate::datetime(right)
}
