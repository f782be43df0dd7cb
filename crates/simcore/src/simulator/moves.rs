//! What a profile of a user's may say of calls and names: every call stays reachable, and no name stands for two things.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use crate::base::diagnostics::{Mistake, unknown};
use crate::contract::{Contract, Operation};
use crate::entity::overlay::{is_name, names, steps, unknown_name};
use crate::entity::profile::{FieldKind, Profile};

/// How many characters a path has at most.
const MAX_PATH: usize = 1000;

/// Words of GraphQL that names cannot be.
const GRAPHQL: [&str; 26] = [
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "true",
    "false",
    "null",
    "schema",
    "type",
    "input",
    "enum",
    "scalar",
    "interface",
    "union",
    "directive",
    "implements",
    "extend",
    "repeatable",
    "String",
    "Int",
    "Float",
    "Boolean",
    "ID",
    "skip",
    "include",
];

/// What calls and names are judged by.
pub(super) struct Calls<'a> {
    /// What calls may be named by, each with its usual path: `VERB /path`, `/path`, name.
    pub known: Vec<(String, String)>,
    /// The contract without the changes.
    pub usual: &'a Contract,
    /// The profile that it is made from.
    pub profile: &'a Profile,
    /// Whether the wire holds GraphQL documents.
    pub is_graphql: bool,
    /// Entities that the file adds, where it has other mistakes and their calls are not known.
    pub pending: Vec<String>,
}

/// Everything that is wrong with the `routes` and `names` of the changes.
pub(super) fn check(calls: &Calls<'_>, changes: &Map<String, Value>) -> Vec<Mistake> {
    let part =
        |name: &str| changes.get(name).and_then(Value::as_object).filter(|members| !members.is_empty());
    let mut wrong = Vec::new();
    if let Some(routes) = part("routes") {
        routes_of(calls, routes, &mut wrong);
    }
    if let Some(names) = part("names") {
        names_of(calls, names, &mut wrong);
    }
    if calls.is_graphql {
        fields_of(calls, &mut wrong);
    }
    wrong
}

/// Fields that the file adds and a GraphQL schema cannot have.
fn fields_of(calls: &Calls<'_>, wrong: &mut Vec<Mistake>) {
    for (entity, description) in &calls.profile.entities {
        for (name, field) in description.fields.iter().filter(|(_, field)| field.added) {
            let why = if !name.is_ascii() || name.starts_with("__") {
                "a field has a name of ASCII letters, digits and `_` here, and no `__` first"
            } else if field.kind == FieldKind::Object || !field.fields.is_empty() {
                "a new field holds a text, a number, a boolean or a list of texts here"
            } else {
                continue;
            };
            wrong.push(Mistake::at(steps(&["entities", entity, "fields", name]), format!("`{name}`: {why}")));
        }
    }
}

/// Calls of a corrected contract that stand on one path with one verb: nobody reaches the second.
pub(super) fn clashes(contract: &Contract, changes: &Map<String, Value>) -> Vec<Mistake> {
    let mut seen: HashMap<(String, &str), &str> = HashMap::new();
    let mut wrong = Vec::new();
    for operation in &contract.operations {
        let usual = operation.own_path.as_deref().unwrap_or(&operation.path);
        let key = (shape(&operation.path, contract.any_case()), operation.method);
        if let Some(first) = seen.insert(key, usual) {
            let moved = [usual, first].into_iter().find_map(|usual| moving(changes, operation.method, usual));
            let way = moved.unwrap_or_else(|| "routes".to_owned());
            let why = format!(
                "`{}`: {verb} {first} and {verb} {usual} would both be there, and only one of them answered",
                operation.path,
                verb = operation.method,
            );
            let section = if way == "routes" { vec!["routes"] } else { vec!["routes", &way] };
            wrong.push(Mistake::at(steps(&section), why));
        }
    }
    wrong
}

/// A path by which it is found: variables are all alike.
fn shape(path: &str, any_case: bool) -> String {
    let parts = path.split('/').filter(|part| !part.is_empty()).map(|part| match part {
        part if part.starts_with('{') && part.ends_with("*}") => "{*}".to_owned(),
        part if part.starts_with('{') => "{}".to_owned(),
        part if any_case => part.to_lowercase(),
        part => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The key under `routes` that moves a call.
fn moving(changes: &Map<String, Value>, method: &str, usual: &str) -> Option<String> {
    let routes = changes.get("routes")?.as_object()?;
    [format!("{method} {usual}"), usual.to_owned()].into_iter().find(|key| routes.contains_key(key))
}

fn routes_of(calls: &Calls<'_>, routes: &Map<String, Value>, wrong: &mut Vec<Mistake>) {
    for (name, change) in routes {
        let mut say = |why: String| wrong.push(Mistake::at(steps(&["routes", name]), why));
        let Some((_, usual)) = calls.known.iter().find(|(known, _)| known == name) else {
            let is_pending = calls.pending.iter().any(|entity| name.split('/').any(|part| part == entity));
            if !is_pending {
                say(unknown("call", name, calls.known.iter().map(|(known, _)| known.as_str())));
            }
            continue;
        };
        let path = change.as_str().or(change["path"].as_str());
        if let Some(path) = path {
            let why = unreachable(path).or_else(|| other_variables(path, usual));
            if let Some(why) = why {
                say(format!("`{path}`: {why}"));
            }
        } else if change.is_object() && change["status"].is_null() {
            say(format!("`{name}` needs a `path` or a `status`, or null to take the call away"));
        }
        if change["status"].is_u64()
            && let Some(why) = wrong_status(calls, name, usual)
        {
            wrong.push(Mistake::at(steps(&["routes", name, "status"]), why));
        }
    }
}

/// Why a call cannot succeed with one status of a profile's. Which there are, the schema says.
fn wrong_status(calls: &Calls<'_>, name: &str, usual: &str) -> Option<String> {
    let operations = calls.usual.operations.iter().filter(|operation| operation.path == usual);
    let verb = name.split_once(" /").map(|(verb, _)| verb);
    let meant: Vec<&Operation> =
        operations.filter(|operation| verb.is_none_or(|verb| operation.method == verb)).collect();
    match meant.as_slice() {
        [one] => one.usual_success().is_none().then(|| {
            let all: Vec<String> = one.successes().map(|status| status.to_string()).collect();
            format!("`{name}` succeeds with {}, and a status stands for one of them", all.join(" or "))
        }),
        [] => None,
        several => {
            let verbs: Vec<&str> = several.iter().map(|operation| operation.method).collect();
            Some(format!("`{name}` is {}: say the verb whose status it is", verbs.join(", ")))
        }
    }
}

/// Why a request would never get to a path.
fn unreachable(path: &str) -> Option<String> {
    if path.chars().count() > MAX_PATH {
        return Some(format!("a path has at most {MAX_PATH} characters"));
    }
    let Some(rest) = path.strip_prefix('/') else { return Some("a path begins with a slash".to_owned()) };
    if rest.starts_with('~') {
        return Some("what begins with `/~` is a sandbox".to_owned());
    }
    let parts: Vec<&str> = rest.strip_suffix('/').unwrap_or(rest).split('/').collect();
    for (place, part) in parts.iter().enumerate() {
        let variable = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let is_last = place + 1 == parts.len();
        match variable {
            Some(name) if is_name(name.strip_suffix('*').unwrap_or(name)) => {
                if name.ends_with('*') && !is_last {
                    return Some(format!("`{part}` takes all that follows, and stands last"));
                }
            }
            Some(_) => return Some(format!("`{part}` is no variable")),
            None if part.is_empty() && parts.len() > 1 => {
                return Some("two slashes stand together".to_owned());
            }
            None if matches!(*part, "." | "..") => return Some(format!("`{part}` is taken away by clients")),
            None if part.contains(['{', '}']) => {
                return Some(format!("`{part}`: a variable is a whole part of a path, `/{{name}}/`"));
            }
            None => {
                let is_plain =
                    |letter: char| letter.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@".contains(letter);
                if let Some(letter) = part.chars().find(|letter| !is_plain(*letter)) {
                    return Some(format!("`{letter}` does not stand in a path as it is sent"));
                }
            }
        }
    }
    None
}

/// Why a path does not hold what a call needs.
fn other_variables(path: &str, usual: &str) -> Option<String> {
    let (mut has, mut needs) = (variables(path), variables(usual));
    has.sort_unstable();
    needs.sort_unstable();
    let list = if needs.is_empty() { "no variables".to_owned() } else { needs.join(", ") };
    (has != needs).then(|| format!("it must have {list}, as {usual} has"))
}

/// The variables of a path template.
fn variables(path: &str) -> Vec<String> {
    let parts = path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| format!("{{{name}}}")).collect()
}

fn names_of(calls: &Calls<'_>, changes: &Map<String, Value>, wrong: &mut Vec<Mistake>) {
    let mut known = vocabulary(calls.usual);
    if !calls.is_graphql {
        known.extend(names(calls.profile, &Map::new()));
    }
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, change) in changes {
        let mut say = |why: String| wrong.push(Mistake::at(steps(&["names", name]), why));
        let is_reserved =
            |name: &str| calls.is_graphql && (GRAPHQL.contains(&name) || name.starts_with("__"));
        if !known.contains(name.as_str()) && !calls.pending.iter().any(|entity| entity == name) {
            say(unknown_name(name, &known.iter().map(String::as_str).collect::<Vec<_>>()));
            continue;
        }
        if is_reserved(name) {
            say(format!("`{name}` is a word of GraphQL and has no other name"));
            continue;
        }
        let Some(other) = change.as_str() else { continue };
        let mut paths = calls.usual.operations.iter().map(|call| &call.path);
        let is_word = paths.any(|path| path.split('/').any(|part| part == name));
        let is_path = is_word || calls.profile.entities.contains_key(name);
        if !is_name(other) || (calls.is_graphql || is_path) && !other.is_ascii() {
            let letters = if other.is_ascii() { "letters" } else { "ASCII letters" };
            say(format!("`{other}`: a name has {letters}, digits and `_`, at most 64, and no digit first"));
        } else if is_reserved(other) {
            say(format!("`{other}` is a word of GraphQL"));
        } else if known.contains(other) {
            say(format!("`{other}` is a name that this server has already"));
        } else if let Some(first) = taken.insert(other, name) {
            say(format!("`{other}` is the other name of `{first}` already"));
        }
    }
}

/// Every name that stands on the wire: words of paths, parameters, members of bodies, words of an SDL.
fn vocabulary(contract: &Contract) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for operation in &contract.operations {
        let words = operation.path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
        names.extend(words.map(str::to_owned));
        names.extend(operation.parameters.iter().map(|parameter| parameter.name.to_string()));
    }
    if let Some(text) = &contract.text {
        let code: String = without_texts(text);
        let words = code.split(|letter: char| !(letter.is_alphanumeric() || letter == '_'));
        let is_word = |word: &&str| word.starts_with(|first: char| first.is_alphabetic() || first == '_');
        names.extend(words.filter(is_word).map(str::to_owned));
    } else {
        members(&contract.openapi("", ""), "", &mut names);
    }
    names
}

/// An SDL without its descriptions and comments.
fn without_texts(text: &str) -> String {
    let blocks = text.split("\"\"\"").step_by(2);
    let lines = blocks.flat_map(str::lines).map(|line| line.split('#').next().unwrap_or_default());
    lines.flat_map(|line| line.split('"').step_by(2).chain(["\n"])).collect()
}

fn members(value: &Value, under: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members_of) => {
            for (key, member) in members_of {
                if under == "properties" {
                    names.insert(key.clone());
                }
                // A property may be called `properties`.
                members(member, if under == "properties" { "" } else { key }, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, "", names)),
        _ => {}
    }
}
