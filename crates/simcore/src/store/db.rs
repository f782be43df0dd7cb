//! What a handler does with its simulator's database, inside the closure of [`crate::simulator::ctx::Ctx::read`] or `write`.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::base::map::IndexMap;
use axum::http::StatusCode;
use jiff::Timestamp;
use odata::{Bind, Sql};
use rusqlite::types::{ToSql, ToSqlOutput, Value as SqlValue};
use rusqlite::{Connection, Row, params_from_iter};
use serde_json::{Map, Value};

use crate::base::decimal;
use crate::base::error::{Error, ErrorKind, Result};
use crate::entity::model::{Column, Model, Table};
use crate::entity::profile::FieldKind;
use crate::entity::refusals::Words;
use crate::entity::settings::Settings;
use crate::entity::validate::{AMOUNT_DIGITS, is_amount};
use crate::store::effects::{Effects, Trace, hash};
use crate::store::outbound::{Message, Reach};
use crate::store::rows::{self, Record};
use crate::store::totals::Totals;

/// The database of one simulator in one sandbox, at the time of one request.
#[derive(Clone, Copy)]
pub struct Db<'a> {
    /// SQLite, for what the functions here cannot say. Use `prepare_cached`, with few distinct texts.
    pub conn: &'a Connection,
    /// The tables.
    pub model: &'a Model,
    /// What the sandbox's clock shows.
    pub now: Timestamp,
    /// The switches as they stood before the request.
    pub(crate) settings: &'a Arc<Settings>,
    /// How long lists are, as far as they were counted.
    pub(crate) totals: &'a Totals,
    /// What is left to do once the transaction stands.
    pub(crate) after: &'a After,
}

/// What the store does after a commit, and only then.
#[derive(Debug, Default)]
pub(crate) struct After {
    /// Whether what is read and written is noted.
    pub(crate) is_noting: bool,
    /// Whose notes they are; nobody's for what comes past the vendor's API.
    pub(crate) trace: Option<Arc<Trace>>,
    /// What was noted.
    pub(crate) effects: RefCell<Effects>,
    /// Whether a switch was changed, so that the store reads them anew.
    pub(crate) settings_changed: Cell<bool>,
    /// Where messages may go.
    pub(crate) reach: Reach,
    /// What goes out.
    pub(crate) messages: RefCell<Vec<Message>>,
    /// Counters, while they are kept in memory.
    pub(crate) counters: RefCell<Option<InMemory>>,
}

/// Counters while many records are made in one go: in memory until the last of them is there.
#[derive(Debug, Default)]
pub(crate) struct InMemory {
    pub(super) counters: HashMap<String, i64>,
    /// The values that fields had when they were first asked for, by table and field, and company.
    pub(super) taken: HashMap<(String, String), HashSet<String>>,
}

/// Writes switches, checked before, into the database.
pub(crate) fn write_settings<'s>(
    conn: &Connection,
    changes: impl IntoIterator<Item = (&'s String, &'s Value)>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached("INSERT OR REPLACE INTO _settings VALUES (?, ?)")?;
    for (name, value) in changes {
        statement.execute((name, value.to_string()))?;
    }
    Ok(())
}

/// The switches that the database holds, over the profile's defaults.
pub(crate) fn read_settings(conn: &Connection, model: &Model) -> rusqlite::Result<Settings> {
    let mut changed = IndexMap::default();
    let mut statement = conn.prepare_cached("SELECT name, value FROM _settings")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let value: String = row.get(1)?;
        changed.insert(row.get(0)?, serde_json::from_str(&value).unwrap_or_default());
    }
    Ok(Settings::new(model.profile.clone(), changed))
}

/// Which rows, in which order.
#[derive(Debug, Default)]
pub struct Select<'a> {
    /// Only those of this company.
    pub tenant: Option<&'a str>,
    /// Conditions, all of which hold.
    pub filters: Vec<Sql>,
    /// `ORDER BY` terms; rows that tie come in order of creation.
    pub order: String,
    /// How many at most.
    pub limit: Option<u64>,
    /// How many are passed over first.
    pub offset: u64,
}

struct BindRef<'a>(&'a Bind);

impl ToSql for BindRef<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Bind::Null => ToSqlOutput::Owned(SqlValue::Null),
            Bind::Integer(number) => (*number).into(),
            Bind::Real(number) => (*number).into(),
            Bind::Text(text) => text.as_str().into(),
        })
    }
}

impl Select<'_> {
    /// Which list it is a part of: the hash of everything but the page.
    pub(crate) fn identity(&self, table: &Table) -> u64 {
        let filters: Vec<(&str, String)> =
            self.filters.iter().map(|sql| (sql.text.as_str(), format!("{:?}", sql.binds))).collect();
        hash(&(&table.name, self.tenant, filters, &self.order))
    }

    fn conditions(&self) -> String {
        let mut conditions: Vec<String> = self.filters.iter().map(|sql| format!("({})", sql.text)).collect();
        if self.tenant.is_some() {
            conditions.insert(0, "_tenant = ?".to_owned());
        }
        if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
    }

    fn binds(&self) -> Vec<Box<dyn ToSql + '_>> {
        let tenant = self.tenant.map(|tenant| Box::new(tenant) as Box<dyn ToSql>);
        let filters = self.filters.iter().flat_map(|sql| &sql.binds);
        tenant.into_iter().chain(filters.map(|bind| Box::new(BindRef(bind)) as Box<dyn ToSql>)).collect()
    }
}

impl<'a> Db<'a> {
    /// The same database at another time.
    #[must_use]
    pub fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }

    /// The switches as they stand.
    pub fn settings(&self) -> Arc<Settings> {
        let changed = || read_settings(self.conn, self.model).ok().map(Arc::new);
        let changed = if self.after.settings_changed.get() { changed() } else { None };
        changed.unwrap_or_else(|| self.settings.clone())
    }

    /// What knows the words of refusals, for an answer that holds some.
    pub fn words(&self) -> Words<'_> {
        Words::new(&self.model.profile, self.settings)
    }

    /// Changes a switch, as a person inside the ERP would.
    pub fn set_setting(&self, name: &str, value: &Value) -> Result<()> {
        self.after.settings_changed.set(true);
        self.after.effects.borrow_mut().switched = true;
        Ok(write_settings(self.conn, [(&name.to_owned(), value)])?)
    }

    /// Whether [`Db::post_after_commit`] would lead to a port of Erpsatz's own, so that nobody may ask for it.
    pub fn may_not_be_posted_to(&self, url: &str) -> bool {
        self.after.reach.refuses(url)
    }

    /// Posts `body`, as JSON, to `url` once the transaction stands: see [`crate::store::outbound`].
    pub fn post_after_commit(&self, url: impl Into<String>, body: &Value) {
        self.after.messages.borrow_mut().push(Message { url: url.into(), body: body.to_string() });
    }

    /// The table of `entity`.
    ///
    /// # Errors
    /// A defect, when the profile has no such entity.
    pub fn table(&self, entity: &str) -> Result<&'a Table> {
        self.model.table(entity).ok_or_else(|| Error::internal(format_args!("no entity `{entity}`")))
    }

    /// Gives each row that `select` finds, read with [`Table::select`], to `each`.
    pub fn each(
        &self,
        table: &Table,
        select: &Select<'_>,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let text = [
            "SELECT ",
            &table.select,
            " FROM ",
            &table.sql,
            &select.conditions(),
            " ORDER BY ",
            &select.order,
            if select.order.is_empty() { "_id LIMIT ? OFFSET ?" } else { ", _id LIMIT ? OFFSET ?" },
        ];
        let text = text.concat();
        let mut binds = select.binds();
        binds.push(Box::new(select.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(i64::MAX))));
        binds.push(Box::new(i64::try_from(select.offset).unwrap_or(i64::MAX)));
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut rows = statement.query(params_from_iter(binds))?;
        while let Some(row) = rows.next()? {
            each(row)?;
        }
        Ok(())
    }

    /// The records that `select` finds.
    pub fn records(&self, table: &Table, select: &Select<'_>) -> Result<Vec<Record>> {
        let mut records = Vec::new();
        self.each(table, select, |row| {
            records.push(rows::read(table, row)?);
            Ok(())
        })?;
        Ok(records)
    }

    /// How many rows meet the conditions of `select`, whatever its limit.
    pub fn count(&self, table: &Table, select: &Select<'_>) -> Result<u64> {
        let text = format!("SELECT count(*) FROM {}{}", table.sql, select.conditions());
        let mut statement = self.conn.prepare_cached(&text)?;
        let count: i64 = statement.query_row(params_from_iter(select.binds()), |row| row.get(0))?;
        Ok(count.unsigned_abs())
    }

    /// The first record of `tenant` whose `field` is `value`.
    pub fn find(&self, table: &Table, tenant: &str, field: &str, value: &str) -> Result<Option<Record>> {
        self.find_with(table, tenant, field, value, &table.select, |row| rows::read(table, row))
    }

    /// The row id of the first record of `tenant` whose `field` is `value`.
    pub fn find_id(&self, table: &Table, tenant: &str, field: &str, value: &str) -> Result<Option<i64>> {
        self.find_with(table, tenant, field, value, "_id", |row| Ok(row.get(0)?))
    }

    fn find_with<T>(
        &self,
        table: &Table,
        tenant: &str,
        field: &str,
        value: &str,
        columns: &str,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some((column, value)) = Self::key_value(table, field, value) else { return Ok(None) };
        let (from, last) = (&*table.sql, " = ? ORDER BY _id LIMIT 1");
        let text = ["SELECT ", columns, " FROM ", from, " WHERE _tenant = ? AND ", column, last].concat();
        let mut statement = self.conn.prepare_cached(&text)?;
        let mut found = statement.query((tenant, value))?;
        found.next()?.map(read).transpose()
    }

    /// A column, and the text as a value of it; nothing where it cannot be one.
    pub(super) fn key_value<'t>(
        table: &'t Table,
        field: &str,
        text: &'t str,
    ) -> Option<(&'t str, ToSqlOutput<'t>)> {
        let (index, _, _) = table.field(field)?;
        let column = &table.columns[index];
        Some((&column.sql, column.key_value(text)?))
    }

    /// The record that `key` names in a URL: by the technical key first, then by each further key of the entity.
    pub fn find_key(&self, table: &Table, tenant: &str, key: &str) -> Result<Option<Record>> {
        for field in &table.entity.keys {
            if let Some(record) = self.find(table, tenant, field, key)? {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// The row id of the record that `key` names in a URL.
    pub fn find_key_id(&self, table: &Table, tenant: &str, key: &str) -> Result<Option<i64>> {
        for field in &table.entity.keys {
            if let Some(id) = self.find_id(table, tenant, field, key)? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// The record of that row id.
    pub fn load(&self, table: &Table, id: i64) -> Result<Record> {
        self.row(table, id, |row| rows::read(table, row))
    }

    /// What `read` makes of the row of that id, read with [`Table::select`].
    pub fn row<T>(&self, table: &Table, id: i64, read: impl FnOnce(&Row<'_>) -> Result<T>) -> Result<T> {
        let mut statement = self.conn.prepare_cached(&table.by_id)?;
        let mut rows = statement.query([id])?;
        match rows.next()? {
            Some(row) => read(row),
            None => Err(Error::internal(format_args!("no row {id} in {}", table.name))),
        }
    }

    /// The company that the record of that row id belongs to; empty where there are none.
    pub fn tenant(&self, table: &Table, id: i64) -> Result<String> {
        let text = format!("SELECT _tenant FROM {} WHERE _id = ?", table.sql);
        Ok(self.conn.prepare_cached(&text)?.query_row([id], |row| row.get(0))?)
    }

    /// Stores a checked record and gives its row id. Properties that no field describes are kept beside it.
    ///
    /// # Errors
    /// 409 when a unique combination exists already.
    pub fn insert(&self, table: &Table, tenant: &str, record: &Map<String, Value>) -> Result<i64> {
        let mut binds: Vec<ToSqlOutput<'_>> = Vec::with_capacity(table.columns.len() + 2);
        binds.push(tenant.into());
        let (values, has_more) = rows::in_columns(table, record);
        for (column, value) in table.columns.iter().zip(values) {
            let value = value.unwrap_or(&column.default);
            bounded(column, value)?;
            binds.push(rows::to_sql(column.kind, value));
        }
        binds.push(ToSqlOutput::Owned(if has_more { extra(table, record) } else { SqlValue::Null }));
        let mut statement = self.conn.prepare_cached(&table.insert)?;
        statement.execute(params_from_iter(binds)).map_err(|error| refused(table, error))?;
        let id = self.conn.last_insert_rowid();
        self.note_insert(table, tenant, id, record);
        Ok(id)
    }

    /// Writes the fields of `changes` into the record of that row id; the others stay.
    ///
    /// # Errors
    /// 409 when a unique combination exists already.
    pub fn update(&self, table: &Table, id: i64, changes: &Map<String, Value>) -> Result<()> {
        let mut sets = Vec::new();
        let mut binds: Vec<ToSqlOutput<'_>> = Vec::new();
        for column in &table.columns {
            if let Some(value) = changes.get(&column.name) {
                bounded(column, value)?;
                sets.push(format!("{} = ?", column.sql));
                binds.push(rows::to_sql(column.kind, value));
            }
        }
        if changes.keys().any(|name| !table.entity.has_column(name)) {
            let mut kept = self.load(table, id)?.values;
            kept.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
            sets.push("_extra = ?".to_owned());
            binds.push(ToSqlOutput::Owned(extra(table, &kept)));
        }
        if sets.is_empty() {
            return Ok(());
        }
        let before = self.before(table, id)?;
        binds.push(id.into());
        let text = format!("UPDATE {} SET {} WHERE _id = ?", table.sql, sets.join(", "));
        let mut statement = self.conn.prepare_cached(&text)?;
        statement.execute(params_from_iter(binds)).map_err(|error| refused(table, error))?;
        self.note_update(table, before, changes);
        Ok(())
    }

    /// Removes the record of that row id.
    pub fn delete(&self, table: &Table, id: i64) -> Result<()> {
        let text = format!("DELETE FROM {} WHERE _id = ?", table.sql);
        let before = self.before(table, id)?;
        self.conn.prepare_cached(&text)?.execute([id])?;
        self.note_delete(before);
        Ok(())
    }
}

impl Column {
    /// The text as a value of the column; nothing where it cannot be one.
    pub(super) fn key_value<'t>(&self, text: &'t str) -> Option<ToSqlOutput<'t>> {
        Some(match self.kind {
            FieldKind::Integer => ToSqlOutput::Owned(SqlValue::Integer(text.parse().ok()?)),
            _ => text.into(),
        })
    }
}

/// Amounts that were computed have the same bounds as those that were given.
fn bounded(column: &Column, value: &Value) -> Result<()> {
    let is_amount = || match decimal::plain(value) {
        Some((_, digits)) => digits <= AMOUNT_DIGITS as usize,
        None => decimal::from_json(value).is_none_or(is_amount),
    };
    if column.kind != FieldKind::Decimal || is_amount() {
        Ok(())
    } else {
        let message = format!("has more than {AMOUNT_DIGITS} digits before the point");
        Err(Error::new(StatusCode::BAD_REQUEST, ErrorKind::Amount).detail(&column.name, message))
    }
}

/// Why a record was not written: 409 when another one has its place, a defect otherwise.
fn refused(table: &Table, error: rusqlite::Error) -> Error {
    let code = error.sqlite_error().map(|error| error.extended_code);
    if code == Some(rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE) {
        let message = format!("there is a {} with these unique values already", table.name);
        return Error::vendor(StatusCode::CONFLICT, "record_exists", message);
    }
    error.into()
}

fn extra(table: &Table, record: &Map<String, Value>) -> SqlValue {
    let unknown: Map<String, Value> = record
        .iter()
        .filter(|(name, _)| !table.entity.has_column(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if unknown.is_empty() { SqlValue::Null } else { SqlValue::Text(Value::Object(unknown).to_string()) }
}
