//! A user's profile laid over a simulator's own: what it names is changed or added, the rest stays, null takes away.
//!
//! Whatever would give an answer of 500, a call that nobody reaches, a name that stands for two things or a silent
//! nothing is a mistake of the file, and all of its mistakes are told at once.

mod check;
mod entities;
mod taken;
mod values;

use serde_json::{Map, Value, json};

use crate::base::diagnostics::{Mistake, nearest_key, plain};
use crate::base::places::{self, Node, Position, Step};
use crate::base::structure;
use crate::entity::profile::{Evidence, Profile, read};

pub(crate) use check::{holds, names, unknown_name};
pub(crate) use entities::is_name;
pub use taken::{Taken, taken};

/// The schema of profiles, for editors and for the check of their structure.
const SCHEMA: &str = include_str!("profile.schema.json");

/// How many bytes a user's profile may have.
pub const MAX_BYTES: usize = 1 << 20;

/// How many keys and values it may have, its aliases followed.
const MAX_NODES: usize = 100_000;

/// How many mistakes are told at once.
const MAX_MISTAKES: usize = 100;

/// What a correction is laid over.
pub struct Base<'a> {
    /// The simulator's own profile, as YAML.
    pub text: &'a str,
    /// The same, read.
    pub own: &'a Profile,
    /// Whether an entity that the simulator does not know gets calls.
    pub takes_entities: bool,
}

/// A correction that has been read.
pub struct Correction {
    /// What the file says.
    pub changes: Map<String, Value>,
    /// The profile with it; nothing where the file has mistakes.
    pub profile: Option<Profile>,
    /// The mistakes.
    pub wrong: Vec<Mistake>,
}

/// The schema of profiles; of one simulator's with the names that it has.
///
/// # Panics
/// Never: the schema is a part of the program, and a test reads it.
pub fn schema(profile: Option<&Profile>, routes: &[(String, String)]) -> Value {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let Some(profile) = profile else { return schema };
    let mut close = |way: &str, what: &str, names: Vec<&str>| {
        let Some(part) = schema.pointer_mut(way) else { return };
        let each = part["additionalProperties"].clone();
        let members = names.into_iter().map(|name| (name.to_owned(), each.clone()));
        part["properties"] = Value::Object(members.collect());
        part["additionalProperties"] = false.into();
        part["x-what"] = what.into();
    };
    close("/properties/settings", "setting", profile.settings.keys().map(String::as_str).collect());
    close("/properties/errors", "refusal", profile.errors.keys().map(String::as_str).collect());
    close("/properties/actions", "action", profile.actions.keys().map(String::as_str).collect());
    if !routes.is_empty() {
        close("/properties/routes", "call", routes.iter().map(|(name, _)| name.as_str()).collect());
    }
    let variants = profile.entities.values().flat_map(|entity| entity.access.keys());
    let mut variants: Vec<&str> = variants.map(String::as_str).collect();
    variants.sort_unstable();
    variants.dedup();
    close("/$defs/entity/properties/access", "variant", variants);
    schema
}

/// What a user's file, whose content is `node`, makes of a simulator's own profile.
///
/// # Errors
/// The simulator's own profile cannot be read, which is a defect.
pub fn corrected(base: &Base<'_>, node: &Node) -> Result<Correction, String> {
    let schema = schema(Some(base.own), &[]);
    let mut wrong = structure::check(&schema, node);
    let mut correction = Correction { changes: Map::new(), profile: None, wrong: Vec::new() };
    if let Value::Object(changes) = node.to_json(&schema, &schema) {
        correction.changes = changes;
        let mut checker = check::check(base, &correction.changes);
        entities::check(&mut checker);
        let found = checker.wrong;
        // What is of another kind than it must be has been told.
        let is_told = |mistake: &Mistake| {
            let (from, _) = node.extent(&mistake.steps);
            let below = node.value_place(&mistake.steps);
            wrong.iter().any(|told| told.place.is_some_and(|place| place == from || place == below))
        };
        let found: Vec<Mistake> = found.into_iter().filter(|mistake| !is_told(mistake)).collect();
        wrong.extend(found);
        if wrong.is_empty() {
            match laid_over(base, &correction.changes)? {
                Ok(profile) => correction.profile = Some(profile),
                Err(_) => wrong = blamed(base, &correction.changes)?,
            }
        }
    } else if wrong.is_empty() {
        wrong.push(Mistake::at(Vec::new(), "a profile is a mapping"));
    }
    correction.wrong = wrong;
    Ok(correction)
}

/// The mistakes of a file in words, each with its place and a snippet, in the order of the file.
pub fn told(mut wrong: Vec<Mistake>, name: &str, text: &str, node: &Node) -> String {
    for mistake in &mut wrong {
        mistake.place.get_or_insert_with(|| node.find(&mistake.steps));
    }
    wrong.sort_by_key(|mistake| mistake.place);
    let mut told: Vec<String> =
        wrong.iter().map(|mistake| mistake.told(Some(name), text, Some(node))).collect();
    told.dedup();
    let more = told.len().saturating_sub(MAX_MISTAKES);
    told.truncate(MAX_MISTAKES);
    if more > 0 {
        told.push(format!("{name}: and {more} more"));
    }
    told.join("\n")
}

/// Steps to what stands under these keys.
pub(crate) fn steps(way: &[&str]) -> Vec<Step> {
    way.iter().map(|key| Step::Key((*key).to_owned())).collect()
}

/// The profile with the changes, or why the reader does not take it.
fn laid_over(base: &Base<'_>, changes: &Map<String, Value>) -> Result<Result<Profile, String>, String> {
    let mut tree: Value = read(base.text)?;
    lay_over(base.own, &mut tree, changes);
    Ok(Profile::of_tree(tree))
}

/// Each change that the reader does not take by itself, with what it says.
fn blamed(base: &Base<'_>, changes: &Map<String, Value>) -> Result<Vec<Mistake>, String> {
    let mut wrong = Vec::new();
    for (section, change) in changes {
        let members = change.as_object().filter(|members| !members.is_empty());
        let keys = members.map_or_else(Vec::new, |members| members.keys().map(String::as_str).collect());
        let keys = if keys.is_empty() { vec![None] } else { keys.into_iter().map(Some).collect() };
        for key in keys.into_iter().take(MAX_MISTAKES) {
            let mut only = change.clone();
            if let (Some(key), Value::Object(members)) = (key, &mut only) {
                members.retain(|name, _| name == key);
            }
            let only = [(section.clone(), only)].into_iter().collect();
            if let Err(why) = laid_over(base, &only)? {
                let way: Vec<&str> = [section.as_str()].into_iter().chain(key).collect();
                wrong.push(Mistake::at(steps(&way), nearest_key(&why).unwrap_or_else(|| plain(&why))));
            }
        }
    }
    if wrong.is_empty()
        && let Err(why) = laid_over(base, changes)?
    {
        wrong.push(Mistake::at(Vec::new(), plain(&why)));
    }
    Ok(wrong)
}

/// Lays the changes over the tree of a profile.
fn lay_over(own: &Profile, tree: &mut Value, changes: &Map<String, Value>) {
    for (section, change) in changes {
        let part = &mut tree[section.as_str()];
        match (section.as_str(), change) {
            ("routes", _) => merge(part, change, &mut |_| false),
            ("errors", Value::Object(members)) => {
                for (name, change) in members {
                    let refusal = &mut part[name.as_str()];
                    if change.is_null() {
                        for taken in ["code", "message"] {
                            refusal[taken] = Value::Null;
                        }
                        refusal["evidence"] = json!(Evidence::of_user());
                    } else {
                        merge(refusal, change, &mut |_| true);
                        attribute(refusal, change);
                    }
                }
            }
            ("settings" | "entities", Value::Object(members)) => {
                for (name, change) in members {
                    let part = &mut part[name.as_str()];
                    if part.is_null() {
                        *part = json!({});
                    }
                    if section == "entities" {
                        taken::prepare(own.entities.get(name), part, change);
                    }
                    merge(part, change, &mut |_| true);
                    attribute_all(part, change);
                    if let Some(own) = own.entities.get(name).filter(|_| section == "entities") {
                        taken::mark(&own.fields, part, change);
                    }
                }
            }
            _ => merge(part, change, &mut |_| true),
        }
    }
}

/// Members whose values are a whole: they are replaced.
const WHOLE: [&str; 6] = ["default", "example", "example_key", "sample", "status", "values"];

/// Maps key by key, everything else replaced; null takes away where `takes` says so.
fn merge(own: &mut Value, change: &Value, takes: &mut impl FnMut(&str) -> bool) {
    let Value::Object(changes) = change else {
        own.clone_from(change);
        return;
    };
    if !own.is_object() {
        *own = json!({});
    }
    let Value::Object(own) = own else { return };
    for (key, change) in changes {
        if change.is_null() && takes(key) {
            own.shift_remove(key);
        } else if WHOLE.contains(&key.as_str()) {
            own.insert(key.clone(), change.clone());
        } else {
            merge(own.entry(key.as_str()).or_insert(Value::Null), change, takes);
        }
    }
}

/// What a user corrects comes from the user's client, unless the user says where from.
fn attribute(own: &mut Value, change: &Value) {
    if let (Value::Object(own), true) = (own, change["evidence"].is_null()) {
        own.insert("evidence".to_owned(), json!(Evidence::of_user()));
    }
}

fn attribute_all(own: &mut Value, change: &Value) {
    let Value::Object(changes) = change else { return };
    let changes_itself = changes.keys().any(|key| key != "fields") || own["evidence"].is_null();
    if changes_itself {
        attribute(own, change);
    }
    for (name, change) in changes.get("fields").and_then(Value::as_object).into_iter().flatten() {
        if !change.is_null() {
            attribute_all(&mut own["fields"][name.as_str()], change);
        }
    }
}

/// Files of one server as one tree, each laid over those before it: `name, text`.
///
/// # Errors
/// Which is no YAML, or too much of it, in words.
pub fn together(files: &[(String, String)]) -> Result<Value, String> {
    let schema = schema(None, &[]);
    let mut together = json!({});
    for (name, text) in files {
        merge(&mut together, &node(name, text)?.to_json(&schema, &schema), &mut |_| false);
    }
    Ok(together)
}

/// A user's profile as a tree of values.
///
/// # Errors
/// A sentence with line and column.
pub fn tree(text: &str) -> Result<Value, String> {
    read(text)
}

/// The node of a file, or its one mistake.
///
/// # Errors
/// Where it is no YAML, or too much of it, in words.
pub fn node(name: &str, text: &str) -> Result<Node, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("{name}: a profile has at most {MAX_BYTES} bytes"));
    }
    let node = places::read_at_most(text, MAX_NODES).map_err(|(place, why)| {
        let message = format!("cannot be read: {why}");
        Mistake { place: Some(place), message, ..Mistake::default() }.told(Some(name), text, None)
    })?;
    if text.trim().is_empty() {
        let place = Some(Position { line: 1, column: 1 });
        let empty = Mistake {
            place,
            message: "a profile is a mapping, and this is empty".to_owned(),
            ..Mistake::default()
        };
        return Err(empty.told(Some(name), text, None));
    }
    Ok(node)
}
