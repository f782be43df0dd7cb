//! Where effects are noted: as rows are written, and as they are read for an answer.

use std::collections::HashSet;
use std::sync::Arc;

use odata::{Bind, Sql};
use rusqlite::types::ValueRef;
use rusqlite::{Row as SqlRow, ToSql};
use serde_json::{Map, Value};

use crate::base::decimal;
use crate::base::error::{Error, Result};
use crate::entity::model::Table;
use crate::store::db::{Db, Select};
use crate::store::effects::{
    Change, Created, Delivered, Effects, FieldChange, LicenceNote, MOST, Part, Refused, Row, Trace,
    Validated, canonical, hash,
};
use crate::store::rows::{self, ColumnSelection, Record};

/// A row as it was before it was written: what tells what a write did.
pub(super) struct Before {
    row: Row,
    values: Map<String, Value>,
    stamp: u64,
}

impl Db<'_> {
    /// Whether what happens to `table` is anybody's business: notes are taken, and the vendor's API has the entity.
    fn notes(&self, table: &Table) -> bool {
        self.after.is_noting && !table.entity.back_office
    }

    /// Whether what is written to `table` is an effect of the request.
    fn notes_writes(&self, table: &Table) -> bool {
        self.notes(table) && !table.entity.log
    }

    fn note(&self, effects: Effects) {
        if self.after.is_noting {
            self.after.effects.borrow_mut().extend(effects);
        }
    }

    fn trace(&self) -> Option<&Arc<Trace>> {
        self.after.trace.as_ref()
    }

    /// Gives each row of a list that is the answer to `each`, as [`Db::each`] does, and notes what is delivered.
    pub fn deliver(
        &self,
        table: &Table,
        select: &Select<'_>,
        each: impl FnMut(&SqlRow<'_>) -> Result<()>,
    ) -> Result<()> {
        self.deliver_queue(table, select, false, each)
    }

    /// The same for a list of which it is known whether it is one of rows that wait to be fetched.
    pub fn deliver_queue(
        &self,
        table: &Table,
        select: &Select<'_>,
        is_queue: bool,
        mut each: impl FnMut(&SqlRow<'_>) -> Result<()>,
    ) -> Result<()> {
        if !self.notes(table) {
            return self.each(table, select, each);
        }
        let stamp = self.stamp_column(table);
        let mut list = Delivered {
            entity: table.name.clone(),
            company: select.tenant.unwrap_or_default().to_owned(),
            offset: select.offset,
            limit: select.limit,
            list: select.identity(table),
            is_queue,
            ..Delivered::default()
        };
        let writes = self.conn.total_changes();
        let mut wider = Select {
            tenant: select.tenant,
            filters: select.filters.clone(),
            order: select.order.clone(),
            limit: select.limit,
            offset: 0,
        };
        // The row before the page tells whether rows have moved since the page before.
        let is_by_row = select.order.is_empty();
        let before = is_by_row.then(|| self.totals.row_before(list.list, writes, select.offset)).flatten();
        let mut is_before = false;
        if let Some(before) = before {
            list.before = Some(before);
            wider.filters.push(Sql { text: "_id > ?".to_owned(), binds: vec![Bind::Integer(before)] });
        } else if select.offset > 0 {
            is_before = true;
            wider.offset = select.offset - 1;
            wider.limit = select.limit.map(|limit| limit.saturating_add(1));
        }
        let mut last = list.before;
        self.each(table, &wider, |row| {
            let id = row.get(0)?;
            last = Some(id);
            if std::mem::take(&mut is_before) {
                list.before = Some(id);
                return Ok(());
            }
            list.rows += 1;
            if list.ids.len() < MOST {
                list.ids.push((id, stamp_of(row, stamp)?));
            }
            each(row)
        })?;
        if let Some(last) = last.filter(|_| is_by_row && list.rows > 0) {
            self.totals.ended(list.list, writes, list.offset + list.rows, last);
        }
        let is_last = list.limit.is_none_or(|limit| list.rows < limit);
        let is_known = is_last && (list.rows > 0 || list.offset == 0 || list.before.is_some());
        list.total = if is_known {
            list.offset + list.rows
        } else {
            self.totals.of(list.list, writes, || self.count(table, select))?
        };
        self.note_delivered(list);
        Ok(())
    }

    /// What `read` makes of the row of that id, as [`Db::row`] does, and notes that the answer is this record.
    pub fn deliver_one<T>(
        &self,
        table: &Table,
        id: i64,
        read: impl FnOnce(&SqlRow<'_>) -> Result<T>,
    ) -> Result<T> {
        let found = self.deliver_first(table, &table.by_id, [&id], read)?;
        found.ok_or_else(|| Error::internal(format_args!("no row {id} in {}", table.name)))
    }

    /// What `read` makes of the record that `key` names in a URL, as [`Db::find_key`] does, and notes that the answer is
    /// this record; nothing when there is none.
    pub fn deliver_key<T>(
        &self,
        table: &Table,
        tenant: &str,
        key: &str,
        mut read: impl FnMut(&SqlRow<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        for (place, text) in &table.by_key {
            let Some(value) = table.columns[*place].key_value(key) else { continue };
            let binds: [&dyn ToSql; 2] = [&tenant, &value];
            if let Some(found) = self.deliver_first(table, text, binds, &mut read)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// What `read` makes of the first row that a statement finds, noted as delivered.
    fn deliver_first<T>(
        &self,
        table: &Table,
        text: &str,
        binds: impl rusqlite::Params,
        read: impl FnOnce(&SqlRow<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.conn.prepare_cached(text)?;
        let mut rows = statement.query(binds)?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let found = read(row)?;
        if self.notes(table) {
            let stamp = stamp_of(row, self.stamp_column(table))?;
            self.note_delivered(Delivered {
                entity: table.name.clone(),
                company: row.get(table.columns.len() + 2)?,
                rows: 1,
                total: 1,
                ids: vec![(row.get(0)?, stamp)],
                ..Delivered::default()
            });
        }
        Ok(Some(found))
    }

    /// Adds the rows that `select` finds to `out` as a JSON array, each as `write` writes it, and notes them as delivered.
    /// `is_queue` is whether they wait to be fetched.
    pub fn write_list(
        &self,
        table: &Table,
        select: &Select<'_>,
        is_queue: bool,
        out: &mut Vec<u8>,
        mut write: impl FnMut(&SqlRow<'_>, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        out.push(b'[');
        self.deliver_queue(table, select, is_queue, |row| {
            if out.last() != Some(&b'[') {
                out.push(b',');
            }
            write(row, out)
        })?;
        out.push(b']');
        Ok(())
    }

    /// The rows that `select` finds as a JSON array of objects of `shape`, noted as delivered.
    pub fn list(&self, table: &Table, shape: &ColumnSelection, select: &Select<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(4096);
        let write = |row: &SqlRow<'_>, out: &mut Vec<u8>| rows::write(table, shape, row, out);
        self.write_list(table, select, false, &mut out, write)?;
        Ok(out)
    }

    /// The row of that id as a JSON object of `shape`, noted as delivered.
    pub fn shown(&self, table: &Table, shape: &ColumnSelection, id: i64) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.deliver_one(table, id, |row| rows::write(table, shape, row, &mut out))?;
        Ok(out)
    }

    /// Notes what the answer gives the client, where rows are read in a way of the vendor's own.
    pub fn note_delivered(&self, delivered: Delivered) {
        if self.after.is_noting {
            self.after.effects.borrow_mut().delivered.push(delivered);
        }
    }

    /// Notes a refusal that the answer's status does not tell.
    pub fn note_refused(&self, refused: Refused) {
        self.note(Effects { refused: vec![refused], ..Effects::default() });
    }

    /// Notes what happened to the licence of an account.
    pub fn note_licence(&self, note: LicenceNote) {
        self.note(Effects { licences: vec![note], ..Effects::default() });
    }

    /// Notes that the client says it has read a row as it was at `stamp`.
    pub fn note_validated(&self, table: &Table, tenant: &str, key: &str, row: i64, stamp: &str) {
        let row = Row { entity: table.name.clone(), company: tenant.to_owned(), key: key.to_owned(), row };
        let validated = Validated { row, stamp: hash(stamp) };
        self.note(Effects { validated: vec![validated], ..Effects::default() });
    }

    /// Notes a write of what is no record of the vendor's API, under the name that users know.
    pub fn note_written(&self, entity: &str, key: &str, row: i64, what: Written) {
        let row = Row { entity: entity.to_owned(), company: String::new(), key: key.to_owned(), row };
        let mut effects = Effects::default();
        match what {
            Written::Created => effects.created.push(Created { row, fingerprint: None, stamp: 0 }),
            Written::Unchanged => effects.unchanged.push(row),
            Written::Changed(name) => {
                let field = FieldChange { name: name.to_owned(), before: 0, after: 1, is_emptied: false };
                effects.changed.push(Change { row, fields: vec![field], stamp: 0 });
            }
        }
        self.note(effects);
    }

    /// Notes that a record was written as it is already, where nothing is written of it.
    pub fn note_unchanged(&self, table: &Table, tenant: &str, record: &Record) {
        if self.notes(table) {
            let unchanged = vec![row_of(table, tenant, record.id, &record.values)];
            self.note(Effects { unchanged, ..Effects::default() });
        }
    }

    pub(super) fn note_insert(&self, table: &Table, tenant: &str, id: i64, record: &Map<String, Value>) {
        if !self.notes_writes(table) || self.after.effects.borrow_mut().leaves_out_created() {
            return;
        }
        let marks = &self.model.profile.marks;
        let row = row_of(table, tenant, id, record);
        let fingerprint = self.trace().and_then(|trace| trace.sent().fingerprint(table, marks, record));
        let stamp = self.stamp_column(table).map(|place| &table.columns[place].name);
        let stamp = stamp.and_then(|name| record.get(name)?.as_str()).map_or(0, hash);
        let created = vec![Created { row, fingerprint, stamp }];
        self.note(Effects { created, ..Effects::default() });
    }

    /// The row that is about to be written, where notes are taken of it; nothing when there is none.
    pub(super) fn before(&self, table: &Table, id: i64) -> Result<Option<Before>> {
        if !self.notes(table) {
            return Ok(None);
        }
        let mut statement = self.conn.prepare_cached(&table.by_id)?;
        let mut found = statement.query([id])?;
        let Some(row) = found.next()? else { return Ok(None) };
        let values = rows::read(table, row)?.values;
        let tenant: String = row.get(table.columns.len() + 2)?;
        let stamp = stamp_of(row, self.stamp_column(table))?;
        Ok(Some(Before { row: row_of(table, &tenant, id, &values), values, stamp }))
    }

    pub(super) fn note_update(&self, table: &Table, before: Option<Before>, changes: &Map<String, Value>) {
        let Some(Before { row, values, stamp }) = before else { return };
        let marks = &self.model.profile.marks;
        let mut fields = Vec::new();
        let mut is_deletion = false;
        for (name, after) in changes {
            let before = values.get(name).unwrap_or(&Value::Null);
            let known = fields.len();
            difference(name, before, after, &mut fields);
            is_deletion |= fields.len() > known && self.model.profile.deleted.get(name) == Some(after);
        }
        let stamp_name = self.stamp_column(table).map(|place| table.columns[place].name.as_str());
        let stamp = stamp_name.and_then(|name| changes.get(name)?.as_str()).map_or(stamp, hash);
        fields.retain(|field| !marks.is_stamp(&field.name));
        let mut effects = Effects { parts: self.parts(&row, &values, changes), ..Effects::default() };
        if is_deletion {
            effects.deleted.push(row);
        } else if fields.is_empty() {
            effects.unchanged.push(row);
        } else {
            effects.changed.push(Change { row, fields, stamp });
        }
        self.note(effects);
    }

    /// Which lists of a record have become longer or shorter.
    fn parts(&self, row: &Row, before: &Map<String, Value>, changes: &Map<String, Value>) -> Vec<Part> {
        let Some(trace) = self.trace() else { return Vec::new() };
        let mut parts = Vec::new();
        for (name, after) in changes {
            let Value::Array(after) = after else { continue };
            let before = before.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            if before.len() == after.len() {
                continue;
            }
            let fingerprint = (after.len() > before.len()).then(|| {
                let known: HashSet<String> = before.iter().map(canonical).collect();
                let new: Vec<&Value> =
                    after.iter().filter(|part| !known.contains(&canonical(part))).collect();
                trace.sent().fingerprint_of_parts(&self.model.profile.marks, name, &new)
            });
            parts.push(Part { row: row.clone(), field: name.clone(), fingerprint });
        }
        parts
    }

    pub(super) fn note_delete(&self, before: Option<Before>) {
        let deleted: Vec<Row> = before.into_iter().map(|before| before.row).collect();
        self.note(Effects { deleted, ..Effects::default() });
    }

    /// The place of the column in which the server notes the last change.
    fn stamp_column(&self, table: &Table) -> Option<usize> {
        let stamps = &self.model.profile.marks.stamps;
        stamps.iter().find_map(|name| table.entity.fields.get_index_of(name))
    }
}

/// What was written, where it is no record of the vendor's API.
#[derive(Clone, Copy, Debug)]
pub enum Written {
    /// It did not exist.
    Created,
    /// It is as it was.
    Unchanged,
    /// This field of it is another.
    Changed(&'static str),
}

fn row_of(table: &Table, tenant: &str, id: i64, record: &Map<String, Value>) -> Row {
    let key = table.entity.keys.first().and_then(|key| record.get(key)).filter(|key| !key.is_null());
    let key = key.map(|key| key.as_str().map_or_else(|| key.to_string(), str::to_owned));
    let key = key.unwrap_or_else(|| id.to_string());
    Row { entity: table.name.clone(), company: tenant.to_owned(), key, row: id }
}

/// The hash of the stamp in a row, 0 where there is none.
fn stamp_of(row: &SqlRow<'_>, column: Option<usize>) -> Result<u64> {
    let Some(column) = column else { return Ok(0) };
    Ok(match row.get_ref(column + 1)? {
        ValueRef::Text(text) => std::str::from_utf8(text).map_or(0, hash),
        _ => 0,
    })
}

/// Adds what differs between two values of `name`, member by member.
fn difference(name: &str, before: &Value, after: &Value, fields: &mut Vec<FieldChange>) {
    let (Value::Object(_) | Value::Null, Value::Object(_) | Value::Null) = (before, after) else {
        let (one, other) = (canonical(before), canonical(after));
        let same_number = || {
            decimal::from_json(before).zip(decimal::from_json(after)).is_some_and(|(one, other)| one == other)
        };
        if one != other && !same_number() {
            let is_emptied = !is_empty(before) && is_empty(after);
            fields.push(FieldChange {
                name: name.to_owned(),
                before: hash(&one),
                after: hash(&other),
                is_emptied,
            });
        }
        return;
    };
    let empty = Map::new();
    let (before, after) = (before.as_object().unwrap_or(&empty), after.as_object().unwrap_or(&empty));
    let new = after.keys().filter(|key| !before.contains_key(*key));
    for key in before.keys().chain(new) {
        let member = |members: &Map<String, Value>| members.get(key).cloned().unwrap_or_default();
        difference(&format!("{name}.{key}"), &member(before), &member(after), fields);
    }
}

/// Whether a value says nothing: null, an empty text or list, no amount.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(is_empty),
        Value::Number(_) => decimal::from_json(value).is_some_and(|number| number.is_zero()),
        Value::Bool(_) => false,
    }
}
