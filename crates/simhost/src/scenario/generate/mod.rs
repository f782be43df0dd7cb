//! Records that nobody wrote: believable ones, the same for the same seed, one at a time.
//!
//! A profile says what they hold (see [`crate::entity::sample`]), the simulator completes them as it completes seed data.

mod ahead;
mod make;
mod plan;
mod subject;
mod words;

use crate::base::map::IndexMap;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use crate::base::diagnostics::unknown;
use crate::base::error::{Error, Result};
use crate::entity::consistency::Consistency;
use crate::entity::model::{Table, quote};
use crate::entity::validate;
use crate::scenario::generate::make::Maker;
use crate::simulator::Loaded;
use crate::simulator::data;
use crate::store::db::Db;

/// How many records of each entity.
pub type Counts = IndexMap<String, u64>;

/// How many records of one entity can be generated.
pub const MAX_COUNT: u64 = 1_000_000;

/// After how many records [`Progress`] is told.
const BATCH: u64 = 1_000;

/// Generated records are dated within so many days.
pub(super) const DAYS: i64 = 180;

/// Whoever watches: server, entity, how many there are, how many there will be.
pub type Progress = fn(&str, &str, u64, u64);

/// Whether so many records of these entities can be made.
///
/// # Errors
/// A sentence that names the nearest entity, or the limit.
pub fn check(server: &Loaded, counts: &Counts) -> Result<(), String> {
    for (entity, count) in counts {
        let tables = &server.model.tables;
        if server.model.table(entity).is_none() {
            return Err(unknown("entity", entity, tables.keys().map(String::as_str)));
        }
        if *count > MAX_COUNT {
            return Err(format!("`{entity}`: at most {MAX_COUNT} records can be generated, not {count}"));
        }
    }
    Ok(())
}

/// Puts generated records into the database, beside those that are there; `counts` have been checked.
///
/// # Errors
/// Which record cannot be stored, and why.
pub fn fill(
    server: &Loaded,
    db: &Db<'_>,
    counts: &Counts,
    seed: u64,
    progress: Option<Progress>,
) -> Result<(), String> {
    let newest = newest(db.now);
    db.count_in_memory();
    for (table, count) in in_order(server, counts) {
        let span = span(db, table, newest).map_err(|error| error.explain())?;
        let mut maker = Maker::new(server, table, seed);
        Filling { server, db, table, span, count, progress }.run(&mut maker)?;
    }
    db.write_counters().map_err(|error| error.explain())?;
    if counts.values().all(|count| *count == 0) {
        return Ok(());
    }
    (server.sim.generated)(db).map_err(|error| format!("generated records: {}", error.explain()))
}

/// How often a record is drawn anew when a unique value of it is taken.
const ATTEMPTS: u64 = 20;

/// The records of one entity on their way into the database.
struct Filling<'a> {
    server: &'a Loaded,
    db: &'a Db<'a>,
    table: &'a Table,
    span: (Timestamp, Timestamp),
    count: u64,
    progress: Option<Progress>,
}

impl Filling<'_> {
    fn run(&self, maker: &mut Maker<'_>) -> Result<(), String> {
        let (span, count) = (self.span, self.count);
        let runs_ahead = count > BATCH && maker.can_run_ahead(self.db).map_err(|error| error.explain())?;
        let at = move |number| dated(span, number, count);
        let stored = if runs_ahead {
            ahead::make(maker, count, at, |number, made| {
                let created = made.and_then(|record| self.create(number, record));
                match created {
                    Err(error) if is_taken(&error) => Ok(false),
                    created => self.done(number, created).map(|()| true),
                }
            })?
        } else {
            0
        };
        for number in stored + 1..=count {
            // Where others were made ahead, this one was made once.
            let made = u64::from(runs_ahead && number == stored + 1);
            let mut created = Err(Error::internal("nothing was generated"));
            for attempt in made..ATTEMPTS {
                let record = maker.record(Some(self.db), at(number), number, attempt);
                created = record.and_then(|record| self.create(number, record));
                if !created.as_ref().is_err_and(is_taken) {
                    break;
                }
            }
            self.done(number, created)?;
        }
        Ok(())
    }

    fn create(&self, number: u64, record: Map<String, Value>) -> Result<()> {
        // The server fills in dates as of the record's own, whatever today is.
        let db = self.db.at(dated(self.span, number, self.count));
        data::create(self.server, &db, self.table, None, record).map(drop)
    }

    fn done(&self, number: u64, created: Result<()>) -> Result<(), String> {
        let (slug, entity) = (self.server.sim.slug, &self.table.name);
        created.map_err(|error| format!("generated {entity} {number}: {}", error.explain()))?;
        if let Some(progress) = self.progress
            && self.count > BATCH
            && (number.is_multiple_of(BATCH) || number == self.count)
        {
            progress(slug, entity, number, self.count);
        }
        Ok(())
    }
}

/// Whether a unique value is another record's already.
fn is_taken(error: &Error) -> bool {
    error.code == "record_exists"
}

/// When the newest generated record was made: a fixed day, so that records are the same whenever they are generated,
/// unless simulated time is before it. At five in the afternoon whatever time it is: what follows within hours is of
/// the same day.
pub(super) fn newest(now: Timestamp) -> Timestamp {
    const LAST_OF_FEBRUARY_2026: i64 = 1_772_298_000;
    const DAY: i64 = 86_400;
    let until = |second: i64| second - (second - LAST_OF_FEBRUARY_2026).rem_euclid(DAY);
    Timestamp::from_second(until(now.as_second()).min(LAST_OF_FEBRUARY_2026)).unwrap_or(now)
}

/// From when to when the records of a table are dated. Those whose numbers run with dates go on where the records end
/// that are there; what they refer to is older than all of them.
fn span(db: &Db<'_>, table: &Table, newest: Timestamp) -> Result<(Timestamp, Timestamp)> {
    let dated = table.entity.consistency.iter().find_map(|rule| match rule {
        Consistency::Numbers { by, .. } => Some(by.as_str()),
        _ => None,
    });
    let back = |days: i64| newest.checked_sub(SignedDuration::from_hours(24 * days)).unwrap_or(newest);
    let Some(by) = dated else { return Ok((back(2 * DAYS), back(DAYS))) };
    let text = format!("SELECT max({}) FROM {}", quote(by), table.sql);
    let last: Option<String> = db.conn.prepare_cached(&text)?.query_row([], |row| row.get(0))?;
    // In the evening of the last day every zone has that day.
    let evening = SignedDuration::from_hours(8);
    let last = last
        .as_deref()
        .and_then(validate::date)
        .and_then(|day| day.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok());
    let last = last.and_then(|noon| noon.timestamp().checked_add(evening).ok());
    match last.filter(|last| *last > back(30)) {
        Some(last) => {
            let end = last.checked_add(SignedDuration::from_hours(24 * DAYS)).unwrap_or(last);
            Ok((last, end.min(db.now).max(last)))
        }
        None => Ok((last.unwrap_or(back(DAYS)).max(back(DAYS)), newest)),
    }
}

/// When record `number` of `count` was made: they come one after the other, in the nine hours of working days.
fn dated((from, to): (Timestamp, Timestamp), number: u64, count: u64) -> Timestamp {
    const DAY: u64 = 86_400;
    let whole = u64::try_from(to.as_second() - from.as_second()).unwrap_or_default();
    let back = whole.saturating_mul(count - number) / count;
    let back = back / DAY * DAY + back % DAY * 9 / 24;
    let back = SignedDuration::from_secs(i64::try_from(back).unwrap_or_default());
    to.checked_sub(back).unwrap_or(to)
}

/// The entities, those that others take values from before them.
fn in_order<'a>(server: &'a Loaded, counts: &Counts) -> Vec<(&'a Table, u64)> {
    let table = |entity: &String| server.model.table(entity);
    let mut left: Vec<_> =
        counts.iter().filter_map(|(entity, count)| Some((table(entity)?, *count))).collect();
    left.sort_by_key(|(table, _)| server.model.tables.get_index_of(&table.name));
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |(table, _): &(&Table, u64)| {
            let parts = plan::of(&server.model.profile, table);
            let mut needed = parts.iter().flat_map(|part| part.sample.sources());
            needed.any(|source| {
                source.entity != table.name && left.iter().any(|(it, _)| it.name == source.entity)
            })
        };
        // Entities that refer to each other in a circle come as the profile has them.
        let next = left.iter().position(|one| !waits(one)).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_record_is_of_an_afternoon_that_has_been() {
        for (now, expected) in [
            ("2024-02-29T23:30:00Z", "2024-02-29T17:00:00Z"),
            ("2024-02-29T17:00:00Z", "2024-02-29T17:00:00Z"),
            ("2024-02-29T08:00:00Z", "2024-02-28T17:00:00Z"),
            ("2031-06-30T08:00:00Z", "2026-02-28T17:00:00Z"),
        ] {
            assert_eq!(newest(now.parse().unwrap()).to_string(), expected, "{now}");
        }
    }
}
