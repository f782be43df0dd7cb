//! The rules of a valid document, with the words of graphql-js 16 and in its order (fact sheet 10.4): a walk from the
//! first character to the last, each node against every rule.

mod arguments;
mod definitions;
mod fields;
mod overlap;
mod usages;

use std::collections::HashMap;

use self::usages::Usage;
use super::Problem;
use super::ast::{Definition, Document, Fragment, Operation, OperationKind};
use super::schema::Schema;
use super::values::Scalar;

/// After so many errors the rest is not looked at.
const MOST: usize = 100;

/// What a document is checked against.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'a> {
    pub(crate) schema: &'a Schema,
    pub(crate) scalar: Scalar,
    /// Whether a `String` variable may stand for an `ID` and the other way round (fact sheet 3).
    pub(crate) interchange: bool,
}

/// The walk, with what it has found.
struct Walk<'a> {
    rules: Rules<'a>,
    document: &'a Document,
    fragments: HashMap<&'a str, &'a Fragment>,
    /// Whether a fragment comes back to itself.
    cyclic: bool,
    problems: Vec<Problem>,
    /// Of the definition that is walked: the variables it uses, and the fragments it spreads.
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// What the walk over one definition found.
#[derive(Default)]
struct Findings<'a> {
    problems: Vec<Problem>,
    usages: Vec<Usage<'a>>,
    spreads: Vec<&'a str>,
}

/// Everything that is wrong with `document`, in the order of graphql-js.
pub(crate) fn validate(rules: Rules<'_>, document: &Document) -> Vec<Problem> {
    let fragments = fragments(document);
    let mut walk = Walk {
        rules,
        document,
        cyclic: definitions::is_cyclic(&fragments),
        fragments,
        problems: Vec::new(),
        usages: Vec::new(),
        spreads: Vec::new(),
    };
    let found: Vec<Findings<'_>> =
        document.definitions.iter().map(|definition| walk.definition(definition)).collect();
    let mut problems = Vec::new();
    let by_fragment: HashMap<&str, &Findings<'_>> = document
        .definitions
        .iter()
        .zip(&found)
        .filter_map(|(definition, found)| match definition {
            Definition::Fragment(fragment) => Some((fragment.name.text.as_str(), found)),
            Definition::Operation(_) => None,
        })
        .collect();
    for (definition, found) in document.definitions.iter().zip(&found) {
        problems.extend(found.problems.iter().cloned());
        if let Definition::Operation(operation) = definition {
            usages::check(rules, operation, found, &by_fragment, &mut problems);
        }
    }
    definitions::unused_fragments(document, &found, &by_fragment, &mut problems);
    if problems.len() > MOST {
        problems.truncate(MOST);
        let message = "Too many validation errors, error limit reached. Validation aborted.";
        problems.push(Problem { message: message.to_owned(), at: Vec::new() });
    }
    problems
}

/// The fragments of a document by name.
pub(crate) fn fragments(document: &Document) -> HashMap<&str, &Fragment> {
    let mut fragments = HashMap::new();
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition {
            fragments.entry(fragment.name.text.as_str()).or_insert(fragment);
        }
    }
    fragments
}

/// The operation that a request means: the named one, or the only one.
///
/// # Errors
/// The message of graphql-js (fact sheet 10.3).
pub(crate) fn operation<'a>(document: &'a Document, name: Option<&str>) -> Result<&'a Operation, String> {
    let mut operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation),
        Definition::Fragment(_) => None,
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

impl<'a> Walk<'a> {
    fn problem(&mut self, message: impl Into<String>, at: usize) {
        if self.problems.len() <= MOST {
            self.problems.push(Problem::new(message, at));
        }
    }

    fn definition(&mut self, definition: &'a Definition) -> Findings<'a> {
        match definition {
            Definition::Operation(operation) => self.operation(operation),
            Definition::Fragment(fragment) => self.fragment(fragment),
        }
        Findings {
            problems: std::mem::take(&mut self.problems),
            usages: std::mem::take(&mut self.usages),
            spreads: std::mem::take(&mut self.spreads),
        }
    }

    fn operation(&mut self, operation: &'a Operation) {
        self.operation_name(operation);
        self.variable_definitions(operation);
        let place = match operation.kind {
            OperationKind::Query => "QUERY",
            OperationKind::Mutation => "MUTATION",
            OperationKind::Subscription => "SUBSCRIPTION",
        };
        self.directives(&operation.directives, place);
        let root = self.rules.schema.root(operation.kind);
        self.overlaps(root, &operation.selections);
        self.selections(root, &operation.selections);
    }

    fn fragment(&mut self, fragment: &'a Fragment) {
        let known = self.composite_condition(&fragment.on, Some(&fragment.name.text));
        self.fragment_name(fragment);
        self.fragment_cycle(fragment);
        self.known_condition(&fragment.on);
        self.directives(&fragment.directives, "FRAGMENT_DEFINITION");
        self.overlaps(known, &fragment.selections);
        self.selections(known, &fragment.selections);
    }
}
