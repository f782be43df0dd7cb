//! What a client said of a record: the names in its request's body, and what stands behind them.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use foldhash::quality::RandomState;
use serde_json::{Map, Value};

use crate::base::decimal;
use crate::base::text::lower;
use crate::entity::marks::Marks;
use crate::entity::model::Table;
use crate::entity::profile::Field;

/// The names in a request's body: which fields the client spoke of.
#[derive(Debug, Default)]
pub struct Sent {
    names: HashSet<String, RandomState>,
    nulls: HashSet<String, RandomState>,
    /// Whether the names are words of a query, not keys of an object.
    are_words: bool,
}

impl Sent {
    /// The names in `body`: keys whose value is not null; in a query within it (`{"query": "mutation { … }"}`) every word.
    pub fn of(body: &[u8]) -> Self {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        serde_json::from_slice(body).map(|value| Self::in_json(&value)).unwrap_or_default()
    }

    /// The names in what a body says.
    pub(crate) fn in_json(value: &Value) -> Self {
        let mut sent = Self::default();
        sent.add(value, 0);
        sent
    }

    fn add(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    if value.is_null() {
                        self.nulls.insert(lower(name).into_owned());
                        continue;
                    }
                    if depth == 0 && name == "query" && value.as_str().is_some_and(|text| text.contains('{'))
                    {
                        self.are_words = true;
                        let words = value.as_str().unwrap_or_default();
                        let words = words.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                        self.names.extend(words.map(str::to_lowercase));
                    }
                    self.names.insert(lower(name).into_owned());
                    self.add(value, depth + 1);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.add(item, depth + 1)),
            _ => {}
        }
    }

    /// Whether the body speaks of a field of that name.
    pub fn has(&self, name: &str) -> bool {
        self.names.contains(&*lower(name))
    }

    /// Whether the body names a field, be it to say that it is null.
    pub fn names(&self, name: &str) -> bool {
        self.has(name) || self.nulls.contains(&*lower(name))
    }

    /// What of a new record the client said, summed up: equal for two records that agree in it. Notes are compared
    /// without the dates, times and numbers in them. Nothing when the client said nothing of it.
    pub fn fingerprint(&self, table: &Table, marks: &Marks, record: &Map<String, Value>) -> Option<u64> {
        let technical = table.entity.keys.first().filter(|_| self.are_words);
        let said = record.iter().filter(|(name, value)| {
            let is_named =
                |field: &Field| self.has(name) || field.aliases.iter().any(|alias| self.has(alias));
            !value.is_null()
                && technical != Some(*name)
                && table.entity.fields.get(*name).is_some_and(is_named)
        });
        // Whatever the order of the fields.
        let sums = said.map(|(name, value)| {
            let mut hasher = DefaultHasher::new();
            name.hash(&mut hasher);
            self.hash_value(marks, name, value, &mut hasher);
            hasher.finish()
        });
        sums.reduce(u64::wrapping_add)
    }

    /// The same of elements that were added to a list: the field `name`.
    pub(crate) fn fingerprint_of_parts(&self, marks: &Marks, name: &str, parts: &[&Value]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for part in parts {
            self.hash_value(marks, name, part, &mut hasher);
        }
        hasher.finish()
    }

    fn hash_value(&self, marks: &Marks, name: &str, value: &Value, hasher: &mut DefaultHasher) {
        match value {
            Value::Object(members) => {
                let mut said: Vec<_> = members.iter().filter(|(name, _)| self.has(name)).collect();
                said.sort_by_key(|(name, _)| *name);
                for (name, value) in said {
                    name.hash(hasher);
                    self.hash_value(marks, name, value, hasher);
                }
            }
            Value::Array(items) => {
                items.len().hash(hasher);
                for item in items {
                    self.hash_value(marks, name, item, hasher);
                }
            }
            Value::String(text) if marks.is_note(name) => without_numbers(text).hash(hasher),
            // As `canonical` has them, without its texts.
            Value::String(text) => text.trim().hash(hasher),
            Value::Number(_) => match decimal::from_json(value) {
                Some(number) => number.normalize().hash(hasher),
                None => value.to_string().hash(hasher),
            },
            value => canonical(value).hash(hasher),
        }
    }
}

/// A value as a text that is the same for all ways to write it: numbers by what they are worth.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(_) => {
            let number = decimal::from_json(value).map(|number| number.normalize().to_string());
            number.unwrap_or_else(|| value.to_string())
        }
        Value::String(text) => text.trim().to_owned(),
        Value::Array(items) => items.iter().map(|item| canonical(item) + "\u{1f}").collect(),
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().filter(|(_, value)| !value.is_null()).collect();
            members.sort_by_key(|(name, _)| *name);
            members.iter().map(|(name, value)| format!("{name}:{}\u{1e}", canonical(value))).collect()
        }
        value => value.to_string(),
    }
}

/// A note without the dates, times and numbers in it: two runs of a client write the same note with another time.
fn without_numbers(text: &str) -> String {
    /// Words that belong to a date when they stand beside a number.
    const OF_DATES: [&str; 26] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mon", "tue",
        "wed", "thu", "fri", "sat", "sun", "am", "pm", "utc", "gmt", "at", "on", "no",
    ];
    let words: Vec<&str> = text.split_whitespace().collect();
    let has_digit =
        |place: usize| words.get(place).is_some_and(|word| word.bytes().any(|byte| byte.is_ascii_digit()));
    let is_kept = |place: &usize| {
        let word = words[*place].trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
        let is_of_date = OF_DATES
            .iter()
            .any(|known| word == *known || (word.len() > 3 && known.len() == 3 && is_month(&word, known)));
        let beside = has_digit(place + 1) || place.checked_sub(1).is_some_and(has_digit);
        !(has_digit(*place) || word.is_empty() || (beside && is_of_date))
    };
    (0..words.len()).filter(is_kept).map(|place| words[place]).collect::<Vec<_>>().join(" ")
}

/// Whether a word is the whole name of the month or day that the three letters stand for.
fn is_month(word: &str, short: &str) -> bool {
    word.starts_with(short)
        && (word.ends_with("day")
            || word.ends_with("ber")
            || word.ends_with("ary")
            || ["march", "april", "june", "july", "august"].contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_compared_without_dates_times_and_numbers() {
        for (one, other) in [
            ("Sync 2026-03-02T08:00:00Z", "Sync 2026-03-02T08:00:07Z"),
            ("Order 17 of shop", "Order 18 of shop"),
            ("placed Mon, 02 Mar 2026 08:00:00 GMT", "placed Tue, 03 Mar 2026 09:00:00 GMT"),
            ("le 2/3/2026 à 8h05", "le 3/3/2026 à 9h10"),
        ] {
            assert_eq!(without_numbers(one), without_numbers(other));
        }
        assert_ne!(without_numbers("for Ann"), without_numbers("for Bob"));
        assert_eq!(without_numbers("in March"), "in March");
    }

    #[test]
    fn names_are_keys_with_a_value_and_words_of_a_query() {
        let sent = Sent::of(br#"{ "Name": "x", "Code": null, "Items": [{ "Qty": 1 }] }"#);
        assert!(sent.has("name") && sent.has("qty") && !sent.has("code") && !sent.has("x"));
        let sent = Sent::of(br#"{ "query": "mutation { upsertProspect(firstName: \"Ann\") { id } }" }"#);
        assert!(sent.has("firstname") && sent.are_words);
    }
}
