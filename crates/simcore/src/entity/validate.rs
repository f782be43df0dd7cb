//! Bodies against entities: canonical names, checked and normalised values, or every problem there is.

use std::borrow::Cow;

use crate::base::map::IndexMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, DateTime};
use rust_decimal::Decimal;
use serde_json::{Map, Number, Value};

use crate::base::decimal;
use crate::base::error::{Detail, Error, ErrorKind};
use crate::entity::model::{Model, Table, field};
pub use crate::entity::problem::{Problem, Rule, refuse};
use crate::entity::profile::{Entity, Field, FieldKind, Unknown, Writable};

/// What an object made of an entity's fields is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A new record: required fields must be there, what the server fills is left out.
    Create,
    /// A change: fields may be absent, what cannot be changed is left out.
    Change,
    /// An answer of the server.
    Answer,
    /// A new record of seed data, a scenario or the control API: everything may be written, nothing is required.
    Load,
    /// A change by the control API or a scenario: everything may be written, what is absent stays.
    Correct,
}

impl Writable {
    /// Whether a field may be given in an object for `purpose`.
    pub fn allows(self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Create => self != Self::Never,
            Purpose::Change => self == Self::Always,
            Purpose::Answer | Purpose::Load | Purpose::Correct => true,
        }
    }
}

/// How many digits an amount may have before its point, so that what is computed of amounts never overflows.
pub const AMOUNT_DIGITS: u32 = 12;

/// Whether amounts may be this large.
pub fn is_amount(number: Decimal) -> bool {
    number.abs() < Decimal::from(10_u64.pow(AMOUNT_DIGITS))
}

/// The problems of an error about amounts, for the vendor to word.
pub fn out_of_range(error: &Error) -> Option<Vec<Problem>> {
    let problem = |detail: &Detail| Problem { path: detail.field.clone(), rule: Rule::TooLarge };
    (error.kind == ErrorKind::Amount).then(|| error.details.iter().map(problem).collect())
}

/// Checks `body` against `fields`.
///
/// Names are matched whatever their case and come out as the profile spells them; dates lose what they have too
/// much, numbers in texts become numbers. With [`Purpose::Change`] only what the body names comes out.
///
/// # Errors
/// Every problem, in the order of the body; missing fields last.
pub fn check(
    fields: &IndexMap<String, Field>,
    body: Map<String, Value>,
    purpose: Purpose,
    unknown: Unknown,
) -> Result<Map<String, Value>, Vec<Problem>> {
    let mut checker = Checker { purpose, unknown, problems: Vec::new() };
    let checked = checker.object(fields, body, "");
    if checker.problems.is_empty() { Ok(checked) } else { Err(checker.problems) }
}

/// Checks `body` against the fields of an entity, with what the profile says of unknown ones.
///
/// # Errors
/// As [`check`].
pub fn check_record(
    model: &Model,
    table: &Table,
    body: Map<String, Value>,
    purpose: Purpose,
) -> Result<Map<String, Value>, Vec<Problem>> {
    check(&table.entity.fields, body, purpose, model.profile.unknown_properties)
}

/// The fields that an object for `purpose` may have: inside, also those that a user's profile has taken away.
pub fn fields_for(entity: &Entity, purpose: Purpose) -> Cow<'_, IndexMap<String, Field>> {
    let is_inside = matches!(purpose, Purpose::Load | Purpose::Correct);
    if entity.gone.is_empty() || !is_inside {
        return Cow::Borrowed(&entity.fields);
    }
    let all = entity.fields.iter().chain(&entity.gone);
    Cow::Owned(all.map(|(name, field)| (name.clone(), field.clone())).collect())
}

struct Checker {
    purpose: Purpose,
    unknown: Unknown,
    problems: Vec<Problem>,
}

impl Checker {
    fn problem(&mut self, path: String, rule: Rule) {
        self.problems.push(Problem { path, rule });
    }

    fn object(
        &mut self,
        fields: &IndexMap<String, Field>,
        body: Map<String, Value>,
        prefix: &str,
    ) -> Map<String, Value> {
        let mut checked = Map::with_capacity(body.len());
        for (name, value) in body {
            let Some((_, known, field)) = field(fields, &name) else {
                match self.unknown {
                    Unknown::Keep => drop(checked.insert(name, value)),
                    Unknown::Ignore => {}
                    Unknown::Refuse => self.problem(format!("{prefix}{name}"), Rule::Unknown),
                }
                continue;
            };
            if self.writable(field, known) {
                let value = self.value(field, value, (prefix, known));
                // Mostly it is spelled as the profile spells it.
                let name = if name == known { name } else { known.to_owned() };
                checked.insert(name, value);
            }
        }
        if matches!(self.purpose, Purpose::Create | Purpose::Load) || !prefix.is_empty() {
            for (name, field) in fields.iter().filter(|(_, field)| !field.default.is_null()) {
                match checked.get_mut(name) {
                    Some(value) if !value.is_null() => {}
                    Some(value) => value.clone_from(&field.default),
                    None => drop(checked.insert(name.clone(), field.default.clone())),
                }
            }
        }
        // What is inside an object is written as a whole, also when the record itself is only changed.
        if self.purpose == Purpose::Create || (self.purpose == Purpose::Change && !prefix.is_empty()) {
            for (name, field) in fields {
                if field.required && checked.get(name).is_none_or(is_empty) {
                    self.missing(format!("{prefix}{name}"));
                }
            }
        } else if self.purpose == Purpose::Change {
            for (name, value) in &checked {
                if fields.get(name).is_some_and(|field| field.required) && is_empty(value) {
                    self.missing(format!("{prefix}{name}"));
                }
            }
        }
        checked
    }

    /// A required field has no value, unless it has one that was refused.
    fn missing(&mut self, path: String) {
        if !self.problems.iter().any(|problem| problem.path == path) {
            self.problem(path, Rule::Required);
        }
    }

    fn writable(&self, field: &Field, name: &str) -> bool {
        let is_client = matches!(self.purpose, Purpose::Create | Purpose::Change);
        field.write.allows(self.purpose) && !(is_client && name.starts_with('_'))
    }

    /// The path is what stands before the field's name, and that name.
    fn value(&mut self, field: &Field, value: Value, path: (&str, &str)) -> Value {
        if value.is_null() {
            return value;
        }
        // Most values have no problem that says where they are.
        let path = || [path.0, path.1].concat();
        let value = match (field.kind, value) {
            (FieldKind::Object, Value::Object(body)) if !field.fields.is_empty() => {
                Value::Object(self.object(&field.fields, body, &(path() + ".")))
            }
            (FieldKind::List, Value::Array(items)) if !field.fields.is_empty() => {
                self.list(field, items, &path())
            }
            (kind, value) => match self.scalar(kind, value) {
                Ok(value) => value,
                Err(rule) => {
                    self.problem(path(), rule);
                    return Value::Null;
                }
            },
        };
        if !field.values.is_empty() && !field.values.contains(&value) {
            self.problem(path(), Rule::OneOf(field.values.clone()));
        }
        if let (Some(longest), Value::String(text)) = (field.max_length, &value)
            && text.len() > longest
            && text.chars().count() > longest
        {
            self.problem(path(), Rule::TooLong(longest));
        }
        self.problems.extend(field.out_of_range(&value).map(|rule| Problem { path: path(), rule }));
        value
    }

    fn scalar(&self, kind: FieldKind, value: Value) -> Result<Value, Rule> {
        // Scenario files and the control API say switches and codes in more ways than vendors do.
        let inside = matches!(self.purpose, Purpose::Load | Purpose::Correct);
        let value = match (kind, &value) {
            (FieldKind::Text, Value::Bool(_)) if inside => value.to_string().into(),
            (FieldKind::Boolean, Value::String(text)) if inside => switch(text).map_or(value, Value::from),
            _ => value,
        };
        if kind != FieldKind::Decimal {
            return normalise(kind, value).ok_or(Rule::Kind(kind));
        }
        if decimal::plain(&value).is_some_and(|(_, digits)| digits <= AMOUNT_DIGITS as usize) {
            return Ok(value);
        }
        let number = decimal::from_json(&value);
        if number.is_some_and(|number| !is_amount(number)) || (number.is_none() && value.is_number()) {
            return Err(Rule::TooLarge);
        }
        let is_exact = || {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.contains(['e', 'E']) || Decimal::from_str_exact(text.trim()).is_ok()
        };
        let number = number.ok_or(Rule::Kind(kind))?;
        if inside && !is_exact() { Err(Rule::TooPrecise) } else { Ok(decimal::to_json(number)) }
    }

    fn list(&mut self, field: &Field, items: Vec<Value>, path: &str) -> Value {
        let mut checked = Vec::with_capacity(items.len());
        for (place, item) in items.into_iter().enumerate() {
            match item {
                Value::Object(body) => {
                    checked.push(Value::Object(self.object(
                        &field.fields,
                        body,
                        &format!("{path}[{place}]."),
                    )));
                }
                _ => self.problem(format!("{path}[{place}]"), Rule::Kind(FieldKind::Object)),
            }
        }
        Value::Array(checked)
    }
}

impl Field {
    /// The bound that a number is beyond.
    fn out_of_range(&self, value: &Value) -> Option<Rule> {
        if self.least.is_none() && self.greatest.is_none() {
            return None;
        }
        let number = decimal::from_json(value).filter(|_| value.is_number())?;
        let bound = |bound: &Number| decimal::from_json(&Value::Number(bound.clone()));
        let least = self.least.as_ref().filter(|least| bound(least).is_some_and(|least| number < least));
        let greatest = self.greatest.as_ref().filter(|most| bound(most).is_some_and(|most| number > most));
        least.cloned().map(Rule::Least).or_else(|| greatest.cloned().map(Rule::Greatest))
    }
}

/// What YAML calls switches.
fn switch(text: &str) -> Option<bool> {
    let is = |words: [&str; 2]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if is(["yes", "on"]) {
        Some(true)
    } else if is(["no", "off"]) {
        Some(false)
    } else {
        None
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

/// `value` as a value of `kind`, or nothing when it is none.
pub fn normalise(kind: FieldKind, value: Value) -> Option<Value> {
    match kind {
        FieldKind::Text => match value {
            Value::String(_) => Some(value),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        },
        FieldKind::Integer => match &value {
            Value::Number(_) | Value::String(_) => {
                let number = decimal::from_json(&value)?;
                i64::try_from(number)
                    .ok()
                    .filter(|whole| rust_decimal::Decimal::from(*whole) == number)
                    .map(Value::from)
            }
            _ => None,
        },
        FieldKind::Decimal => decimal::from_json(&value).map(decimal::to_json),
        FieldKind::Boolean => match &value {
            Value::Bool(_) => Some(value),
            // As readers of JSON bind them that also take numbers in texts.
            Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true.into()),
            Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false.into()),
            _ => None,
        },
        FieldKind::Date => date(value.as_str()?).map(|date| date.to_string().into()),
        FieldKind::DateTime => {
            datetime(value.as_str()?).map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string().into())
        }
        FieldKind::Binary => STANDARD.decode(value.as_str()?).is_ok().then_some(value),
        FieldKind::Object => value.is_object().then_some(value),
        FieldKind::List => value.is_array().then_some(value),
    }
}

/// The day that a text names: `YYYY-MM-DD`, or the day of a date-time.
pub fn date(text: &str) -> Option<Date> {
    datetime(text).map(DateTime::date)
}

/// The local date-time that a text names: with `T` or a space, with or without fraction; an offset is dropped, a day
/// alone is its midnight.
pub fn datetime(text: &str) -> Option<DateTime> {
    let text = text.trim();
    if text.len() < 10 || !text.is_ascii() {
        return None;
    }
    let day: Date = text[..10].parse().ok()?;
    let time = match text.as_bytes().get(10) {
        None => return Some(day.at(0, 0, 0, 0)),
        Some(b'T' | b't' | b' ') => &text[11..],
        Some(_) => return None,
    };
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let offset = &time[end..];
    let offset_fits = match offset.len() {
        0 => true,
        1 => offset.eq_ignore_ascii_case("z"),
        _ => offset[1..].bytes().all(|byte| byte.is_ascii_digit() || byte == b':') && offset.len() <= 6,
    };
    let time: jiff::civil::Time = time[..end].parse().ok()?;
    offset_fits.then(|| day.to_datetime(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_read_in_every_form_that_clients_send() {
        for (text, expected) in [
            ("2026-01-31", Some("2026-01-31T00:00:00")),
            ("2026-01-31T08:30:00", Some("2026-01-31T08:30:00")),
            ("2026-01-31 08:30", Some("2026-01-31T08:30:00")),
            ("2026-01-31T08:30:00.1234567Z", Some("2026-01-31T08:30:00")),
            ("2026-01-31T08:30:00+01:00", Some("2026-01-31T08:30:00")),
            ("2026-02-30", None),
            ("31/01/2026", None),
            ("2026-01-31Tabc", None),
            ("2026-01-31x", None),
            ("2026-01-éé", None),
        ] {
            let read = datetime(text).map(|at| at.strftime("%Y-%m-%dT%H:%M:%S").to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_stay_exact() {
        let number: Value = serde_json::from_str("12345678901234567.890").unwrap();
        assert_eq!(normalise(FieldKind::Decimal, number).unwrap().to_string(), "12345678901234567.890");
        assert_eq!(normalise(FieldKind::Decimal, json!("12.30")).unwrap().to_string(), "12.30");
        assert_eq!(normalise(FieldKind::Integer, json!("12")), Some(json!(12)));
        assert_eq!(normalise(FieldKind::Integer, json!(1.5)), None);
        assert_eq!(normalise(FieldKind::Decimal, json!("beaucoup")), None);
    }

    #[test]
    fn a_required_value_that_is_refused_is_not_missing_too() {
        let fields: IndexMap<String, Field> = serde_json::from_value(json!({
            "price": { "kind": "decimal", "required": true, "evidence": "assumed" },
            "lines": { "kind": "list", "required": true, "evidence": "assumed" },
        }))
        .unwrap();
        let body = json!({ "price": "abc" }).as_object().unwrap().clone();
        let problems = check(&fields, body, Purpose::Create, Unknown::Refuse).unwrap_err();
        let expected = [("price", Rule::Kind(FieldKind::Decimal)), ("lines", Rule::Required)];
        let expected = expected.map(|(path, rule)| Problem { path: path.to_owned(), rule });
        assert_eq!(problems, expected);
    }

    #[test]
    fn amounts_and_switches_have_their_bounds() {
        let fields: IndexMap<String, Field> = serde_json::from_value(json!({
            "price": { "kind": "decimal", "evidence": "assumed" },
            "active": { "kind": "boolean", "evidence": "assumed" },
            "code": { "kind": "text", "evidence": "assumed" },
        }))
        .unwrap();
        let tried = |name: &str, text: &str, purpose| {
            let value: Value = serde_json::from_str(text).unwrap();
            let body = Map::from_iter([(name.to_owned(), value)]);
            let checked = check(&fields, body, purpose, Unknown::Refuse);
            checked.map(|body| body[name].to_string()).map_err(|problems| problems[0].rule.clone())
        };
        let (create, load) = (Purpose::Create, Purpose::Load);
        for (name, text, purpose, expected) in [
            ("price", "999999999999.99", create, Ok("999999999999.99")),
            ("price", "1000000000000", create, Err(Rule::TooLarge)),
            ("price", "-1e12", create, Err(Rule::TooLarge)),
            ("price", "1e400", create, Err(Rule::TooLarge)),
            ("price", "\"1e28\"", create, Err(Rule::TooLarge)),
            ("price", "0.12345678901234567890123456789012345", create, Ok("0.1234567890123456789012345679")),
            ("price", "0.12345678901234567890123456789012345", load, Err(Rule::TooPrecise)),
            ("price", "12.50", load, Ok("12.50")),
            ("active", "\"True\"", create, Ok("true")),
            ("active", "\"yes\"", create, Err(Rule::Kind(FieldKind::Boolean))),
            ("active", "\"NO\"", load, Ok("false")),
            ("active", "1", create, Err(Rule::Kind(FieldKind::Boolean))),
            ("code", "true", create, Err(Rule::Kind(FieldKind::Text))),
            ("code", "true", load, Ok("\"true\"")),
        ] {
            assert_eq!(tried(name, text, purpose), expected.map(str::to_owned), "{name} {text}");
        }
    }
}
