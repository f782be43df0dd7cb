//! Fields that a record must have, in it and in the objects and lists inside it.

use serde_json::{Map, Value};

use crate::base::map::IndexMap;
use crate::entity::field::Field;
use crate::entity::problem::{Problem, Rule};

/// The required fields that a record does not name. One that is null there is left out on purpose.
pub fn unnamed(fields: &IndexMap<String, Field>, record: &Map<String, Value>) -> Vec<Problem> {
    let mut found = Vec::new();
    look(fields, record, "", &mut found);
    found
}

fn look(
    fields: &IndexMap<String, Field>,
    record: &Map<String, Value>,
    prefix: &str,
    found: &mut Vec<Problem>,
) {
    for (name, field) in fields {
        let path = || format!("{prefix}{name}");
        match record.get(name) {
            None if field.required => found.push(Problem { path: path(), rule: Rule::Required }),
            Some(Value::Object(inner)) => look(&field.fields, inner, &format!("{}.", path()), found),
            Some(Value::Array(items)) => {
                let items = items.iter().enumerate();
                for (place, item) in items.filter_map(|(place, item)| Some((place, item.as_object()?))) {
                    look(&field.fields, item, &format!("{}[{place}].", path()), found);
                }
            }
            _ => {}
        }
    }
}

/// Names the fields that [`unnamed`] tells, as null.
pub fn name(fields: &IndexMap<String, Field>, record: &mut Map<String, Value>) {
    for (key, field) in fields {
        match record.get_mut(key) {
            None if field.required => drop(record.insert(key.clone(), Value::Null)),
            Some(Value::Object(inner)) => name(&field.fields, inner),
            Some(Value::Array(items)) => {
                let objects = items.iter_mut().filter_map(Value::as_object_mut);
                objects.for_each(|item| name(&field.fields, item));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_required_is_looked_for_inside_too() {
        let text = json!({ "kind": "text", "required": true, "evidence": "assumed" });
        let inside = json!({ "kind": "list", "evidence": "assumed", "fields": { "code": text } });
        let fields: IndexMap<String, Field> = serde_json::from_value(json!({
            "name": text, "lines": inside,
            "address": { "kind": "object", "evidence": "assumed", "fields": { "city": text } },
        }))
        .unwrap();
        let record = json!({ "address": {}, "lines": [{ "code": null }, 1, {}] });
        let mut record = record.as_object().unwrap().clone();
        let paths = |record: &Map<String, Value>| -> Vec<String> {
            unnamed(&fields, record).into_iter().map(|problem| problem.path).collect()
        };
        assert_eq!(paths(&record), ["name", "lines[2].code", "address.city"]);
        name(&fields, &mut record);
        assert_eq!(paths(&record), [""; 0]);
        let named = json!({ "address": { "city": null }, "lines": [{ "code": null }, 1, { "code": null }], "name": null });
        assert_eq!(Value::Object(record), named);
    }
}
