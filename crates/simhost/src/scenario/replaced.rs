//! Numbers of files that the server does not keep: it has others, which follow from the rest of the record.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::base::decimal;
use crate::base::error::Result;
use crate::base::places::Step;
use crate::scenario::fill::{Origin, Origins};
use crate::scenario::{Library, Server};
use crate::simulator::consistency::{Findings, same_amount};
use crate::store::db::Db;

/// Holds the records that `origins` names against what the files say of them.
pub(super) fn check(
    db: &Db<'_>,
    start: &Server,
    library: &Library,
    origins: &Origins,
    findings: &mut Findings,
) -> Result<()> {
    let mut files: HashMap<&str, Vec<Map<String, Value>>> = HashMap::new();
    let mut sorted: Vec<_> = origins.iter().collect();
    sorted.sort_by_key(|(place, _)| *place);
    for ((entity, row), origin) in sorted {
        let given = match &origin.file {
            Some(file) => files.entry(file).or_insert_with(|| read(library, file)),
            None => match start.records.get(named(origin)) {
                Some(records) => records,
                None => continue,
            },
        };
        let Some(given) = place(origin).and_then(|place| given.get(place)) else { continue };
        let stored = db.load(db.table(entity)?, *row)?;
        members(given, &stored.values, "", &mut |path, message| findings.add(entity, *row, path, message));
    }
    Ok(())
}

fn read(library: &Library, file: &str) -> Vec<Map<String, Value>> {
    library.text_of(file).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

/// The entity whose record a scenario has, in the scenario's words.
fn named(origin: &Origin) -> &str {
    let mut names = origin.steps.iter().rev().filter_map(|step| match step {
        Step::Key(name) => Some(name.as_str()),
        Step::Item(_) => None,
    });
    names.next().unwrap_or_default()
}

fn place(origin: &Origin) -> Option<usize> {
    match origin.steps.last() {
        Some(Step::Item(place)) => Some(*place),
        _ => None,
    }
}

fn members(
    given: &Map<String, Value>,
    stored: &Map<String, Value>,
    path: &str,
    found: &mut dyn FnMut(String, String),
) {
    for (name, given) in given {
        if let Some(stored) = stored.get(name) {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            value(given, stored, &path, found);
        }
    }
}

fn value(given: &Value, stored: &Value, path: &str, found: &mut dyn FnMut(String, String)) {
    match (given, stored) {
        (Value::Object(given), Value::Object(stored)) => members(given, stored, path, found),
        (Value::Array(given), Value::Array(stored)) if given.len() == stored.len() => {
            for (place, (given, stored)) in given.iter().zip(stored).enumerate() {
                value(given, stored, &format!("{path}[{place}]"), found);
            }
        }
        (Value::Number(_), Value::Number(_)) => {
            let both = decimal::from_json(given).zip(decimal::from_json(stored));
            if let Some((given, stored)) = both.filter(|(given, stored)| !same_amount(*given, *stored)) {
                found(path.to_owned(), format!("{given} is not what follows from the rest, {stored}"));
            }
        }
        _ => {}
    }
}
