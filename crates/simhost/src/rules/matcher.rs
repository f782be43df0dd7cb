//! Which requests a rule means: the `when` of faults, the `request` of steps and expectations.

use std::borrow::Cow;

use crate::base::map::IndexMap;
use axum::http::Method;
use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::base::duration::Duration;
use crate::base::request::RequestView;
use crate::base::text::wildcard;
use crate::base::urlencoded::pairs;
use crate::base::written::as_written;
use crate::rules::difference::{Difference, Part};
use crate::rules::values::{
    MAX_PARTS, check_length, check_lengths, check_span, check_text, is_text, reached, reaches, texts_schema,
    words,
};

/// What must be so for a rule to mean a request. Everything given must hold; `*` in a path or a value stands for
/// anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// The verb.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path, without the sandbox prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Headers by name; null for one that must be absent.
    #[schemars(schema_with = "texts_schema")]
    #[serde(skip_serializing_if = "IndexMap::is_empty", deserialize_with = "as_written")]
    pub header: IndexMap<String, Value>,
    /// Query parameters by name; null for one that must be absent.
    #[schemars(schema_with = "texts_schema")]
    #[serde(skip_serializing_if = "IndexMap::is_empty", deserialize_with = "as_written")]
    pub query: IndexMap<String, Value>,
    /// A text that the body contains, or values by dotted path in a JSON or form body; null for a field that is absent
    /// or null.
    #[schemars(schema_with = "body_schema")]
    #[serde(skip_serializing_if = "Value::is_null", deserialize_with = "as_written")]
    pub body: Value,
    /// Which of the requests that match the rest, counted from 1: a number or a list of them.
    #[schemars(schema_with = "nth_schema")]
    #[serde(skip_serializing_if = "Value::is_null")]
    pub nth: Value,
    /// How many firings at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// Which part of the matching requests, from 0 to 1, drawn from the sandbox's seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<f64>,
    /// In which span of simulated time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between: Option<Between>,
}

/// A span of simulated time: instants, or durations since the scenario's start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// From then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Until then, not including it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Moment>,
}

/// A point in simulated time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Moment {
    /// An instant.
    At(Timestamp),
    /// So long after the scenario's start.
    After(Duration),
}

impl When {
    /// Whether this describes a request at all.
    ///
    /// # Errors
    /// A sentence that says which key has a value it cannot have.
    pub fn check(&self) -> Result<(), String> {
        self.check_lengths()?;
        if let Some(method) = &self.method
            && Method::from_bytes(method.as_bytes()).is_err()
        {
            return Err(format!("`method: {method}` is no verb"));
        }
        if !matches!(self.body, Value::Null | Value::String(_) | Value::Object(_)) {
            return Err("`body` is a text or a mapping of paths to values".to_owned());
        }
        let texts = self.header.iter().chain(&self.query);
        texts.into_iter().try_for_each(|(name, expected)| check_text(name, expected))?;
        if let Value::Object(fields) = &self.body {
            fields.iter().try_for_each(|(path, expected)| check_span(path, expected))?;
        }
        self.between.as_ref().map_or(Ok(()), Between::check)?;
        self.nth()?;
        match self.rate {
            Some(rate) if !(0.0..=1.0).contains(&rate) => Err("`rate` lies between 0 and 1".to_owned()),
            _ => Ok(()),
        }
    }

    fn check_lengths(&self) -> Result<(), String> {
        check_length("method", self.method.as_deref().unwrap_or_default())?;
        check_length("path", self.path.as_deref().unwrap_or_default())?;
        check_lengths("header", &self.header)?;
        check_lengths("query", &self.query)?;
        match &self.body {
            Value::String(part) => check_length("body", part)?,
            Value::Object(fields) => check_lengths("body", fields)?,
            _ => {}
        }
        match &self.nth {
            Value::Array(places) if places.len() > MAX_PARTS => {
                Err(format!("`nth` names {MAX_PARTS} at most"))
            }
            _ => Ok(()),
        }
    }

    /// Which of the matching requests are meant; none means all.
    ///
    /// # Errors
    /// A sentence when it is not a number from 1 on or a list of such.
    pub fn nth(&self) -> Result<Option<Vec<u64>>, String> {
        let refuse = || "`nth` is a number from 1 on, or a list of them".to_owned();
        let place = |value: &Value| value.as_u64().filter(|place| *place > 0).ok_or_else(refuse);
        match &self.nth {
            Value::Null => Ok(None),
            Value::Array(places) if !places.is_empty() => {
                places.iter().map(place).collect::<Result<_, _>>().map(Some)
            }
            Value::Array(_) => Err(refuse()),
            single => place(single).map(|place| Some(vec![place])),
        }
    }

    /// Whether `request` is one of those that `nth`, `times` and `rate` choose from.
    pub fn matches(&self, request: &RequestView<'_>) -> bool {
        self.mismatch(request).is_none()
    }

    /// The first part of the request that is not as described.
    pub fn mismatch(&self, request: &RequestView<'_>) -> Option<Difference> {
        if let Some(method) = &self.method
            && !method.eq_ignore_ascii_case(request.method.as_str())
        {
            return Some(Difference::of(Part::Method, method, Some(request.method.to_string())));
        }
        if let Some(path) = &self.path
            && !wildcard(path, request.path)
        {
            return Some(Difference::of(Part::Path, path, Some(request.path.to_owned())));
        }
        for (name, expected) in &self.header {
            let values = request.headers.get_all(name.as_str()).iter();
            let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
            if let Some(difference) = unlike(Part::Header, name, expected, values) {
                return Some(difference);
            }
        }
        for (name, expected) in &self.query {
            let values = pairs(request.query).filter(|(key, _)| key == name.as_str()).map(|(_, value)| value);
            if let Some(difference) = unlike(Part::Query, name, expected, values) {
                return Some(difference);
            }
        }
        self.body_mismatch(request)
    }

    /// Whether `now` lies in the span of `between`, for a scenario that started at `start`.
    pub fn is_due(&self, now: Timestamp, start: Timestamp) -> bool {
        let Some(between) = &self.between else { return true };
        between.from.is_none_or(|from| from.instant(start) <= now)
            && between.to.is_none_or(|to| now < to.instant(start))
    }

    fn body_mismatch(&self, request: &RequestView<'_>) -> Option<Difference> {
        match &self.body {
            Value::String(part) => {
                let text = String::from_utf8_lossy(request.body);
                if text.contains(part.as_str()) {
                    return None;
                }
                let found = Some(beginning(&text).to_owned()).filter(|text| !text.is_empty());
                Some(Difference::of(Part::Body, part, found))
            }
            Value::Object(expected) => {
                let body = request.content();
                let (path, expected) = expected.iter().find(|(path, value)| !reaches(body, path, value))?;
                let found: Vec<String> =
                    reached(body, path).into_iter().map(|found| words(found).into_owned()).collect();
                let found = Some(beginning(&found.join(", ")).to_owned()).filter(|_| !found.is_empty());
                Some(named(Part::Field, path, expected, found))
            }
            _ => None,
        }
    }
}

impl Between {
    /// Whether there is such a span. An instant and a duration cannot be compared: the start is not known yet.
    fn check(&self) -> Result<(), String> {
        let is_empty = match (self.from, self.to) {
            (Some(Moment::At(from)), Some(Moment::At(to))) => from >= to,
            (Some(Moment::After(from)), Some(Moment::After(to))) => from.0 >= to.0,
            _ => false,
        };
        if is_empty { Err(format!("`between` ends before it begins: {}", self.words())) } else { Ok(()) }
    }

    /// It, in words.
    pub fn words(&self) -> String {
        let bound = |word: &str, moment: &Option<Moment>| {
            moment.map(|moment| match moment {
                Moment::At(at) => format!("{word} {at}"),
                Moment::After(duration) => format!("{word} {duration} after the start"),
            })
        };
        let bounds = [bound("from", &self.from), bound("before", &self.to)];
        bounds.into_iter().flatten().collect::<Vec<_>>().join(" and ")
    }
}

/// How a header or parameter is not as expected.
fn unlike<'v>(
    part: Part,
    name: &str,
    expected: &Value,
    values: impl Iterator<Item = Cow<'v, str>>,
) -> Option<Difference> {
    let all: Vec<_> = values.collect();
    let is_met = match expected {
        Value::Null => all.is_empty(),
        expected => all.iter().any(|found| is_text(expected, found)),
    };
    let found = (!all.is_empty()).then(|| all.join(", "));
    (!is_met).then(|| named(part, name, expected, found))
}

fn named(part: Part, name: &str, expected: &Value, found: Option<String>) -> Difference {
    Difference { name: name.to_owned(), ..Difference::of(part, words(expected), found) }
}

impl Moment {
    /// The instant, for a scenario that started at `start`.
    pub fn instant(self, start: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::After(duration) => start.checked_add(duration.0).unwrap_or(Timestamp::MAX),
        }
    }
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(at) => Ok(Self::At(at)),
            Err(_) => text.parse().map(Self::After).map_err(|_| {
                format!("`{text}` is neither an instant (2026-03-02T08:00:00Z) nor a duration (PT10M)")
            }),
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::At(at) => serializer.collect_str(at),
            Self::After(duration) => serializer.collect_str(duration),
        }
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "An instant, or a duration since the scenario's start.", "type": "string" })
    }
}

/// Enough of a text to be told of it, and to see what of that is secret.
fn beginning(text: &str) -> &str {
    text.char_indices().nth(16 << 10).map_or(text, |(end, _)| &text[..end])
}

fn body_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "object"] })
}

fn nth_schema(_: &mut SchemaGenerator) -> Schema {
    let place = json!({ "type": "integer", "minimum": 1 });
    json_schema!({ "anyOf": [place, { "type": "array", "items": place, "minItems": 1 }] })
}

#[cfg(test)]
mod tests {
    use std::cell::OnceCell;

    use axum::http::HeaderMap;

    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_are_matched_by_path_in_json_and_forms() {
        let request = |body: &'static str| RequestView {
            server: "x",
            method: &Method::POST,
            path: "/",
            query: "a=1&b=x%20y+z",
            headers: Box::leak(Box::new(HeaderMap::new())),
            body: body.as_bytes(),
            json: None,
            read: OnceCell::new(),
        };
        let when = |body: Value| When { body, ..When::default() };
        let json = request(r#"{"a":{"b":[{"c":1.50},{"c":2}]},"s":"text"}"#);
        assert!(when(json!({"a.b.c": 1.5})).matches(&json));
        assert!(when(json!({"s": "te*"})).matches(&json));
        assert!(!when(json!({"a.b.c": 3})).matches(&json));
        assert!(when(json!("\"s\":\"text\"")).matches(&json));
        assert!(
            when(json!({"grant_type": "client_credentials"}))
                .matches(&request("grant_type=client_credentials"))
        );
        let query =
            When { query: [("b".to_owned(), "x y z".into())].into_iter().collect(), ..When::default() };
        assert!(query.matches(&json));
    }
}
