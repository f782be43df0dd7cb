//! Literals and JSON values against input types. Coerced values are JSON: an enum is its name, an ID a string.

use indexmap::IndexMap;
use serde_json::{Map, Number, Value};

use crate::ast::{Literal, TypeRef, ValueNode};
use crate::schema::{Schema, Type};
use crate::suggest::did_you_mean;

/// The coerced variables of a request, by name; those that were not given and have no default are absent.
pub type Variables = IndexMap<String, Value>;

/// What the schema's own scalars take, by the scalar's name: a message when it is not that.
#[derive(Clone, Copy)]
pub struct Scalars {
    /// What may be written in a document.
    pub literal: fn(name: &str, node: &ValueNode) -> Result<(), String>,
    /// What may come as a variable.
    pub value: fn(name: &str, value: &Value) -> Result<(), String>,
}

impl Scalars {
    /// Takes everything, as graphql-js does where nobody says otherwise.
    pub const ANYTHING: Self = Self { literal: |_, _| Ok(()), value: |_, _| Ok(()) };
}

/// A value as messages show it: as graphql-js's inspection writes it, two levels deep.
pub fn inspect(value: &Value) -> String {
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
        Value::Number(number) => shown(number),
        other => other.to_string(),
    }
}

/// A number as JavaScript writes it, which knows only doubles.
fn shown(number: &Number) -> String {
    let Some(double) = double(number) else { return number.to_string() };
    let size = double.abs();
    if size.is_infinite() {
        return if double > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if size == 0.0 {
        return "0".to_owned();
    }
    if (1e-6..1e21).contains(&size) {
        return double.to_string();
    }
    let text = format!("{double:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
}

fn double(number: &Number) -> Option<f64> {
    number.to_string().parse().ok()
}

/// The double of a number without a fraction, however it is written.
fn whole(number: &Number) -> Option<f64> {
    double(number).filter(|double| double.is_finite() && double.fract() == 0.0)
}

/// Whether a literal fits a scalar or an enum.
///
/// # Errors
/// The message of graphql-js.
pub(crate) fn check_leaf(
    schema: &Schema,
    scalars: Scalars,
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
        ("String", value) => fits(matches!(value, Text { .. }), "String cannot represent a non string value"),
        ("Boolean", value) => {
            fits(matches!(value, Boolean(_)), "Boolean cannot represent a non boolean value")
        }
        ("ID", value) => {
            let fitting = matches!(value, Text { .. } | Int(_));
            fits(fitting, "ID cannot represent a non-string and non-integer value")
        }
        _ => match (schema.types.get(kind), &node.value) {
            (Some(Type::Enum(values)), Enum(name)) => enum_value(kind, values, name),
            (Some(Type::Enum(values)), _) => {
                let shown = node.to_string();
                let hint = did_you_mean("the enum value", &shown, values.iter().map(String::as_str));
                Err(format!("Enum \"{kind}\" cannot represent non-enum value: {shown}.{hint}"))
            }
            _ => (scalars.literal)(kind, node),
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
pub fn untyped(node: &ValueNode, variables: &Variables) -> Value {
    match &node.value {
        Literal::Variable(name) => variables.get(name).cloned().unwrap_or_default(),
        Literal::Int(text) | Literal::Float(text) => number(text),
        Literal::String { text, .. } | Literal::Enum(text) => text.as_str().into(),
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
pub fn coerce(schema: &Schema, kind: &TypeRef, node: &ValueNode, variables: &Variables) -> Option<Value> {
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
pub(crate) fn leaf(schema: &Schema, scalars: Scalars, kind: &str, value: &Value) -> Result<Value, String> {
    let refused = |message: &str| Err(format!("{message}: {}", inspect(value)));
    match (kind, value) {
        ("Int", Value::Number(number)) => match whole(number) {
            None => refused("Int cannot represent non-integer value"),
            Some(whole) if whole < f64::from(i32::MIN) || whole > f64::from(i32::MAX) => {
                refused("Int cannot represent non 32-bit signed integer value")
            }
            #[expect(clippy::cast_possible_truncation, reason = "whole, and within the range")]
            Some(whole) => Ok((whole as i32).into()),
        },
        ("Int", _) => refused("Int cannot represent non-integer value"),
        ("Float", Value::Number(number)) if double(number).is_some_and(f64::is_finite) => Ok(value.clone()),
        ("Float", _) => refused("Float cannot represent non numeric value"),
        ("String" | "ID", Value::String(_)) | ("Boolean", Value::Bool(_)) => Ok(value.clone()),
        ("String", _) => refused("String cannot represent a non string value"),
        ("Boolean", _) => refused("Boolean cannot represent a non boolean value"),
        ("ID", Value::Number(number)) if whole(number).is_some() => Ok(shown(number).into()),
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
            _ => (scalars.value)(kind, value).map(|()| value.clone()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_as_javascript_shows_them() {
        for (json, text) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("1e21", "1e+21"),
            ("0.0000001", "1e-7"),
            ("12345678901234567890", "12345678901234567000"),
            ("1e999", "Infinity"),
            ("[[[[1]]]]", "[[[Array]]]"),
            ("{\"a\":{\"b\":{\"c\":{}}}}", "{ a: { b: [Object] } }"),
            ("[1,2,3,4,5,6,7,8,9,10,11]", "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ... 1 more item]"),
        ] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(inspect(&value), text, "{json}");
        }
    }

    const SDL: &str = "type Query { a(in: In, ids: [ID], n: Int!, e: E, s: S): Int } enum E { X } scalar S
        input In { id: ID!, n: Int = 7, deep: In, e: E = X, list: [Int!] }";

    /// The arguments of the one field of a document, as values, under the variables `$id: "v"` and `$n: 3`.
    fn arguments(text: &str) -> Value {
        let schema = Schema::new(SDL).unwrap();
        let document = crate::parse(text, 20).unwrap();
        let Some(crate::ast::Definition::Operation(operation)) = document.definitions.first() else {
            panic!()
        };
        let Some(crate::ast::Selection::Field(field)) = operation.selections.first() else { panic!() };
        let variables: Variables = [("id".to_owned(), "v".into()), ("n".to_owned(), 3.into())].into();
        let kinds = &schema.field("Query", "a").unwrap().arguments;
        let given = field.arguments.iter().filter_map(|argument| {
            let name = &argument.name.text;
            let value = match kinds.get(name) {
                Some(input) => coerce(&schema, &input.kind, &argument.value, &variables)?,
                None => untyped(&argument.value, &variables),
            };
            Some((name.clone(), value))
        });
        Value::Object(given.collect())
    }

    #[test]
    fn literals_become_values_of_their_types() {
        for (given, json) in [
            ("ids: [1, \"a\", null, $id, $nope]", r#"{"ids":["1","a",null,"v",null]}"#),
            ("ids: 5", r#"{"ids":["5"]}"#),
            ("ids: null", r#"{"ids":null}"#),
            ("ids: $nope", "{}"),
            ("n: 12", r#"{"n":12}"#),
            ("n: $n, e: X", r#"{"n":3,"e":"X"}"#),
            ("in: { id: 4 }", r#"{"in":{"id":"4","n":7,"e":"X"}}"#),
            (
                "in: { list: 1, deep: { id: $id, n: null }, id: \"x\", n: $nope }",
                r#"{"in":{"id":"x","deep":{"id":"v","n":null,"e":"X"},"e":"X","list":[1]}}"#,
            ),
            ("s: { a: [1.50, true, $n, Y], b: $nope }", r#"{"s":{"a":[1.50,true,3,"Y"],"b":null}}"#),
            ("unknown: [1, { a: \"b\" }, false]", r#"{"unknown":[1,{"a":"b"},false]}"#),
        ] {
            let text = format!("{{ a({given}) }}");
            assert_eq!(arguments(&text).to_string(), json, "{given}");
        }
    }

    #[test]
    fn a_float_is_finite() {
        let schema = Schema::new(SDL).unwrap();
        let as_float = |json: &str| {
            leaf(&schema, Scalars::ANYTHING, "Float", &serde_json::from_str(json).unwrap()).map(drop)
        };
        assert_eq!(as_float("1e308"), Ok(()));
        assert_eq!(as_float("1e309"), Err("Float cannot represent non numeric value: Infinity".to_owned()));
    }
}
