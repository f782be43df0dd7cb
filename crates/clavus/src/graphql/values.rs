//! Literals and JSON values against input types (fact sheet 10.4). Coerced values are JSON: an enum is its name, an ID
//! a string.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};
use simcore::base::decimal;

use super::ast::{Literal, TypeRef, ValueNode};
use super::schema::{Schema, Type};
use super::suggest::did_you_mean;

/// The coerced variables of a request, by name.
pub(crate) type Variables = IndexMap<String, Value>;

/// What a custom scalar accepts: a message when it does not.
pub(crate) type Scalar = fn(name: &str, value: &Value) -> Result<(), String>;

/// A value as messages show it: as JavaScript's inspection writes it, two levels deep.
pub(crate) fn inspect(value: &Value) -> String {
    inspected(value, 0)
}

fn inspected(value: &Value, level: usize) -> String {
    match value {
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Array(_) if level >= 2 => "[Array]".to_owned(),
        Value::Array(items) => {
            let mut shown: Vec<String> =
                items.iter().take(10).map(|item| inspected(item, level + 1)).collect();
            match items.len().saturating_sub(10) {
                0 => {}
                1 => shown.push("... 1 more item".to_owned()),
                more => shown.push(format!("... {more} more items")),
            }
            format!("[{}]", shown.join(", "))
        }
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(_) if level >= 2 => "[Object]".to_owned(),
        Value::Object(members) => {
            let shown: Vec<String> = members
                .iter()
                .map(|(key, member)| format!("{key}: {}", inspected(member, level + 1)))
                .collect();
            format!("{{ {} }}", shown.join(", "))
        }
        other => other.to_string(),
    }
}

/// Whether a literal fits a scalar or an enum.
///
/// # Errors
/// The message of graphql-js.
pub(super) fn check_leaf(
    schema: &Schema,
    scalar: Scalar,
    kind: &str,
    node: &ValueNode,
) -> Result<(), String> {
    use Literal::{Boolean, Enum, Float, Int, String as Text};
    let fits = |fits: bool, message: &str| if fits { Ok(()) } else { Err(format!("{message}: {node}")) };
    match (kind, &node.value) {
        ("Int", Int(text)) => match text.parse::<i32>() {
            Ok(_) => Ok(()),
            Err(_) => Err(format!("Int cannot represent non 32-bit signed integer value: {text}")),
        },
        ("Int", _) => fits(false, "Int cannot represent non-integer value"),
        ("Float", value) => {
            fits(matches!(value, Int(_) | Float(_)), "Float cannot represent non numeric value")
        }
        ("String", value) => fits(matches!(value, Text(_)), "String cannot represent a non string value"),
        ("Boolean", value) => {
            fits(matches!(value, Boolean(_)), "Boolean cannot represent a non boolean value")
        }
        ("ID", value) => {
            fits(matches!(value, Text(_) | Int(_)), "ID cannot represent a non-string and non-integer value")
        }
        _ => match (schema.types.get(kind), &node.value) {
            (Some(Type::Enum(values)), Enum(name)) => enum_value(kind, values, name),
            (Some(Type::Enum(values)), value) => {
                let near = match value {
                    Text(text) => text.clone(),
                    _ => node.to_string(),
                };
                let hint = did_you_mean("the enum value", &near, values.iter().map(String::as_str));
                Err(format!("Enum \"{kind}\" cannot represent non-enum value: {node}.{hint}"))
            }
            (_, Enum(_)) => fits(false, &format!("{kind} cannot represent value")),
            _ => scalar(kind, &untyped(node, &Variables::new())),
        },
    }
}

fn enum_value(kind: &str, values: &[String], name: &str) -> Result<(), String> {
    if values.iter().any(|known| known == name) {
        return Ok(());
    }
    let hint = did_you_mean("the enum value", name, values.iter().map(String::as_str));
    Err(format!("Value \"{name}\" does not exist in \"{kind}\" enum.{hint}"))
}

/// A literal as JSON, without a type to go by.
pub(super) fn untyped(node: &ValueNode, variables: &Variables) -> Value {
    match &node.value {
        Literal::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
        Literal::Int(text) | Literal::Float(text) => number(text),
        Literal::String(text) | Literal::Enum(text) => text.as_str().into(),
        Literal::Boolean(flag) => (*flag).into(),
        Literal::Null => Value::Null,
        Literal::List(items) => items.iter().map(|item| untyped(item, variables)).collect(),
        Literal::Object(fields) => {
            fields.iter().map(|(name, value)| (name.text.clone(), untyped(value, variables))).collect()
        }
    }
}

fn number(text: &str) -> Value {
    Value::Number(Number::from_string_unchecked(text.to_owned()))
}

/// A validated literal as a value of its type; none when it is a variable that was not given.
pub(crate) fn coerce(
    schema: &Schema,
    kind: &TypeRef,
    node: &ValueNode,
    variables: &Variables,
) -> Option<Value> {
    if let Literal::Variable(name) = &node.value {
        return variables.get(name).cloned();
    }
    if matches!(node.value, Literal::Null) {
        return Some(Value::Null);
    }
    match kind {
        TypeRef::NonNull(inner) => coerce(schema, inner, node, variables),
        TypeRef::List(inner) => Some(match &node.value {
            Literal::List(items) => {
                items.iter().map(|item| coerce(schema, inner, item, variables).unwrap_or_default()).collect()
            }
            _ => Value::Array(vec![coerce(schema, inner, node, variables)?]),
        }),
        TypeRef::Named(name) => Some(match (schema.types.get(name), &node.value) {
            (Some(Type::Input(fields)), Literal::Object(given)) => {
                let mut object = Map::new();
                for (field, description) in fields {
                    let value = given.iter().find(|(name, _)| name.text == *field);
                    let value = value.map(|(_, value)| value).or(description.default.as_ref());
                    let value = value.and_then(|value| coerce(schema, &description.kind, value, variables));
                    object.extend(value.map(|value| (field.clone(), value)));
                }
                Value::Object(object)
            }
            (_, Literal::Int(text)) if name == "ID" => text.as_str().into(),
            _ => untyped(node, variables),
        }),
    }
}

/// A JSON value as a value of a scalar or an enum.
///
/// # Errors
/// The message of graphql-js.
pub(super) fn leaf(schema: &Schema, scalar: Scalar, kind: &str, value: &Value) -> Result<Value, String> {
    let refused = |message: &str| Err(format!("{message}: {}", inspect(value)));
    match (kind, value) {
        ("Int", Value::Number(number)) => match whole(number) {
            None => refused("Int cannot represent non-integer value"),
            Some(whole) if i32::try_from(whole).is_err() => {
                refused("Int cannot represent non 32-bit signed integer value")
            }
            Some(whole) => Ok(whole.into()),
        },
        ("Int", _) => refused("Int cannot represent non-integer value"),
        ("Float", Value::Number(_)) | ("String", Value::String(_)) | ("Boolean", Value::Bool(_)) => {
            Ok(value.clone())
        }
        ("Float", _) => refused("Float cannot represent non numeric value"),
        ("String", _) => refused("String cannot represent a non string value"),
        ("Boolean", _) => refused("Boolean cannot represent a non boolean value"),
        ("ID", Value::String(_)) => Ok(value.clone()),
        ("ID", Value::Number(number)) => match whole(number) {
            Some(whole) => Ok(whole.to_string().into()),
            None => refused("ID cannot represent value"),
        },
        ("ID", _) => refused("ID cannot represent value"),
        _ => match (schema.types.get(kind), value) {
            (Some(Type::Enum(values)), Value::String(name)) => {
                enum_value(kind, values, name).map(|()| value.clone())
            }
            (Some(Type::Enum(values)), _) => {
                let shown = inspect(value);
                let hint = did_you_mean("the enum value", &shown, values.iter().map(String::as_str));
                Err(format!("Enum \"{kind}\" cannot represent non-string value: {shown}.{hint}"))
            }
            _ => scalar(kind, value).map(|()| value.clone()),
        },
    }
}

/// A number without a fraction, however it is written.
fn whole(number: &Number) -> Option<i128> {
    let number = decimal::from_json(&Value::Number(number.clone()))?;
    i128::try_from(number).ok().filter(|_| number.is_integer())
}
