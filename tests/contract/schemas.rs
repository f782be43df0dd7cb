//! The contracts as generators of clients read them: examples fit their schemas, everything has a description and a name
//! that is one in every language, and answers say what they always have.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Map, Value};

use super::{app_of_all, everyone};
use crate::support::{App, send};

/// The OpenAPI documents of all servers that have one.
async fn documents(app: &App) -> Vec<(&'static str, Value)> {
    let mut found = Vec::new();
    for sim in everyone() {
        let answer = send(app.control(Method::GET, &format!("/servers/{}/contract", sim.slug))).await;
        found.extend(serde_json::from_str(&answer.body).ok().map(|document| (sim.slug, document)));
    }
    assert!(found.len() > 4, "only {} documents", found.len());
    found
}

/// What a reference leads to; anything else is itself.
fn followed<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(&place[1..]).unwrap_or_else(|| panic!("{place} leads nowhere")),
        None => value,
    }
}

fn operations(document: &Value) -> impl Iterator<Item = (String, &Value)> {
    let paths = document["paths"].as_object().expect("paths");
    paths.iter().flat_map(|(path, verbs)| {
        let verbs = verbs.as_object().expect("verbs");
        verbs.iter().map(move |(verb, operation)| (format!("{verb} {path}"), operation))
    })
}

/// The keywords that [`fits`] knows, and those that say nothing of values.
const KEYWORDS: [&str; 17] = [
    "$ref",
    "anyOf",
    "type",
    "enum",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "minimum",
    "maximum",
    "maxLength",
    "description",
    "x-evidence",
    "format",
    "examples",
    "contentEncoding",
    "default",
];

fn is_of(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

/// What of a value is not as a schema says: a validator for the keywords that the documents use.
fn fits(document: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    let Value::Object(keywords) = schema else { return Ok(()) };
    if let Some(unknown) = keywords.keys().find(|key| !KEYWORDS.contains(&key.as_str())) {
        panic!("{at}: the keyword {unknown}");
    }
    if keywords.contains_key("$ref") {
        fits(document, followed(document, schema), value, at)?;
    }
    if let Some(forms) = schema["anyOf"].as_array() {
        let tried: Vec<_> = forms.iter().map(|form| fits(document, form, value, at)).collect();
        if tried.iter().all(Result::is_err) {
            return tried.into_iter().next().expect("a form");
        }
    }
    let wrong = |why: &str| Err(format!("{at} is {value}: {why}"));
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().expect("a type")).collect(),
        _ => Vec::new(),
    };
    if !(kinds.is_empty() || kinds.iter().any(|kind| is_of(kind, value))) {
        return wrong("another type");
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return wrong("none of the values");
    }
    let number = value.as_f64();
    if number.zip(schema["minimum"].as_f64()).is_some_and(|(number, least)| number < least)
        || number.zip(schema["maximum"].as_f64()).is_some_and(|(number, most)| number > most)
        || schema["maxLength"]
            .as_u64()
            .is_some_and(|most| value.as_str().is_some_and(|text| text.chars().count() as u64 > most))
    {
        return wrong("out of bounds");
    }
    for (place, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(document, &schema["items"], item, &format!("{at}[{place}]"))?;
    }
    value.as_object().map_or(Ok(()), |members| object(document, schema, members, at))
}

fn object(document: &Value, schema: &Value, members: &Map<String, Value>, at: &str) -> Result<(), String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required {
        if !members.contains_key(name) {
            return Err(format!("{at} has no {name}"));
        }
    }
    for (name, value) in members {
        match (schema["properties"].get(name), &schema["additionalProperties"]) {
            (Some(member), _) => fits(document, member, value, &format!("{at}.{name}"))?,
            (None, Value::Bool(false)) => return Err(format!("{at} has {name}, which is not documented")),
            (None, others) => fits(document, others, value, &format!("{at}.{name}"))?,
        }
    }
    Ok(())
}

/// The media of a body or an answer, each with its examples.
fn media<'a>(document: &'a Value, holder: &'a Value) -> Vec<(&'a Value, Vec<&'a Value>)> {
    let media = holder["content"].as_object().into_iter().flat_map(Map::values);
    media
        .map(|media| {
            let several = media["examples"].as_object().into_iter().flat_map(Map::values);
            let several = several.map(|example| &followed(document, example)["value"]);
            (&media["schema"], several.chain(media.get("example")).collect())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn examples_are_as_their_schemas_say() {
    let app = app_of_all().await;
    for (slug, document) in documents(&app).await {
        let mut seen = 0;
        let mut hold = |schema: &Value, example: &Value, at: String| {
            seen += 1;
            if let Err(why) = fits(&document, schema, example, "it") {
                panic!("{slug}: the example of {at}: {why}");
            }
        };
        for (title, operation) in operations(&document) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = followed(&document, parameter);
                if let Some(example) = parameter.get("example") {
                    hold(&parameter["schema"], example, format!("{title} ?{}", parameter["name"]));
                }
            }
            for (schema, examples) in media(&document, &operation["requestBody"]) {
                assert!(!examples.is_empty(), "{slug}: {title} takes a body and has no example of one");
                for example in examples {
                    hold(schema, example, title.clone());
                }
            }
            for (status, answer) in operation["responses"].as_object().expect("responses") {
                for (schema, examples) in media(&document, followed(&document, answer)) {
                    assert!(!examples.is_empty(), "{slug}: no example of {title} {status}");
                    for example in examples {
                        hold(schema, example, format!("{title} {status}"));
                    }
                }
            }
        }
        assert!(seen > 20, "{slug}: only {seen} examples");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_member_and_parameter_says_what_it_is() {
    fn undescribed(schema: &Value, at: &str, found: &mut Vec<String>) {
        match schema {
            Value::Object(keywords) => {
                for (name, member) in schema["properties"].as_object().into_iter().flatten() {
                    if member["description"].as_str().unwrap_or_default().is_empty() {
                        found.push(format!("{at}.{name}"));
                    }
                }
                keywords.iter().for_each(|(key, inner)| undescribed(inner, &format!("{at}/{key}"), found));
            }
            Value::Array(items) => items.iter().for_each(|item| undescribed(item, at, found)),
            _ => {}
        }
    }
    let app = app_of_all().await;
    for (slug, document) in documents(&app).await {
        let mut found = Vec::new();
        undescribed(&document["components"]["schemas"], "", &mut found);
        for (title, operation) in operations(&document) {
            undescribed(&operation["requestBody"], &title, &mut found);
            undescribed(&operation["responses"], &title, &mut found);
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let parameter = followed(&document, parameter);
                if parameter["description"].as_str().unwrap_or_default().is_empty() {
                    found.push(format!("{title} ?{}", parameter["name"]));
                }
            }
        }
        assert_eq!(found, [""; 0], "{slug}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn names_are_names_in_every_language() {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
    };
    let app = app_of_all().await;
    for (slug, document) in documents(&app).await {
        let title = document["info"]["title"].as_str().expect("a title");
        assert!(title.starts_with(char::is_alphabetic), "{slug}: a package named after {title}");
        for (kind, parts) in document["components"].as_object().expect("components") {
            for name in parts.as_object().expect("parts").keys() {
                assert!(is_name(name), "{slug}: {kind} {name}");
            }
        }
        let mut seen = BTreeSet::new();
        for (title, operation) in operations(&document) {
            let id = operation["operationId"].as_str().expect("an id");
            assert!(is_name(id), "{slug}: {title} is {id}");
            assert!(seen.insert(id), "{slug}: two operations are {id}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_success_has_one_type_and_says_what_it_always_has() {
    let app = app_of_all().await;
    for (slug, document) in documents(&app).await {
        for (title, operation) in operations(&document) {
            for (status, answer) in operation["responses"].as_object().expect("responses") {
                for (schema, _) in media(&document, followed(&document, answer)) {
                    let item = schema.get("items").unwrap_or(schema);
                    let item = followed(&document, item);
                    let is_bare = item["type"] == "object" && item["required"].is_null();
                    assert!(!is_bare, "{slug}: {title} {status} has no member that is always there");
                    let forms = schema["anyOf"].as_array().into_iter().flatten();
                    let lists = forms.filter(|form| form["type"] == "array").count();
                    assert_eq!(lists, 0, "{slug}: {title} {status} is a list or something else");
                }
            }
        }
    }
}
