//! Which words of a sentence may be told: those that occur in no request and no row.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::percent_decode_str;
use serde_json::Value;
use simcore::base::urlencoded::pairs;
use simcore::entity::profile::Profile;
use simcore::entity::refusals::Sentence;

use crate::recording::Exchange;

/// What stands in the place of a word that is not told.
pub(crate) const HIDDEN: &str = "{…}";

/// The longest word that is told.
const LONGEST: usize = 30;

/// The words of a recording.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// Those of requests and rows, in lower case.
    values: HashSet<String>,
    /// Those of the server's own sentences and fields, which tell nothing of the recording.
    own: HashSet<String>,
    /// Whole texts of bodies and queries, in lower case.
    texts: HashSet<String>,
    /// Words of bodies, queries and headers, in lower case: not those of paths.
    held: HashSet<String>,
}

/// How many digits in a row make a number of somebody's.
const DIGITS: usize = 3;

/// From how many digits in a row on the name of a member is an id, a day or a number to call: a key, of which there is one
/// for each record. Names of fields are no values, in whatever case.
const KEY_DIGITS: usize = 6;

/// From how many letters on a word in capitals is a key or a name.
const SHOUT: usize = 5;

impl Words {
    pub(crate) fn new(entries: &[Exchange], profile: &Profile) -> Self {
        let mut words = Self::default();
        let sentences = profile.errors.values().filter_map(|refusal| refusal.message.as_ref());
        for (_, text) in sentences.flat_map(Sentence::texts) {
            words.own.extend(split(text).map(str::to_lowercase));
        }
        let fields = profile.entities.values().flat_map(|entity| entity.fields.keys());
        words.own.extend(fields.chain(profile.entities.keys()).map(|name| name.to_lowercase()));
        for entry in entries {
            for (_, value) in pairs(&entry.query) {
                words.add(&value);
                words.texts.insert(value.to_lowercase());
            }
            entry.headers.iter().for_each(|(_, value)| words.add_header(value));
            words.add_body(&entry.body, serde_json::from_slice(&entry.body).ok().as_ref());
            if entry.is_success() {
                words.add_body(&entry.answer, entry.json.as_ref());
            }
        }
        words.held.clone_from(&words.values);
        for entry in entries {
            words.add(&percent_decode_str(&entry.path).decode_utf8_lossy());
        }
        words
    }

    fn add(&mut self, text: &str) {
        self.values.extend(split(text).map(str::to_lowercase));
    }

    /// A body: JSON, a form, or any other text.
    fn add_body(&mut self, body: &[u8], json: Option<&Value>) {
        if let Some(json) = json {
            return self.add_leaves(json);
        }
        let text = String::from_utf8_lossy(body);
        self.add(&text);
        pairs(&text).for_each(|(_, value)| self.add(&value));
    }

    /// A header's value, and what is in it in Base64: users, and claims of tokens.
    fn add_header(&mut self, value: &str) {
        self.add(value);
        for part in value.split([' ', '.']) {
            let read = STANDARD.decode(part).or_else(|_| URL_SAFE_NO_PAD.decode(part));
            if let Some(text) = read.ok().and_then(|bytes| String::from_utf8(bytes).ok()) {
                self.add_body(text.as_bytes(), serde_json::from_str(&text).ok().as_ref());
            }
        }
    }

    fn add_leaves(&mut self, value: &Value) {
        match value {
            // Sentences under a good status are none of a row's values.
            Value::Object(members) => {
                members
                    .iter()
                    .filter(|(name, _)| *name != "errors")
                    .for_each(|(_, value)| self.add_leaves(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.add_leaves(item)),
            Value::String(text) => {
                self.add(text);
                self.texts.insert(text.to_lowercase());
                // Variables of a document, and records, come as texts of JSON too.
                if text.starts_with(['{', '['])
                    && let Ok(inner) = serde_json::from_str(text)
                {
                    self.add_leaves(&inner);
                }
            }
            Value::Number(number) => self.add(&number.to_string()),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Whether a word may be told.
    pub(crate) fn may_tell(&self, word: &str) -> bool {
        let lower = word.to_lowercase();
        let is_word =
            lower.len() <= LONGEST && lower.chars().all(|letter| letter.is_alphabetic() || letter == '_');
        is_word && (self.own.contains(&lower) || !(self.values.contains(&lower) || shouts(word)))
    }

    /// A name of a field: none that is somebody's value.
    pub(crate) fn name(&self, name: &str) -> String {
        let lower = name.to_lowercase();
        let rest = name.trim_start_matches(['$', '@', '_']);
        let plain = rest.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            && !rest.starts_with(char::is_numeric)
            && digits(name) < KEY_DIGITS;
        let looks_like_value = name.chars().any(|letter| letter.is_numeric() || letter.is_uppercase());
        let is_value = self.texts.contains(&lower)
            || split(name)
                .any(|word| word.chars().any(char::is_numeric) && self.values.contains(&word.to_lowercase()));
        let is_told =
            self.own.contains(&lower) || plain && name.len() <= 64 && !(looks_like_value && is_value);
        if is_told { name.to_owned() } else { HIDDEN.to_owned() }
    }

    /// Whether a word is one of the server's own.
    pub(crate) fn is_own(&self, word: &str) -> bool {
        self.own.contains(&word.to_lowercase())
    }

    /// A part of a path that nobody has: a word, and no key of anything.
    pub(crate) fn segment<'s>(&self, part: &'s str) -> &'s str {
        let lower = part.to_lowercase();
        let is_word = part.len() <= LONGEST
            && part.chars().all(|letter| letter.is_ascii_alphabetic() || "_-".contains(letter));
        let version = part.strip_prefix('v').unwrap_or_default();
        let is_version = (1..=4).contains(&version.len())
            && version.chars().all(|letter| letter.is_ascii_digit() || letter == '.');
        let is_key =
            part.len() > 3 && part.chars().all(|letter| !letter.is_lowercase()) || self.held.contains(&lower);
        if part.is_empty() || is_version || self.own.contains(&lower) || is_word && !is_key {
            part
        } else {
            HIDDEN
        }
    }

    /// A sentence as it may be told; words that may not be are one [`HIDDEN`] for as many as stand together.
    pub(crate) fn told(&self, text: &str) -> String {
        let mut told = String::new();
        let mut rest = text;
        while let Some(start) = rest.find(is_of_word) {
            told.push_str(&rest[..start]);
            let word = &rest[start..];
            let end = word.find(|letter| !is_of_word(letter)).unwrap_or(word.len());
            if self.may_tell(&word[..end]) {
                told.push_str(&word[..end]);
            } else if told.ends_with(HIDDEN) {
                // The same again, as the parts of a number or an address.
            } else if told
                .trim_end_matches(|letter: char| !is_of_word(letter) && letter != '}')
                .ends_with(HIDDEN)
            {
                let end = told.rfind(HIDDEN).unwrap_or_default() + HIDDEN.len();
                told.truncate(end);
            } else {
                told.push_str(HIDDEN);
            }
            rest = &word[end..];
        }
        told.push_str(rest);
        told
    }

    /// The sentence, where nothing of it has to be hidden.
    pub(crate) fn whole<'t>(&self, text: &'t str) -> Option<&'t str> {
        let is_placeholder = |before: &str| before.ends_with('{');
        let mut rest = text;
        let mut before = "";
        while let Some(start) = rest.find(is_of_word) {
            before = if start == 0 { before } else { &rest[..start] };
            let word = &rest[start..];
            let end = word.find(|letter| !is_of_word(letter)).unwrap_or(word.len());
            if !is_placeholder(before) && !self.may_tell(&word[..end]) {
                return None;
            }
            before = "";
            rest = &word[end..];
        }
        Some(text)
    }
}

/// A value of a field that takes only some, as it may be told: no sentence, address or number of somebody's.
pub(crate) fn value(value: &str) -> &str {
    let is_plain = value.len() <= LONGEST
        && value.chars().all(|letter| letter.is_alphanumeric() || "_- .".contains(letter))
        && digits(value) <= DIGITS;
    if is_plain { value } else { HIDDEN }
}

/// The most digits that stand in a row.
fn digits(text: &str) -> usize {
    text.split(|letter: char| !letter.is_numeric()).map(str::len).max().unwrap_or_default()
}

/// Whether a word is in capitals, as keys and names of people are written.
fn shouts(word: &str) -> bool {
    word.chars().filter(|letter| letter.is_alphabetic()).count() >= SHOUT
        && !word.chars().any(char::is_lowercase)
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter| !is_of_word(letter)).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(values: &[&str]) -> Words {
        let mut words = Words::default();
        for value in values {
            words.add_leaves(&Value::String((*value).to_owned()));
        }
        words
    }

    #[test]
    fn what_occurs_in_requests_and_rows_is_hidden() {
        let words = words(&["DUPONT", "P-17", "Garage du Lac"]);
        assert_eq!(words.told("Client DUPONT introuvable"), "Client {…} introuvable");
        assert_eq!(words.told("Garage du Lac (P-17): refused"), "{…}): refused");
        assert_eq!(words.told("trace 8fe03a"), "trace {…}");
        assert_eq!(words.whole("Client introuvable"), Some("Client introuvable"));
        assert_eq!(words.whole("Client dupont"), None);
        assert_eq!(words.segment("fournisseurs"), "fournisseurs");
        assert_eq!([words.segment("DUPONT"), words.segment("ACME"), words.segment("17")], [HIDDEN; 3]);
        assert_eq!([words.name("DUPONT"), words.name("NomClient")], [HIDDEN, "NomClient"]);
    }

    proptest! {
        #[test]
        fn no_value_is_told(value in "[a-zA-Z0-9]{1,12}", before in "[a-z ]{0,10}", after in "[a-z ]{0,10}") {
            let words = words(&[&value]);
            let told = words.told(&format!("{before} {value} {after}"));
            let parts: Vec<&str> = split(&told).collect();
            prop_assert!(!parts.iter().any(|part| part.eq_ignore_ascii_case(&value)), "{told}");
        }
    }
}
