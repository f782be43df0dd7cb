//! The rules of a valid document, with the words of graphql-js 16 and in its order: one walk from the first character
//! to the last. At each node the rules speak in the order in which graphql-js lists them, before the node's children
//! or after them as theirs do.

mod arguments;
mod definitions;
mod directives;
mod fields;
mod introspection;
mod overlap;
mod types;
mod usages;

use std::collections::{HashMap, HashSet};

use indexmap::IndexMap;

use self::directives::KnownDirective;
use self::overlap::Overlap;
use self::usages::Usage;
use crate::ast::{Definition, Document, Fragment, Name, Selection, Spread, TypeKeyword};
use crate::document::fragments;
use crate::problem::Problem;
use crate::schema::{FieldType, Schema, Type};
use crate::suggest::did_you_mean;
use crate::values::Scalars;

/// After so many errors the rest is not looked at.
const MOST: usize = 100;

/// What a document is checked against.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The types.
    pub schema: &'a Schema,
    /// The schema's own scalars.
    pub scalars: Scalars,
    /// Whether a `String` variable may stand for an `ID` and the other way round, which graphql-js refuses.
    pub interchange: bool,
}

/// The walk, with what it has found.
struct Walk<'a> {
    rules: Rules<'a>,
    document: &'a Document,
    fragments: HashMap<&'a str, &'a Fragment>,
    directives: HashMap<&'a str, KnownDirective<'a>>,
    /// The types that the document itself defines.
    defined: Vec<&'a str>,
    /// Names of operations and of fragments that came before, with their places.
    operations: HashMap<&'a str, usize>,
    named: HashMap<&'a str, usize>,
    /// Fragments whose spreads were followed already.
    followed: HashSet<&'a str>,
    overlap: Overlap<'a>,
    depths: introspection::Depths<'a>,
    /// Directives of types that came before, by type.
    of_types: HashMap<(bool, &'a str), HashMap<&'a str, usize>>,
    problems: Vec<Problem>,
    /// Nothing more is said: comparing fields has become too dear.
    aborted: bool,
    /// Of the definition that is walked.
    usages: Vec<Usage<'a>>,
}

/// Where the walk is: what a selection or a directive needs to know of what is around it.
#[derive(Clone, Copy, Default)]
struct Place<'a> {
    /// The object type that fields are selected on, when it is known.
    on: Option<&'a str>,
    /// The field around, when it is known.
    field: Option<&'a FieldType>,
}

/// What the walk over one definition found.
struct Findings<'a> {
    problems: Vec<Problem>,
    usages: Vec<Usage<'a>>,
}

/// Everything that is wrong with `document`, in the order of graphql-js.
pub fn validate(rules: Rules<'_>, document: &Document) -> Vec<Problem> {
    let mut walk = Walk {
        rules,
        document,
        fragments: fragments(document),
        directives: directives::known(rules.schema, document),
        defined: types::defined(document),
        operations: HashMap::new(),
        named: HashMap::new(),
        followed: HashSet::new(),
        overlap: Overlap::default(),
        depths: introspection::Depths::default(),
        of_types: HashMap::new(),
        problems: Vec::new(),
        aborted: false,
        usages: Vec::new(),
    };
    walk.not_executable();
    let mut problems = std::mem::take(&mut walk.problems);
    let mut found = Vec::new();
    for definition in &document.definitions {
        found.push(walk.definition(definition));
        // What leaving an operation reports needs the fragments after it: their usages are walked first.
        if walk.aborted {
            break;
        }
    }
    let by_fragment: HashMap<&str, &Findings<'_>> = document
        .definitions
        .iter()
        .zip(&found)
        .filter_map(|(definition, found)| match definition {
            Definition::Fragment(fragment) => Some((fragment.name.text.as_str(), found)),
            Definition::Operation(_) | Definition::Type(_) => None,
        })
        .collect();
    for (definition, found) in document.definitions.iter().zip(&found) {
        problems.extend(found.problems.iter().cloned());
        if let Definition::Operation(operation) = definition
            && problems.len() <= MOST
        {
            let usages = usages::of(operation, found, &walk.fragments, &by_fragment);
            usages::check(rules, operation, &usages, &mut problems);
        }
    }
    if walk.aborted {
        problems.truncate(MOST);
        problems.push(Problem { message: "Validation aborted.".to_owned(), at: Vec::new() });
        return problems;
    }
    definitions::unused_fragments(document, &walk.fragments, &mut problems);
    if problems.len() > MOST {
        problems.truncate(MOST);
        let message = "Too many validation errors, error limit reached. Validation aborted.";
        problems.push(Problem { message: message.to_owned(), at: Vec::new() });
    }
    problems
}

impl<'a> Walk<'a> {
    fn problem(&mut self, message: impl Into<String>, at: usize) {
        self.problem_at(message, vec![at]);
    }

    fn problem_at(&mut self, message: impl Into<String>, at: Vec<usize>) {
        if !self.aborted && self.problems.len() <= MOST {
            self.problems.push(Problem { message: message.into(), at });
        }
    }

    fn definition(&mut self, definition: &'a Definition) -> Findings<'a> {
        match definition {
            Definition::Operation(operation) => self.operation(operation),
            Definition::Fragment(fragment) => self.fragment(fragment),
            Definition::Type(definition) => self.type_definition(definition),
        }
        Findings { problems: std::mem::take(&mut self.problems), usages: std::mem::take(&mut self.usages) }
    }

    /// The definitions of types: a server executes none.
    fn not_executable(&mut self) {
        for definition in &self.document.definitions {
            if let Definition::Type(definition) = definition {
                let what = match &definition.name {
                    Some(name) if definition.keyword != TypeKeyword::Schema => format!("\"{}\"", name.text),
                    _ => "schema".to_owned(),
                };
                self.problem(format!("The {what} definition is not executable."), definition.at);
            }
        }
    }

    /// A name of a type, wherever one is written.
    fn known_type(&mut self, name: &str, at: usize) {
        let types = &self.rules.schema.types;
        if types.contains_key(name) || self.defined.contains(&name) {
            return;
        }
        let known = types.keys().map(String::as_str).chain(self.defined.iter().copied());
        let hint = did_you_mean("", name, known);
        self.problem(format!("Unknown type \"{name}\".{hint}"), at);
    }

    /// The object type of that name, when it is one.
    fn composite(&self, name: &str) -> Option<&'a str> {
        let (name, kind) = self.rules.schema.types.get_key_value(name)?;
        matches!(kind, Type::Object(_)).then_some(name.as_str())
    }
}

/// Names that come more than once, with all their places.
fn repeated<'n>(names: impl Iterator<Item = &'n Name>) -> impl Iterator<Item = (&'n str, Vec<usize>)> {
    let mut places: IndexMap<&str, Vec<usize>> = IndexMap::new();
    for name in names {
        places.entry(&name.text).or_default().push(name.at);
    }
    places.into_iter().filter(|(_, places)| places.len() > 1)
}

/// Every spread within `selections`, at any level, in the order in which graphql-js collects them: a level's spreads,
/// then those within its last member that has selections, and so on.
fn spreads(selections: &[Selection]) -> Vec<&Spread> {
    let mut found = Vec::new();
    let mut open = vec![selections];
    while let Some(selections) = open.pop() {
        for selection in selections {
            match selection {
                Selection::Spread(spread) => found.push(spread),
                Selection::Field(field) if field.selections.is_empty() => {}
                Selection::Field(field) => open.push(&field.selections),
                Selection::Inline(inline) => open.push(&inline.selections),
            }
        }
    }
    found
}

/// The fragments that selections lead to, directly or through others, each once.
fn reached<'a>(
    selections: impl Iterator<Item = &'a [Selection]>,
    fragments: &HashMap<&'a str, &'a Fragment>,
) -> Vec<&'a Fragment> {
    let mut names: indexmap::IndexSet<&str> =
        selections.flat_map(spreads).map(|spread| spread.name.text.as_str()).collect();
    let mut found = Vec::new();
    let mut next = 0;
    while let Some(name) = names.get_index(next).copied() {
        next += 1;
        if let Some(fragment) = fragments.get(name) {
            found.push(*fragment);
            names.extend(spreads(&fragment.selections).iter().map(|spread| spread.name.text.as_str()));
        }
    }
    found
}
