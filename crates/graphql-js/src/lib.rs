#![doc = include_str!("../README.md")]

pub mod ast;
mod lexer;
pub mod limits;
mod parser;
mod print;
pub mod schema;
mod suggest;
mod validate;
mod values;
mod variables;

use serde_json::{Value, json};

use self::ast::{At, Definition, Document, Fragment, Operation, Selection};

pub use self::parser::{Refusal, parse};
pub use self::schema::Schema;
pub use self::validate::{Rules, validate};
pub use self::values::{Scalars, Variables, coerce, inspect, untyped};
pub use self::variables::variables;

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

/// The fragments of a document by name.
pub fn fragments(document: &Document) -> std::collections::HashMap<&str, &Fragment> {
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Fragment(fragment) => Some((fragment.name.text.as_str(), fragment)),
        Definition::Operation(_) | Definition::Type(_) => None,
    });
    fragments.collect()
}

/// The operation that a request means: the named one, or the only one.
///
/// # Errors
/// The message of graphql-js.
pub fn operation<'a>(document: &'a Document, name: Option<&str>) -> Result<&'a Operation, String> {
    let mut operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation),
        Definition::Fragment(_) | Definition::Type(_) => None,
    });
    match name {
        Some(name) => operations
            .find(|operation| operation.name.as_ref().is_some_and(|known| known.text == name))
            .ok_or_else(|| format!("Unknown operation named \"{name}\".")),
        None => match (operations.next(), operations.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => {
                Err("Must provide operation name if query contains multiple operations.".to_owned())
            }
            (None, _) => Err("Must provide an operation.".to_owned()),
        },
    }
}

/// Where a document asks for `__schema` or `__type`.
pub fn introspection_fields(document: &Document) -> Vec<At> {
    let mut found = Vec::new();
    for definition in &document.definitions {
        let selections = match definition {
            Definition::Operation(operation) => &operation.selections,
            Definition::Fragment(fragment) => &fragment.selections,
            Definition::Type(_) => continue,
        };
        introspections(selections, &mut found);
    }
    found
}

fn introspections(selections: &[Selection], found: &mut Vec<At>) {
    for selection in selections {
        match selection {
            Selection::Field(field) => {
                if matches!(field.name.text.as_str(), "__schema" | "__type") {
                    found.push(field.at);
                }
                introspections(&field.selections, found);
            }
            Selection::Inline(inline) => introspections(&inline.selections, found),
            Selection::Spread(_) => {}
        }
    }
}
