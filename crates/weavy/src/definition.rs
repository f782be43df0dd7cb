//! What the verb DEFINITION of a `WHK_*` webhook answers: the fields of an entity, the values of those that have a list,
//! and what is linked to it (fact sheet 19.3).

use std::collections::HashMap;

use serde_json::{Map, Value, json};
use simcore::entity::model::Table;
use simcore::entity::profile::{Field, FieldKind};
use simcore::entity::settings::Settings;
use simcore::{Db, Result, Select};

use crate::dictionary;
use crate::tables::{self, Access, code_field};

/// The entity that holds the lists of values.
const LISTS: &str = "generictype";

/// Values are code and label; of `related` nothing was seen but its name, so what it holds is assumed.
pub(crate) fn of(db: &Db<'_>, table: &Table, tenant: &str) -> Result<Value> {
    let settings = db.settings();
    let flag = |access| if tables::is_open(&settings, table, access) { "1" } else { "0" };
    let access = [flag(Access::Read), flag(Access::Insert), flag(Access::Update)];
    let visible = table.entity.fields.iter().filter(|(name, _)| !name.starts_with('_'));
    let fields: Vec<Value> = visible.map(|(name, field)| described(name, field, access)).collect();
    let related = tables::referring(db.model, &table.name).into_iter();
    let related: Vec<Value> =
        related.map(|(other, field)| json!({ "entityName": other.name, "fieldName": field })).collect();
    let data = values(db, &settings, table, tenant)?;
    let list = json!([{ "entityName": table.name, "fields": fields, "related": related }]);
    Ok(json!({ "data": data, "fieldList": list }))
}

fn described(name: &str, field: &Field, [get, insert, update]: [&str; 3]) -> Value {
    let kind = match field.kind {
        _ if field.references.is_some() => "foreignkey",
        FieldKind::Text if field.max_length.is_some_and(|length| length > 255) => "text",
        FieldKind::Text | FieldKind::Object | FieldKind::List => "varchar",
        FieldKind::Integer => "int",
        FieldKind::Decimal => "double",
        FieldKind::Boolean => "bool",
        FieldKind::Date | FieldKind::DateTime => "datetime",
        FieldKind::Binary => "blob",
    };
    let mandatory = if field.required { "1" } else { "0" };
    json!({
        "fieldName": name,
        "fieldType": kind,
        "fieldLength": dictionary::length(field).map(|length| length.to_string()).unwrap_or_default(),
        "fieldLabel": name,
        "fieldNameToShow": field.references.as_deref().unwrap_or_default(),
        "alias": name,
        "canGet": get,
        "canInsert": insert,
        "canUpdate": update,
        "mandatory": mandatory,
        "cannotBeNull": mandatory,
        "dataType": kind,
    })
}

/// By field, the values that its list has: those of the company that are alive, in their order.
fn values(db: &Db<'_>, settings: &Settings, table: &Table, tenant: &str) -> Result<Map<String, Value>> {
    let lists = db.table(LISTS)?;
    let order = "orderNumber, generictype_ID".to_owned();
    let select = Select { tenant: Some(tenant), filters: vec![tables::alive()], order, ..Select::default() };
    let mut by_type: HashMap<String, Vec<Value>> = HashMap::new();
    for record in db.records(lists, &select)? {
        let value = json!({ "code": record.text(code_field(lists)), "label": record.text("label") });
        by_type.entry(record.text("dataType").to_owned()).or_default().push(value);
    }
    let listed = table.entity.fields.iter().filter(|(_, field)| field.references.as_deref() == Some(LISTS));
    Ok(listed
        .filter_map(|(name, _)| {
            let values = by_type.get(list_of(settings, &table.name, name)?)?;
            Some((name.clone(), Value::Array(values.clone())))
        })
        .collect())
}

/// The list of a field, by its role: `generictype_ID_country` is `country`.
fn list_of<'a>(settings: &'a Settings, entity: &str, field: &str) -> Option<&'a str> {
    let role = field.strip_prefix(LISTS)?.strip_prefix("_ID_")?;
    let lists = settings.value("value_lists");
    lists.get(format!("{entity}.{role}")).or_else(|| lists.get(role))?.as_str()
}
