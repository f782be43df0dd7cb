//! Ids, and the codes that automatic racines assign (fact sheet 6.2).

use odata::Bind;
use serde_json::{Map, Value};
use simcore::store::rows::Record;
use simcore::{Db, Result};

use crate::{error, record};

/// The next code of an automatic racine for `field` of `entity`: its prefix and its counter, with zeros before it.
/// The counter is part of the request's transaction, so a refused request uses up no number.
///
/// # Errors
/// 503 when the racine is not automatic.
pub(crate) fn code(db: &Db<'_>, racine: &Record, entity: &str, field: &str) -> Result<String> {
    if !racine.flag("racineAuto") {
        return Err(error::SERVER_NOT_READY.into());
    }
    let width = record::integer(&racine.values, "racineLongueur").unwrap_or_default().clamp(0, 18);
    let width = usize::try_from(width).unwrap_or_default();
    let mut counter = record::integer(&racine.values, "racineCompteur").unwrap_or_default();
    loop {
        counter = counter.saturating_add(1);
        let code = format!("{}{counter:0width$}", racine.text("racinePrefixe"));
        // A record from the back office may have the number already.
        if !is_taken(db, entity, field, &code)? {
            let change = [("racineCompteur".to_owned(), Value::from(counter))].into_iter().collect();
            db.update(db.table("racine")?, racine.id, &change)?;
            return Ok(code);
        }
    }
}

/// Whether a record has this code, deleted ones included: codes never come twice.
fn is_taken(db: &Db<'_>, entity: &str, field: &str, code: &str) -> Result<bool> {
    Ok(db.find(db.table(entity)?, "", field, code)?.is_some())
}

/// The next id of `entity`.
pub(crate) fn id(db: &Db<'_>, entity: &str) -> Result<i64> {
    let table = db.table(entity)?;
    let key = table.entity.keys.first().map(String::as_str).unwrap_or_default();
    db.next_number(table, "", key, 1)
}

/// The id of a part of a record, `adrID` or `ligID`, taken out of `part`: its own where one of `known` has it and no
/// part before has kept it, otherwise a new one, unique over all records.
pub(crate) fn part_id(
    db: &Db<'_>,
    field: &str,
    part: &mut Map<String, Value>,
    known: &mut Vec<i64>,
) -> Result<i64> {
    let own = part.remove(field).and_then(|id| id.as_i64());
    match known.iter().position(|known| Some(*known) == own) {
        Some(place) => Ok(known.swap_remove(place)),
        None => db.next(field, 1),
    }
}

/// The ids that `parts` have.
pub(crate) fn part_ids(field: &str, parts: &[Map<String, Value>]) -> Vec<i64> {
    parts.iter().filter_map(|part| record::integer(part, field)).collect()
}

/// Sees to it that new parts get larger ids than those of `parts`.
pub(crate) fn reserve(db: &Db<'_>, field: &str, parts: &[Map<String, Value>]) -> Result<()> {
    match part_ids(field, parts).into_iter().max() {
        Some(largest) => db.advance(field, largest).map(drop),
        None => Ok(()),
    }
}

/// The record, other than `row`, whose external reference is `value`.
pub(crate) fn same_reference(
    db: &Db<'_>,
    entity: &str,
    field: &str,
    value: &str,
    row: Option<i64>,
) -> Result<Option<Record>> {
    let column = simcore::entity::model::quote(field);
    let same = record::condition(
        format!("{column} = ? AND _id <> ?"),
        vec![Bind::Text(value.to_owned()), Bind::Integer(row.unwrap_or_default())],
    );
    let select =
        simcore::Select { filters: vec![same, record::alive()], limit: Some(1), ..Default::default() };
    Ok(db.records(db.table(entity)?, &select)?.pop())
}
