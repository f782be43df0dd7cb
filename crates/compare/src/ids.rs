//! What the recording calls otherwise than the sandbox: ids that writes create, and tokens.

use std::collections::HashMap;

use serde_json::Value;
use simcore::base::urlencoded::pairs;

use crate::recording::Exchange;

/// The recording's word, and the sandbox's.
#[derive(Debug, Default)]
pub(crate) struct Ids(HashMap<String, String>);

/// The shortest id that is looked for inside texts.
const SHORTEST: usize = 3;

/// The key that a write was answered with where the answer is no record: a bare value, or the end of `Location`.
pub(crate) fn created(entry: &Exchange) -> Option<String> {
    let bare = entry.json.as_ref().filter(|value| is_key(value)).map(text);
    bare.or_else(|| last_segment(entry.answer_header("location")?))
}

pub(crate) fn last_segment(place: &str) -> Option<String> {
    let path = place.split(['?', '#']).next()?.trim_end_matches('/');
    let last = path.rsplit('/').next().filter(|last| !last.is_empty())?;
    Some(percent_encoding::percent_decode_str(last).decode_utf8_lossy().into_owned())
}

impl Ids {
    pub(crate) fn learn(&mut self, recorded: &str, ours: &str) {
        if recorded != ours && !recorded.is_empty() {
            self.0.insert(recorded.to_owned(), ours.to_owned());
        }
    }

    /// Learns from two answers to the same write what the one calls otherwise than the other.
    pub(crate) fn learn_from(
        &mut self,
        recorded: &Value,
        ours: &Value,
        name: &str,
        is_id: &dyn Fn(&str) -> bool,
    ) {
        match (recorded, ours) {
            (Value::Object(recorded), Value::Object(ours)) => {
                for (name, value) in recorded {
                    if let Some(other) = ours.get(name) {
                        self.learn_from(value, other, name, is_id);
                    }
                }
            }
            (Value::Array(recorded), Value::Array(ours)) if recorded.len() == ours.len() => {
                recorded
                    .iter()
                    .zip(ours)
                    .for_each(|(recorded, ours)| self.learn_from(recorded, ours, name, is_id));
            }
            (recorded, ours) if is_key(recorded) && is_key(ours) && is_id(name) => {
                self.learn(&text(recorded), &text(ours));
            }
            _ => {}
        }
    }

    fn of<'a>(&'a self, word: &'a str) -> &'a str {
        self.0.get(word).map_or(word, String::as_str)
    }

    /// A path with the sandbox's words.
    pub(crate) fn path(&self, path: &str) -> String {
        path.split('/').map(|part| self.inside(part)).collect::<Vec<_>>().join("/")
    }

    /// A query with the sandbox's words.
    pub(crate) fn query(&self, query: &str) -> String {
        if self.0.is_empty() {
            return query.to_owned();
        }
        let whole = pairs(query).any(|(_, value)| self.0.contains_key(value.as_ref()));
        if whole {
            query.split('&').map(|pair| self.inside(pair)).collect::<Vec<_>>().join("&")
        } else {
            self.inside(query)
        }
    }

    /// A body with the sandbox's words.
    pub(crate) fn body(&self, body: &[u8]) -> Vec<u8> {
        if self.0.is_empty() {
            return body.to_vec();
        }
        match serde_json::from_slice::<Value>(body) {
            Ok(mut value) => {
                self.leaves(&mut value);
                value.to_string().into_bytes()
            }
            Err(_) => match std::str::from_utf8(body) {
                Ok(text) => self.inside(text).into_bytes(),
                Err(_) => body.to_vec(),
            },
        }
    }

    fn leaves(&self, value: &mut Value) {
        match value {
            Value::Object(members) => members.values_mut().for_each(|value| self.leaves(value)),
            Value::Array(items) => items.iter_mut().for_each(|value| self.leaves(value)),
            Value::String(text) => *text = self.inside(text),
            Value::Number(number) => {
                let told = number.to_string();
                if let Ok(other) = self.of(&told).parse::<serde_json::Number>() {
                    *number = other;
                }
            }
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// A text in which ids are words.
    pub(crate) fn inside(&self, text: &str) -> String {
        if let Some(other) = self.0.get(text) {
            return other.clone();
        }
        let is_of_id = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(is_of_id) {
            told.push_str(&rest[..start]);
            let word = &rest[start..];
            let end = word.find(|letter| !is_of_id(letter)).unwrap_or(word.len());
            let word = &word[..end];
            told.push_str(if word.len() >= SHORTEST { self.of(word) } else { word });
            rest = &rest[start + end..];
        }
        told.push_str(rest);
        told
    }
}

/// Whether a value can be a key.
pub(crate) fn is_key(value: &Value) -> bool {
    value.is_number() || value.as_str().is_some_and(|text| !text.is_empty())
}

/// A key as text.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_replaced_as_whole_words() {
        let mut ids = Ids::default();
        ids.learn_from(&json!({ "cliID": 901, "n": 5 }), &json!({ "cliID": 88, "n": 6 }), "", &|name| {
            name == "cliID"
        });
        assert_eq!(ids.path("/v1/client/901/9011"), "/v1/client/88/9011");
        assert_eq!(ids.query("$filter=cliID eq 901&x=9010"), "$filter=cliID eq 88&x=9010");
        let body = ids.body(br#"{"cliID":901,"q":"{ get(id: \"901\") }","n":5}"#);
        assert_eq!(body, br#"{"cliID":88,"q":"{ get(id: \"88\") }","n":5}"#);
    }
}
