//! The schema in its two forms: as it is documented, and with what lenient mode adds (fact sheet 3).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use graphql_js::{Scalars, Schema};
use simcore::base::renames::Renames;
use simcore::entity::profile::{Entity, Evidence, FieldKind, Profile};

use crate::execute::Library;
use crate::scalar;

/// The contract as SDL: exactly that of fact sheet 3 when `strict`, with what lenient mode adds otherwise.
pub fn sdl(strict: bool) -> String {
    let documented = include_str!("schema.graphql");
    if strict { documented.to_owned() } else { format!("{documented}\n{}", include_str!("lenient.graphql")) }
}

/// The types that show records of an entity.
const SHOWN: [(&str, &str); 6] = [
    ("Team", "teams"),
    ("User", "users"),
    ("Column", "columns"),
    ("Folder", "folders"),
    ("FolderValues", "folders"),
    ("Prospect", "prospects"),
];

/// The call whose arguments are fields of prospects.
const UPSERT: &str = "upsertProspect(";

/// The same with the fields that a user's profile adds to the records that types show, and without those that it takes
/// away; nothing where it does neither.
pub(crate) fn corrected(strict: bool, profile: &Profile) -> Option<String> {
    let shown = SHOWN.iter().filter_map(|(kind, entity)| Some((*kind, profile.entities.get(*entity)?)));
    let is_changed =
        |entity: &Entity| !entity.gone.is_empty() || entity.fields.values().any(|field| field.added);
    let changed: Vec<(&str, &Entity)> = shown.filter(|(_, entity)| is_changed(entity)).collect();
    if changed.is_empty() {
        return None;
    }
    let mut text = String::new();
    let (mut entity, mut described): (Option<&Entity>, Vec<&str>) = (None, Vec::new());
    let whole = sdl(strict);
    for line in whole.lines() {
        let code = line.trim_start();
        let ends = line == "}" || line.starts_with("  )");
        if let Some(entity) = entity.filter(|_| ends) {
            let indent = if line == "}" { "  " } else { "    " };
            let added = entity.fields.iter().filter(|(_, field)| field.added);
            added.for_each(|(name, field)| text.extend([indent, name, ": ", kind_of(field.kind), "\n"]));
        }
        if ends {
            entity = None;
        }
        let of_type =
            |kind: &str| line.strip_prefix("type ").is_some_and(|rest| rest == format!("{kind} {{"));
        let of_call = |kind: &str| kind == "Prospect" && code.starts_with(UPSERT);
        let begins = changed.iter().find(|(kind, _)| of_type(kind) || of_call(kind));
        entity = begins.map(|(_, entity)| *entity).or(entity);
        if code.starts_with('"') {
            described.push(line);
            continue;
        }
        let name = code.split([':', '(']).next().unwrap_or_default();
        let is_gone = entity.is_some_and(|entity| entity.gone.contains_key(name)) && code.contains(':');
        let described = std::mem::take(&mut described);
        for line in described.into_iter().chain([line]).filter(|_| !is_gone) {
            text.extend([line, "\n"]);
        }
    }
    Some(text)
}

/// The evidence of a type's field that a user's profile has added.
pub(crate) fn added(profile: &Profile, on: &str, field: &str) -> Option<Evidence> {
    let (_, entity) = SHOWN.iter().find(|(kind, _)| *kind == on)?;
    let field = profile.entities.get(*entity)?.fields.get(field)?;
    field.added.then_some(field.evidence)
}

/// What a field of a profile is on the wire.
fn kind_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Integer => "Int",
        FieldKind::Decimal => "Float",
        FieldKind::Boolean => "Boolean",
        FieldKind::List => "[String]",
        _ => "String",
    }
}

/// The contract as SDL with what a user's profile says of fields.
pub(crate) fn of_profile(strict: bool, profile: &Profile) -> String {
    corrected(strict, profile).unwrap_or_else(|| sdl(strict))
}

/// A schema that is served: what documents are judged against, and what executes them.
pub(crate) struct Served {
    pub(crate) types: &'static Schema,
    pub(crate) scalars: Scalars,
    pub(crate) library: Library,
}

static STRICT: LazyLock<Served> = LazyLock::new(|| served(&STRICT_TYPES, scalar::STRICT));
static LENIENT: LazyLock<Served> = LazyLock::new(|| served(&LENIENT_TYPES, scalar::LENIENT));
static STRICT_TYPES: LazyLock<Schema> = LazyLock::new(|| read(true));
static LENIENT_TYPES: LazyLock<Schema> = LazyLock::new(|| read(false));

/// The schema of the mode, with what a user's profile says of fields.
pub(crate) fn of(strict: bool, profile: &Profile) -> &'static Served {
    let usual: &'static Served = if strict { &STRICT } else { &LENIENT };
    corrected(strict, profile).map_or(usual, |text| leaked(text, usual))
}

/// The schema of a text. It lives as long as the process: that has one profile, or the few that learning tries.
fn leaked(text: String, usual: &'static Served) -> &'static Served {
    static KNOWN: LazyLock<Mutex<HashMap<String, &'static Served>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(served) = known.get(&text) {
        return served;
    }
    if known.len() >= MAX_LEAKED {
        return usual;
    }
    let Ok(types) = Schema::new(&text) else { return usual };
    let types: &'static Schema = Box::leak(Box::new(types));
    let served: &'static Served = Box::leak(Box::new(self::served(types, usual.scalars)));
    known.insert(text, served);
    served
}

/// How many corrected schemas there are at most.
const MAX_LEAKED: usize = 1000;

/// The types as they are documented, with what a user's profile says of fields.
pub(crate) fn documented(profile: &Profile) -> &'static Schema {
    of(true, profile).types
}

/// The types of the mode by the names that a user's profile has for them on the wire.
pub(crate) fn renamed(strict: bool, profile: &Profile, renames: &Renames) -> Arc<Schema> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Schema>>>> = LazyLock::new(Mutex::default);
    let text = renames.words_outside_quotes(&of_profile(strict, profile));
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(schema) = known.get(&text) {
        return schema.clone();
    }
    // A process has one profile; tests have more of them.
    if known.len() >= MAX_RENAMED {
        known.clear();
    }
    let schema = Arc::new(Schema::new(&text).unwrap_or_default());
    known.entry(text).or_insert(schema).clone()
}

/// How many renamed schemas are kept.
const MAX_RENAMED: usize = 16;

fn served(types: &'static Schema, scalars: Scalars) -> Served {
    Served { types, scalars, library: Library::new(types) }
}

/// A schema is a constant of this program; a test reads both.
fn read(strict: bool) -> Schema {
    Schema::new(&sdl(strict)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_schemas_are_read_and_can_be_executed() {
        for strict in [true, false] {
            graphql_js::Schema::new(&super::sdl(strict)).unwrap();
            let profile = super::Profile::default();
            assert!(super::of(strict, &profile).library.is_whole(), "strict: {strict}");
        }
    }
}
