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
        let problems = unnamed(&fields, record.as_object().unwrap());
        let paths: Vec<String> = problems.into_iter().map(|problem| problem.path).collect();
        assert_eq!(paths, ["name", "lines[2].code", "address.city"]);
    }
}
