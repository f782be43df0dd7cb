//! What a field holds.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

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
            // Without a zone it is not what JSON Schema calls a date-time.
            Self::DateTime => json!({ "type": "string", "examples": ["2026-03-02T08:00:00"] }),
            Self::Binary => json!({ "type": "string", "contentEncoding": "base64" }),
            Self::Object => json!({ "type": "object" }),
            Self::List => json!({ "type": "array" }),
        }
    }
}
