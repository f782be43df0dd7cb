//! A user's profile laid over a simulator's own: what it names is changed or added, the rest stays, null takes away.

use serde_json::{Map, Value, json};

use crate::base::diagnostics::{Mistake, unknown};
use crate::base::places::{self, Node, Step};
use crate::base::structure;
use crate::entity::profile::{Evidence, Profile, read};
use crate::entity::refusals::{Refusal, Sentence};

/// The schema of profiles, for editors and for the check of their structure.
const SCHEMA: &str = include_str!("profile.schema.json");

/// What a correction is laid over.
pub struct Base<'a> {
    /// The simulator's own profile, as YAML.
    pub text: &'a str,
    /// What its calls may be named by: `VERB /path`, `/path`, name; each with its path.
    pub routes: Vec<(String, String)>,
    /// Whether an entity that the simulator does not know gets calls.
    pub takes_entities: bool,
}

/// The schema of profiles; of one simulator's with the names that it has.
///
/// # Panics
/// Never: the schema is a part of the program, and a test reads it.
pub fn schema(profile: Option<&Profile>, routes: &[(String, String)]) -> Value {
    let mut schema: Value = serde_json::from_str(SCHEMA).unwrap_or_default();
    let Some(profile) = profile else { return schema };
    let mut close = |way: &str, what: &str, names: Vec<&str>, each: &str| {
        let members: Map<String, Value> =
            names.into_iter().map(|name| (name.to_owned(), json!({ "$ref": each }))).collect();
        if let Some(part) = schema.pointer_mut(way) {
            part["properties"] = Value::Object(members);
            part["additionalProperties"] = false.into();
            part["x-what"] = what.into();
        }
    };
    let settings = profile.settings.keys().map(String::as_str).collect();
    close("/properties/settings", "setting", settings, "#/$defs/setting");
    close(
        "/properties/errors",
        "refusal",
        profile.errors.keys().map(String::as_str).collect(),
        "#/$defs/refusal",
    );
    close(
        "/properties/routes",
        "call",
        routes.iter().map(|(name, _)| name.as_str()).collect(),
        "#/$defs/route",
    );
    let variants = profile.entities.values().flat_map(|entity| entity.access.keys());
    let mut variants: Vec<&str> = variants.map(String::as_str).collect();
    variants.sort_unstable();
    variants.dedup();
    close("/$defs/entity/properties/access", "variant", variants, "#/$defs/verbs");
    schema["$defs"]["verbs"] =
        json!({ "type": "array", "items": { "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"] } });
    let actions: Vec<&str> = profile.actions.keys().map(String::as_str).collect();
    let of_action = schema["properties"]["actions"]["additionalProperties"].clone();
    schema["properties"]["actions"]["properties"] =
        actions.iter().map(|name| ((*name).to_owned(), of_action.clone())).collect::<Map<_, _>>().into();
    schema["properties"]["actions"]["additionalProperties"] = false.into();
    schema["properties"]["actions"]["x-what"] = "action".into();
    schema
}

/// The profile with a user's corrections; `text` is the user's.
///
/// # Errors
/// Every mistake, each with its place in `node`.
pub fn corrected(base: &Base<'_>, text: &str, node: &Node) -> Result<Profile, Vec<Mistake>> {
    let whole = |why: String| vec![Mistake::at(Vec::new(), why)];
    let own = Profile::load(base.text).map_err(whole)?;
    let mut wrong = structure::check(&schema(Some(&own), &base.routes), node);
    let changes = match read(text) {
        Ok(Value::Object(changes)) => changes,
        _ if !wrong.is_empty() => return Err(wrong),
        Ok(_) => return Err(whole("a profile is a mapping".to_owned())),
        Err(why) => return Err(whole(why)),
    };
    Checker { base, own: &own, changes: &changes, wrong: &mut wrong }.check();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut tree: Value = read(base.text).map_err(whole)?;
    lay_over(&mut tree, &changes);
    Profile::of_tree(tree).map_err(|why| vec![placed(why)])
}

/// A sentence of the reader, at the field that it quotes.
fn placed(why: String) -> Mistake {
    let quoted = why.split('`').nth(1).unwrap_or_default();
    let (entity, field) = quoted.split_once('.').unwrap_or((quoted, ""));
    let keys = ["entities", entity, "fields", field].into_iter().filter(|key| !key.is_empty());
    Mistake::at(keys.map(|key| Step::Key(key.to_owned())).collect(), why)
}

struct Checker<'a> {
    base: &'a Base<'a>,
    own: &'a Profile,
    changes: &'a Map<String, Value>,
    wrong: &'a mut Vec<Mistake>,
}

impl Checker<'_> {
    fn say(&mut self, way: &[&str], why: impl Into<String>) {
        self.wrong.push(Mistake::at(way.iter().map(|key| Step::Key((*key).to_owned())).collect(), why));
    }

    fn part(&self, name: &str) -> Vec<(String, Value)> {
        let members = self.changes.get(name).and_then(Value::as_object).into_iter().flatten();
        members.map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    fn check(&mut self) {
        for (name, change) in self.part("errors") {
            if let Some(own) = self.own.errors.get(&name) {
                self.refusal(&name, own, &change);
            }
        }
        for (name, change) in self.part("settings") {
            let Some(own) = self.own.settings.get(&name) else { continue };
            let mut tree = json!(own);
            if let (Value::Object(tree), Some(change)) = (&mut tree, change.as_object()) {
                tree.extend(change.clone());
            }
            let setting = serde_json::from_value::<crate::entity::settings::Setting>(tree);
            let checked =
                setting.map_err(|why| why.to_string()).and_then(|setting| setting.accepts(&setting.default));
            if let Err(why) = checked {
                self.say(&["settings", &name, "default"], format!("setting `{name}`: default {why}"));
            }
        }
        self.routes();
        self.names();
        for (name, change) in self.part("entities") {
            self.entity(&name, &change);
        }
    }

    fn refusal(&mut self, name: &str, own: &Refusal, change: &Value) {
        let way = ["errors", name];
        if let Some(setting) = change["status"]["setting"].as_str()
            && !self.own.settings.contains_key(setting)
        {
            let why = unknown("setting", setting, self.own.settings.keys().map(String::as_str));
            self.say(&[way[0], way[1], "status"], why);
        }
        if change["status"].as_u64().is_some_and(|status| !(200..600).contains(&status)) {
            self.say(&[way[0], way[1], "status"], "a status is a number from 200 to 599");
        }
        if change["status"].is_number() && own.status.is_none() {
            let why = format!("`{name}` is a part of other refusals and has no status");
            self.say(&[way[0], way[1], "status"], why);
        }
        let Ok(sentence) = serde_json::from_value::<Sentence>(change["message"].clone()) else { return };
        let known = own.message.as_ref().map(Sentence::placeholders).unwrap_or_default();
        for placeholder in sentence.placeholders().into_iter().filter(|name| !known.contains(name)) {
            let why = unknown("placeholder", placeholder, known.iter().copied());
            self.say(&[way[0], way[1], "message"], why);
        }
        let languages: Vec<&str> = match &own.message {
            Some(own) => own.texts().filter_map(|(language, _)| language).collect(),
            None => Vec::new(),
        };
        for (language, _) in sentence.texts() {
            match language {
                Some(language) if languages.is_empty() => {
                    self.say(
                        &[way[0], way[1], "message"],
                        format!("`{language}`: this sentence has one language"),
                    );
                }
                Some(language) if !languages.contains(&language) => {
                    let why = unknown("language", language, languages.iter().copied());
                    self.say(&[way[0], way[1], "message"], why);
                }
                _ => {}
            }
        }
    }

    fn routes(&mut self) {
        for (name, change) in self.part("routes") {
            let known =
                self.base.routes.iter().find(|(known, _)| *known == name).map(|(_, path)| path.clone());
            let path = change.as_str().or(change["path"].as_str()).map(str::to_owned);
            let (Some(known), Some(path)) = (known, path) else { continue };
            if !path.starts_with('/') {
                self.say(&["routes", &name], format!("`{path}`: a path begins with a slash"));
                continue;
            }
            let (mut has, mut needs) = (variables(&path), variables(&known));
            has.sort_unstable();
            needs.sort_unstable();
            if has != needs {
                let needs = if needs.is_empty() { "no variables".to_owned() } else { needs.join(", ") };
                self.say(&["routes", &name], format!("`{path}` must have {needs}, as {known} has"));
            }
        }
    }

    fn names(&mut self) {
        let mut taken: Vec<String> = Vec::new();
        for (name, change) in self.part("names") {
            let Some(other) = change.as_str() else { continue };
            let is_name =
                !other.is_empty() && other.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
            if !is_name {
                self.say(&["names", &name], format!("`{other}`: a name has letters, digits and `_`"));
            } else if taken.iter().any(|taken| taken == other) {
                self.say(&["names", &name], format!("`{other}` is the name of something else already"));
            }
            taken.push(other.to_owned());
        }
    }

    fn entity(&mut self, name: &str, change: &Value) {
        let known = self.own.entities.get(name);
        if change.is_null() {
            let why = format!(
                "`{name}` cannot be taken away: the server works with it; take its calls away in `routes`"
            );
            self.say(&["entities", name], why);
            return;
        }
        if known.is_none() {
            if !self.base.takes_entities {
                let names = self.own.entities.keys().map(String::as_str);
                let why = unknown("entity", name, names);
                self.say(&["entities", name], format!("{why}; new ones get no calls on this server"));
                return;
            }
            if !change["fields"].is_object() {
                self.say(&["entities", name], format!("the new entity `{name}` needs `fields`"));
            }
        }
        for (field, change) in change["fields"].as_object().into_iter().flatten() {
            let own = known.and_then(|known| known.fields.get(field));
            if own.is_none() && !change.is_null() && !change["kind"].is_string() {
                let mut why = format!("the new field `{field}` needs a `kind`");
                if let Some(known) = known {
                    let nearest = unknown("field", field, known.fields.keys().map(String::as_str));
                    if nearest.contains("did you mean") {
                        why = format!("{nearest}; a new field needs a `kind`");
                    }
                }
                self.say(&["entities", name, "fields", field], why);
            }
            let is_key = known.is_some_and(|known| known.keys.contains(field));
            if change.is_null() && is_key {
                self.say(
                    &["entities", name, "fields", field],
                    format!("`{field}` is a key of `{name}` and stays"),
                );
            }
        }
    }
}

/// The variables of a path template.
fn variables(path: &str) -> Vec<String> {
    let parts = path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| format!("{{{name}}}")).collect()
}

/// Lays the changes over the tree of a profile.
fn lay_over(tree: &mut Value, changes: &Map<String, Value>) {
    let Value::Object(tree) = tree else { return };
    for (section, change) in changes {
        let own = tree.entry(section.as_str()).or_insert(Value::Null);
        match (section.as_str(), change) {
            ("routes", Value::Object(_)) => merge(own, change, &mut |_| false),
            ("errors", Value::Object(members)) => {
                for (name, change) in members {
                    let refusal = &mut own[name.as_str()];
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
                    let part = own.as_object_mut().map(|own| own.entry(name.as_str()).or_insert(json!({})));
                    if let Some(part) = part {
                        merge(part, change, &mut |_| true);
                        attribute_all(part, change);
                    }
                }
            }
            _ => merge(own, change, &mut |_| true),
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
/// Where it is no YAML, in words.
pub fn node(name: Option<&str>, text: &str) -> Result<Node, String> {
    places::read(text).map_err(|(place, why)| {
        let message = format!("cannot be read: {why}");
        Mistake { place: Some(place), message, ..Mistake::default() }.told(name, text, None)
    })
}
