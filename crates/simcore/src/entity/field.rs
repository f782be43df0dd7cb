//! Kinds of record and their fields, as profiles say them.

use crate::base::map::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value, json};

use crate::entity::consistency::Consistency;
use crate::entity::evidence::Evidence;
use crate::entity::order::Order;
use crate::entity::sample::Sample;

/// What a field or a setting holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// A string.
    Text,
    /// A whole number of 64 bits.
    Integer,
    /// An exact decimal, kept as it was written.
    Decimal,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`.
    Date,
    /// `YYYY-MM-DDTHH:MM:SS`, without a zone.
    DateTime,
    /// Bytes, as a string in Base64.
    Binary,
    /// An object; `fields` may describe what is in it.
    Object,
    /// A list; `fields` may describe the objects in it.
    List,
}

/// What a text is beside its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TextFormat {
    /// An instant with its offset: `2026-03-02T08:00:00+01:00`.
    #[serde(rename = "date-time")]
    Instant,
}

impl TextFormat {
    /// What JSON Schema calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Instant => "date-time",
        }
    }
}

/// Who may write a field through the vendor's API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Writable {
    /// On creation and on change.
    #[default]
    Always,
    /// On creation only.
    Create,
    /// Never: the server fills it.
    Never,
}

/// What happens to a property that no field describes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Unknown {
    /// It is stored and returned unchanged.
    Keep,
    /// It is left out.
    #[default]
    Ignore,
    /// The request is refused.
    Refuse,
}

/// One attribute of an entity.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What it holds.
    pub kind: FieldKind,
    /// Whether a record cannot be created without it.
    #[serde(default)]
    pub required: bool,
    /// Who may write it.
    #[serde(default)]
    pub write: Writable,
    /// The only values it takes; empty for any of its kind.
    #[serde(default)]
    pub values: Vec<Value>,
    /// What a new record has when nothing is given.
    #[serde(default)]
    pub default: Value,
    /// What the text is beside its kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
    /// The longest text, in characters.
    #[serde(default)]
    pub max_length: Option<usize>,
    /// The least number that clients may write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Number>,
    /// The greatest one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greatest: Option<Number>,
    /// The entity whose key it holds.
    #[serde(default)]
    pub references: Option<String>,
    /// What generated records have in it; what the profile says for its name, or its kind, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// Left out of answers unless it is asked for by name (`$expand`).
    #[serde(default)]
    pub on_demand: bool,
    /// Other names that are read as this one.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What is inside an object or inside each element of a list.
    #[serde(default)]
    pub fields: IndexMap<String, Field>,
    /// Whether a user's profile has added it: answers of servers whose views are tables of their own show it too.
    #[serde(default, skip_serializing_if = "is_false")]
    pub added: bool,
    /// What a user's profile has taken away inside of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<String>,
    /// Where it comes from.
    pub evidence: Evidence,
    /// What it means, where its name does not say.
    #[serde(default)]
    pub about: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A kind of record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// What a record stands for.
    #[serde(default)]
    pub about: String,
    /// Where the entity comes from.
    pub evidence: Evidence,
    /// The fields that name a record in a URL, the technical key first.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Whether only the control API knows it: the vendor's API has no such entity, and [`Common`](crate::entity::common::Common) does not touch it.
    #[serde(default)]
    pub back_office: bool,
    /// Whether the server itself writes its records, as notes of what happens to others: they are no effect of a request.
    #[serde(default)]
    pub log: bool,
    /// Combinations of fields that no two records of a tenant share.
    #[serde(default)]
    pub unique: Vec<Vec<String>>,
    /// The order of its lists where nobody asks for one, `Field desc, Field`; of creation, or the server's own, without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Fields that are looked up often.
    #[serde(default)]
    pub indexes: Vec<Vec<String>>,
    /// A new record in wire form that works in the default data, for documents and collections.
    #[serde(default)]
    pub example: Value,
    /// The key of a record in the default data; a list of them where calls use records up.
    #[serde(default)]
    pub example_key: Value,
    /// What a record must have for generated records to refer to it: what is disabled or deleted is left alone.
    #[serde(default)]
    pub referable: IndexMap<String, Value>,
    /// Which verbs are served, by the vendor's variant (an ERP, an edition).
    #[serde(default)]
    pub access: IndexMap<String, Vec<String>>,
    /// What must agree in its records and with others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consistency: Vec<Consistency>,
    /// The attributes, in the order of the wire.
    pub fields: IndexMap<String, Field>,
    /// Fields that a user's profile has taken away: the server's own rules go on working with them, and nobody sees them.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub gone: IndexMap<String, Field>,
}

impl Entity {
    /// Whether its table has a column of that name, seen or not.
    pub fn has_column(&self, name: &str) -> bool {
        self.column(name).is_some()
    }

    /// The place of the column of that name in the entity's table.
    pub fn column(&self, name: &str) -> Option<usize> {
        let gone = || self.gone.get_index_of(name).map(|place| self.fields.len() + place);
        self.fields.get_index_of(name).or_else(gone)
    }
}

impl FieldKind {
    /// Its name in profiles and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Binary => "binary",
            Self::Object => "object",
            Self::List => "list",
        }
    }

    /// What holds values of this kind, in JSON Schema.
    pub fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Integer => json!({ "type": "integer" }),
            Self::Decimal => json!({ "type": "number" }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Date => json!({ "type": "string", "format": "date" }),
            // Without a zone it is not what JSON Schema calls a date-time; this is the name that OpenAPI registers.
            Self::DateTime => {
                json!({ "type": "string", "format": "date-time-local", "examples": ["2026-03-02T08:00:00"] })
            }
            Self::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
            Self::Object => json!({ "type": "object" }),
            Self::List => json!({ "type": "array" }),
        }
    }
}
