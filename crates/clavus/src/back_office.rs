//! What people do inside the ERP (fact sheet 8, 9, 2.2).

use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use simcore::{Ctx, Db, Error, Result};

use crate::column::{self, Kind};
use crate::complete::{invalid, slug};
use crate::{cuid, error, prospects, value};

fn text<'a>(with: &'a Map<String, Value>, name: &str) -> &'a str {
    with.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Marks the prospect and makes a folder of what it says, by `conversion_columns`.
pub(crate) fn convert_prospect(ctx: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let (id, table) = (text(with, "id"), db.table("prospects")?);
    let prospect = db.find(table, "", "id", id)?.ok_or_else(|| error::unknown("prospect", id))?;
    if prospect.flag("_converted") {
        let message = format!("prospect `{id}` is converted already");
        return Err(Error::vendor(StatusCode::CONFLICT, "FORBIDDEN", message));
    }
    db.update(table, prospect.id, &Map::from_iter([("_converted".to_owned(), true.into())]))?;
    let columns = column::all(db)?;
    let today = db.now.strftime("%Y-%m-%d").to_string();
    let mut values = Map::new();
    for (column, field) in ctx.settings.value("conversion_columns").as_object().into_iter().flatten() {
        let said = prospects::said(&prospect, field.as_str().unwrap_or_default(), &today);
        let column = columns.find(column).map(|place| &columns.0[place]);
        values.extend(column.zip(said).map(|(column, said)| (column.slug.clone(), said)));
    }
    let folder = Map::from_iter([
        ("id".to_owned(), cuid::next(db)?.into()),
        ("name".to_owned(), prospects::full_name(&prospect).into()),
        ("values".to_owned(), Value::Object(values)),
    ]);
    db.insert(db.table("folders")?, "", &folder)?;
    Ok(json!({ "prospect": id, "converted": true, "folder": folder }))
}

/// Writes one value of a folder.
pub(crate) fn set_value(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let (id, reference, table) = (text(with, "folder"), text(with, "column"), db.table("folders")?);
    let folder = db.find(table, "", "id", id)?.ok_or_else(|| error::unknown("folder", id))?;
    let columns = column::all(db)?;
    let place = columns.find(reference).ok_or_else(|| error::unknown("column", reference))?;
    let column = &columns.0[place];
    let value = value::read(column.kind, text(with, "value")).ok_or_else(|| {
        invalid("the action does not take this")
            .detail("value", format!("is no value of column `{reference}`"))
    })?;
    let mut values = folder.values.get("values").and_then(Value::as_object).cloned().unwrap_or_default();
    if value.is_null() {
        values.shift_remove(&column.slug);
    } else {
        values.insert(column.slug.clone(), value.clone());
    }
    db.update(table, folder.id, &Map::from_iter([("values".to_owned(), Value::Object(values))]))?;
    Ok(json!({ "folder": id, "column": column.slug, "value": value }))
}

/// Adds a column, the last of `getColumns`.
pub(crate) fn add_column(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    let or = |name: &str, other: String| match text(with, name) {
        "" => other,
        given => given.to_owned(),
    };
    let label = text(with, "label");
    let kind = or("type", "text".to_owned());
    if kind != "text" && Kind::named(&kind) == Kind::Text {
        return Err(
            invalid("the action does not take this").detail("type", format!("there is no type `{kind}`"))
        );
    }
    let column = Map::from_iter([
        ("id".to_owned(), Value::from(or("id", cuid::next(db)?))),
        ("name".to_owned(), or("name", slug(label)).into()),
        ("label".to_owned(), label.into()),
        ("type".to_owned(), kind.into()),
    ]);
    db.insert(db.table("columns")?, "", &column)?;
    Ok(Value::Object(column))
}

pub(crate) fn suspend_key(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    set_state(db, text(with, "key"), "suspended")
}

pub(crate) fn restore_key(_: &Ctx, db: &Db<'_>, with: &Map<String, Value>) -> Result<Value> {
    set_state(db, text(with, "key"), "active")
}

fn set_state(db: &Db<'_>, key: &str, state: &str) -> Result<Value> {
    let table = db.table("keys")?;
    let known = db.find(table, "", "key", key)?.ok_or_else(|| error::unknown("key", key))?;
    db.update(table, known.id, &Map::from_iter([("_state".to_owned(), state.into())]))?;
    Ok(json!({ "key": key, "_state": state }))
}
