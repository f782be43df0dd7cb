//! Numbers and codes that count: no one comes twice.

use rusqlite::OptionalExtension;

use crate::base::error::Result;
use crate::entity::model::Table;
use crate::store::db::Db;

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
    /// The next number of the series `name`; the first is `first`.
    pub fn next(&self, name: &str, first: i64) -> Result<i64> {
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, first), |row| row.get(0))?)
    }

    /// The next whole number for `field` that no record of `tenant` has, in the series that begins at `first`. It
    /// goes on from the largest that was ever given, so that no number comes twice.
    pub fn next_number(&self, table: &Table, tenant: &str, field: &str, first: i64) -> Result<i64> {
        let name = format!("{}.{field}/{tenant}", table.name);
        let counted = "UPDATE _counters SET value = max(?2, value + (value < 9223372036854775807)) \
                       WHERE name = ?1 RETURNING value";
        let counted: Option<i64> =
            self.conn.prepare_cached(counted)?.query_row((&name, first), |row| row.get(0)).optional()?;
        let mut next = match counted {
            Some(next) => next,
            None => {
                let column = crate::entity::model::quote(field);
                let text =
                    format!("SELECT max(CAST({column} AS INTEGER)) FROM {} WHERE _tenant = ?", table.sql);
                let last: Option<i64> =
                    self.conn.prepare_cached(&text)?.query_row([tenant], |row| row.get(0))?;
                last.map_or(first, |last| last.saturating_add(1).max(first))
            }
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

    /// The next code for `field` that no record of `tenant` has. Clients and people may have used codes of the series
    /// themselves: those are passed over.
    pub fn next_code(&self, table: &Table, tenant: &str, field: &str, code: Code<'_>) -> Result<String> {
        let Code { prefix, digits, first } = code;
        let series = format!("{}.{field}/{tenant} {prefix}", table.name);
        loop {
            let code = format!("{prefix}{:0digits$}", self.next(&series, first.max(1))?);
            if self.find_id(table, tenant, field, &code)?.is_none() {
                return Ok(code);
            }
        }
    }

    /// Moves the series `name` on to `value`, unless it is further already; gives where it stands.
    pub fn advance(&self, name: &str, value: i64) -> Result<i64> {
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value) RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, value.min(LAST)), |row| row.get(0))?)
    }
}
