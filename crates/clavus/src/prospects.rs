//! `upsertProspect`: create or change a prospect that is not converted yet (fact sheet 8).

use serde_json::{Map, Value};
use simcore::Db;
use simcore::base::decimal;
use simcore::base::said::Said;
use simcore::said;
use simcore::store::effects::Refused;
use simcore::store::rows;

use crate::api::Api;
use crate::cuid;
use crate::failure::Resolved;

/// Only the arguments that are there change anything; null empties a field.
pub(crate) fn upsert(api: &Api<'_>, arguments: &Map<String, Value>) -> Resolved {
    let db = &api.db;
    let table = db.table("prospects")?;
    let mut changes = arguments.clone();
    if let Some(power) = changes.get_mut("puissanceKc").filter(|power| !power.is_null()) {
        let number =
            decimal::from_json(power).ok_or_else(|| said!(POWER_RANGE, power = power.to_string()))?;
        *power = decimal::to_json(number.normalize());
    }
    let id = changes.shift_remove("id").filter(|id| !id.is_null());
    let Some(id) = id else { return create(db, changes, cuid::next(db)?) };
    let id = id.as_str().unwrap_or_default();
    let refuse = |said: Said| {
        // The answer is a 200: that it was refused stands under `errors`. A converted prospect is a folder.
        db.note_refused(Refused {
            entity: "prospects".to_owned(),
            key: Some(id.to_owned()),
            reason: db.words().of(said.clone().into()).code.into_owned(),
            look_in: "folders",
            ..Refused::default()
        });
        Err(said.into())
    };
    match db.find(table, "", "id", id)? {
        Some(known) if known.flag("_converted") => refuse(said!(PROSPECT_CONVERTED)),
        Some(known) => {
            db.update(table, known.id, &changes)?;
            answer(db, known.id)
        }
        None if api.ctx.settings.flag("upsert_creates_unknown_id") => create(db, changes, id.to_owned()),
        None => refuse(said!(PROSPECT_NOT_FOUND)),
    }
}

fn create(db: &Db<'_>, mut record: Map<String, Value>, id: String) -> Resolved {
    record.insert("id".to_owned(), id.into());
    record.insert("_converted".to_owned(), false.into());
    let table = db.table("prospects")?;
    let row = db.insert(table, "", &record)?;
    answer(db, row)
}

fn answer(db: &Db<'_>, row: i64) -> Resolved {
    let table = db.table("prospects")?;
    Ok(shown(db.deliver_one(table, row, |row| rows::read(table, row))?.values))
}

/// The record as JavaScript would print it: whole numbers without decimals (3).
fn shown(mut record: Map<String, Value>) -> Value {
    if let Some(power) = record.get_mut("puissanceKc")
        && let Some(number) = decimal::from_json(power)
    {
        *power = decimal::to_json(number.normalize());
    }
    Value::Object(record)
}

/// First and last name, as far as they are known: the name of the folder that a conversion makes.
pub(crate) fn full_name(prospect: &rows::Record) -> String {
    format!("{} {}", prospect.text("firstName"), prospect.text("lastName")).trim().to_owned()
}

/// What a prospect says of itself, as a folder's value; nothing when it says nothing.
pub(crate) fn said(prospect: &rows::Record, field: &str, today: &str) -> Option<Value> {
    let value = match field {
        "fullName" => full_name(prospect).into(),
        "today" => today.into(),
        field => prospect.values.get(field).cloned().unwrap_or_default(),
    };
    Some(value).filter(|value| !value.is_null() && value != "")
}
