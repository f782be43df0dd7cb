//! Which entities there are, and their fields (fact sheet 5).

use axum::response::Response;
use serde_json::{Value, json};
use simcore::Result;
use simcore::entity::model::Table;
use simcore::entity::profile::{Field, FieldKind, Profile};
use simcore::said;

use crate::call::Call;
use crate::fetch;
use crate::tables::{self, Access, code_field, is_open};

/// Every entity that is open to the API, by name.
pub(crate) fn list(call: &Call) -> Response {
    let model = &call.ctx.model;
    let mut open: Vec<&Table> =
        model.tables.values().filter(|table| !table.entity.back_office && can_be_seen(call, table)).collect();
    open.sort_by(|left, right| left.name.cmp(&right.name));
    let described: Vec<Value> = open.into_iter().map(|table| described(&model.profile, table)).collect();
    fetch::json(Value::Array(described).to_string())
}

/// One entity.
pub(crate) fn entity(call: &Call) -> Result<Response> {
    let table = tables::find(&call.ctx.model, &call.entity)?;
    if !can_be_seen(call, table) {
        return Err(said!(ENTITY_CLOSED, entity = &table.name).into());
    }
    Ok(fetch::json(described(&call.ctx.model.profile, table).to_string()))
}

/// Whether at least one switch of the data dictionary is on.
fn can_be_seen(call: &Call, table: &Table) -> bool {
    [Access::Read, Access::Insert, Access::Update]
        .into_iter()
        .any(|access| is_open(&call.ctx.settings, table, access))
}

fn described(profile: &Profile, table: &Table) -> Value {
    let system = ["srvExport", "srvDateUTC", "srvAttrib"];
    let shown = table
        .entity
        .fields
        .iter()
        .filter(|(name, _)| !name.starts_with('_') && !system.contains(&name.as_str()));
    let fields: Vec<Value> = shown
        .map(|(name, field)| {
            let is_code = name == code_field(table);
            let name = if is_code { code_name(&table.name) } else { name.clone() };
            let label =
                if is_code && !profile.labels.contains_key(&name) { "Code" } else { label(&name, field) };
            json!({
                "fieldName": name,
                "translations": translations(profile, label),
                "fieldType": type_name(field),
                "fieldLength": length(field),
            })
        })
        .collect();
    json!({ "entityName": table.name, "translations": translations(profile, &table.name), "fields": fields })
}

/// `CodeCustomer` for `customer`: how the dictionary calls a record's own code.
fn code_name(entity: &str) -> String {
    let mut letters = entity.chars();
    let first = letters.next().map(char::to_uppercase);
    format!("Code{}{}", first.into_iter().flatten().collect::<String>(), letters.as_str())
}

/// A foreign key is called by its role, or by the entity it refers to.
fn label<'a>(name: &'a str, field: &'a Field) -> &'a str {
    let Some(target) = &field.references else { return name };
    name.strip_prefix(target.as_str()).and_then(|rest| rest.strip_prefix("_ID_")).unwrap_or(target)
}

fn translations(profile: &Profile, label: &str) -> Vec<Value> {
    // The vendor's sample has them in the order of their codes.
    let mut texts: Vec<_> = profile.labels.get(label).into_iter().flatten().collect();
    texts.sort_by_key(|(language, _)| *language);
    let texts = texts.into_iter();
    texts.map(|(language, text)| json!({ "languageCode": language, "text": text })).collect()
}

fn type_name(field: &Field) -> &'static str {
    match field.kind {
        _ if field.references.is_some() => "text(foreignkey)",
        FieldKind::Text | FieldKind::Object | FieldKind::List => "text",
        FieldKind::Integer => "int",
        FieldKind::Decimal => "double",
        FieldKind::Boolean => "bool",
        FieldKind::Date | FieldKind::DateTime => "datetime",
        FieldKind::Binary => "blob",
    }
}

/// The longest text; null for all other types and for foreign keys.
pub(crate) fn length(field: &Field) -> Option<usize> {
    field.max_length.filter(|_| field.kind == FieldKind::Text && field.references.is_none())
}
