//! What an operation asks for, once everything that depends on the request is settled: fragments and directives
//! followed, fields of one key made one, arguments coerced. The library would call a field twice that is selected twice
//! (a mutation would write twice), takes a variable that was not given for null, and passes no default of a variable.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, Field as LibraryField, OperationDefinition, OperationType,
    Selection as LibrarySelection, SelectionSet,
};
use async_graphql::{Name, Pos, Positioned};
use graphql_js::ast::{At, Directive, Field, Fragment, Literal, OperationKind, Selection, TypeRef};
use graphql_js::schema::FieldType;
use graphql_js::{Schema, Variables, coerce};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::value::{self, EMPTY};

/// What the library refuses to register, under a name that no schema can have.
pub(super) fn registered(name: &str) -> &str {
    match name {
        "__schema" => "introspection:schema",
        "__type" => "introspection:type",
        name => name,
    }
}

/// Fields by the key they have in the answer, in the order of the document.
pub(crate) type Tree<'a> = IndexMap<&'a str, Selected<'a>>;

/// A field to answer.
pub(crate) struct Selected<'a> {
    /// The first selection of its key.
    pub(crate) field: &'a Field,
    /// The type it is on.
    pub(crate) on: &'a str,
    pub(crate) definition: &'a FieldType,
    /// By name, coerced; those that were not given and have no default are absent.
    pub(crate) arguments: Result<Map<String, Value>, Unfit>,
    /// What is selected within it.
    pub(crate) inner: Tree<'a>,
}

/// An argument that has no value: what is said of it, and where.
pub(crate) struct Unfit {
    message: String,
    at: At,
}

/// What is needed to select.
pub(crate) struct Selector<'a> {
    pub(crate) types: &'a Schema,
    pub(crate) fragments: HashMap<&'a str, &'a Fragment>,
    pub(crate) variables: &'a Variables,
}

impl<'a> Selector<'a> {
    /// The fields that `selections` on the type `on` ask for, skipped ones left out.
    pub(crate) fn tree(&self, on: &'a str, selections: &[&'a [Selection]]) -> Tree<'a> {
        let mut keyed: IndexMap<&'a str, Vec<&'a Field>> = IndexMap::new();
        let mut seen = HashSet::new();
        for selections in selections {
            self.collect(selections, &mut keyed, &mut seen);
        }
        keyed.into_iter().filter_map(|(key, fields)| Some((key, self.selected(on, &fields)?))).collect()
    }

    fn selected(&self, on: &'a str, fields: &[&'a Field]) -> Option<Selected<'a>> {
        let field = *fields.first()?;
        let definition = self.types.field(on, &field.name.text)?;
        let selections: Vec<&[Selection]> = fields.iter().map(|field| field.selections.as_slice()).collect();
        let inner = self.tree(definition.kind.name(), &selections);
        Some(Selected { field, on, definition, arguments: self.arguments(field, definition), inner })
    }

    fn collect(
        &self,
        selections: &'a [Selection],
        keyed: &mut IndexMap<&'a str, Vec<&'a Field>>,
        seen: &mut HashSet<&'a str>,
    ) {
        for selection in selections {
            match selection {
                Selection::Field(field) if self.included(&field.directives) => {
                    keyed.entry(field.key()).or_default().push(field);
                }
                Selection::Inline(inline) if self.included(&inline.directives) => {
                    self.collect(&inline.selections, keyed, seen);
                }
                Selection::Spread(spread) if self.included(&spread.directives) => {
                    let name = spread.name.text.as_str();
                    if let Some(fragment) = self.fragments.get(name).copied()
                        && seen.insert(name)
                    {
                        self.collect(&fragment.selections, keyed, seen);
                    }
                }
                _ => {}
            }
        }
    }

    fn included(&self, directives: &[Directive]) -> bool {
        let boolean = TypeRef::Named("Boolean".to_owned());
        directives.iter().all(|directive| {
            let condition = directive.arguments.first();
            let value = condition
                .and_then(|argument| coerce(self.types, &boolean, &argument.value, self.variables))
                .and_then(|value| value.as_bool());
            match directive.name.text.as_str() {
                "skip" => value != Some(true),
                "include" => value != Some(false),
                _ => true,
            }
        })
    }

    fn arguments(&self, field: &Field, definition: &FieldType) -> Result<Map<String, Value>, Unfit> {
        let mut arguments = Map::new();
        for (name, wanted) in &definition.arguments {
            let given = field.arguments.iter().find(|argument| argument.name.text == *name);
            let value = given.map(|argument| &argument.value);
            let coerced = value.and_then(|node| coerce(self.types, &wanted.kind, node, self.variables));
            let default = || coerce(self.types, &wanted.kind, wanted.default.as_ref()?, self.variables);
            match (coerced.or_else(default), value) {
                (Some(Value::Null), Some(node)) if wanted.kind.is_non_null() => {
                    let message =
                        format!("Argument \"{name}\" of non-null type \"{}\" must not be null.", wanted.kind);
                    return Err(Unfit { message, at: node.at });
                }
                (Some(value), _) => drop(arguments.insert(name.clone(), value)),
                (None, Some(node)) if wanted.kind.is_non_null() => {
                    let variable = if let Literal::Variable(name) = &node.value { name } else { "" };
                    let message = format!(
                        "Argument \"{name}\" of required type \"{}\" was provided the variable \"${variable}\" which was not provided a runtime value.",
                        wanted.kind
                    );
                    return Err(Unfit { message, at: node.at });
                }
                (None, _) => {}
            }
        }
        Ok(arguments)
    }
}

/// The operation as the library's syntax tree: without variables, fragments, directives and repeated keys. `unfit`
/// takes the fields whose arguments have no value.
pub(super) fn document(
    kind: OperationKind,
    tree: &Tree<'_>,
    unfit: &mut HashMap<At, (String, At)>,
) -> ExecutableDocument {
    let ty = match kind {
        OperationKind::Query => OperationType::Query,
        OperationKind::Mutation => OperationType::Mutation,
        OperationKind::Subscription => OperationType::Subscription,
    };
    let (variable_definitions, directives) = (Vec::new(), Vec::new());
    let selection_set = set(tree, 0, unfit);
    let operation = OperationDefinition { ty, variable_definitions, directives, selection_set };
    let operations = DocumentOperations::Single(placed(operation, 0));
    ExecutableDocument { operations, fragments: HashMap::new() }
}

/// Places are bytes here, lines and columns only where one is told.
fn placed<T>(node: T, at: At) -> Positioned<T> {
    Positioned::new(node, Pos { line: 0, column: at })
}

fn set(tree: &Tree<'_>, at: At, unfit: &mut HashMap<At, (String, At)>) -> Positioned<SelectionSet> {
    let mut items: Vec<_> = tree
        .iter()
        .map(|(key, selected)| {
            let at = selected.field.at;
            placed(LibrarySelection::Field(placed(field(key, selected, unfit), at)), at)
        })
        .collect();
    if items.is_empty() {
        // An object of which nothing is asked is `{}`, where the library has null: a field that is not written.
        let nothing = LibraryField {
            alias: Some(placed(Name::new(EMPTY), at)),
            name: placed(Name::new("__typename"), at),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: placed(SelectionSet::default(), at),
        };
        items.push(placed(LibrarySelection::Field(placed(nothing, at)), at));
    }
    placed(SelectionSet { items }, at)
}

fn field(key: &str, selected: &Selected<'_>, unfit: &mut HashMap<At, (String, At)>) -> LibraryField {
    let Selected { field, arguments, inner, .. } = selected;
    let at = field.at;
    let arguments = match arguments {
        Ok(arguments) => arguments
            .iter()
            .map(|(name, value)| {
                (placed(Name::new(name), at), placed(value::of_json(value).into_value(), at))
            })
            .collect(),
        Err(Unfit { message, at: argument }) => {
            unfit.insert(at, (message.clone(), *argument));
            Vec::new()
        }
    };
    let is_leaf = field.selections.is_empty();
    LibraryField {
        alias: Some(placed(Name::new(key), at)),
        name: placed(Name::new(registered(&field.name.text)), at),
        arguments,
        directives: Vec::new(),
        selection_set: if is_leaf { placed(SelectionSet::default(), at) } else { set(inner, at, unfit) },
    }
}
