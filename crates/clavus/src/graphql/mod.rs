//! GraphQL as a graphql-js server speaks it: the vendor's is one (fact sheet 1), and its clients see graphql-js's
//! messages, positions and order of errors (fact sheet 10). The library for Rust has other words for nearly all of
//! them and no positions inside values (10.7), so that parser and rules are here; nothing in this folder knows Clavus.

pub(crate) mod ast;
pub(crate) mod execute;
mod introspect;
mod lexer;
pub(crate) mod limits;
pub(crate) mod parser;
pub(crate) mod schema;
mod sdl;
mod suggest;
pub(crate) mod validate;
pub(crate) mod values;
pub(crate) mod variables;

use serde_json::{Value, json};

use self::ast::{At, Definition, Document, Selection};

/// One entry of `errors` before it is bytes: what is wrong, and where in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) message: String,
    pub(crate) at: Vec<At>,
}

impl Problem {
    pub(crate) fn new(message: impl Into<String>, at: At) -> Self {
        Self { message: message.into(), at: vec![at] }
    }

    /// The entry as it goes out; lines and columns count from 1, columns in UTF-16 units as JavaScript does.
    pub(crate) fn entry(&self, text: &str, code: &str) -> Value {
        let mut entry = json!({ "message": self.message });
        if !self.at.is_empty() {
            entry["locations"] = locations(text, &self.at);
        }
        entry["extensions"] = json!({ "code": code });
        entry
    }
}

/// `[{"line", "column"}]` of places in a document.
pub(crate) fn locations(text: &str, places: &[At]) -> Value {
    places.iter().map(|at| location(text, *at)).collect()
}

fn location(text: &str, at: At) -> Value {
    let before = text.get(..at).unwrap_or(text);
    let breaks = before.replace("\r\n", "\n");
    let line = breaks.matches(['\n', '\r']).count() + 1;
    let start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let column = before[start..].encode_utf16().count() + 1;
    json!({ "line": line, "column": column })
}

/// Where a document asks for `__schema` or `__type`.
pub(crate) fn introspection_fields(document: &Document) -> Vec<At> {
    let mut found = Vec::new();
    for definition in &document.definitions {
        let selections = match definition {
            Definition::Operation(operation) => &operation.selections,
            Definition::Fragment(fragment) => &fragment.selections,
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
