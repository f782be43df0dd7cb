//! The library's values and JSON. The library's own conversion from JSON does not know numbers of arbitrary precision.

use async_graphql::{Name, Value as LibraryValue};
use serde_json::{Map, Value};
use simcore::Result;

/// The key of a field that only keeps an object from being empty; no document can have it.
pub(super) const EMPTY: &str = "";

/// A JSON value as one that the library answers.
pub(super) fn of_json(value: &Value) -> LibraryValue {
    match value {
        Value::Null => LibraryValue::Null,
        Value::Bool(flag) => LibraryValue::Boolean(*flag),
        Value::Number(number) => LibraryValue::Number(number.clone()),
        Value::String(text) => LibraryValue::String(text.clone()),
        Value::Array(items) => LibraryValue::List(items.iter().map(of_json).collect()),
        Value::Object(members) => LibraryValue::Object(
            members.iter().map(|(name, value)| (Name::new(name), of_json(value))).collect(),
        ),
    }
}

/// The library's value as JSON.
pub(super) fn json(value: &LibraryValue) -> Value {
    match value {
        LibraryValue::Null | LibraryValue::Binary(_) => Value::Null,
        LibraryValue::Boolean(flag) => Value::Bool(*flag),
        LibraryValue::Number(number) => Value::Number(number.clone()),
        LibraryValue::String(text) => Value::String(text.clone()),
        LibraryValue::Enum(name) => Value::String(name.to_string()),
        LibraryValue::List(items) => items.iter().map(json).collect(),
        LibraryValue::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (name.to_string(), json(value))).collect::<Map<_, _>>(),
        ),
    }
}

/// Writes an answer; a member that only keeps an object from being empty is left out.
pub(super) fn write(value: &LibraryValue, out: &mut Vec<u8>) -> Result<()> {
    match value {
        LibraryValue::List(items) => {
            out.push(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(item, out)?;
            }
            out.push(b']');
        }
        LibraryValue::Object(members) => {
            out.push(b'{');
            for (name, member) in members.iter().filter(|(name, _)| name.as_str() != EMPTY) {
                if out.last() != Some(&b'{') {
                    out.push(b',');
                }
                serde_json::to_writer(&mut *out, name.as_str())?;
                out.push(b':');
                write(member, out)?;
            }
            out.push(b'}');
        }
        other => serde_json::to_writer(out, &json(other))?,
    }
    Ok(())
}
