//! What is given out once: numbers of series, and the sandbox's own randomness.

use rusqlite::OptionalExtension;

use crate::base::error::Result;
use crate::base::random;
use crate::entity::model::Table;
use crate::store::db::Db;

impl Db<'_> {
    /// The next number of the series `name`; the first is `first`.
    pub fn next(&self, name: &str, first: i64) -> Result<i64> {
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, first), |row| row.get(0))?)
    }

    /// Moves the series `name` on to `value`, unless it is further already; gives where it stands.
    pub fn advance(&self, name: &str, value: i64) -> Result<i64> {
        let text = "INSERT INTO _counters VALUES (?1, ?2) \
                    ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value) RETURNING value";
        Ok(self.conn.prepare_cached(text)?.query_row((name, value), |row| row.get(0))?)
    }

    /// The next whole number for `field` that no record of `tenant` has, in the series that begins at `first`. It
    /// goes on from the largest that was ever given, so that no number comes twice.
    pub fn next_number(&self, table: &Table, tenant: &str, field: &str, first: i64) -> Result<i64> {
        let name = format!("{}.{field}/{tenant}", table.name);
        let stored = "SELECT value FROM _counters WHERE name = ?";
        let last: Option<i64> =
            self.conn.prepare_cached(stored)?.query_row([&name], |row| row.get(0)).optional()?;
        let last = match last {
            Some(last) => Some(last),
            None => {
                let column = crate::entity::model::quote(field);
                let text =
                    format!("SELECT max(CAST({column} AS INTEGER)) FROM {} WHERE _tenant = ?", table.sql);
                self.conn.prepare_cached(&text)?.query_row([tenant], |row| row.get(0))?
            }
        };
        let mut next = last.map_or(first, |last| last.saturating_add(1).max(first));
        while self.find_id(table, tenant, field, &next.to_string())?.is_some() {
            next = next.saturating_add(1);
        }
        self.conn.prepare_cached("INSERT OR REPLACE INTO _counters VALUES (?, ?)")?.execute((&name, next))?;
        Ok(next)
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
