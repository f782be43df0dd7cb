//! What a profile of a user's may say of entities and fields.

use crate::base::map::IndexMap;
use serde_json::{Map, Value, json};

use super::check::Checker;
use super::values::wrong_values;
use crate::base::diagnostics::unknown;
use crate::entity::order::Order;
use crate::entity::profile::{Entity, Field, FieldKind};

/// How many fields an entity has at most, each a column of its table.
const MAX_FIELDS: usize = 500;

/// How many entities a profile has at most.
const MAX_ENTITIES: usize = 500;

/// How many characters a name has at most.
const MAX_NAME: usize = 64;

/// Columns that every table has beside its fields.
const COLUMNS: [&str; 3] = ["_id", "_tenant", "_extra"];

/// Everything that is wrong with the entities of the changes.
pub(super) fn check(checker: &mut Checker<'_>) {
    let added =
        checker.part("entities").filter(|(name, _)| !checker.own.entities.contains_key(*name)).count();
    if checker.own.entities.len() + added > MAX_ENTITIES {
        checker.say(&["entities"], format!("a profile has at most {MAX_ENTITIES} entities"));
    }
    for (name, change) in checker.part("entities") {
        match checker.own.entities.get(name) {
            _ if change.is_null() => {
                let why = "cannot be taken away: the server works with it; take its calls away in `routes`";
                checker.say(&["entities", name], format!("`{name}` {why}"));
            }
            Some(own) => One { checker, name, own: Some(own), change }.check(),
            None if !checker.base.takes_entities => {
                let why = unknown("entity", name, checker.own.entities.keys().map(String::as_str));
                checker.say(&["entities", name], format!("{why}; new ones get no calls on this server"));
            }
            None => {
                new(checker, name, change);
                One { checker, name, own: None, change }.check();
            }
        }
    }
}

/// A name that can be a word of a path, a column and a member.
pub(crate) fn is_name(name: &str) -> bool {
    let mut letters = name.chars();
    let begins = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    begins
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
        && name.chars().count() <= MAX_NAME
}

/// What an entity must have that the server does not know.
fn new(checker: &mut Checker<'_>, name: &str, change: &Value) {
    let way = ["entities", name];
    let (known, lower) = (&checker.own.entities, name.to_lowercase());
    let others = checker.part("entities").map(|(other, _)| other).filter(|other| *other != name);
    let same = known.keys().chain(others).find(|other| other.to_lowercase() == lower).cloned();
    let views = known.values().flat_map(|entity| entity.fields.keys());
    let is_view = name.split_once('_').is_some_and(|(before, after)| {
        known.contains_key(before) && views.into_iter().any(|field| field.eq_ignore_ascii_case(after))
    });
    if let Some(same) = same {
        checker.say(&way, format!("`{name}` is `{same}` in other letters"));
    } else if !is_name(name)
        || !name.is_ascii()
        || name.starts_with('_')
        || lower.starts_with("sqlite")
        || is_view
    {
        let why = format!(
            "`{name}`: an entity has a name of ASCII letters, digits and `_`, at most {MAX_NAME}, that is a letter first and is no other table"
        );
        checker.say(&way, why);
    }
    if !change["fields"].as_object().is_some_and(|fields| fields.values().any(|field| !field.is_null())) {
        checker.say(&way, format!("the new entity `{name}` needs `fields`"));
        return;
    }
    let has_keys = change["keys"].as_array().is_some_and(|keys| !keys.is_empty());
    if checker.own.common.is_none() && !has_keys {
        checker.say(
            &way,
            format!("the new entity `{name}` needs `keys`: the field by which a path names a record"),
        );
    }
    if checker.own.entities.values().any(|entity| !entity.access.is_empty()) && !change["access"].is_object()
    {
        checker.say(&way, format!("the new entity `{name}` needs `access`: without it, it has no calls"));
    }
}

struct One<'c, 'a> {
    checker: &'c mut Checker<'a>,
    name: &'a str,
    own: Option<&'a Entity>,
    change: &'a Value,
}

impl<'a> One<'_, 'a> {
    fn say(&mut self, way: &[&str], why: impl Into<String>) {
        let way: Vec<&str> = ["entities", self.name].into_iter().chain(way.iter().copied()).collect();
        self.checker.say(&way, why);
    }

    fn check(mut self) {
        self.lists();
        self.order();
        if let Some(fields) = self.change["fields"].as_object() {
            self.taken(fields);
            let none = IndexMap::default();
            self.fields(&["fields"], self.own.map_or(&none, |own| &own.fields), fields);
        }
    }

    /// Fields that this entity has with the changes.
    fn names(&self) -> Vec<&'a str> {
        let taken = |name: &str| self.change["fields"].get(name).is_some_and(Value::is_null);
        let own = self.own.into_iter().flat_map(|own| own.fields.keys()).map(String::as_str);
        let new =
            self.change["fields"].as_object().into_iter().flatten().filter(|(_, change)| !change.is_null());
        let mut names: Vec<&str> = own.filter(|name| !taken(name)).collect();
        names.extend(new.map(|(name, _)| name.as_str()));
        names.sort_unstable();
        names.dedup();
        names
    }

    fn lists(&mut self) {
        let names = self.names();
        if self.checker.own.common.is_some() && !self.change["keys"].is_null() {
            let why = format!("`{}` has the key that every entity of this server has", self.name);
            self.say(&["keys"], why);
        } else if let Some(own) =
            self.own.filter(|own| !self.change["keys"].is_null() && json!(own.keys) != self.change["keys"])
        {
            let why = format!(
                "the keys of `{}` are {} and stay: paths name records by them",
                self.name,
                own.keys.join(", ")
            );
            self.say(&["keys"], why);
        }
        let is_common =
            |name: &str| self.checker.own.common.as_ref().is_some_and(|common| common.has(self.name, name));
        let mut wrong = Vec::new();
        for key in ["keys", "unique", "indexes"] {
            let listed = self.change[key].as_array().into_iter().flatten();
            let listed = listed
                .flat_map(|item| item.as_array().map_or_else(|| vec![item], |items| items.iter().collect()));
            for field in
                listed.filter_map(Value::as_str).filter(|field| !names.contains(field) && !is_common(field))
            {
                wrong.push((key, unknown("field", field, names.iter().copied())));
            }
        }
        for (field, _) in self.change["referable"].as_object().into_iter().flatten() {
            if !names.contains(&field.as_str()) {
                wrong.push(("referable", unknown("field", field, names.iter().copied())));
            }
        }
        for (key, why) in wrong {
            self.say(&[key], why);
        }
        if names.len() > MAX_FIELDS {
            self.say(
                &["fields"],
                format!("`{}` has {} fields, at most {MAX_FIELDS} are kept", self.name, names.len()),
            );
        }
    }

    /// By which fields its lists are ordered.
    fn order(&mut self) {
        let Some(text) = self.change["order"].as_str() else { return };
        let order = match Order::try_from(text.to_owned()) {
            Ok(order) => order,
            Err(why) => return self.say(&["order"], why),
        };
        if self.own.is_some_and(|own| own.back_office) {
            let why = format!("no call of this server lists `{}`", self.name);
            return self.say(&["order"], why);
        }
        let names = self.names();
        let common = self.checker.own.common.as_ref();
        for field in order.fields() {
            let of = |fields: &'a IndexMap<String, Field>| fields.get(field).map(|field| field.kind);
            let kind = self.own.and_then(|own| of(&own.fields));
            let kind =
                kind.or_else(|| serde_json::from_value(self.change["fields"][field]["kind"].clone()).ok());
            if !names.contains(&field) && !common.is_some_and(|common| common.has(self.name, field)) {
                self.say(&["order"], unknown("field", field, names.iter().copied()));
            } else if matches!(kind, Some(FieldKind::Object | FieldKind::List)) {
                self.say(
                    &["order"],
                    format!("`{field}` holds several values, and rows have no order by them"),
                );
            }
        }
    }

    /// Fields that are to go and that something needs.
    fn taken(&mut self, fields: &Map<String, Value>) {
        let Some(own) = self.own else { return };
        for (name, _) in fields.iter().filter(|(_, change)| change.is_null()) {
            let is_common =
                self.checker.own.common.as_ref().is_some_and(|common| common.has(self.name, name));
            let why = if !own.fields.contains_key(name) {
                unknown("field", name, own.fields.keys().map(String::as_str))
            } else if own.keys.contains(name) {
                format!("`{name}` is a key of `{}` and stays", self.name)
            } else if is_common {
                format!("`{name}` is a field of every entity and stays")
            } else if own.unique.iter().any(|fields| fields.contains(name)) {
                format!("`{name}` stays: no two records of `{}` share it (`unique`)", self.name)
            } else {
                continue;
            };
            self.say(&["fields", name], why);
        }
    }

    fn fields(&mut self, way: &[&str], own: &IndexMap<String, Field>, changes: &Map<String, Value>) {
        for (name, change) in changes {
            let way: Vec<&str> = way.iter().copied().chain([name.as_str()]).collect();
            let known = own.get(name);
            if change.is_null() && known.is_none() && way.len() > 2 {
                self.say(&way, unknown("field", name, own.keys().map(String::as_str)));
            }
            let Some(members) = change.as_object() else { continue };
            if known.is_none() {
                self.new_field(&way, own, changes, name);
            }
            let mut tree = known.map_or_else(|| json!({ "evidence": "client" }), |known| json!(known));
            let alone = members.iter().filter(|(key, _)| *key != "fields");
            let alone = Value::Object(alone.map(|(key, value)| (key.clone(), value.clone())).collect());
            super::merge(&mut tree, &alone, &mut |_| true);
            // Without a kind, or with one that there is not, it has been told.
            let Ok(field) = serde_json::from_value::<Field>(tree) else { continue };
            self.kind(&way, known, &field);
            for (key, why) in wrong_values(&field) {
                let place: Vec<&str> = if change[key].is_null() {
                    way.clone()
                } else {
                    way.iter().copied().chain([key]).collect()
                };
                self.say(&place, format!("`{name}`: {why}"));
            }
            self.reference(&way, &field);
            if let Some(inner) = change["fields"].as_object() {
                let below: Vec<&str> = way.iter().copied().chain(["fields"]).collect();
                self.fields(&below, known.map_or(&IndexMap::default(), |known| &known.fields), inner);
            }
        }
    }

    fn new_field(
        &mut self,
        way: &[&str],
        own: &IndexMap<String, Field>,
        changes: &Map<String, Value>,
        name: &str,
    ) {
        if !changes[name]["kind"].is_string() {
            let nearest = unknown("field", name, own.keys().map(String::as_str));
            let why = if nearest.contains("did you mean") {
                format!("{nearest}; a new field needs a `kind`")
            } else {
                format!("the new field `{name}` needs a `kind`")
            };
            self.say(way, why);
        }
        let lower = name.to_lowercase();
        let known = own.iter().flat_map(|(known, field)| [known].into_iter().chain(&field.aliases));
        let same = known.chain(changes.keys().filter(|other| *other != name));
        let same = same.map(String::as_str).chain(COLUMNS).find(|other| other.to_lowercase() == lower);
        if let Some(same) = same {
            self.say(way, format!("`{name}` is `{same}` in other letters, or a column that every table has"));
        } else if !is_name(name) {
            let why = format!(
                "`{name}`: a field has a name of letters, digits and `_`, at most {MAX_NAME}, and no digit first"
            );
            self.say(way, why);
        }
    }

    fn kind(&mut self, way: &[&str], known: Option<&Field>, field: &Field) {
        let Some(known) = known.filter(|known| known.kind != field.kind) else { return };
        let name = way.last().copied().unwrap_or_default();
        let is_needed = self.own.is_some_and(|own| {
            let listed = own.keys.iter().chain(own.unique.iter().flatten());
            way.get(1).is_some_and(|first| listed.into_iter().any(|listed| listed == first))
        });
        let is_whole = |kind| matches!(kind, FieldKind::Object | FieldKind::List);
        // Inside a list or an object no column says of which kind it is: ids and amounts are what the server makes them.
        let is_inside = way.len() > 2;
        let is_made = is_inside
            && matches!(known.kind, FieldKind::Integer | FieldKind::Decimal)
            && field.kind != FieldKind::Decimal;
        if is_needed || is_made || is_whole(known.kind) || is_whole(field.kind) {
            let why =
                format!("`{name}` stays of kind {}: the server's own rules work with it", known.kind.name());
            let place: Vec<&str> = way.iter().copied().chain(["kind"]).collect();
            self.say(&place, why);
        }
    }

    fn reference(&mut self, way: &[&str], field: &Field) {
        let Some(target) = &field.references else { return };
        if matches!(field.kind, FieldKind::Object | FieldKind::List) {
            let why = format!(
                "`{}` is of kind {}, and only a text or a number holds the key of another record: give `references` to a \
                 field inside it",
                way.last().copied().unwrap_or_default(),
                field.kind.name()
            );
            let place: Vec<&str> = way.iter().copied().chain(["references"]).collect();
            self.say(&place, why);
        }
        let added = self.checker.part("entities").map(|(name, _)| name.as_str());
        let known = self.checker.own.entities.keys().map(String::as_str);
        let known: Vec<&str> = known.chain(added).collect();
        if !known.contains(&target.as_str()) {
            let why = unknown("entity", target, known.into_iter());
            let place: Vec<&str> = way.iter().copied().chain(["references"]).collect();
            self.say(&place, why);
        }
    }
}
