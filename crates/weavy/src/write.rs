//! Writing records: checks, system fields, foreign keys. Every operation that writes goes through a [`Writer`], whose
//! work is one transaction: what does not fit at its end cancels all of it (fact sheet 6.7, 8, 9.3).

use std::collections::HashSet;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::base::map::IndexMap;
use simcore::entity::model::Table;
use simcore::entity::profile::{FieldKind, Unknown};
use simcore::entity::settings::Settings;
use simcore::entity::validate::{self, Purpose};
use simcore::store::numbers::Code;
use simcore::store::rows::Record;
use simcore::{Db, Error, Result, Select, said};

use crate::body::boolean;
use crate::tables::{self, Access, code_field};
use crate::{auth, error, events};

/// What is done with srvExport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Export {
    /// This value, whatever a record says; rows that do not change keep theirs.
    Always(i64),
    /// What the record says, or else this option, or else 1.
    Unless(Option<i64>),
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Added,
    Updated,
    Unchanged,
}

/// Where a foreign key was written: entity, record, field.
type FieldLocation = (String, String, String);

/// One operation that writes.
pub(crate) struct Writer<'a> {
    pub(crate) db: &'a Db<'a>,
    pub(crate) tenant: &'a str,
    pub(crate) settings: Arc<Settings>,
    export: Export,
    lenient: bool,
    /// Target entity and code of each foreign key that was written, with the first place of it.
    keys: IndexMap<(String, String), FieldLocation>,
    /// Rows that were removed.
    removed: Vec<(String, String)>,
    /// Rows that this operation wrote already: it has one date for all it does to a row.
    touched: HashSet<(String, i64)>,
}

impl<'a> Writer<'a> {
    /// `strict` takes values in their documented form only.
    pub(crate) fn new(db: &'a Db<'a>, tenant: &'a str, export: Export, strict: bool) -> Self {
        Self {
            db,
            tenant,
            settings: db.settings(),
            export,
            lenient: !strict,
            keys: IndexMap::default(),
            removed: Vec::new(),
            touched: HashSet::new(),
        }
    }

    /// The record of that code, logically deleted or not.
    pub(crate) fn find(&self, table: &Table, code: &str) -> Result<Option<Record>> {
        // Most that are imported are new: a short statement says so.
        let found = self.db.find_id(table, self.tenant, code_field(table), code)?;
        found.map(|id| self.db.load(table, id)).transpose()
    }

    /// The record of that code that is not logically deleted.
    pub(crate) fn find_alive(&self, table: &Table, code: &str) -> Result<Option<Record>> {
        Ok(self.find(table, code)?.filter(is_alive))
    }

    /// `record` with canonical names and values.
    ///
    /// # Errors
    /// 400 with everything that is wrong with it.
    pub(crate) fn check(
        &self,
        table: &Table,
        code: &str,
        mut record: Map<String, Value>,
        purpose: Purpose,
    ) -> Result<Map<String, Value>> {
        if self.lenient {
            record.iter_mut().for_each(|(name, value)| loosen(table, name, value));
        }
        let ignored = self.settings.flag("ignore_unknown_fields");
        let unknown = if ignored { Unknown::Ignore } else { Unknown::Refuse };
        let checked = validate::check(&table.entity.fields, record, purpose, unknown);
        let mut checked = checked.map_err(|problems| error::problems(&table.name, code, problems))?;
        for (name, value) in &mut checked {
            let is_key = table.entity.fields.get(name).is_some_and(|field| field.references.is_some());
            if is_key && value.as_str() == Some("") {
                *value = Value::Null;
            }
        }
        Ok(checked)
    }

    /// Adds a checked record, in the place of a logically deleted one of its code.
    ///
    /// # Errors
    /// 409 when there is an alive one.
    pub(crate) fn create(&mut self, table: &Table, code: &str, record: Map<String, Value>) -> Result<i64> {
        let before = self.find(table, code)?;
        self.create_over(table, code, before.as_ref(), record)
    }

    /// The same, where it is known which record has the code.
    fn create_over(
        &mut self,
        table: &Table,
        code: &str,
        before: Option<&Record>,
        mut record: Map<String, Value>,
    ) -> Result<i64> {
        tables::demand(&self.settings, table, Access::Insert)?;
        let mut date = auth::second(self.db.now);
        if let Some(before) = before {
            if is_alive(before) {
                return Err(said!(DUPLICATE, entity = &table.name, code = code).into());
            }
            date = self.date(table, before);
            self.db.delete(table, before.id)?;
        }
        let given = record.remove("srvExport");
        self.note_keys(table, code, &record);
        record.insert("srvExport".to_owned(), self.export_of(given.as_ref()).into());
        record.insert("srvDateUTC".to_owned(), date.into());
        record.insert("srvAttrib".to_owned(), 0.into());
        record.insert(code_field(table).to_owned(), code.into());
        events::created(self.db, self.tenant, &table.name, &record)?;
        let id = self.db.insert(table, self.tenant, &record)?;
        self.touched.insert((table.name.clone(), id));
        Ok(id)
    }

    /// Writes what differs into a record. With `always`, one that does not change counts as changed too.
    pub(crate) fn change(
        &mut self,
        table: &Table,
        before: &Record,
        mut given: Map<String, Value>,
        always: bool,
    ) -> Result<Outcome> {
        tables::demand(&self.settings, table, Access::Update)?;
        let export = given.remove("srvExport").filter(|value| !value.is_null());
        given.remove(code_field(table));
        given.retain(|name, value| !same(table, name, before.values.get(name), value));
        if given.is_empty() && !always {
            let export = match self.export {
                Export::Always(_) => None,
                Export::Unless(option) => export.as_ref().and_then(Value::as_i64).or(option),
            };
            if let Some(export) = export {
                let export = Map::from_iter([("srvExport".to_owned(), export.into())]);
                self.db.update(table, before.id, &export)?;
            }
            self.db.note_unchanged(table, self.tenant, before);
            return Ok(Outcome::Unchanged);
        }
        self.note_keys(table, before.text(code_field(table)), &given);
        given.insert("srvExport".to_owned(), self.export_of(export.as_ref()).into());
        given.insert("srvDateUTC".to_owned(), self.date(table, before).into());
        self.db.update(table, before.id, &given)?;
        Ok(Outcome::Updated)
    }

    /// Adds a record, or changes the one that has its code.
    ///
    /// # Errors
    /// 400 with everything that is wrong with the record.
    pub(crate) fn upsert(
        &mut self,
        table: &Table,
        code: &str,
        record: Map<String, Value>,
        always: bool,
    ) -> Result<Outcome> {
        match self.find(table, code)? {
            Some(before) if is_alive(&before) => {
                let given = self.check(table, code, record, Purpose::Change)?;
                self.change(table, &before, given, always)
            }
            before => {
                let record = self.check(table, code, record, Purpose::Create)?;
                self.create_over(table, code, before.as_ref(), record)?;
                Ok(Outcome::Added)
            }
        }
    }

    /// Deletes a record, for good or by marking it.
    pub(crate) fn delete(&mut self, table: &Table, before: &Record, physically: bool) -> Result<()> {
        tables::demand(&self.settings, table, Access::Update)?;
        if physically {
            self.removed.push((table.name.clone(), before.text(code_field(table)).to_owned()));
            return self.db.delete(table, before.id);
        }
        let change = Map::from_iter([
            ("srvAttrib".to_owned(), 1.into()),
            ("srvDateUTC".to_owned(), self.date(table, before).into()),
            ("srvExport".to_owned(), self.export_of(None).into()),
        ]);
        self.db.update(table, before.id, &change)
    }

    /// Looks whether everything fits together.
    ///
    /// # Errors
    /// 400 for foreign keys that lead nowhere, 409 for removed rows that are still referred to.
    pub(crate) fn finish(self) -> Result<()> {
        let mut wrong: Option<Error> = None;
        for ((target, code), (entity, row, field)) in &self.keys {
            if !self.leads_somewhere(target, code)? {
                let why = said!(FOREIGN_KEY, field = field, target = target, code = code);
                let refused =
                    || said!(RECORD_INVALID, entity = entity, code = row, problem = why.clone()).into();
                let error = wrong.unwrap_or_else(refused);
                wrong = Some(error.detail_said(error::place(entity, row, field), why));
            }
        }
        match wrong {
            Some(error) => Err(error),
            None => self.removed.iter().try_for_each(|(entity, code)| self.unreferenced(entity, code)),
        }
    }

    /// The date of a change of `before`.
    fn date(&mut self, table: &Table, before: &Record) -> String {
        let date = before.text("srvDateUTC");
        let is_first = self.touched.insert((table.name.clone(), before.id));
        if is_first { next_date(self.db, date) } else { date.to_owned() }
    }

    fn export_of(&self, given: Option<&Value>) -> i64 {
        match self.export {
            Export::Always(value) => value,
            Export::Unless(option) => given.and_then(Value::as_i64).or(option).unwrap_or(1),
        }
    }

    fn note_keys(&mut self, table: &Table, code: &str, record: &Map<String, Value>) {
        for (name, value) in record {
            let target = table.entity.fields.get(name).and_then(|field| field.references.as_ref());
            if let (Some(target), Some(key)) = (target, value.as_str()) {
                let place = || (table.name.clone(), code.to_owned(), name.clone());
                self.keys.entry((target.clone(), key.to_owned())).or_insert_with(place);
            }
        }
    }

    /// Whether a foreign key leads to an alive record; where nothing is known of its entity, the settings say.
    pub(crate) fn leads_somewhere(&self, target: &str, code: &str) -> Result<bool> {
        match tables::find(self.db.model, target) {
            Ok(table) => Ok(self.find_alive(table, code)?.is_some()),
            Err(_) => Ok(!self.settings.flag("strict_foreign_keys")),
        }
    }

    fn unreferenced(&self, entity: &str, code: &str) -> Result<()> {
        let removed = tables::find(self.db.model, entity)?;
        if self.find_alive(removed, code)?.is_some() {
            return Ok(());
        }
        for (table, field) in tables::referring(self.db.model, entity) {
            let filters = vec![tables::equals(field, code), tables::alive()];
            let select = Select { tenant: Some(self.tenant), filters, limit: Some(1), ..Select::default() };
            if let Some(other) = self.db.records(table, &select)?.first() {
                let other_code = other.text(code_field(table));
                let why = said!(REFERENCED_BY, entity = &table.name, code = other_code, field = field);
                let error = Error::from(said!(IN_USE, entity = entity, code = code, why = why.clone()));
                return Err(error.detail_said(error::place(&table.name, other_code, field), why));
            }
        }
        Ok(())
    }
}

/// Whether a record is not logically deleted.
pub(crate) fn is_alive(record: &Record) -> bool {
    record.values.get("srvAttrib").and_then(Value::as_i64).unwrap_or_default() == 0
}

/// Forms of values that clients send besides the documented ones: webhook samples write booleans as 0 and 1.
fn loosen(table: &Table, name: &str, value: &mut Value) {
    if !matches!(value, Value::Number(_) | Value::String(_)) {
        return;
    }
    if table.field(name).is_some_and(|(_, _, field)| field.kind == FieldKind::Boolean)
        && let Some(flag) = boolean(value)
    {
        *value = flag.into();
    }
}

/// Whether a field has this value already; decimals by what they are worth, not by how many digits they have.
fn same(table: &Table, name: &str, before: Option<&Value>, after: &Value) -> bool {
    let before = before.unwrap_or(&Value::Null);
    let is_decimal = table.entity.fields.get(name).is_some_and(|field| field.kind == FieldKind::Decimal);
    if is_decimal && !before.is_null() && !after.is_null() {
        return decimal::from_json(before) == decimal::from_json(after);
    }
    before == after
}

/// The date of a change: now, but always later than the date before, to the second (fact sheet 6.7).
pub(crate) fn next_date(db: &Db<'_>, before: &str) -> String {
    let now = auth::second(db.now);
    if now.as_str() > before {
        return now;
    }
    let later =
        before.parse::<DateTime>().ok().and_then(|at| at.checked_add(SignedDuration::from_secs(1)).ok());
    later.map_or(now, |at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// The next number of the entity that no record has as its code (fact sheet 8.1).
pub(crate) fn next_code(db: &Db<'_>, table: &Table, tenant: &str) -> Result<String> {
    db.next_code(table, tenant, code_field(table), Code::default())
}

/// The instant that a date in a request names, to the second.
pub(crate) fn date_of(value: &Value) -> Option<String> {
    let at = validate::datetime(value.as_str()?)?;
    Some(at.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// Every alive row whose `field` is `code`.
pub(crate) fn alive_by(
    db: &Db<'_>,
    tenant: &str,
    table: &Table,
    field: &str,
    code: &str,
) -> Result<Vec<Record>> {
    let filters = vec![tables::equals(field, code), tables::alive()];
    db.records(table, &Select { tenant: Some(tenant), filters, ..Select::default() })
}
