//! Entities as the API sees them: which there are, what may be done with them, how they refer to one another (fact
//! sheet 2.3, 5.3, 6.5).

use serde_json::Value;
use simcore::entity::model::{Model, Table, quote};
use simcore::entity::settings::Settings;
use simcore::{Ctx, Result, said};

use crate::error;

/// One of the data dictionary's switches of an entity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Insert,
    Update,
}

/// The entity of that name, whatever its case.
///
/// # Errors
/// 404 when the API has none.
pub(crate) fn find<'a>(model: &'a Model, entity: &str) -> Result<&'a Table> {
    let table = model.table(entity).filter(|table| !table.entity.back_office);
    table.ok_or_else(|| error::unknown_entity(entity))
}

/// The entity of that name, when it is open for what the call does.
///
/// # Errors
/// 404 when the API has none, 403 when it is closed.
pub(crate) fn open<'a>(ctx: &'a Ctx, entity: &str, access: Access) -> Result<&'a Table> {
    let table = find(&ctx.model, entity)?;
    demand(&ctx.settings, table, access)?;
    Ok(table)
}

/// # Errors
/// 403 when the entity is closed for this.
pub(crate) fn demand(settings: &Settings, table: &Table, access: Access) -> Result<()> {
    if is_open(settings, table, access) {
        return Ok(());
    }
    let refusal = match access {
        Access::Read => said!(ENTITY_NOT_READ),
        Access::Insert => said!(ENTITY_NOT_ADDED_TO),
        Access::Update => said!(ENTITY_NOT_UPDATED),
    };
    Err(refusal.with("entity", &table.name).into())
}

/// Whether the data dictionary opens the entity for this.
pub(crate) fn is_open(settings: &Settings, table: &Table, access: Access) -> bool {
    let switch = match access {
        Access::Read => "apiRead",
        Access::Insert => "apiInsert",
        Access::Update => "apiUpdate",
    };
    let switches = settings.value("entity_access").get(&table.name);
    switches.and_then(|switches| switches.get(switch)).and_then(Value::as_bool).unwrap_or(true)
}

/// The field that holds a record's own code.
pub(crate) fn code_field(table: &Table) -> &str {
    table.entity.keys.first().map_or("_id", String::as_str)
}

/// The fields of `table` that link it to a parent of `entity`: the one without a role, or else those with one.
pub(crate) fn links<'a>(table: &'a Table, entity: &str) -> Vec<&'a str> {
    let referring = table.entity.fields.iter();
    let referring = referring.filter(|(_, field)| field.references.as_deref() == Some(entity));
    let names: Vec<&str> = referring.map(|(name, _)| name.as_str()).collect();
    let plain = format!("{entity}_ID");
    match names.iter().find(|name| **name == plain) {
        Some(name) => vec![*name],
        None => names,
    }
}

/// Every field of every entity that refers to `entity`.
pub(crate) fn referring<'a>(model: &'a Model, entity: &str) -> Vec<(&'a Table, &'a str)> {
    let tables = model.tables.values().filter(|table| !table.entity.back_office);
    let fields =
        tables.flat_map(|table| table.entity.fields.iter().map(move |(name, field)| (table, name, field)));
    fields
        .filter(|(_, _, field)| field.references.as_deref() == Some(entity))
        .map(|(table, name, _)| (table, name.as_str()))
        .collect()
}

/// `field = ?` as a condition.
pub(crate) fn equals(field: &str, value: &str) -> odata::Sql {
    odata::Sql { text: format!("{} = ?", quote(field)), binds: vec![odata::Bind::Text(value.to_owned())] }
}

/// The condition that a record is not logically deleted.
pub(crate) fn alive() -> odata::Sql {
    odata::Sql { text: "srvAttrib = 0".to_owned(), binds: Vec::new() }
}
