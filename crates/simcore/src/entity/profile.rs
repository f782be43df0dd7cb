//! A simulator's correctable facts: settings, entities, fields, back-office actions, each with its evidence.
//!
//! Profiles are YAML. Every simulator embeds one; a user lays an override over it with `--profile SLUG=FILE`, which
//! changes or adds what it names and leaves the rest.

use crate::base::map::IndexMap;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::base::renames::Renames;
use crate::entity::common::Common;
use crate::entity::descriptions::{self, Descriptions};
pub use crate::entity::evidence::{CallChange, Evidence};
pub use crate::entity::field::{Entity, Field, FieldKind, TextFormat, Unknown, Writable};
use crate::entity::marks::Marks;
use crate::entity::refusal::Refusal;
use crate::entity::sample::{Locale, Sample};
use crate::entity::samples;
use crate::entity::setting::Setting;

/// A parameter of a back-office action.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionParameter {
    /// What it holds.
    pub kind: FieldKind,
    /// Whether the action cannot run without it.
    #[serde(default)]
    pub required: bool,
    /// What it means.
    pub about: String,
}

/// What a person can do inside the ERP and its API cannot.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionSpec {
    /// What it does, in one sentence.
    pub about: String,
    /// What it takes.
    #[serde(default)]
    pub parameters: IndexMap<String, ActionParameter>,
}

/// How the records of several companies share one database.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// The attribute that carries the company in seed data and in the control API (`_company`).
    pub attribute: String,
    /// The query parameter of the control API's data routes.
    pub parameter: String,
    /// The company of a record that names none.
    pub default: String,
}

/// All of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The day of the recording that facts with the evidence `recorded` come from, as `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded: Option<String>,
    /// What happens to properties that no field describes.
    #[serde(default)]
    pub unknown_properties: Unknown,
    /// How companies share the database, where the vendor has companies.
    #[serde(default)]
    pub tenant: Option<Tenant>,
    /// Fields whose values here say that a record is deleted, though it is still there.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub deleted: IndexMap<String, Value>,
    /// The language and country of generated records.
    #[serde(default)]
    pub locale: Locale,
    /// What generated records have in fields of that name. `entity.name` goes before `name`, which goes before a
    /// name in which `*` stands for anything.
    #[serde(default)]
    pub samples: IndexMap<String, Sample>,
    /// What the simulator makes of fields, by their names.
    #[serde(default)]
    pub marks: Marks,
    /// What fields and parameters mean that do not say it themselves, by their names.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub descriptions: Descriptions,
    /// The switches.
    #[serde(default)]
    pub settings: IndexMap<String, Setting>,
    /// The setting whose value is the language of sentences, where the vendor has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// What each refusal says, by its name.
    #[serde(default)]
    pub errors: IndexMap<String, Refusal>,
    /// Calls that a user knows otherwise, by `VERB /path`, `/path` or name; nothing for those that there are not.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub routes: IndexMap<String, Option<CallChange>>,
    /// Fields, entities and parameters that a user knows by another name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub names: IndexMap<String, String>,
    /// What all kinds of record have in common.
    #[serde(default)]
    pub common: Option<Common>,
    /// The kinds of record.
    #[serde(default)]
    pub entities: IndexMap<String, Entity>,
    /// The back office.
    #[serde(default)]
    pub actions: IndexMap<String, ActionSpec>,
    /// What entities and fields are called in the languages of the vendor: name, language code, text.
    #[serde(default)]
    pub labels: IndexMap<String, IndexMap<String, String>>,
}

impl Profile {
    /// The names that are others on the wire.
    pub fn renames(&self) -> Renames {
        Renames::new(self.names.iter().map(|(own, wire)| (own.as_str(), wire.as_str())))
    }

    /// Reads `text`.
    ///
    /// # Errors
    /// A sentence with line, column and snippet for what cannot be read, or with the name of what does not fit.
    pub fn load(text: &str) -> Result<Self, String> {
        Self::of_tree(read(text)?)
    }

    /// The profile that a tree of values is.
    pub(crate) fn of_tree(tree: Value) -> Result<Self, String> {
        let profile: Self = serde_json::from_value(tree).map_err(|error| error.to_string())?;
        let mut profile = profile.check().map(Self::with_common)?.with_rules()?;
        descriptions::spread(&profile.descriptions, &mut profile.entities);
        samples::check(&profile.entities, &profile.samples)?;
        Ok(profile)
    }

    fn check(self) -> Result<Self, String> {
        for (name, setting) in &self.settings {
            setting.accepts(&setting.default).map_err(|why| format!("setting `{name}`: default {why}"))?;
        }
        for (name, entity) in &self.entities {
            let named = entity.unique.iter().chain(&entity.indexes).flatten().chain(&entity.keys);
            for field in named {
                let is_common = || self.common.as_ref().is_some_and(|common| common.has(name, field));
                if !entity.has_column(field) && !is_common() {
                    return Err(format!("entity `{name}` has no field `{field}`"));
                }
            }
            for (field, description) in &entity.fields {
                if let Some(target) = &description.references
                    && !self.entities.contains_key(target)
                {
                    return Err(format!("`{name}.{field}` refers to `{target}`, which is no entity"));
                }
            }
        }
        Ok(self)
    }

    /// Words for broken rules, where the vendor has none of its own.
    fn with_rules(mut self) -> Result<Self, String> {
        let rules: IndexMap<String, Refusal> = read(include_str!("errors.yaml"))?;
        for (name, rule) in rules {
            self.errors.entry(name).or_insert(rule);
        }
        Ok(self)
    }

    /// Gives every entity of the vendor's API what all have in common.
    fn with_common(mut self) -> Self {
        if let Some(common) = &self.common {
            let entities = self.entities.iter_mut().filter(|(_, entity)| !entity.back_office);
            entities.for_each(|(name, entity)| common.extend(name, entity));
        }
        self
    }
}

/// A profile repeats a field description by its anchor as often as it likes.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let budget = serde_saphyr::budget! { enforce_alias_anchor_ratio: false };
    let options = serde_saphyr::options! { budget: budget, strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())
}

fn merge(base: &mut Value, changes: Value) {
    match (base, changes) {
        (Value::Object(base), Value::Object(changes)) => merge_maps(base, changes),
        (base, changes) => *base = changes,
    }
}

/// Lays `changes` over `base`: maps key by key, everything else replaced.
pub fn merge_maps(base: &mut Map<String, Value>, changes: Map<String, Value>) {
    for (key, change) in changes {
        match base.get_mut(&key) {
            Some(value) => merge(value, change),
            None => {
                base.insert(key, change);
            }
        }
    }
}
