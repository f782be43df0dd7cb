//! What a profile says of fields by their names, for all entities alike: what the judge and the effects of requests need.

use serde::{Deserialize, Serialize};

/// Marks of fields. A name counts wherever it stands, also inside objects and lists.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Marks {
    /// Free texts for people. Two of them are the same note when they differ in dates, times and numbers only.
    pub notes: Vec<String>,
    /// Amounts of money.
    pub money: Vec<String>,
    /// What the server writes by itself when a record is written, the time of the last change first.
    pub stamps: Vec<String>,
    /// Parameters that name a time since which something is asked for.
    pub since: Vec<String>,
    /// Stamps that are asked for in UTC; the others are local times.
    pub utc: bool,
}

impl Marks {
    /// Whether a field is a free text.
    pub fn is_note(&self, name: &str) -> bool {
        self.notes.iter().any(|known| known == name)
    }

    /// Whether a field is an amount of money, whatever the case of its name.
    pub fn is_money(&self, name: &str) -> bool {
        self.money.iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Whether a field is a stamp of the server's own.
    pub fn is_stamp(&self, name: &str) -> bool {
        self.stamps.iter().any(|known| known == name)
    }
}
