//! Generated records as text: what `erpsatz generate` prints.

use std::io::Write;

use crate::base::map::IndexMap;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::base::error::{Error, Result};
use crate::entity::model::Table;
use crate::scenario::generate::{self, Counts, DAYS, check, newest};
use crate::scenario::{Library, Server, fill};
use crate::simulator::Loaded;
use crate::store::build;
use crate::store::db::{Db, Select};
use crate::store::rows::{self, ColumnSelection};

/// Generates records beside the default data of a server and writes them as JSON in wire form: an array for one
/// entity, an object of arrays for several. Fields that are empty and the simulator's own attributes are left out.
///
/// # Errors
/// What is wrong with `counts`, or when `out` fails.
pub fn print(
    server: &Loaded,
    library: &Library,
    counts: &Counts,
    seed: u64,
    out: &mut impl Write,
) -> Result<(), String> {
    check(server, counts)?;
    let days = SignedDuration::from_hours(24 * DAYS);
    let now = newest(Timestamp::MAX).checked_add(days).unwrap_or(Timestamp::MAX);
    build(&server.model, &IndexMap::default(), now, |db| {
        let filled = Server::default().fill(server, db, library, seed);
        filled.map_err(|mistakes| fill::first(server, &mistakes))?;
        let last = |table: &Table| last_row(db, table).map_err(|error| error.explain());
        let tables = counts.keys().filter_map(|entity| server.model.table(entity));
        let tables: Vec<(&Table, i64)> =
            tables.map(|table| Ok((table, last(table)?))).collect::<Result<_, String>>()?;
        generate::fill(server, db, counts, seed, library.progress)?;
        print_all(db, &tables, out).map_err(|error| error.explain())
    })
    .map(drop)
}

fn print_all(db: &Db<'_>, tables: &[(&Table, i64)], out: &mut impl Write) -> Result<()> {
    if let [(table, last)] = tables {
        print_one(db, table, *last, out)?;
    } else {
        let mut before = "{\n";
        for (table, last) in tables {
            write!(out, "{before}{}: ", Value::from(table.name.as_str())).map_err(Error::internal)?;
            print_one(db, table, *last, out)?;
            before = ",\n";
        }
        out.write_all(b"\n}").map_err(Error::internal)?;
    }
    out.write_all(b"\n").map_err(Error::internal)
}

/// The records of `table` after row `last`, one a line.
fn print_one(db: &Db<'_>, table: &Table, last: i64, out: &mut impl Write) -> Result<()> {
    let newer = odata::Sql { text: "_id > ?".to_owned(), binds: vec![odata::Bind::Integer(last)] };
    let select = Select { filters: vec![newer], ..Select::default() };
    let shape = ColumnSelection::given(table);
    let (mut before, mut line) = ("[\n", Vec::new());
    db.each(table, &select, |row| {
        line.clear();
        line.extend_from_slice(before.as_bytes());
        rows::write(table, &shape, row, &mut line)?;
        before = ",\n";
        out.write_all(&line).map_err(Error::internal)
    })?;
    out.write_all(if before == "[\n" { b"[]" } else { b"\n]" }).map_err(Error::internal)
}

fn last_row(db: &Db<'_>, table: &Table) -> Result<i64> {
    let text = format!("SELECT coalesce(max(_id), 0) FROM {}", table.sql);
    Ok(db.conn.prepare_cached(&text)?.query_row([], |row| row.get(0))?)
}
