//! Single values against what the contract says of them.

use serde_json::{Number, Value};

use super::Scalar;
use crate::base::decimal;
use crate::base::diagnostics::nearest;
use crate::entity::profile::FieldKind;
use crate::entity::validate;

impl Scalar {
    /// What is wrong with a value, and the nearest right form.
    pub(super) fn refuses(&self, value: &Value) -> Option<(String, Option<String>)> {
        if !self.lists(value) {
            let known: Vec<String> = self.values.iter().map(plain).collect();
            let nearest = nearest(&plain(value), known.iter().map(String::as_str)).map(str::to_owned);
            return Some((format!("must be one of {}", known.join(", ")), nearest));
        }
        let fits = match (self.kind, value) {
            (
                FieldKind::Text | FieldKind::Date | FieldKind::DateTime | FieldKind::Binary,
                Value::String(_),
            )
            | (FieldKind::Integer | FieldKind::Decimal, Value::Number(_))
            | (FieldKind::Boolean, Value::Bool(_))
            | (FieldKind::Object | FieldKind::List, _) => {
                validate::normalise(self.kind, value.clone()).is_some()
            }
            _ => false,
        };
        if !fits {
            let kind = self.kind.name();
            return Some((format!("must be of kind {kind}"), Some(kind.to_owned())));
        }
        let number = decimal::from_json(value).filter(|_| value.is_number());
        let bound = |bound: &Number| decimal::from_json(&Value::Number(bound.clone()));
        if let (Some(number), Some(least)) = (number, &self.least)
            && bound(least).is_some_and(|least| number < least)
        {
            return Some((format!("must be at least {least}"), Some(least.to_string())));
        }
        if let (Some(number), Some(greatest)) = (number, &self.greatest)
            && bound(greatest).is_some_and(|greatest| number > greatest)
        {
            return Some((format!("must be at most {greatest}"), Some(greatest.to_string())));
        }
        let length = value.as_str().map_or(0, |text| text.chars().count());
        let longest = self.max_length.filter(|longest| length > *longest)?;
        Some((format!("has {length} characters, at most {longest} are documented"), None))
    }
}

/// What typed clients send for a field that they leave alone.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(true) => false,
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
