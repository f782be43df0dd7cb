//! What does not add up in folders: values that name users and files, and the state of a project against its dates and
//! its quote. Only columns that there are.

use std::collections::HashSet;

use serde_json::{Map, Value};
use simcore::simulator::consistency::Findings;
use simcore::{Db, Result, Select};

use crate::column::{self, Kind};

/// The states in which the quote is signed, as the default data name them.
const SIGNED: [&str; 3] = ["Devis signé", "Pose planifiée", "Installé"];

/// Dates of a folder, the earlier first.
const DATES: [&str; 3] = ["date.creation", "visite.technique", "installation.date"];

pub(crate) fn check(db: &Db<'_>, findings: &mut Findings) -> Result<()> {
    let ids = |entity: &str| -> Result<HashSet<String>> {
        let records = db.records(db.table(entity)?, &Select::default())?;
        Ok(records.iter().map(|record| record.text("id").to_owned()).collect())
    };
    let (columns, users, files) = (column::all(db)?, ids("users")?, ids("files")?);
    for folder in db.records(db.table("folders")?, &Select::default())? {
        let Some(values) = folder.values.get("values").and_then(Value::as_object) else { continue };
        for column in &columns.0 {
            let value = values.get(&column.slug).and_then(Value::as_str);
            let missing = match column.kind {
                Kind::User => value.filter(|value| !users.contains(*value)).map(|value| (value, "users")),
                Kind::File => value.filter(|value| !files.contains(*value)).map(|value| (value, "files")),
                _ => None,
            };
            if let Some((value, entity)) = missing {
                findings.add("folders", folder.id, at(&column.slug), format!("{value} is no {entity}.id"));
            }
        }
        let mut add = |slug: &str, message| findings.add("folders", folder.id, at(slug), message);
        signed(values, &mut add);
        in_order(values, &mut add);
    }
    Ok(())
}

fn at(slug: &str) -> String {
    format!("values.{slug}")
}

fn signed(values: &Map<String, Value>, add: &mut impl FnMut(&str, String)) {
    let (Some(state), Some(signed)) =
        (values.get("statut").and_then(Value::as_str), values.get("devis.signe").and_then(Value::as_bool))
    else {
        return;
    };
    if SIGNED.contains(&state) != signed {
        add("devis.signe", format!("{signed} does not fit the state `{state}`"));
    }
}

fn in_order(values: &Map<String, Value>, add: &mut impl FnMut(&str, String)) {
    let dates = DATES.iter().filter_map(|slug| Some((*slug, values.get(*slug)?.as_str()?.get(..10)?)));
    let dates: Vec<(&str, &str)> = dates.collect();
    for pair in dates.windows(2).filter(|pair| pair[1].1 < pair[0].1) {
        add(pair[1].0, format!("{} is before `{}`, {}", pair[1].1, pair[0].0, pair[0].1));
    }
}
