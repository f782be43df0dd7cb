//! Whether the parts of a field go together.

use serde_json::{Number, Value};

use crate::base::decimal;
use crate::base::diagnostics::short;
use crate::entity::profile::{Field, FieldKind, Writable};
use crate::entity::validate::normalise;

/// How many characters of a value are repeated.
const MAX_SHOWN: usize = 64;

/// What of a field contradicts the rest of it: the key, and why.
pub(super) fn wrong_values(field: &Field) -> Vec<(&'static str, String)> {
    let (least, greatest) = (&field.least, &field.greatest);
    let number = |number: &Option<Number>| decimal::from_json(&Value::Number(number.clone()?));
    let is_number = matches!(field.kind, FieldKind::Integer | FieldKind::Decimal);
    let mut wrong = Vec::new();
    if number(least).zip(number(greatest)).is_some_and(|(least, greatest)| least > greatest) {
        wrong.push(("least", "`least` is above `greatest`".to_owned()));
    }
    let bounds = [("least", least), ("greatest", greatest)].into_iter().filter(|(_, bound)| bound.is_some());
    for (key, _) in bounds.filter(|_| !is_number) {
        wrong.push((key, format!("`{key}` is for numbers, and this is of kind {}", field.kind.name())));
    }
    if field.max_length.is_some() && field.kind != FieldKind::Text {
        wrong.push((
            "max_length",
            format!("`max_length` is for texts, and this is of kind {}", field.kind.name()),
        ));
    }
    if field.required && field.write == Writable::Never {
        wrong.push(("required", "it is required, and nobody may write it (`write: never`)".to_owned()));
    }
    if !field.fields.is_empty() && !matches!(field.kind, FieldKind::Object | FieldKind::List) {
        wrong.push((
            "fields",
            format!("`fields` are for objects and lists, and this is of kind {}", field.kind.name()),
        ));
    }
    let values = field.values.iter().map(|value| ("values", value));
    let default = [("default", &field.default)].into_iter().filter(|(_, value)| !value.is_null());
    for (key, value) in values.chain(default) {
        let is_listed = key == "values" || field.values.is_empty() || field.values.contains(value);
        let why = match broken(field, value) {
            Some(why) => why,
            None if !is_listed => "it is none of `values`".to_owned(),
            None => continue,
        };
        wrong.push((key, format!("`{key}` has {}: {why}", short(&value.to_string(), MAX_SHOWN))));
    }
    wrong
}

/// Why a value is none of a field.
fn broken(field: &Field, value: &Value) -> Option<String> {
    let fits = match field.kind {
        FieldKind::Text => value.is_string(),
        FieldKind::Integer | FieldKind::Decimal => {
            value.is_number() && normalise(field.kind, value.clone()).is_some()
        }
        FieldKind::Boolean => value.is_boolean(),
        _ => normalise(field.kind, value.clone()).as_ref() == Some(value),
    };
    if !fits {
        return Some(format!("it is not of kind {}", field.kind.name()));
    }
    let length = value.as_str().map(|text| text.chars().count());
    if let Some(longest) = field.max_length.filter(|longest| length.is_some_and(|length| length > *longest)) {
        return Some(format!("it is longer than {longest} characters"));
    }
    let number = decimal::from_json(value).filter(|_| value.is_number())?;
    let bound = |bound: &Option<Number>| decimal::from_json(&Value::Number(bound.clone()?));
    let is_beyond = bound(&field.least).is_some_and(|least| number < least)
        || bound(&field.greatest).is_some_and(|greatest| number > greatest);
    is_beyond.then(|| "it is not between `least` and `greatest`".to_owned())
}
