//! Names that are others on the wire than inside: pairs that change places, in whatever carries names.
//!
//! Changing places is its own reverse: what comes in is renamed as what goes out, and the old name is as unknown on the
//! wire as any other.

use std::borrow::Cow;
use std::collections::HashMap;

/// Names and what stands in their place.
#[derive(Clone, Debug, Default)]
pub struct Renames {
    pairs: HashMap<String, String>,
}

/// What a string of a JSON text is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    Key,
    Value,
}

impl Renames {
    /// Each name changes places with its other one.
    pub fn new<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let both = |(own, wire): (&str, &str)| {
            [(own.to_owned(), wire.to_owned()), (wire.to_owned(), own.to_owned())]
        };
        Self { pairs: pairs.into_iter().flat_map(both).collect() }
    }

    /// Whether nothing is renamed.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// What stands in the place of a name; a dotted path part by part (`lines[0].name`).
    pub fn name<'a>(&self, name: &'a str) -> Cow<'a, str> {
        if self.is_empty() {
            return Cow::Borrowed(name);
        }
        match self.pairs.get(name) {
            Some(other) => Cow::Owned(other.clone()),
            None => self.words(name, |letter| letter == '.' || letter == '[' || letter == '/'),
        }
    }

    /// The words between separators, each renamed.
    fn words<'a>(&self, text: &'a str, is_between: impl Fn(char) -> bool) -> Cow<'a, str> {
        let words = text.split_inclusive(&is_between).map(|part| {
            let word = part.trim_end_matches(&is_between);
            let between = &part[word.len()..];
            self.pairs.get(word).map_or(Cow::Borrowed(part), |other| format!("{other}{between}").into())
        });
        let renamed: String = words.collect();
        if renamed == text { Cow::Borrowed(text) } else { Cow::Owned(renamed) }
    }

    /// A path, or a template of one: its fixed words.
    pub fn path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        self.words(path, |letter| letter == '/')
    }

    /// A text in which names are words, and what stands in quotes is none of them: an OData condition, a GraphQL
    /// document.
    pub fn words_outside_quotes(&self, text: &str) -> String {
        let (mut renamed, mut word, mut quote) = (String::with_capacity(text.len()), String::new(), None);
        let mut before = ' ';
        for letter in text.chars().chain(['\0']) {
            let is_word = quote.is_none() && (letter.is_alphanumeric() || letter == '_');
            if is_word {
                word.push(letter);
            } else {
                if !word.is_empty() {
                    renamed.push_str(self.pairs.get(&word).unwrap_or(&word));
                    word.clear();
                }
                match quote {
                    None if letter == '\'' || letter == '"' => quote = Some(letter),
                    Some(open) if letter == open && before != '\\' => quote = None,
                    _ => {}
                }
                if letter != '\0' {
                    renamed.push(letter);
                }
            }
            before = letter;
        }
        renamed
    }

    /// The pairs of a query: names of parameters, and of fields in the values of OData options and of `documents`.
    pub fn query(&self, query: &str, documents: &[&str]) -> String {
        use crate::base::urlencoded::pairs;
        use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode as encode};
        let each = pairs(query).map(|(name, value)| {
            let is_option = name.starts_with('$') || documents.contains(&&*name);
            let value = if is_option { self.words_outside_quotes(&value).into() } else { value };
            format!("{}={}", encode(&self.name(&name), NON_ALPHANUMERIC), encode(&value, NON_ALPHANUMERIC))
        });
        each.collect::<Vec<_>>().join("&")
    }

    /// A JSON text: its keys, the texts under the members of `holding`, which hold names (`above.member` only below
    /// that one), and those under the members of `documents`, in which names are words. Everything else stays as it is
    /// written.
    pub fn json(&self, json: &str, holding: &[&str], documents: &[&str]) -> String {
        let (mut renamed, mut rest, mut last_key) = (String::with_capacity(json.len()), json, String::new());
        // The members that lead to here, each with the depth that it stands at.
        let (mut depth, mut above): (usize, Vec<(usize, &str)>) = (0, Vec::new());
        let outer =
            |name: &&str| holding.iter().find_map(|it| it.split_once('.').filter(|(outer, _)| outer == name));
        while let Some(open) = rest.find('"') {
            for byte in rest[..open].bytes() {
                match byte {
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            above.retain(|(at, _)| *at < depth);
            renamed.push_str(&rest[..=open]);
            rest = &rest[open + 1..];
            let close = end_of_text(rest);
            let (text, after) = rest.split_at(close);
            let kind = if after[after.len().min(1)..].trim_start().starts_with(':') {
                Text::Key
            } else {
                Text::Value
            };
            let is_under = |members: &[&str]| members.iter().any(|name| name.eq_ignore_ascii_case(&last_key));
            let is_below =
                || above.iter().any(|(_, outer)| holding.contains(&format!("{outer}.{last_key}").as_str()));
            if kind == Text::Value && is_under(documents) {
                renamed.push_str(&self.document(text));
            } else if kind == Text::Key || is_under(holding) || is_below() {
                renamed.push_str(self.pairs.get(text).map_or(&*self.name(text), String::as_str));
            } else {
                renamed.push_str(text);
            }
            if kind == Text::Key {
                text.clone_into(&mut last_key);
                above.extend(outer(&text).map(|(outer, _)| (depth, outer)));
            }
            renamed.push_str(&after[..after.len().min(1)]);
            rest = &after[after.len().min(1)..];
        }
        renamed.push_str(rest);
        renamed
    }

    /// A document as it stands in JSON, without its quotes.
    fn document<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Ok(plain) = serde_json::from_str::<String>(&format!("\"{text}\"")) else {
            return Cow::Borrowed(text);
        };
        let written = serde_json::Value::from(self.words_outside_quotes(&plain)).to_string();
        Cow::Owned(written[1..written.len() - 1].to_owned())
    }
}

/// Where a text of JSON ends that begins here.
fn end_of_text(rest: &str) -> usize {
    let mut is_escaped = false;
    for (place, byte) in rest.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return place,
            _ => {}
        }
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn renames() -> Renames {
        Renames::new([("Name", "Bezeichnung"), ("products", "artikel")])
    }

    #[test]
    fn names_change_places_and_values_stay() {
        let renames = renames();
        let json =
            r#"{"Name": "Name", "Price": 9.90, "Bezeichnung": "x\"Name\":", "Items": [{"Name":null}]}"#;
        let wire = r#"{"Bezeichnung": "Name", "Price": 9.90, "Name": "x\"Name\":", "Items": [{"Bezeichnung":null}]}"#;
        assert_eq!(renames.json(json, &[], &[]), wire);
        assert_eq!(renames.json(wire, &[], &[]), json);
        assert_eq!(
            renames.json(r#"{"field":"Name","x":"Name"}"#, &["field"], &[]),
            r#"{"field":"Bezeichnung","x":"Name"}"#
        );
        assert_eq!(renames.json("\"open", &[], &[]), "\"open");
        let schema =
            r#"{"name":"Name","__type":{"name":"Name","fields":[{"name":"Price"}]},"x":{"name":"Name"}}"#;
        assert_eq!(
            renames.json(schema, &["__type.name"], &[]),
            r#"{"name":"Name","__type":{"name":"Bezeichnung","fields":[{"name":"Price"}]},"x":{"name":"Name"}}"#
        );
        let query = r#"{"query":"{\n Bezeichnung(a: \"Name\") }"}"#;
        assert_eq!(renames.json(query, &[], &["query"]), r#"{"query":"{\n Name(a: \"Name\") }"}"#);
    }

    #[test]
    fn names_in_paths_conditions_and_queries() {
        let renames = renames();
        assert_eq!(renames.path("/v1/products/{id}"), "/v1/artikel/{id}");
        assert_eq!(renames.name("Items[0].Name"), "Items[0].Bezeichnung");
        let filter = "Bezeichnung eq 'Name' and contains(Names, 'it''s Name')";
        assert_eq!(renames.words_outside_quotes(filter), "Name eq 'Name' and contains(Names, 'it''s Name')");
        assert_eq!(renames.query("Bezeichnung=Name&$top=1", &[]), "Name=Name&%24top=1");
    }
}
