//! A call that takes an entity's name in its path is, for a typed client, a call for each entity.

use serde_json::Value;

use super::super::shape::schema_name;
use super::super::{Answer, Content, Contract, Holds, Operation, Parameter, ParameterLocation};

impl Contract {
    /// The operation, or one for each value of a variable of its path where its id says so: `list{entity}`.
    pub(super) fn expanded(&self, operation: &Operation) -> Vec<Operation> {
        let mut variables = operation.parameters.iter();
        let variable = variables.find(|one| operation.id.contains(&placeholder(one)));
        let Some((variable, Holds::Value(values))) = variable.map(|one| (one, &one.holds)) else {
            return vec![operation.clone()];
        };
        let names = values.values.iter().filter_map(Value::as_str);
        names.map(|name| self.of_form(operation, variable, name)).collect()
    }

    fn of_form(&self, operation: &Operation, variable: &Parameter, name: &str) -> Operation {
        let by = variable.name.as_ref();
        // The call's own examples are about one of the forms.
        let is_own = variable.example.as_str() == Some(name);
        let others = operation.parameters.iter().filter(|one| one.name != variable.name);
        let parameters = others.map(|one| {
            let any = |holds: &Holds| matches!(holds, Holds::Value(scalar) if scalar.values.is_empty());
            let is_key = one.location == ParameterLocation::Path && any(&one.holds) && !is_own;
            if is_key { Parameter { example: self.key(name), ..one.clone() } } else { one.clone() }
        });
        let body = operation.body.as_ref().map(|content| Content {
            shape: content.shape.once_chosen(by, name),
            example: if is_own { content.example.clone() } else { Value::Null },
            ..content.clone()
        });
        let answers = operation.answers.iter().map(|answer| {
            let content = answer.content.as_ref();
            let content = content.map(|(media, shape)| (*media, shape.once_chosen(by, name)));
            Answer { content, ..answer.clone() }
        });
        Operation {
            id: operation.id.replace(&placeholder(variable), &schema_name(name)),
            path: operation.path.replace(&placeholder(variable), name),
            about: format!("{name}: {}", operation.about),
            tag: name.to_owned(),
            parameters: parameters.collect(),
            body,
            answers: answers.collect(),
            ..operation.clone()
        }
    }

    /// The key of a record of that entity in the seed data.
    fn key(&self, entity: &str) -> Value {
        let object = self.components.values().find_map(|one| one.record.as_ref().filter(|of| of.0 == entity));
        let key = object.and_then(|(_, keys)| self.seed.record(entity)?.get(keys.first()?));
        key.cloned().unwrap_or_default()
    }
}

fn placeholder(variable: &Parameter) -> String {
    format!("{{{}}}", variable.name)
}
