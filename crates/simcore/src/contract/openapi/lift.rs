//! Objects inside other schemas as schemas of their own, so that generators have one name for each: `ClientAdresses`.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::super::shape::schema_name;

/// The schemas, with what was inside them beside; what is alike has one name.
pub(super) fn lifted(mut schemas: Map<String, Value>) -> Map<String, Value> {
    let names = schemas.iter().map(|(name, schema)| (schema.to_string(), name.clone())).collect();
    let mut lift = Lift { names, found: Map::new() };
    for (name, schema) in &mut schemas {
        lift.members(name, schema);
    }
    for (name, schema) in lift.found {
        schemas.entry(name).or_insert(schema);
    }
    schemas
}

/// What has been found so far: names by the text of the schema, and the new ones.
struct Lift {
    names: HashMap<String, String>,
    found: Map<String, Value>,
}

impl Lift {
    /// Puts references in the place of objects in the members of `schema`, which is called `owner`.
    fn members(&mut self, owner: &str, schema: &mut Value) {
        let Some(Value::Object(members)) = schema.get_mut("properties") else { return };
        for (name, member) in members {
            let name = format!("{owner}{}", schema_name(name));
            if member.get("properties").is_some() {
                *member = self.member(&name, member.take());
            } else if let Some(items) =
                member.get_mut("items").filter(|items| items.get("properties").is_some())
            {
                *items = self.reference(&name, items.take());
            }
        }
    }

    /// A reference with what the member itself says.
    fn member(&mut self, name: &str, mut member: Value) -> Value {
        let is_nullable = member["type"].is_array();
        member["type"] = "object".into();
        let own = member.as_object_mut();
        let own = own.map(|own| ["description", "x-evidence"].map(|key| (key, own.shift_remove(key))));
        let reference = self.reference(name, member);
        let mut member =
            if is_nullable { json!({ "anyOf": [reference, { "type": "null" }] }) } else { reference };
        for (key, value) in own.into_iter().flatten() {
            if let Some(value) = value {
                member[key] = value;
            }
        }
        member
    }

    fn reference(&mut self, name: &str, mut schema: Value) -> Value {
        let text = schema.to_string();
        let name = match self.names.get(&text) {
            Some(known) => known.clone(),
            None => {
                let taken = |name: &String| self.names.values().any(|known| known == name);
                let names =
                    std::iter::once(name.to_owned()).chain((2_u32..).map(|count| format!("{name}{count}")));
                let name = names.into_iter().find(|name| !taken(name)).unwrap_or_default();
                self.names.insert(text, name.clone());
                self.members(&name, &mut schema);
                self.found.insert(name.clone(), schema);
                name
            }
        };
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }
}
