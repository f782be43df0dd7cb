//! Values that conditions name: a text in which `*` stands for anything, nothing at all, or a span of numbers.

use std::borrow::Cow;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value};

use crate::base::decimal;
use crate::base::diagnostics::{likest, unknown};
use crate::base::text::wildcard;

/// The keys of a span, and how they read.
const BOUNDS: [(&str, &str); 4] = [
    ("more_than", "more than"),
    ("less_than", "less than"),
    ("at_least", "at least"),
    ("at_most", "at most"),
];

/// How many bytes a text of a condition may have, and a name: it is held against every request.
pub const MAX_TEXT: usize = 4096;

/// How many headers, parameters, fields and places a condition may name.
pub const MAX_PARTS: usize = 1000;

/// Whether a text of a condition, or a name, is not too long.
///
/// # Errors
/// A sentence that says which is; `what` is its key.
pub fn check_length(what: &str, text: &str) -> Result<(), String> {
    if text.len() <= MAX_TEXT { Ok(()) } else { Err(format!("`{what}` has {MAX_TEXT} bytes at most")) }
}

/// The same of names and values.
///
/// # Errors
/// A sentence that says which is too long, or that there are too many.
pub fn check_lengths<'a>(
    what: &str,
    parts: impl IntoIterator<Item = (&'a String, &'a Value)>,
) -> Result<(), String> {
    for (place, (name, value)) in parts.into_iter().enumerate() {
        if place >= MAX_PARTS {
            return Err(format!("`{what}` names {MAX_PARTS} at most"));
        }
        check_length(what, name)?;
        check_length(what, &words(value))?;
    }
    Ok(())
}

/// Whether a member of a condition is a span of numbers: `{ more_than: 500 }`.
fn span(expected: &Value) -> Option<&Map<String, Value>> {
    let members = expected.as_object().filter(|members| !members.is_empty())?;
    let known = |key: &String| BOUNDS.iter().any(|(bound, _)| bound == key);
    members.keys().all(known).then_some(members)
}

/// Whether a value can stand in a condition on a header or a parameter.
///
/// # Errors
/// A sentence that says what can.
pub fn check_text(name: &str, expected: &Value) -> Result<(), String> {
    match expected {
        Value::Array(_) => Err(format!("`{name}` is a list; write one value, with `*` for anything")),
        Value::Object(members) if span(expected).is_none() => Err(misspelt(members).unwrap_or_else(|| {
            format!("`{name}` is a value, null, or one of `more_than`, `less_than`, `at_least`, `at_most`")
        })),
        _ => check_span(name, expected),
    }
}

/// What is said of members that are no span and were probably meant to be one.
fn misspelt(members: &Map<String, Value>) -> Option<String> {
    let bounds = || BOUNDS.iter().map(|(bound, _)| *bound);
    let is_bound = |key: &String| bounds().any(|bound| bound == key);
    let others = || members.keys().filter(|key| !is_bound(key));
    let is_near = |key: &&String| likest(key, bounds()).is_some_and(|(likeness, _)| likeness > NEAR);
    let wrong = if members.keys().any(is_bound) { others().next() } else { others().find(is_near) };
    wrong.map(|key| unknown("key", key, bounds()))
}

/// How like a bound a name must be to be taken for one: an object may be meant as it stands.
const NEAR: f64 = 0.85;

/// Whether the bounds of a span are numbers, where the value is one or was probably meant to be one.
///
/// # Errors
/// A sentence that names the bound which is none.
pub fn check_span(name: &str, expected: &Value) -> Result<(), String> {
    if span(expected).is_none()
        && let Some(why) = expected.as_object().and_then(misspelt)
    {
        return Err(why);
    }
    let bounds = span(expected).into_iter().flatten();
    for (bound, limit) in bounds {
        if decimal::from_json(limit).is_none() {
            return Err(format!("`{bound}` of `{name}` is no number"));
        }
    }
    Ok(())
}

/// Whether a number lies in a span.
fn lies_in(span: &Map<String, Value>, found: &Value) -> bool {
    let Some(found) = decimal::from_json(found) else { return false };
    span.iter().all(|(bound, limit)| {
        decimal::from_json(limit).is_some_and(|limit| match bound.as_str() {
            "more_than" => found > limit,
            "less_than" => found < limit,
            "at_least" => found >= limit,
            _ => found <= limit,
        })
    })
}

/// Whether a text is as expected; null never is.
pub fn is_text(expected: &Value, found: &str) -> bool {
    match expected {
        Value::Null | Value::Array(_) => false,
        Value::String(pattern) => wildcard(pattern, found),
        Value::Object(_) => span(expected).is_some_and(|span| lies_in(span, &found.into())),
        Value::Number(number) => {
            number.as_str() == found || decimal::from_json(expected) == decimal::from_json(&found.into())
        }
        Value::Bool(flag) => found == if *flag { "true" } else { "false" },
    }
}

/// Whether a value is as expected: one of its elements is enough where it is a list.
pub fn is_value(expected: &Value, found: &Value) -> bool {
    match (found, expected) {
        (found, Value::Null) => found.is_null(),
        (Value::Array(items), expected) if !expected.is_array() => {
            items.iter().any(|item| is_value(expected, item))
        }
        (Value::String(found), Value::String(expected)) => wildcard(expected, found),
        (Value::Number(_), Value::Number(_)) => decimal::from_json(found) == decimal::from_json(expected),
        (found, expected) => match span(expected) {
            Some(span) => lies_in(span, found),
            None => found == expected,
        },
    }
}

/// What `path` leads to, through every element of lists on the way.
pub fn reached<'v>(value: &'v Value, path: &str) -> Vec<&'v Value> {
    if let Value::Array(items) = value {
        return items.iter().flat_map(|item| reached(item, path)).collect();
    }
    if let Some(found) = value.get(path) {
        return vec![found];
    }
    match path.split_once('.') {
        Some((first, rest)) => value.get(first).map_or_else(Vec::new, |value| reached(value, rest)),
        None => Vec::new(),
    }
}

/// Whether what `path` leads to is as expected; null means that there is nothing, or null.
pub fn reaches(value: &Value, path: &str, expected: &Value) -> bool {
    let found = reached(value, path);
    match expected {
        Value::Null => found.into_iter().all(Value::is_null),
        expected => found.into_iter().any(|found| is_value(expected, found)),
    }
}

/// An expected value in words.
pub fn words(expected: &Value) -> Cow<'_, str> {
    match expected {
        Value::String(text) => Cow::Borrowed(text),
        Value::Null => Cow::Borrowed("nothing"),
        expected => match span(expected) {
            Some(span) => {
                let bound = |(key, limit): (&String, &Value)| {
                    let word = BOUNDS.iter().find(|(bound, _)| bound == key).map_or("", |(_, word)| word);
                    format!("{word} {}", words(limit))
                };
                Cow::Owned(span.iter().map(bound).collect::<Vec<_>>().join(" and "))
            }
            None => Cow::Owned(expected.to_string()),
        },
    }
}

/// Values by name, for headers and parameters.
pub fn texts_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "object", "additionalProperties": value_schema() })
}

/// One value of a condition: a scalar, null for what must be absent, or a span of numbers.
pub fn value_schema() -> Value {
    let bounds: Map<String, Value> = BOUNDS
        .iter()
        .map(|(bound, _)| ((*bound).to_owned(), serde_json::json!({ "type": ["number", "string"] })))
        .collect();
    serde_json::json!({ "anyOf": [
        { "type": ["string", "number", "boolean", "null"] },
        { "type": "object", "properties": bounds, "additionalProperties": false, "minProperties": 1 },
    ] })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spans_take_numbers_and_numbers_in_text() {
        for (expected, found, is_as_expected) in [
            (json!({ "more_than": 500 }), json!(500), false),
            (json!({ "more_than": 500 }), json!("500.01"), true),
            (json!({ "at_least": 500, "less_than": "600" }), json!(500.0), true),
            (json!({ "at_least": 500, "less_than": "600" }), json!(600), false),
            (json!({ "at_most": 1 }), json!("one"), false),
            (json!(null), json!(null), true),
            (json!(null), json!(0), false),
            (json!("1*"), json!("12"), true),
            (json!({ "other": 1 }), json!({ "other": 1 }), true),
        ] {
            assert_eq!(is_value(&expected, &found), is_as_expected, "{expected} {found}");
        }
    }

    #[test]
    fn null_is_what_is_not_there() {
        let body = json!({ "a": { "b": null }, "lines": [{ "price": 1 }, {}] });
        for (path, absent) in
            [("a.b", true), ("a.c", true), ("a", false), ("lines.price", false), ("lines.x", true)]
        {
            assert_eq!(reaches(&body, path, &Value::Null), absent, "{path}");
        }
    }
}
