//! Questions to a document that was read.

use std::collections::HashMap;

use crate::ast::{At, Definition, Document, Fragment, Operation, Selection};

/// The fragments of a document by name.
pub fn fragments(document: &Document) -> HashMap<&str, &Fragment> {
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

#[cfg(test)]
mod tests {
    use super::introspection_fields;
    use crate::parse;

    #[test]
    fn introspection_is_found_at_every_level() {
        let text = "{ __schema a { __type ... { x: __type } __typename } ...F } fragment F on Q { __schema } type __type { __schema: Int }";
        let document = parse(text, 20).expect("a document");
        let found: Vec<&str> =
            introspection_fields(&document).into_iter().map(|at| &text[at..at + 8]).collect();
        assert_eq!(found, ["__schema", "__type .", "x: __typ", "__schema"]);
    }
}
