//! Values of fields that take only some.

use serde_json::{Map, Value, json};
use simcore::base::map::IndexMap;
use simcore::entity::profile::Field;

use crate::answers::Comparer;
use crate::difference::{Difference, Kind};
use crate::ids::text;
use crate::shape::joined;
use crate::words;

/// Values that a field is not known to take.
pub(crate) fn enums(
    comparer: &Comparer<'_>,
    path: &str,
    fields: &IndexMap<String, Field>,
    row: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    for (name, value) in row {
        let Some(field) = fields.get(name) else { continue };
        let place = joined(path, name);
        match value {
            Value::Object(members) => enums(comparer, &place, &field.fields, members, found),
            Value::Array(items) => {
                let items = items.iter().filter_map(Value::as_object);
                items.for_each(|item| enums(comparer, &format!("{place}[]"), &field.fields, item, found));
            }
            value if !field.values.is_empty() && !value.is_null() && !field.values.contains(value) => {
                let known: Vec<String> = field.values.iter().map(text).collect();
                let recorded = text(value);
                let shown = if comparer.keeps_values { recorded.as_str() } else { words::value(&recorded) };
                let is_told = shown == recorded;
                let place_told = comparer.told_path(&place);
                let told = comparer.of_operation(Kind::Enum, &place_told, shown, known.join(", "));
                let mut values = field.values.clone();
                values.push(value.clone());
                let change = json!({ "values": values, "evidence": "recorded" });
                let told = comparer.of_field(&place, told, change);
                found.push(Difference { correction: told.correction.filter(|_| is_told), ..told });
            }
            _ => {}
        }
    }
}
