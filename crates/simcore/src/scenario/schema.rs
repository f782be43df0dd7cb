//! The JSON Schema of scenario files, for editors; the settings of every simulator are in it with type, default,
//! evidence and meaning.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::base::duration::Duration;
use crate::entity::profile::{Kind, Setting};
use crate::rules::matcher::{Moment, When};
use crate::rules::request::Request;
use crate::scenario::Scenario;
use crate::scenario::generate::MAX_COUNT;
use crate::simulator::Loaded;

/// The schema of scenario files for these simulators.
pub fn scenario(loaded: &[Loaded]) -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>().to_value();
    let servers: Map<String, Value> =
        loaded.iter().map(|server| (server.sim.slug.to_owned(), settings_of(server))).collect();
    schema["properties"]["servers"] = json!({
        "description": "The servers, by slug.",
        "type": "object",
        "properties": servers,
        "additionalProperties": false,
    });
    schema
}

fn settings_of(server: &Loaded) -> Value {
    let profile = &server.model.profile;
    let settings: Map<String, Value> =
        profile.settings.iter().map(|(name, setting)| (name.clone(), of_setting(setting))).collect();
    let entities: Map<String, Value> = profile
        .entities
        .iter()
        .map(|(name, entity)| {
            (
                name.clone(),
                json!({ "description": entity.about, "type": "array", "items": { "type": "object" } }),
            )
        })
        .collect();
    let counts: Map<String, Value> = profile
        .entities
        .iter()
        .map(|(name, entity)| {
            let count =
                json!({ "description": entity.about, "type": "integer", "minimum": 0, "maximum": MAX_COUNT });
            (name.clone(), count)
        })
        .collect();
    json!({
        "description": server.sim.title,
        "type": "object",
        "properties": {
            "settings": { "type": "object", "properties": settings, "additionalProperties": false },
            "data": { "description": "A set under seed-data, or `none`.", "type": "string" },
            "generate": {
                "description": "How many records of each entity are generated beside those of `data`.",
                "type": "object",
                "properties": counts,
                "additionalProperties": false,
            },
            "records": { "type": "object", "properties": entities, "additionalProperties": false },
        },
        "additionalProperties": false,
    })
}

/// What holds values of `kind`, in JSON Schema.
pub fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Integer => json!({ "type": "integer" }),
        Kind::Decimal => json!({ "type": "number" }),
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        // Without a zone it is not what JSON Schema calls a date-time.
        Kind::DateTime => json!({ "type": "string", "examples": ["2026-03-02T08:00:00"] }),
        Kind::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
        Kind::Object => json!({ "type": "object" }),
        Kind::List => json!({ "type": "array" }),
    }
}

fn of_setting(setting: &Setting) -> Value {
    let mut schema = of_kind(setting.kind);
    schema["description"] = setting.about.as_str().into();
    schema["default"] = setting.default.clone();
    schema["x-evidence"] = json!(setting.evidence);
    if !setting.values.is_empty() {
        schema["enum"] = setting.values.clone().into();
    }
    schema
}

impl JsonSchema for Duration {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "400ms, 2s, 15m, 1h, 2d or ISO 8601 PT15M.", "type": "string" })
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

pub(crate) fn instant(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

pub(crate) fn delay(generator: &mut SchemaGenerator) -> Schema {
    let duration = generator.subschema_for::<Duration>();
    json_schema!({ "anyOf": [
        duration,
        {
            "type": "object",
            "properties": { "from": duration, "to": duration },
            "required": ["from", "to"],
            "additionalProperties": false,
        },
    ] })
}

pub(crate) fn body(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": ["string", "object"] })
}

pub(crate) fn nth(_: &mut SchemaGenerator) -> Schema {
    let place = json!({ "type": "integer", "minimum": 1 });
    json_schema!({ "anyOf": [place, { "type": "array", "items": place, "minItems": 1 }] })
}
