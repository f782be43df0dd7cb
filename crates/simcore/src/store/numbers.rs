//! Numbers and codes that count, and draws of randomness: no one comes twice.

use std::collections::HashSet;

use rusqlite::OptionalExtension;

use crate::base::error::Result;
use crate::base::random;
use crate::entity::model::Table;
use crate::store::db::{Db, InMemory};

/// The greatest number that is noted as taken: far from where counters end, whatever the control API stores.
const LAST: i64 = 1 << 53;

/// A series of codes: `NL-0001`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Code<'a> {
    /// What stands before the number.
    pub prefix: &'a str,
    /// How many digits the number has at least, with zeros before it.
    pub digits: usize,
    /// The first number; 1 unless it is more.
    pub first: i64,
}

impl Db<'_> {
    /// Keeps counters in memory until [`Db::write_counters`]: for many records in one transaction, none of which gives a
    /// value of its own to a field that counts.
    pub fn count_in_memory(&self) {
        *self.after.counters.borrow_mut() = Some(InMemory::default());
    }

    /// Writes what was counted since [`Db::count_in_memory`].
    pub fn write_counters(&self) -> Result<()> {
        let counted = self.after.counters.take().unwrap_or_default();
        let mut store = self.conn.prepare_cached("INSERT OR REPLACE INTO _counters VALUES (?, ?)")?;
        for (name, value) in &counted.counters {
            store.execute((name, value))?;
        }
        Ok(())
    }

    /// Moves a counter that is kept in memory on to what `next` makes of it; nothing where none is.
    fn counted(&self, name: &str, next: impl FnOnce(Option<i64>) -> i64) -> Result<Option<i64>> {
        let mut counters = self.after.counters.borrow_mut();
        let Some(InMemory { counters, .. }) = counters.as_mut() else { return Ok(None) };
        if let Some(value) = counters.get_mut(name) {
            *value = next(Some(*value));
            return Ok(Some(*value));
        }
        let stored = "SELECT value FROM _counters WHERE name = ?";
        let stored = self.conn.prepare_cached(stored)?.query_row([name], |row| row.get(0)).optional()?;
        let value = next(stored);
        counters.insert(name.to_owned(), value);
        Ok(Some(value))
    }

    /// Whether a record of `tenant` has that value in `field`.
    fn is_taken(&self, table: &Table, tenant: &str, field: &str, value: &str) -> Result<bool> {
        let mut counters = self.after.counters.borrow_mut();
        let Some(InMemory { taken, .. }) = counters.as_mut() else {
            return Ok(self.find_id(table, tenant, field, value)?.is_some());
        };
        let key = (format!("{}.{field}", table.name), tenant.to_owned());
        if let Some(taken) = taken.get(&key) {
            return Ok(taken.contains(value));
        }
        let column = crate::entity::model::quote(field);
        let text = format!("SELECT CAST({column} AS TEXT) FROM {} WHERE _tenant = ?", table.sql);
        let mut statement = self.conn.prepare_cached(&text)?;
        let values = statement.query_map([tenant], |row| row.get::<_, Option<String>>(0))?;
        let values: HashSet<String> =
            values.filter_map(rusqlite::Result::transpose).collect::<rusqlite::Result<_>>()?;
        let is_taken = values.contains(value);
        taken.insert(key, values);
        Ok(is_taken)
    }

    /// The next number of the series `name`; the first is `first`.
    pub fn next(&self, name: &str, first: i64) -> Result<i64> {
        if let Some(next) = self.counted(name, |last| last.map_or(first, |last| last.saturating_add(1)))? {
            return Ok(next);
        }
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, first), |row| row.get(0))?)
    }

    /// The next whole number for `field` that no record of `tenant` has, in the series that begins at `first`. It
    /// goes on from the largest that was ever given, so that no number comes twice.
    pub fn next_number(&self, table: &Table, tenant: &str, field: &str, first: i64) -> Result<i64> {
        let name = format!("{}.{field}/{tenant}", table.name);
        if let Some(next) = self.next_in_memory(&name, table, tenant, field, first)? {
            return Ok(next);
        }
        let counted = "UPDATE _counters SET value = max(?2, value + (value < 9223372036854775807)) \
                       WHERE name = ?1 RETURNING value";
        let counted: Option<i64> =
            self.conn.prepare_cached(counted)?.query_row((&name, first), |row| row.get(0)).optional()?;
        let mut next = match counted {
            Some(next) => next,
            None => self.after_largest(table, tenant, field, first)?,
        };
        while self.find_id(table, tenant, field, &next.to_string())?.is_some() {
            next = next.saturating_add(1);
        }
        if counted != Some(next) {
            let store = "INSERT OR REPLACE INTO _counters VALUES (?, ?)";
            self.conn.prepare_cached(store)?.execute((&name, next))?;
        }
        Ok(next)
    }

    /// The same where counters are kept in memory; nothing where they are not.
    fn next_in_memory(
        &self,
        name: &str,
        table: &Table,
        tenant: &str,
        field: &str,
        first: i64,
    ) -> Result<Option<i64>> {
        let is_known = match self.after.counters.borrow().as_ref() {
            Some(kept) => kept.counters.contains_key(name),
            None => return Ok(None),
        };
        let begin = if is_known { first } else { self.after_largest(table, tenant, field, first)? };
        loop {
            let next = |last: Option<i64>| last.map_or(begin, |last| last.saturating_add(1).max(first));
            match self.counted(name, next)? {
                Some(next) if self.is_taken(table, tenant, field, &next.to_string())? => {}
                next => return Ok(next),
            }
        }
    }

    /// The number after the largest that a record of `tenant` has in `field`, `first` at least.
    fn after_largest(&self, table: &Table, tenant: &str, field: &str, first: i64) -> Result<i64> {
        let column = crate::entity::model::quote(field);
        let text = format!("SELECT max(CAST({column} AS INTEGER)) FROM {} WHERE _tenant = ?", table.sql);
        let last: Option<i64> = self.conn.prepare_cached(&text)?.query_row([tenant], |row| row.get(0))?;
        Ok(last.map_or(first, |last| last.saturating_add(1).max(first)))
    }

    /// The next code for `field` that no record of `tenant` has. Clients and people may have used codes of the series
    /// themselves: those are passed over.
    pub fn next_code(&self, table: &Table, tenant: &str, field: &str, code: Code<'_>) -> Result<String> {
        let Code { prefix, digits, first } = code;
        let series = format!("{}.{field}/{tenant} {prefix}", table.name);
        loop {
            let code = format!("{prefix}{:0digits$}", self.next(&series, first.max(1))?);
            if !self.is_taken(table, tenant, field, &code)? {
                return Ok(code);
            }
        }
    }

    /// Moves the series `name` on to `value`, unless it is further already; gives where it stands.
    pub fn advance(&self, name: &str, value: i64) -> Result<i64> {
        let value = value.min(LAST);
        if let Some(stands) = self.counted(name, |last| last.map_or(value, |last| last.max(value)))? {
            return Ok(stands);
        }
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value) RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, value), |row| row.get(0))?)
    }

    /// `N` bytes of the sandbox's own randomness: the same for the same seed and the same requests before.
    pub fn random<const N: usize>(&self) -> Result<[u8; N]> {
        let seed: i64 = self
            .conn
            .prepare_cached("SELECT value FROM _meta WHERE name = 'seed'")?
            .query_row([], |row| row.get(0))?;
        let position = self.next("_draws", 0)?;
        Ok(random::bytes(seed.cast_unsigned(), "ids", position.cast_unsigned()))
    }
}
