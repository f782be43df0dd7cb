//! Rules about operations, variables' declarations and fragments.

use std::collections::{HashMap, HashSet};

use super::{Place, Walk, reached, repeated, spreads};
use crate::ast::{Definition, Document, Fragment, Operation, OperationKind, Spread};
use crate::problem::Problem;
use crate::schema::Type;

impl<'a> Walk<'a> {
    pub(super) fn operation(&mut self, operation: &'a Operation) {
        self.operation_name(operation);
        for (name, at) in repeated(operation.variables.iter().map(|variable| &variable.name)) {
            self.problem_at(format!("There can be only one variable named \"${name}\"."), at);
        }
        self.unique_directives(&operation.directives);
        self.variable_definitions(operation);
        let location = match operation.kind {
            OperationKind::Query => "QUERY",
            OperationKind::Mutation => "MUTATION",
            OperationKind::Subscription => "SUBSCRIPTION",
        };
        self.directives(&operation.directives, location, Place::default());
        let on = self.rules.schema.root(operation.kind);
        self.selection_set(&operation.selections, Place { on, field: None });
    }

    fn operation_name(&mut self, operation: &'a Operation) {
        let Some(name) = &operation.name else {
            let is_operation = |definition: &&Definition| matches!(definition, Definition::Operation(_));
            if self.document.definitions.iter().filter(is_operation).nth(1).is_some() {
                self.problem("This anonymous operation must be the only defined operation.", operation.at);
            }
            return;
        };
        if let Some(first) = self.operations.get(name.text.as_str()).copied() {
            let message = format!("There can be only one operation named \"{}\".", name.text);
            self.problem_at(message, vec![first, name.at]);
        } else {
            self.operations.insert(&name.text, name.at);
        }
    }

    fn variable_definitions(&mut self, operation: &'a Operation) {
        for variable in &operation.variables {
            let kind = &variable.kind;
            let known = self.rules.schema.types.get(kind.kind.name());
            if let Some(Type::Object(_)) = known {
                let name = &variable.name.text;
                let message = format!("Variable \"${name}\" cannot be non-input type \"{}\".", kind.kind);
                self.problem(message, kind.at);
            }
            self.unique_directives(&variable.directives);
            self.known_type(kind.kind.name(), kind.name_at);
            if let Some(default) = &variable.default {
                let is_input = known.is_some_and(|known| !matches!(known, Type::Object(_)));
                self.value(default, is_input.then_some(&kind.kind), false, true);
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION", Place::default());
        }
    }

    pub(super) fn fragment(&mut self, fragment: &'a Fragment) {
        let name = fragment.name.text.as_str();
        let on = self.composite(&fragment.on.text);
        if on.is_none() && self.rules.schema.types.contains_key(&fragment.on.text) {
            let on = &fragment.on.text;
            let message = format!("Fragment \"{name}\" cannot condition on non composite type \"{on}\".");
            self.problem(message, fragment.on.at);
        }
        if let Some(first) = self.named.get(name).copied() {
            let message = format!("There can be only one fragment named \"{name}\".");
            self.problem_at(message, vec![first, fragment.name.at]);
        } else {
            self.named.insert(name, fragment.name.at);
        }
        self.cycles(fragment, &mut Vec::new(), &mut HashMap::new());
        self.unique_directives(&fragment.directives);
        self.known_type(&fragment.on.text, fragment.on.at);
        self.directives(&fragment.directives, "FRAGMENT_DEFINITION", Place::default());
        self.selection_set(&fragment.selections, Place { on, field: None });
    }

    /// Follows every spread once; one that comes back to a fragment on the way is a cycle.
    fn cycles(
        &mut self,
        fragment: &'a Fragment,
        way: &mut Vec<&'a Spread>,
        places: &mut HashMap<&'a str, usize>,
    ) {
        let name = fragment.name.text.as_str();
        if !self.followed.insert(name) {
            return;
        }
        places.insert(name, way.len());
        for spread in spreads(&fragment.selections) {
            let to = spread.name.text.as_str();
            way.push(spread);
            if let Some(from) = places.get(to).copied() {
                let (_, via) = way[from..].split_last().unwrap_or((&spread, &[]));
                let via: Vec<String> = via.iter().map(|step| format!("\"{}\"", step.name.text)).collect();
                let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
                let at = way[from..].iter().map(|step| step.at).collect();
                self.problem_at(format!("Cannot spread fragment \"{to}\" within itself{via}."), at);
            } else if let Some(next) = self.fragments.get(to).copied() {
                self.cycles(next, way, places);
            }
            way.pop();
        }
        places.remove(name);
    }
}

/// Fragments that no operation comes to.
pub(super) fn unused_fragments<'a>(
    document: &'a Document,
    fragments: &HashMap<&'a str, &'a Fragment>,
    problems: &mut Vec<Problem>,
) {
    let operations = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Operation(operation) => Some(operation.selections.as_slice()),
        Definition::Fragment(_) | Definition::Type(_) => None,
    });
    let used: HashSet<&str> =
        reached(operations, fragments).into_iter().map(|fragment| fragment.name.text.as_str()).collect();
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition
            && !used.contains(fragment.name.text.as_str())
        {
            let message = format!("Fragment \"{}\" is never used.", fragment.name.text);
            problems.push(Problem::new(message, fragment.at));
        }
    }
}
