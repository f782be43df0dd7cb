//! A request as steps and expectations name it: a server, and what faults say in `when`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::base::diagnostics::unknown;
use crate::base::request::RequestView;
use crate::base::written::{as_written, from_value};
use crate::rules::matcher::When;

/// `{ server: …, method: …, path: …, … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The simulator's slug.
    pub server: String,
    /// What the request is like.
    pub when: When,
}

impl Request {
    /// Whether `seen` is such a request.
    pub fn matches(&self, seen: &RequestView<'_>) -> bool {
        self.server == seen.server && self.when.matches(seen)
    }

    /// Whether it can be obeyed; `servers` are the slugs there are.
    ///
    /// # Errors
    /// A sentence that names what is wrong.
    pub fn check(&self, servers: &[&str]) -> Result<(), String> {
        if !servers.contains(&self.server.as_str()) {
            return Err(unknown("server", &self.server, servers.iter().copied()));
        }
        let When { nth, times, rate, between, .. } = &self.when;
        if !nth.is_null() || times.is_some() || rate.is_some() || between.is_some() {
            return Err("`nth`, `times`, `rate` and `between` belong to the `when` of faults".to_owned());
        }
        self.when.check()
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let When { method, path, header, query, body, .. } = &self.when;
        write!(f, "{} {} {}", self.server, method.as_deref().unwrap_or("*"), path.as_deref().unwrap_or("*"))?;
        header.iter().try_for_each(|(name, value)| write!(f, ", header {name}: {value}"))?;
        query.iter().try_for_each(|(name, value)| write!(f, ", query {name}={value}"))?;
        if body.is_null() { Ok(()) } else { write!(f, ", body {body}") }
    }
}

impl<'de> Deserialize<'de> for Request {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut keys: Map<String, Value> = as_written(deserializer)?;
        let Some(Value::String(server)) = keys.remove("server") else {
            return Err(D::Error::custom("a request names its `server`"));
        };
        let when = from_value(Value::Object(keys)).map_err(D::Error::custom)?;
        Ok(Self { server, when })
    }
}

impl Serialize for Request {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut keys = Map::new();
        keys.insert("server".to_owned(), self.server.clone().into());
        if let Ok(Value::Object(when)) = serde_json::to_value(&self.when) {
            keys.extend(when);
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
            for own in ["nth", "times", "rate", "between"] {
                properties.shift_remove(own);
            }
            properties
                .insert("server".to_owned(), json!({ "description": "A server's slug.", "type": "string" }));
        }
        schema.insert("required".to_owned(), json!(["server"]));
        schema
    }
}
