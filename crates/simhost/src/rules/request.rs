//! A request as steps and expectations name it: a server, and what faults say in `when`.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::base::diagnostics::unknown;
use crate::base::request::RequestView;
use crate::base::written::{as_written, from_value};
use crate::rules::difference::{Difference, Part};
use crate::rules::matcher::{Between, When};
use crate::rules::values::words;

/// `{ server: …, method: …, path: …, … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The simulator's slug.
    pub server: String,
    /// What the request is like.
    pub when: When,
    /// What the client saw; expectations alone can say it.
    pub status: Option<Status>,
}

/// Statuses: `401`, `[401, 403]` or `4xx`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status(Vec<StatusRange>);

/// One status, or all that begin with a digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StatusRange {
    One(u16),
    Class(u16),
}

impl Status {
    fn read(value: &Value) -> Result<Self, String> {
        let refuse =
            || format!("`status: {value}` is neither a status (401), a list of them nor a class (4xx)");
        let one = |value: &Value| match value {
            Value::Number(_) => {
                value.as_u64().and_then(|code| u16::try_from(code).ok()).map(StatusRange::One)
            }
            Value::String(text) => match text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")) {
                Some(class) => {
                    class.parse().ok().filter(|class| (1..=5).contains(class)).map(StatusRange::Class)
                }
                None => text.parse().ok().map(StatusRange::One),
            },
            _ => None,
        };
        let is_status =
            |range: &StatusRange| !matches!(range, StatusRange::One(code) if !(100..=599).contains(code));
        let one = |value: &Value| one(value).filter(is_status).ok_or_else(refuse);
        match value {
            Value::Array(values) if !values.is_empty() => {
                values.iter().map(one).collect::<Result<_, _>>().map(Self)
            }
            value => one(value).map(|range| Self(vec![range])),
        }
    }

    fn has(&self, status: u16) -> bool {
        self.0.iter().any(|range| match range {
            StatusRange::One(code) => *code == status,
            StatusRange::Class(class) => *class == status / 100,
        })
    }

    fn to_json(&self) -> Value {
        let one = |range: &StatusRange| match range {
            StatusRange::One(code) => Value::from(*code),
            StatusRange::Class(class) => format!("{class}xx").into(),
        };
        match self.0.as_slice() {
            [range] => one(range),
            ranges => ranges.iter().map(one).collect(),
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, range) in self.0.iter().enumerate() {
            f.write_str(if place > 0 { " or " } else { "" })?;
            match range {
                StatusRange::One(code) => write!(f, "{code}")?,
                StatusRange::Class(class) => write!(f, "{class}xx")?,
            }
        }
        Ok(())
    }
}

/// When a request came: now, in a scenario that started then.
#[derive(Clone, Copy, Debug)]
pub struct Came {
    /// The simulated time.
    pub at: Timestamp,
    /// What the clock showed when the scenario began.
    pub started: Timestamp,
}

impl Request {
    /// Whether `seen` is such a request, whatever came of it.
    pub fn matches(&self, seen: &RequestView<'_>) -> bool {
        self.server == seen.server && self.when.matches(seen)
    }

    /// The first part in which a request to this server is not as described. `status` is what the client saw, once it
    /// is known.
    pub fn mismatch(
        &self,
        seen: &RequestView<'_>,
        came: Came,
        status: Option<Option<u16>>,
    ) -> Option<Difference> {
        if let Some(difference) = self.when.mismatch(seen) {
            return Some(difference);
        }
        if !self.when.is_due(came.at, came.started) {
            let span = self.when.between.as_ref().map(Between::words).unwrap_or_default();
            return Some(Difference::of(Part::Time, span, Some(came.at.to_string())));
        }
        let (wanted, status) = self.status.as_ref().zip(status)?;
        match status {
            Some(status) if wanted.has(status) => None,
            seen => {
                let seen =
                    seen.map_or_else(|| "none: there was no answer".to_owned(), |status| status.to_string());
                Some(Difference::of(Part::Status, wanted.to_string(), Some(seen)))
            }
        }
    }

    /// Whether it can be obeyed; `servers` are the slugs there are.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self, servers: &[&str]) -> Result<(), String> {
        if !servers.contains(&self.server.as_str()) {
            return Err(unknown("server", &self.server, servers.iter().copied()));
        }
        let When { nth, times, rate, .. } = &self.when;
        if !nth.is_null() || times.is_some() || rate.is_some() {
            return Err("`nth`, `times` and `rate` belong to the `when` of faults".to_owned());
        }
        self.when.check()
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let When { method, path, header, query, body, between, .. } = &self.when;
        write!(f, "{} {} {}", self.server, method.as_deref().unwrap_or("*"), path.as_deref().unwrap_or("*"))?;
        let absent =
            |f: &mut std::fmt::Formatter<'_>, what: &str, name: &str| write!(f, ", no {what} {name}");
        for (name, value) in header {
            match value {
                Value::Null => absent(f, "header", name)?,
                value => write!(f, ", header {name}: {}", words(value))?,
            }
        }
        for (name, value) in query {
            match value {
                Value::Null => absent(f, "query parameter", name)?,
                Value::Object(_) => write!(f, ", query {name} {}", words(value))?,
                value => write!(f, ", query {name}={}", words(value))?,
            }
        }
        if !body.is_null() {
            write!(f, ", body {body}")?;
        }
        if let Some(between) = between {
            write!(f, ", {}", between.words())?;
        }
        self.status.as_ref().map_or(Ok(()), |status| write!(f, ", answered {status}"))
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys: Map<String, Value> = as_written(deserializer)?;
        let Some(Value::String(server)) = keys.remove("server") else {
            return Err(D::Error::custom("a request names its `server`"));
        };
        let status = keys.remove("status").filter(|status| !status.is_null());
        let status = status.as_ref().map(Status::read).transpose().map_err(D::Error::custom)?;
        let when = from_value(Value::Object(keys)).map_err(D::Error::custom)?;
        Ok(Self { server, when, status })
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = Map::new();
        keys.insert("server".to_owned(), self.server.clone().into());
        if let Ok(Value::Object(when)) = serde_json::to_value(&self.when) {
            keys.extend(when);
        }
        if let Some(status) = &self.status {
            keys.insert("status".to_owned(), status.to_json());
        }
        keys.serialize(serializer)
    }
}

impl JsonSchema for Request {
    fn schema_name() -> Cow<'static, str> {
        "Request".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = When::json_schema(generator);
        if let Some(Value::Object(properties)) = schema.get_mut("properties") {
            for own in ["nth", "times", "rate"] {
                properties.shift_remove(own);
            }
            properties
                .insert("server".to_owned(), json!({ "description": "A server's slug.", "type": "string" }));
            let one = json!({ "anyOf": [
                { "type": "integer", "minimum": 100, "maximum": 599 },
                { "type": "string", "pattern": "^[1-5]xx$" },
            ] });
            properties.insert(
                "status".to_owned(),
                json!({
                    "description": "What the client saw: a status, several, or a class of them.",
                    "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }],
                }),
            );
        }
        schema.insert("required".to_owned(), json!(["server"]));
        schema
    }
}
