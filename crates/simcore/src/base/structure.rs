//! Every mistake in the structure of a file at once: unknown keys, wrong kinds, values that there are not. The reader
//! stops at the first; this goes through the whole file, by its schema.

use std::collections::{BTreeSet, HashSet};

use serde_json::{Map, Number, Value};

use crate::base::clock::instant;
use crate::base::diagnostics::{Mistake, unknown};
use crate::base::duration::Duration;
use crate::base::places::{Content, Node, Position};

/// How many mistakes are told at once.
const MAX: usize = 100;

/// What of `node` the schema does not allow. Where it is in doubt, it is silent: the reader has the last word.
pub fn check(schema: &Value, node: &Node) -> Vec<Mistake> {
    let mut found = Vec::new();
    value(schema, schema, WHOLE, node, &mut found);
    found.truncate(MAX);
    found
}

/// What the root of a file is called inside.
const WHOLE: &str = "";

/// What is said of the value of that name; of the root it needs no name.
fn of(name: &str, said: &str) -> String {
    if name == WHOLE { said.to_owned() } else { format!("`{name}`: {said}") }
}

/// How many keys of a mapping are told where none is.
const MAX_KEYS: usize = 3;

/// The keys that some mapping of the schema must have.
pub fn required(schema: &Value) -> BTreeSet<&str> {
    let definitions = schema["$defs"].as_object().into_iter().flat_map(Map::values);
    let lists = definitions.filter_map(|definition| definition["required"].as_array());
    lists.flatten().filter_map(Value::as_str).collect()
}

/// The key of a schema whose files are read strictly: a text in quotes is no number, and nothing is a value only where
/// the schema has `null`.
const STRICT: &str = "x-strict";

/// The kinds that a schema allows; none for any.
pub fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn words(kinds: &[&str]) -> String {
    let words: Vec<&str> = kinds.iter().filter(|kind| **kind != "null").map(|kind| word(kind)).collect();
    words.join(" or ")
}

fn wrong(place: Position, message: String) -> Mistake {
    Mistake { place: Some(place), message, ..Mistake::default() }
}

fn value(root: &Value, schema: &Value, name: &str, node: &Node, found: &mut Vec<Mistake>) {
    if let Some(target) = schema["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#')))
    {
        return value(root, target, name, node, found);
    }
    for choice in ["anyOf", "oneOf"] {
        if let Some(choices) = schema[choice].as_array() {
            return any(root, choices, name, node, found);
        }
    }
    let kinds = kinds(schema);
    let takes_nothing = kinds.contains(&"null") || kinds.is_empty() && schema["enum"].is_null();
    if !root[STRICT].is_null() && !takes_nothing && node.is_null() {
        let words = if kinds.is_empty() { "a value".to_owned() } else { words(&kinds) };
        found.push(wrong(node.place, of(name, &format!("{words} is expected, not nothing"))));
        return;
    }
    let is = |kind: &&str| if root[STRICT].is_null() { is(kind, node) } else { node.is_of(kind) };
    if !kinds.is_empty() && !kinds.iter().any(is) {
        let message = of(name, &format!("{} is expected{}", words(&kinds), form(schema)));
        found.push(wrong(node.place, message));
        return;
    }
    let least = schema["minItems"].as_u64().unwrap_or_default();
    if matches!(&node.content, Content::List(items) if (items.len() as u64) < least) {
        found.push(wrong(node.place, format!("`{name}`: a list with something in it is expected")));
    }
    match &node.content {
        Content::Map(members) => object(root, schema, members, found),
        Content::List(items) => {
            for item in items {
                value(root, &schema["items"], name, item, found);
            }
        }
        Content::Scalar(text, _) => scalar(schema, name, text, node.place, found),
    }
}

/// How a mapping is written: its first keys.
fn form(schema: &Value) -> String {
    let keys = schema["properties"].as_object().into_iter().flat_map(Map::keys);
    let keys: Vec<String> = keys.take(MAX_KEYS).map(|key| format!("{key}: …")).collect();
    if keys.is_empty() { String::new() } else { format!(", such as `{{ {} }}`", keys.join(", ")) }
}

/// The keys of a mapping that none of several forms has.
fn foreign(root: &Value, choices: &[Value], node: &Node) -> Vec<Mistake> {
    let Content::Map(members) = &node.content else { return Vec::new() };
    let mut known = Vec::new();
    let mut forms = choices.iter().collect::<Vec<_>>();
    while let Some(form) = forms.pop() {
        let target = form["$ref"].as_str().and_then(|path| root.pointer(path.trim_start_matches('#')));
        let form = target.unwrap_or(form);
        match (&form["properties"], form["anyOf"].as_array().or_else(|| form["oneOf"].as_array())) {
            (Value::Object(keys), _) if form["additionalProperties"] == false => known.extend(keys.keys()),
            (_, Some(choices)) => forms.extend(choices),
            _ if kinds(form).contains(&"object") || kinds(form).is_empty() => return Vec::new(),
            _ => {}
        }
    }
    let foreign = members.iter().filter(|(key, _, _)| !known.is_empty() && !known.contains(&key));
    let told = |(key, place, _): &(String, Position, Node)| {
        wrong(*place, unknown("key", key, known.iter().rev().map(|key| key.as_str())))
    };
    foreign.map(told).collect()
}

/// Of several forms the one that it fits best.
fn any(root: &Value, choices: &[Value], name: &str, node: &Node, found: &mut Vec<Mistake>) {
    let foreign = foreign(root, choices, node);
    if !foreign.is_empty() {
        found.extend(foreign);
        return;
    }
    let tried = choices.iter().map(|choice| {
        let mut found = Vec::new();
        value(root, choice, name, node, &mut found);
        found
    });
    let depth = |found: &Vec<Mistake>| found.iter().any(|it| it.place == Some(node.place));
    // A form that has its keys fits better than one that has others, whatever is wrong below them.
    let keys: Vec<Position> = match &node.content {
        Content::Map(members) => members.iter().map(|(_, at, _)| *at).collect(),
        _ => Vec::new(),
    };
    let unknown = |found: &Vec<Mistake>| {
        found.iter().filter(|it| it.place.is_some_and(|at| keys.contains(&at))).count()
    };
    let best = tried.min_by_key(|found| (!found.is_empty(), depth(found), unknown(found), found.len()));
    found.extend(best.unwrap_or_default());
}

fn object(root: &Value, schema: &Value, members: &[(String, Position, Node)], found: &mut Vec<Mistake>) {
    let none = Map::new();
    let properties = schema["properties"].as_object().unwrap_or(&none);
    let mut seen = HashSet::new();
    for (key, place, node) in members {
        if !seen.insert(key) {
            found.push(wrong(*place, format!("`{key}` stands here twice")));
            continue;
        }
        match (properties.get(key), &schema["additionalProperties"]) {
            (Some(schema), _) => value(root, schema, key, node, found),
            _ if key == "<<" && !root[STRICT].is_null() => {
                let why = "`<<`: mappings are not merged here; repeat the keys, or name the whole mapping by an alias";
                found.push(wrong(*place, why.to_owned()));
            }
            (None, Value::Bool(false)) => {
                let what = schema["x-what"].as_str().unwrap_or("key");
                found.push(wrong(*place, unknown(what, key, properties.keys().map(String::as_str))));
            }
            (None, Value::Object(_)) => value(root, &schema["additionalProperties"], key, node, found),
            _ => {}
        }
    }
}

fn scalar(schema: &Value, name: &str, text: &str, place: Position, found: &mut Vec<Mistake>) {
    if is_nothing(text) {
        return;
    }
    if let Some(values) = schema["enum"].as_array() {
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let values: Vec<String> = values.iter().map(plain).collect();
        if !values.iter().any(|value| value == text) {
            found.push(wrong(place, unknown(&format!("`{name}`"), text, values.iter().map(String::as_str))));
        }
    } else if let Some(expected) = unfit(schema, text) {
        found.push(wrong(place, format!("`{name}`: {expected}")));
    }
}

/// Why a text is none that the schema means beyond its kind: durations, instants, bounds of whole numbers.
fn unfit(schema: &Value, text: &str) -> Option<String> {
    match schema["x-kind"].as_str() {
        Some("duration") => return text.parse::<Duration>().err(),
        Some("instant") => return instant(text).err(),
        _ => {}
    }
    let is_whole = |kind: &Value| kind == "integer";
    let is_whole = is_whole(&schema["type"]) || schema["type"].as_array()?.iter().any(is_whole);
    let number = text.replace('_', "").parse::<i128>().ok().filter(|_| is_whole)?;
    let bound = |name: &str| schema[name].as_number()?.as_str().parse::<i128>().ok();
    match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(greatest)) if !(least..=greatest).contains(&number) => {
            Some(format!("a whole number from {least} to {greatest} is expected"))
        }
        (Some(least), None) if number < least => Some(format!("a whole number from {least} on is expected")),
        _ => None,
    }
}

fn is(kind: &str, node: &Node) -> bool {
    match (&node.content, kind) {
        (Content::Scalar(text, true), _) if is_nothing(text) => true,
        (Content::Map(_), "object") | (Content::List(_), "array") | (Content::Scalar(..), "string") => true,
        (Content::Scalar(text, _), "boolean") => {
            matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "y" | "n")
        }
        (Content::Scalar(text, _), "integer") => {
            text.replace('_', "").parse::<i128>().is_ok() || text.starts_with("0x")
        }
        (Content::Scalar(text, _), "number") => {
            text.replace('_', "").parse::<f64>().is_ok() || text.starts_with("0x")
        }
        _ => false,
    }
}

fn is_nothing(text: &str) -> bool {
    matches!(text, "" | "~" | "null")
}

impl Node {
    fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(text, true) if is_nothing(text))
    }

    /// Whether it is of a kind of JSON Schema, as it is written: a plain scalar is also a text.
    fn is_of(&self, kind: &str) -> bool {
        match (&self.content, kind) {
            (Content::Map(_), "object") | (Content::List(_), "array") => true,
            (Content::Scalar(..), "string") => !self.is_null(),
            (Content::Scalar(..), "null") => self.is_null(),
            (Content::Scalar(text, true), "boolean") => matches!(text.as_str(), "true" | "false"),
            (Content::Scalar(text, true), "integer") => number(text).is_some_and(|it| it.as_i128().is_some()),
            (Content::Scalar(text, true), "number") => number(text).is_some(),
            _ => false,
        }
    }

    /// It as JSON: a plain scalar is a text where `schema`, a part of `root`, has texts only, else what it looks like.
    pub fn to_json(&self, root: &Value, schema: &Value) -> Value {
        if let Some(path) = schema["$ref"].as_str() {
            let target = root.pointer(path.trim_start_matches('#'));
            return self.to_json(root, target.unwrap_or(&Value::Null));
        }
        if let Some(choices) = ["anyOf", "oneOf"].iter().find_map(|key| schema[*key].as_array()) {
            let fits = |choice: &&Value| kinds(choice).iter().any(|kind| self.is_of(kind));
            return self.to_json(root, choices.iter().find(fits).unwrap_or(&Value::Null));
        }
        match &self.content {
            Content::List(items) => items.iter().map(|item| item.to_json(root, &schema["items"])).collect(),
            Content::Map(members) => {
                let of = |key: &str| match schema["properties"].get(key) {
                    Some(member) => member,
                    None => &schema["additionalProperties"],
                };
                let members = members.iter().map(|(key, _, node)| (key.clone(), node.to_json(root, of(key))));
                Value::Object(members.collect())
            }
            Content::Scalar(_, true) if self.is_null() => Value::Null,
            Content::Scalar(text, true) if !is_text_only(schema) => match text.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                text => number(text).map_or_else(|| text.into(), Value::Number),
            },
            Content::Scalar(text, _) => text.as_str().into(),
        }
    }
}

fn is_text_only(schema: &Value) -> bool {
    let kinds = kinds(schema);
    kinds.contains(&"string") && kinds.iter().all(|kind| matches!(*kind, "string" | "null"))
}

/// The number that a text is in JSON.
fn number(text: &str) -> Option<Number> {
    serde_json::from_str::<Number>(text).ok().filter(|number| number.as_str() == text)
}

fn word(kind: &str) -> &str {
    match kind {
        "object" => "a mapping",
        "array" => "a list",
        "string" => "a text",
        "boolean" => "true or false",
        "integer" => "a whole number",
        "number" => "a number",
        other => other,
    }
}
