//! What must agree within a record and between records: rules of a profile, `consistency:` of an entity.
//!
//! | rule | holds when |
//! |---|---|
//! | `reference: { field: lines[].art, to: [product.number], same: { customer: customer } }` | the value is that field of a record there is, and fields of both are the same |
//! | `identifier: { field: siret, kind: siret }` | the check digit is right |
//! | `same_firm: [siret, vat]` | both are numbers of the same SIREN |
//! | `in_order: [begins, ends]` | dates do not run backwards |
//! | `numbers: { field: number, by: date, within: [series] }` | who has the larger number has no earlier date; within records that agree in these fields |
//! | `sum: { total: total, of: [net, tax] }` | the total is their sum, to the cent |
//! | `derived: [total]` | the server fills in the same when these fields are taken out |
//!
//! Fields that are absent or null break no rule. `references` of a field is such a rule too.

use std::fmt::Write as _;

use crate::base::map::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::entity::identifier::Identifier;

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consistency {
    /// A value names a record.
    Reference(Reference),
    /// A value carries a check digit.
    Identifier {
        /// Which.
        field: String,
        /// What it is.
        kind: Identifier,
    },
    /// Numbers of one firm.
    SameFirm(Vec<String>),
    /// Dates, the earlier first.
    InOrder(Vec<String>),
    /// Numbers run with dates.
    Numbers {
        /// The number: what comes before its last digits is its series.
        field: String,
        /// The date.
        by: String,
        /// Only among records that agree in these.
        #[serde(default)]
        within: Vec<String>,
    },
    /// A total of others.
    Sum {
        /// The total.
        total: String,
        /// What it is the sum of; fields of a list's elements count each.
        of: Vec<String>,
    },
    /// Fields that the server computes.
    Derived(Vec<String>),
}

/// A value that names a record.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Which value.
    pub field: String,
    /// `Entity.field` of the records that it may name.
    pub to: Vec<String>,
    /// Fields that are the same in both, here and there: whose the named record is.
    #[serde(default)]
    pub same: IndexMap<String, String>,
}

/// The values at `path`, each with where it is: `lines[].art` gives `lines[0].art` and so on.
pub fn values<'v>(record: &'v Map<String, Value>, path: &str) -> Vec<(String, &'v Value)> {
    let mut steps = path.split('.');
    let first = steps.next().unwrap_or_default();
    let mut found = step(record, first, "");
    for name in steps {
        found = found
            .into_iter()
            .filter_map(|(at, value)| Some((at, value.as_object()?)))
            .flat_map(|(at, object)| step(object, name, &at))
            .collect();
    }
    found.retain(|(_, value)| !value.is_null());
    found
}

fn step<'v>(object: &'v Map<String, Value>, name: &str, at: &str) -> Vec<(String, &'v Value)> {
    let (name, is_list) = name.strip_suffix("[]").map_or((name, false), |name| (name, true));
    let Some(value) = object.get(name) else { return Vec::new() };
    let mut at = at.to_owned();
    let _ = write!(at, "{}{name}", if at.is_empty() { "" } else { "." });
    if !is_list {
        return vec![(at, value)];
    }
    let items = value.as_array().into_iter().flatten().enumerate();
    items.map(|(place, item)| (format!("{at}[{place}]"), item)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_into_objects_and_lists() {
        let record =
            json!({ "a": { "b": 1 }, "l": [{ "c": 2 }, {}, { "c": null }, { "c": 3 }], "t": ["x", "y"] });
        let record = record.as_object().unwrap();
        let at = |path: &str| -> Vec<String> {
            values(record, path).into_iter().map(|(at, value)| format!("{at}={value}")).collect()
        };
        assert_eq!(at("a.b"), ["a.b=1"]);
        assert_eq!(at("l[].c"), ["l[0].c=2", "l[3].c=3"]);
        assert_eq!(at("t[]"), ["t[0]=\"x\"", "t[1]=\"y\""]);
        assert!(at("a.z").is_empty() && at("z[].c").is_empty() && at("a[].b").is_empty());
    }
}
