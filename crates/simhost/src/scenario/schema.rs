//! The JSON Schema of scenario files, for editors; the settings of every simulator are in it with type, default,
//! evidence and meaning.

use std::collections::BTreeSet;

use crate::base::map::IndexMap;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::entity::profile::{Entity, Field, FieldKind, Unknown};
use crate::entity::settings::{Member, Setting};
use crate::rules::expect::Expectation;
use crate::rules::fault::Rule;
use crate::rules::step::StepAction;
use crate::scenario::generate::MAX_COUNT;
use crate::scenario::{Library, Scenario};
use crate::simulator::Loaded;

/// The schema of scenario files for these simulators, and the sets of data that there are for them.
pub fn scenario(loaded: &[Loaded], library: &Library) -> Value {
    let mut schema =
        SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Scenario>().to_value();
    let servers: Map<String, Value> =
        loaded.iter().map(|server| (server.sim.slug.to_owned(), settings_of(server, library))).collect();
    schema["properties"]["servers"] = json!({
        "description": "The servers, by slug.",
        "type": "object",
        "properties": servers,
        "additionalProperties": false,
        "x-what": "server",
    });
    let slugs: Vec<&str> = loaded.iter().map(|server| server.sim.slug).collect();
    for name in WITH_SERVER {
        schema["$defs"][name]["properties"]["server"]["enum"] = json!(slugs);
    }
    let names = |of: fn(&Loaded) -> Vec<&str>| -> BTreeSet<&str> { loaded.iter().flat_map(of).collect() };
    schema["$defs"]["ActionCall"]["properties"]["name"]["enum"] = json!(names(actions));
    schema["$defs"]["ActionCall"]["allOf"] =
        by_server(loaded, |server| json!({ "name": { "enum": actions(server) } }));
    schema["$defs"]["Records"]["allOf"] =
        by_server(loaded, |server| json!({ "entity": { "enum": entities(server) } }));
    schema
}

/// What names a server in a file.
const WITH_SERVER: [&str; 5] = ["Rule", "Request", "Records", "ActionCall", "SettingsChange"];

fn actions(server: &Loaded) -> Vec<&str> {
    server.model.profile.actions.keys().map(String::as_str).collect()
}

fn entities(server: &Loaded) -> Vec<&str> {
    server.model.profile.entities.keys().map(String::as_str).collect()
}

/// For each server what `properties` are beside its name.
fn by_server(loaded: &[Loaded], properties: impl Fn(&Loaded) -> Value) -> Value {
    let condition = |server: &Loaded| {
        let named =
            json!({ "properties": { "server": { "const": server.sim.slug } }, "required": ["server"] });
        json!({ "if": named, "then": { "properties": properties(server) } })
    };
    loaded.iter().map(condition).collect()
}

/// What scenario files are made of, by name, for a document that keeps schemas at `place`: the whole file, a fault rule,
/// an expectation and what a step does, with everything that these name.
pub fn parts(place: &'static str) -> Map<String, Value> {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = place.into());
    let mut generator = settings.into_generator();
    generator.subschema_for::<Scenario>();
    generator.subschema_for::<Rule>();
    generator.subschema_for::<Expectation>();
    generator.subschema_for::<StepAction>();
    generator.take_definitions(true)
}

/// The fields of a record, those that only the server fills in included; the company where there are several.
fn of_record(server: &Loaded, entity: &Entity) -> Value {
    let profile = &server.model.profile;
    let mut schema = of_fields(&entity.fields, profile.unknown_properties == Unknown::Keep);
    if let Some(tenant) = &profile.tenant {
        schema["properties"][tenant.attribute.as_str()] =
            json!({ "description": "The company that the record is of.", "type": "string" });
    }
    schema
}

fn of_fields(fields: &IndexMap<String, Field>, open: bool) -> Value {
    let mut properties = Map::new();
    for (name, field) in fields {
        let mut schema = match field.kind {
            FieldKind::Object if !field.fields.is_empty() => of_fields(&field.fields, open),
            FieldKind::List if !field.fields.is_empty() => {
                json!({ "type": "array", "items": of_fields(&field.fields, open) })
            }
            kind => kind.schema(),
        };
        if !field.about.is_empty() {
            schema["description"] = field.about.as_str().into();
        }
        if !field.values.is_empty() {
            schema["enum"] = field.values.clone().into();
        }
        // Other spellings are read too; completion offers the vendor's.
        properties.insert(name.clone(), schema);
    }
    // What has other names as well, or keeps what no field describes, takes more than these.
    let more = open || fields.values().any(|field| !field.aliases.is_empty());
    json!({ "type": "object", "properties": properties, "additionalProperties": more, "x-what": "field" })
}

fn settings_of(server: &Loaded, library: &Library) -> Value {
    let profile = &server.model.profile;
    let settings: Map<String, Value> =
        profile.settings.iter().map(|(name, setting)| (name.clone(), of_setting(setting))).collect();
    let entities: Map<String, Value> = profile
        .entities
        .iter()
        .map(|(name, entity)| {
            (
                name.clone(),
                json!({ "description": entity.about, "type": "array", "items": of_record(server, entity) }),
            )
        })
        .collect();
    let sets = library.data.get(server.sim.slug).into_iter().flat_map(IndexMap::keys).map(String::as_str);
    let sets: BTreeSet<&str> = sets.chain(["none"]).collect();
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
            "settings": { "type": "object", "properties": settings, "additionalProperties": false, "x-what": "setting" },
            "data": {
                "description": "A set under seed-data, or `none`.",
                // Any text, so that a set of another `--seed-data` is none that there is not.
                "anyOf": [{ "type": "string", "enum": sets }, { "type": "string" }],
            },
            "generate": {
                "description": "How many records of each entity are generated beside those of `data`.",
                "type": "object",
                "properties": counts,
                "additionalProperties": false,
                "x-what": "entity",
            },
            "records": { "type": "object", "properties": entities, "additionalProperties": false, "x-what": "entity" },
        },
        "additionalProperties": false,
    })
}

fn of_setting(setting: &Setting) -> Value {
    let mut schema = setting.kind.schema();
    let mut held = bounded(setting.each.unwrap_or(setting.kind).schema(), setting.bounds());
    if !setting.members.is_empty() {
        held["properties"] =
            setting.members.iter().map(|(name, member)| (name.clone(), of_member(member))).collect();
        held["additionalProperties"] = false.into();
        held["x-what"] = "member".into();
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

fn of_member(member: &Member) -> Value {
    let mut held = bounded(member.each.unwrap_or(member.kind).schema(), member.bounds());
    if !member.values.is_empty() {
        held["enum"] = member.values.clone().into();
    }
    let mut schema = member.kind.schema();
    match (member.each, member.kind) {
        (Some(_), FieldKind::List) => schema["items"] = held,
        (Some(_), _) => schema["additionalProperties"] = held,
        (None, _) => schema = held,
    }
    schema
}

fn bounded(mut schema: Value, bounds: Option<(i64, i64)>) -> Value {
    if let Some((least, greatest)) = bounds {
        schema["minimum"] = least.into();
        schema["maximum"] = greatest.into();
    }
    schema
}
