//! Rules about operations, variables' declarations, fragments and directives.

use std::collections::{HashMap, HashSet};

use super::{Findings, Walk};
use crate::graphql::Problem;
use crate::graphql::ast::{Definition, Directive, Document, Fragment, Name, Operation, Selection};
use crate::graphql::schema::Type;
use crate::graphql::suggest::did_you_mean;

impl<'a> Walk<'a> {
    pub(super) fn operation_name(&mut self, operation: &'a Operation) {
        let operations: Vec<&Operation> = self
            .document
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                Definition::Operation(operation) => Some(operation),
                Definition::Fragment(_) => None,
            })
            .collect();
        let Some(name) = &operation.name else {
            if operations.len() > 1 {
                self.problem("This anonymous operation must be the only defined operation.", operation.at);
            }
            return;
        };
        let first = operations.iter().filter_map(|other| other.name.as_ref()).find(|n| n.text == name.text);
        if let Some(first) = first.filter(|first| first.at != name.at) {
            let message = format!("There can be only one operation named \"{}\".", name.text);
            self.problems.push(Problem { message, at: vec![first.at, name.at] });
        }
    }

    pub(super) fn variable_definitions(&mut self, operation: &'a Operation) {
        self.once(operation.variables.iter().map(|variable| &variable.name), |name| {
            format!("There can be only one variable named \"${name}\".")
        });
        for variable in &operation.variables {
            let name = &variable.name;
            let kind = variable.kind.kind.name();
            match self.rules.schema.types.get(kind) {
                None => self.unknown_type(kind, variable.kind.at),
                Some(Type::Object(_)) => {
                    let message = format!(
                        "Variable \"${}\" cannot be non-input type \"{}\".",
                        name.text, variable.kind.kind
                    );
                    self.problem(message, variable.kind.at);
                }
                Some(_) => {}
            }
            self.directives(&variable.directives, "VARIABLE_DEFINITION");
            if let Some(default) = &variable.default {
                self.value(default, Some(&variable.kind.kind), false);
            }
        }
    }

    pub(super) fn unknown_type(&mut self, kind: &str, at: usize) {
        let known = self.rules.schema.types.keys().map(String::as_str);
        let hint = did_you_mean("", kind, known);
        self.problem(format!("Unknown type \"{kind}\".{hint}"), at);
    }

    /// The type that a fragment is on, when it has fields; an unknown one is reported by
    /// [`Walk::known_condition`].
    pub(super) fn composite_condition(&mut self, on: &Name, fragment: Option<&str>) -> Option<&'a str> {
        let schema = self.rules.schema;
        let (name, _) = schema.types.get_key_value(&on.text)?;
        if schema.is_composite(name) {
            return Some(name);
        }
        let fragment = fragment.map(|fragment| format!(" \"{fragment}\"")).unwrap_or_default();
        let message = format!("Fragment{fragment} cannot condition on non composite type \"{name}\".");
        self.problem(message, on.at);
        None
    }

    pub(super) fn known_condition(&mut self, on: &Name) {
        if !self.rules.schema.types.contains_key(&on.text) {
            self.unknown_type(&on.text, on.at);
        }
    }

    pub(super) fn fragment_name(&mut self, fragment: &'a Fragment) {
        let name = &fragment.name;
        if let Some(first) = self.fragments.get(name.text.as_str()).filter(|first| first.name.at != name.at) {
            let message = format!("There can be only one fragment named \"{}\".", name.text);
            let at = vec![first.name.at, name.at];
            self.problems.push(Problem { message, at });
        }
    }

    /// Reports each cycle that leads back to `fragment`, at the fragment of the cycle that comes first in the text.
    pub(super) fn fragment_cycle(&mut self, fragment: &'a Fragment) {
        let mut way: Vec<(&'a str, usize)> = Vec::new();
        let mut seen = HashSet::new();
        if let Some(at) = self.way_back(fragment, fragment, &mut way, &mut seen) {
            let via: Vec<String> =
                way[..way.len() - 1].iter().map(|(name, _)| format!("\"{name}\"")).collect();
            let via = if via.is_empty() { String::new() } else { format!(" via {}", via.join(", ")) };
            let message = format!("Cannot spread fragment \"{}\" within itself{via}.", fragment.name.text);
            self.problems.push(Problem { message, at });
        }
    }

    /// The spreads that lead from `from` back to `to`, through fragments that come later than `to`.
    fn way_back(
        &self,
        from: &'a Fragment,
        to: &'a Fragment,
        way: &mut Vec<(&'a str, usize)>,
        seen: &mut HashSet<&'a str>,
    ) -> Option<Vec<usize>> {
        for (name, at) in spreads(&from.selections) {
            let Some(next) = self.fragments.get(name).copied() else { continue };
            way.push((name, at));
            if name == to.name.text {
                return Some(way.iter().map(|(_, at)| *at).collect());
            }
            if next.at > to.at
                && seen.insert(name)
                && let Some(found) = self.way_back(next, to, way, seen)
            {
                return Some(found);
            }
            way.pop();
        }
        None
    }

    pub(super) fn directives(&mut self, directives: &'a [Directive], place: &str) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for directive in directives {
            let name = directive.name.text.as_str();
            if let Some(first) = seen.get(name) {
                let message = format!("The directive \"@{name}\" can only be used once at this location.");
                self.problems.push(Problem { message, at: vec![*first, directive.at] });
            } else {
                seen.insert(name, directive.at);
            }
        }
        for directive in directives {
            let name = directive.name.text.as_str();
            let Some(known) = self.rules.schema.directives.get(name) else {
                self.problem(format!("Unknown directive \"@{name}\"."), directive.at);
                continue;
            };
            if !known.locations.iter().any(|location| location == place) {
                let message = format!("Directive \"@{name}\" may not be used on {place}.");
                self.problem(message, directive.at);
            }
            self.arguments(&directive.arguments, &known.arguments, &format!("directive \"@{name}\""));
            for (argument, description) in &known.arguments {
                let given = directive.arguments.iter().any(|given| given.name.text == *argument);
                if description.is_required() && !given {
                    let message = format!(
                        "Directive \"@{name}\" argument \"{argument}\" of type \"{}\" is required, but it was not provided.",
                        description.kind
                    );
                    self.problem(message, directive.at);
                }
            }
        }
    }
}

/// Every spread within `selections`, at any level.
pub(super) fn spreads(selections: &[Selection]) -> Vec<(&str, usize)> {
    let mut found = Vec::new();
    for selection in selections {
        match selection {
            Selection::Field(field) => found.extend(spreads(&field.selections)),
            Selection::Inline(inline) => found.extend(spreads(&inline.selections)),
            Selection::Spread(spread) => found.push((spread.name.text.as_str(), spread.at)),
        }
    }
    found
}

/// Whether a fragment comes back to itself: then the fragments that lead nowhere new cannot all be taken away.
pub(super) fn is_cyclic(fragments: &HashMap<&str, &Fragment>) -> bool {
    let mut left: HashMap<&str, Vec<&str>> = fragments
        .iter()
        .map(|(name, fragment)| (*name, spreads(&fragment.selections).iter().map(|(to, _)| *to).collect()))
        .collect();
    loop {
        let ends: HashSet<&str> = left
            .iter()
            .filter(|(_, to)| !to.iter().any(|to| left.contains_key(to)))
            .map(|(name, _)| *name)
            .collect();
        if ends.is_empty() {
            return !left.is_empty();
        }
        left.retain(|name, _| !ends.contains(name));
    }
}

/// Fragments that no operation comes to.
pub(super) fn unused_fragments(
    document: &Document,
    found: &[Findings<'_>],
    by_fragment: &HashMap<&str, &Findings<'_>>,
    problems: &mut Vec<Problem>,
) {
    let mut used: HashSet<&str> = HashSet::new();
    let operations = document.definitions.iter().zip(found);
    let operations = operations.filter(|(definition, _)| matches!(definition, Definition::Operation(_)));
    let mut open: Vec<&str> = operations.flat_map(|(_, found)| found.spreads.iter().copied()).collect();
    while let Some(name) = open.pop() {
        if used.insert(name) {
            open.extend(by_fragment.get(name).into_iter().flat_map(|found| &found.spreads));
        }
    }
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition
            && !used.contains(fragment.name.text.as_str())
        {
            let message = format!("Fragment \"{}\" is never used.", fragment.name.text);
            problems.push(Problem::new(message, fragment.at));
        }
    }
}
