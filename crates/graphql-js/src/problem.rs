//! What is wrong with a document, and where.

use serde_json::{Value, json};

use crate::ast::At;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In the words of graphql-js.
    pub message: String,
    /// The places that the message is about, in the order of graphql-js.
    pub at: Vec<At>,
}

impl Problem {
    /// A problem at one place.
    pub fn new(message: impl Into<String>, at: At) -> Self {
        Self { message: message.into(), at: vec![at] }
    }

    /// The entry of `errors`; lines and columns count from 1, columns in UTF-16 units as JavaScript does.
    pub fn entry(&self, text: &str, code: &str) -> Value {
        let mut entry = json!({ "message": self.message });
        if !self.at.is_empty() {
            entry["locations"] = locations(text, &self.at);
        }
        entry["extensions"] = json!({ "code": code });
        entry
    }
}

/// `[{"line", "column"}]` of places in a document.
pub fn locations(text: &str, places: &[At]) -> Value {
    places
        .iter()
        .map(|at| location(text, *at))
        .map(|(line, column)| json!({ "line": line, "column": column }))
        .collect()
}

/// Line and column of a place, from 1, the column in UTF-16 units.
pub fn location(text: &str, at: At) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    // A carriage return just before the place ends a line only if no line feed follows it there.
    let before =
        before.strip_suffix('\r').filter(|_| text[before.len()..].starts_with('\n')).unwrap_or(before);
    let breaks = before.replace("\r\n", "\n");
    let line = breaks.matches(['\n', '\r']).count() + 1;
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    (line, before[start..].encode_utf16().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::Problem;

    #[test]
    fn an_entry_has_its_places_where_there_are_some() {
        let problem = Problem { message: "No.".to_owned(), at: vec![0, 7] };
        assert_eq!(
            problem.entry("{ a\r\n  b }", "BAD").to_string(),
            r#"{"message":"No.","locations":[{"line":1,"column":1},{"line":2,"column":3}],"extensions":{"code":"BAD"}}"#
        );
        let problem = Problem { at: Vec::new(), ..problem };
        assert_eq!(problem.entry("", "BAD").to_string(), r#"{"message":"No.","extensions":{"code":"BAD"}}"#);
    }
}
