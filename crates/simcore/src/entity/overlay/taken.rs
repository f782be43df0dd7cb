//! Fields that a user takes away: out of what names them, and out of the data that come with the program.

use std::collections::HashMap;

use crate::base::map::IndexMap;
use serde_json::{Map, Value, json};

use crate::entity::profile::{Entity, Field, Profile};

/// What the tree of an entity needs before a change is laid over it: fields that it has from `common` as its own, and
/// those that go beside the others, where the server's own rules find them.
pub(super) fn prepare(own: Option<&Entity>, tree: &mut Value, change: &Value) {
    let (Some(own), Some(changes)) = (own, change["fields"].as_object()) else { return };
    for (name, change) in changes {
        match own.fields.get(name) {
            Some(field) if change.is_object() && tree["fields"][name.as_str()].is_null() => {
                tree["fields"][name.as_str()] = json!(field);
            }
            Some(field) if change.is_null() => {
                tree["gone"][name.as_str()] = json!(field);
                if let Some(members) = tree["example"].as_object_mut() {
                    members.shift_remove(name);
                }
            }
            _ => {}
        }
    }
}

/// Marks in the tree of an entity, or of a field, which fields below it a user has added, and which are taken out of others:
/// a server that shows records by tables of its own asks for both.
pub(super) fn mark(own: &IndexMap<String, Field>, tree: &mut Value, change: &Value) {
    for (name, change) in change["fields"].as_object().into_iter().flatten() {
        match own.get(name) {
            None if change.is_object() => tree["fields"][name.as_str()]["added"] = true.into(),
            Some(known) if change.is_object() => {
                let tree = &mut tree["fields"][name.as_str()];
                let below = change["fields"].as_object().into_iter().flatten();
                let gone =
                    below.filter(|(name, change)| change.is_null() && known.fields.contains_key(*name));
                let gone: Vec<Value> = gone.map(|(name, _)| name.as_str().into()).collect();
                if !gone.is_empty() {
                    tree["taken"] = gone.into();
                }
                mark(&known.fields, tree, change);
            }
            _ => {}
        }
    }
}

/// Fields inside objects and lists that a user has taken away, by entity: the way to each.
#[derive(Clone, Debug, Default)]
pub struct Taken(HashMap<String, Vec<Vec<String>>>);

impl Taken {
    /// Takes the fields out of a record of the data that comes with the program, which still has them.
    pub fn take_from(&self, entity: &str, record: &mut Map<String, Value>) {
        for way in self.0.get(entity).into_iter().flatten() {
            take(record, way);
        }
    }
}

fn take(record: &mut Map<String, Value>, way: &[String]) {
    match way {
        [] => {}
        [last] => drop(record.shift_remove(last)),
        [first, below @ ..] => match record.get_mut(first) {
            Some(Value::Object(inner)) => take(inner, below),
            Some(Value::Array(items)) => {
                items.iter_mut().filter_map(Value::as_object_mut).for_each(|it| take(it, below));
            }
            _ => {}
        },
    }
}

/// The fields of `own` that the changes take away.
pub fn taken(own: &Profile, changes: &Map<String, Value>) -> Taken {
    fn below(own: &IndexMap<String, Field>, change: &Value, way: &[String], found: &mut Vec<Vec<String>>) {
        for (name, change) in change["fields"].as_object().into_iter().flatten() {
            let Some(known) = own.get(name) else { continue };
            let way: Vec<String> = way.iter().chain([name]).cloned().collect();
            if change.is_null() && way.len() > 1 {
                found.push(way);
            } else {
                below(&known.fields, change, &way, found);
            }
        }
    }
    let entities = changes.get("entities").and_then(Value::as_object).into_iter().flatten();
    let of_each = entities.filter_map(|(name, change)| {
        let mut found = Vec::new();
        below(&own.entities.get(name)?.fields, change, &[], &mut found);
        Some((name.clone(), found))
    });
    Taken(of_each.filter(|(_, found)| !found.is_empty()).collect())
}
