//! What JSON looks like, without its values: members by path, and what is in them.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value;

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Boolean,
    Number,
    Text,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DDTHH:MM:SS`, without a zone.
    DateTime,
    /// The same with a zone.
    Instant,
    Object,
    List,
}

/// What stands at a path of one or more documents.
#[derive(Clone, Debug, Default)]
pub(crate) struct Place {
    /// How many objects there are.
    pub(crate) objects: usize,
    /// In how many of them each member is.
    pub(crate) members: IndexMap<String, usize>,
    /// What there is besides null.
    pub(crate) kinds: BTreeSet<Kind>,
}

/// The places of a document, elements of lists at one: `data[].lines[].price`.
pub(crate) type Places = IndexMap<String, Place>;

/// The places of `value`.
pub(crate) fn places(value: &Value) -> Places {
    let mut places = Places::new();
    add(&mut places, "", value);
    places
}

fn add(places: &mut Places, path: &str, value: &Value) {
    let place = places.entry(path.to_owned()).or_default();
    place.kinds.extend(Kind::of(value));
    match value {
        Value::Object(members) => {
            place.objects += 1;
            for name in members.keys() {
                *place.members.entry(name.clone()).or_default() += 1;
            }
            for (name, member) in members {
                add(places, &joined(path, name), member);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add(places, &format!("{path}[]"), item)),
        _ => {}
    }
}

/// A member's path.
pub(crate) fn joined(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Kind {
    pub(crate) fn of(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Null => return None,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(text) => Self::of_text(text),
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Object,
        })
    }

    fn of_text(text: &str) -> Self {
        let bytes = text.as_bytes();
        let fits = |pattern: &str| {
            bytes.len() >= pattern.len()
                && pattern.bytes().zip(bytes).all(|(wanted, found)| match wanted {
                    b'0' => found.is_ascii_digit(),
                    wanted => wanted == *found,
                })
        };
        if fits("0000-00-00T00:00") {
            let time = &bytes[11..];
            let has_zone = time.ends_with(b"Z") || time.contains(&b'+') || time.contains(&b'-');
            if has_zone { Self::Instant } else { Self::DateTime }
        } else if fits("0000-00-00") && bytes.len() == 10 {
            Self::Date
        } else {
            Self::Text
        }
    }

    /// For users.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Text => "text",
            Self::Date => "date",
            Self::DateTime => "date-time without zone",
            Self::Instant => "date-time with zone",
            Self::Object => "object",
            Self::List => "list",
        }
    }

    /// What a profile calls a field that holds these.
    pub(crate) fn of_field(kinds: &BTreeSet<Self>) -> &'static str {
        let all = |fits: fn(&Self) -> bool| !kinds.is_empty() && kinds.iter().all(fits);
        if all(|kind| *kind == Self::Boolean) {
            "boolean"
        } else if all(|kind| *kind == Self::Number) {
            "decimal"
        } else if all(|kind| *kind == Self::Date) {
            "date"
        } else if all(|kind| *kind == Self::DateTime) {
            "datetime"
        } else if all(|kind| *kind == Self::Object) {
            "object"
        } else if all(|kind| *kind == Self::List) {
            "list"
        } else {
            "text"
        }
    }
}

/// Kinds for users.
pub(crate) fn named(kinds: &BTreeSet<Kind>) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn places_hold_no_values() {
        let places =
            places(&json!({ "data": [{ "a": 1, "b": null }, { "a": "2026-03-02", "c": { "d": true } }] }));
        let names: Vec<&str> = places.keys().map(String::as_str).collect();
        assert_eq!(names, ["", "data", "data[]", "data[].a", "data[].b", "data[].c", "data[].c.d"]);
        assert_eq!(places["data[]"].objects, 2);
        assert_eq!(places["data[]"].members["c"], 1);
        assert_eq!(named(&places["data[].a"].kinds), "number or date");
        assert!(places["data[].b"].kinds.is_empty());
    }

    #[test]
    fn texts_that_are_instants_are_told_apart() {
        for (text, kind) in [
            ("2026-03-02", Kind::Date),
            ("2026-03-02T08:00:00", Kind::DateTime),
            ("2026-03-02T08:00:00.5Z", Kind::Instant),
            ("2026-03-02T08:00:00+01:00", Kind::Instant),
            ("2026-03-02x", Kind::Text),
            ("02/03/2026", Kind::Text),
        ] {
            assert_eq!(Kind::of(&json!(text)), Some(kind), "{text}");
        }
    }
}
