//! Secrets as placeholders of equal length, the same one throughout: for what leaves the machine and is to be played again.
//!
//! The journal's masks ([`super::mask`]) say where secrets stand. Everything is put through twice, in an order that is the
//! same for the same run: once to meet all values, and again after [`Placeholders::finish`], when they are found anywhere.

use std::collections::{HashMap, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::base::secret::basic;

use super::mask::{forms, is_rare, is_secret_field, is_secret_header, secret_places};

/// Values and what stands in their place.
#[derive(Debug, Default)]
pub struct Placeholders {
    by_value: HashMap<String, String>,
    /// In the order in which they came.
    order: Vec<String>,
    used: HashSet<String>,
    counters: HashMap<(bool, usize), u64>,
    /// What finds values outside the places that names tell: those that no other text is by chance.
    anywhere: Option<(AhoCorasick, Vec<String>)>,
}

impl Placeholders {
    /// What stands in the place of `value`.
    fn of(&mut self, value: &str) -> String {
        if value.is_empty() || matches!(value, "null" | "true" | "false" | "[]" | "{}") {
            return value.to_owned();
        }
        if let Some(known) = self.by_value.get(value) {
            return known.clone();
        }
        // What was put in before is not a secret again.
        if self.used.contains(value) {
            return value.to_owned();
        }
        let made = self.make(value);
        self.used.insert(made.clone());
        self.order.push(value.to_owned());
        self.by_value.insert(value.to_owned(), made.clone());
        made
    }

    /// A new one: digits for a number, a JSON text for a list or an object, otherwise letters that need no escape anywhere.
    fn make(&mut self, value: &str) -> String {
        let length = value.len();
        if value.starts_with(['[', '{']) && length > 2 {
            return format!("\"{}\"", self.fresh(false, length - 2));
        }
        self.fresh(value.bytes().all(|letter| letter.is_ascii_digit()), length)
    }

    fn fresh(&mut self, is_number: bool, length: usize) -> String {
        let counter = self.counters.entry((is_number, length)).or_default();
        loop {
            *counter += 1;
            let text = if is_number { number(*counter, length) } else { word(*counter, length) };
            match text {
                Some(text) if self.used.contains(&text) => {}
                Some(text) => return text,
                // There are no more of this length.
                None => return if is_number { "9".repeat(length) } else { "-".repeat(length) },
            }
        }
    }

    /// All there is has been shown: from now on values are also found where no name tells.
    pub fn finish(&mut self) {
        let rare = forms(self.order.clone());
        for value in &rare {
            self.of(value);
        }
        let found = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&rare);
        self.anywhere = found.ok().filter(|_| !rare.is_empty()).map(|found| (found, rare));
    }

    /// The text with placeholders.
    pub fn text(&mut self, text: &str, names: &[&str]) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut from = 0;
        for place in secret_places(text, names) {
            shown.push_str(&text[from..place.start]);
            let held = &text[place.clone()];
            if is_variable(text, held) {
                shown.push_str(held);
            } else {
                shown.push_str(&self.of(held));
            }
            from = place.end;
        }
        shown.push_str(&text[from..]);
        self.everywhere(shown)
    }

    fn everywhere(&self, text: String) -> String {
        let Some((found, values)) = &self.anywhere else { return text };
        if !found.is_match(&text) {
            return text;
        }
        let put: Vec<&str> =
            values.iter().map(|value| self.by_value.get(value).map_or("", String::as_str)).collect();
        found.replace_all(&text, &put)
    }

    /// The value of a header with placeholders. The scheme of credentials stays, and the user of Basic.
    pub fn header(&mut self, name: &str, value: &str, names: &[&str]) -> String {
        if !is_secret_header(name, names) {
            return self.text(value, names);
        }
        let Some((scheme, rest)) = value.split_once(' ') else { return self.of(value) };
        if scheme.eq_ignore_ascii_case("basic")
            && let Some((user, password)) = basic(rest)
        {
            let shown = STANDARD.encode(format!("{user}:{}", self.of(&password)));
            if is_rare(rest) && !self.by_value.contains_key(rest) && !self.used.contains(rest) {
                self.used.insert(shown.clone());
                self.order.push(rest.to_owned());
                self.by_value.insert(rest.to_owned(), shown.clone());
            }
            return format!("{scheme} {shown}");
        }
        if ["basic", "bearer", "digest", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return format!("{scheme} {}", self.of(rest));
        }
        self.of(value)
    }

    /// JSON of ours with placeholders: values of secret names, and texts that hold some.
    pub fn json(&mut self, value: &mut Value, names: &[&str]) {
        match value {
            Value::String(text) => *text = self.text(text, names),
            Value::Array(items) => items.iter_mut().for_each(|item| self.json(item, names)),
            Value::Object(members) => {
                for (name, member) in members {
                    match member {
                        member if is_secret_field(name, names) => self.whole(member),
                        Value::Object(headers) if name == "header" => {
                            for (name, value) in headers {
                                match value {
                                    Value::String(text) => *text = self.header(name, text, names),
                                    value => self.json(value, names),
                                }
                            }
                        }
                        member => self.json(member, names),
                    }
                }
            }
            _ => {}
        }
    }

    /// A value that is a secret, and everything in it.
    fn whole(&mut self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.of(text),
            Value::Number(number) => {
                let made = self.of(&number.to_string());
                *value = serde_json::from_str(&made).unwrap_or(Value::Null);
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.whole(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.whole(member)),
            Value::Null | Value::Bool(_) => {}
        }
    }

    /// Every value with its placeholder, in the order in which they came.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        let known = |value: &String| self.by_value.get(value).map(String::as_str);
        self.order.iter().filter_map(move |value| Some((value.as_str(), known(value)?)))
    }
}

/// Whether a value is a variable that the text, a document of GraphQL, declares: what it stands for is given elsewhere, and
/// a placeholder would be another document.
fn is_variable(text: &str, value: &str) -> bool {
    let name = value.strip_prefix('$').or_else(|| value.strip_prefix("%24"));
    let is_name = |name: &str| {
        !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_')
    };
    let is_declared = |(at, _): (usize, &str)| {
        let after = text[at + value.len()..].trim_start_matches([' ', '+']);
        after.starts_with(':') || after.starts_with("%3A")
    };
    name.is_some_and(is_name) && text.match_indices(value).any(is_declared)
}

/// The number as a text of that length; nothing when it is longer.
fn number(count: u64, length: usize) -> Option<String> {
    // No zero in front: it would be no number of JSON.
    let text = count.to_string();
    let zeros = length.checked_sub(text.len())?;
    Some(text + &"0".repeat(zeros))
}

/// `S1-----X`: a text of that length. None that has room for both letters is a part of another: the run of dashes tells.
fn word(count: u64, length: usize) -> Option<String> {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let (mut left, mut text) = (count, String::new());
    while left > 0 {
        let letter = usize::try_from(left % 36).unwrap_or_default();
        text.insert(0, char::from(LETTERS[letter]));
        left /= 36;
    }
    match length.checked_sub(text.len())? {
        0 => Some(text),
        1 => Some(format!("S{text}")),
        more => Some(format!("S{text}{}X", "-".repeat(more - 2))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_has_one_placeholder_of_its_length() {
        let mut all = Placeholders::default();
        let (body, told) = (r#"{"password":"hunter22xyz","n":1}"#, "hunter22xyz is not good");
        all.text(body, &[]);
        all.header("authorization", "Bearer hunter22xyz", &[]);
        all.finish();
        let shown = all.text(body, &[]);
        assert_eq!(shown, r#"{"password":"S1--------X","n":1}"#);
        assert_eq!(all.text(told, &[]), "S1--------X is not good");
        assert_eq!(all.header("authorization", "Bearer hunter22xyz", &[]), "Bearer S1--------X");
        let basic = format!("Basic {}", STANDARD.encode("me:hunter22xyz"));
        let shown = all.header("authorization", &basic, &[]);
        assert_eq!(shown.len(), basic.len());
        assert_eq!(shown, format!("Basic {}", STANDARD.encode("me:S1--------X")));
    }

    #[test]
    fn a_variable_of_a_document_is_no_secret() {
        let document = r#"{"query":"mutation($p: String!) { login(password: $p) { id } }","variables":{"p":"hunter22xyz"}}"#;
        let shown = Placeholders::default().text(document, &[]);
        assert_eq!(shown, document.replace("hunter22xyz", "S1--------X"));
        for secret in [r#"{"password":"$p"}"#, "password=$p&x=1"] {
            assert!(!Placeholders::default().text(secret, &[]).contains("$p"), "{secret}");
        }
    }

    #[test]
    fn no_long_placeholder_is_a_part_of_another() {
        let mut all = Placeholders::default();
        for length in 8..20 {
            for count in 0..40 {
                all.of(&format!("{:a>length$}", format!("v{count}")));
            }
        }
        let made: Vec<&str> = all.all().map(|(_, placeholder)| placeholder).collect();
        for one in &made {
            assert!(!made.iter().any(|other| other != one && other.contains(one)), "{one}");
        }
    }

    #[test]
    fn placeholders_are_their_own_placeholders() {
        let text =
            r#"{"token":"abcdefgh","secret":"x","pin_code":1,"api_key":4711,"passwords":[],"auth":["a"]}"#;
        let mut first = Placeholders::default();
        let once = first.text(text, &[]);
        assert_eq!(once.len(), text.len());
        assert_eq!(Placeholders::default().text(&once, &[]), once);
        assert!(serde_json::from_str::<Value>(&once).is_ok(), "{once}");
    }
}
