//! The variables of a request against what its operation declares.

use serde_json::{Map, Value};

use crate::ast::{Operation, TypeRef, VariableDefinition};
use crate::problem::Problem;
use crate::schema::{Schema, Type};
use crate::suggest::did_you_mean;
use crate::values::{Scalars, Variables, coerce, inspect, leaf};

/// After so many errors the rest is not looked at.
const MOST: usize = 50;

struct Coercion<'a> {
    schema: &'a Schema,
    scalars: Scalars,
    variable: &'a VariableDefinition,
    problems: Vec<Problem>,
}

/// The variables of `operation`, coerced; those that were not given and have no default are absent.
///
/// # Errors
/// Everything that is wrong with them.
pub fn variables(
    schema: &Schema,
    scalars: Scalars,
    operation: &Operation,
    given: &Map<String, Value>,
) -> Result<Variables, Vec<Problem>> {
    let mut coerced = Variables::new();
    let mut problems = Vec::new();
    for variable in &operation.variables {
        let name = &variable.name.text;
        let kind = &variable.kind.kind;
        match given.get(name) {
            None => {
                if let Some(default) = &variable.default {
                    coerced
                        .extend(coerce(schema, kind, default, &coerced).map(|value| (name.clone(), value)));
                } else if kind.is_non_null() {
                    let message =
                        format!("Variable \"${name}\" of required type \"{kind}\" was not provided.");
                    problems.push(Problem::new(message, variable.at));
                }
            }
            Some(Value::Null) if kind.is_non_null() => {
                let message = format!("Variable \"${name}\" of non-null type \"{kind}\" must not be null.");
                problems.push(Problem::new(message, variable.at));
            }
            Some(value) => {
                let mut coercion = Coercion { schema, scalars, variable, problems: Vec::new() };
                let value = coercion.value(kind, value, "");
                problems.append(&mut coercion.problems);
                coerced.insert(name.clone(), value);
            }
        }
        if problems.len() > MOST {
            problems.truncate(MOST);
            let message = "Too many errors processing variables, error limit reached. Execution aborted.";
            problems.push(Problem { message: message.to_owned(), at: Vec::new() });
            break;
        }
    }
    if problems.is_empty() { Ok(coerced) } else { Err(problems) }
}

impl Coercion<'_> {
    fn refuse(&mut self, value: &Value, path: &str, message: &str) -> Value {
        let name = &self.variable.name.text;
        let place = if path.is_empty() { String::new() } else { format!(" at \"{name}{path}\"") };
        let message = format!("Variable \"${name}\" got invalid value {}{place}; {message}", inspect(value));
        self.problems.push(Problem::new(message, self.variable.at));
        Value::Null
    }

    fn value(&mut self, kind: &TypeRef, value: &Value, path: &str) -> Value {
        if self.problems.len() > MOST {
            return Value::Null;
        }
        match (kind, value) {
            (TypeRef::NonNull(_), Value::Null) => {
                self.refuse(value, path, &format!("Expected non-nullable type \"{kind}\" not to be null."))
            }
            (TypeRef::NonNull(inner), _) => self.value(inner, value, path),
            (_, Value::Null) => Value::Null,
            (TypeRef::List(inner), Value::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(place, item)| self.value(inner, item, &format!("{path}[{place}]")))
                .collect(),
            (TypeRef::List(inner), _) => Value::Array(vec![self.value(inner, value, path)]),
            (TypeRef::Named(name), _) => match self.schema.types.get(name) {
                Some(Type::Input(_)) => self.object(name, value, path),
                _ => match leaf(self.schema, self.scalars, name, value) {
                    Ok(value) => value,
                    Err(message) => self.refuse(value, path, &message),
                },
            },
        }
    }

    fn object(&mut self, name: &str, value: &Value, path: &str) -> Value {
        let Some(Type::Input(fields)) = self.schema.types.get(name) else { return Value::Null };
        let Value::Object(given) = value else {
            return self.refuse(value, path, &format!("Expected type \"{name}\" to be an object."));
        };
        let mut object = Map::new();
        for (field, description) in fields {
            match given.get(field) {
                Some(member) => {
                    let member = self.value(&description.kind, member, &format!("{path}.{field}"));
                    object.insert(field.clone(), member);
                }
                None if description.is_required() => {
                    let kind = &description.kind;
                    let message = format!("Field \"{field}\" of required type \"{kind}\" was not provided.");
                    self.refuse(value, path, &message);
                }
                None => {
                    let default = description.default.as_ref();
                    let default = default
                        .and_then(|node| coerce(self.schema, &description.kind, node, &Variables::new()));
                    object.extend(default.map(|value| (field.clone(), value)));
                }
            }
        }
        for unknown in given.keys().filter(|key| !fields.contains_key(*key)) {
            let hint = did_you_mean("", unknown, fields.keys().map(String::as_str));
            self.refuse(
                value,
                path,
                &format!("Field \"{unknown}\" is not defined by type \"{name}\".{hint}"),
            );
        }
        Value::Object(object)
    }
}
