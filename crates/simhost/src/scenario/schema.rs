//! The JSON Schema of scenario files, for editors; the settings of every simulator are in it with type, default,
//! evidence and meaning.

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::entity::profile::FieldKind;
use crate::entity::settings::Setting;
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

fn of_setting(setting: &Setting) -> Value {
    let mut schema = setting.kind.schema();
    let mut held = setting.each.unwrap_or(setting.kind).schema();
    if let Some((least, greatest)) = setting.bounds() {
        held["minimum"] = least.into();
        held["maximum"] = greatest.into();
    }
    match (setting.each, setting.kind) {
        (Some(_), FieldKind::List) => schema["items"] = held,
        (Some(_), _) => schema["additionalProperties"] = held,
        (None, _) => schema = held,
    }
    schema["description"] = setting.about.as_str().into();
    schema["default"] = setting.default.clone();
    schema["x-evidence"] = json!(setting.evidence);
    if !setting.values.is_empty() {
        schema["enum"] = setting.values.clone().into();
    }
    schema
}
