//! Rules about directives where they are applied.

use std::collections::HashMap;

use super::{Place, Walk, repeated};
use crate::ast::{Definition, Directive, Document, TypeKeyword, TypeRef};
use crate::schema::Schema;
use crate::suggest::did_you_mean;

/// A directive of the schema, or one that the document defines.
pub(super) struct KnownDirective<'a> {
    locations: Vec<&'a str>,
    /// Arguments in order, with the type of those that cannot be left out.
    arguments: Vec<(&'a str, Option<&'a TypeRef>)>,
    repeatable: bool,
}

/// Every directive by name; the document's own win.
pub(super) fn known<'a>(schema: &'a Schema, document: &'a Document) -> HashMap<&'a str, KnownDirective<'a>> {
    let mut known = HashMap::new();
    for (name, directive) in &schema.directives {
        let arguments = directive.arguments.iter();
        let arguments =
            arguments.map(|(name, input)| (name.as_str(), Some(&input.kind).filter(|_| input.is_required())));
        let directive = KnownDirective {
            locations: directive.locations.iter().map(String::as_str).collect(),
            arguments: arguments.collect(),
            repeatable: directive.repeatable,
        };
        known.insert(name.as_str(), directive);
    }
    for definition in &document.definitions {
        if let Definition::Type(definition) = definition
            && definition.keyword == TypeKeyword::Directive
            && let Some(name) = &definition.name
        {
            let arguments = definition.inputs.iter().map(|input| {
                let kind =
                    Some(&input.kind.kind).filter(|kind| kind.is_non_null() && input.default.is_none());
                (input.name.text.as_str(), kind)
            });
            let directive = KnownDirective {
                locations: definition.locations.iter().map(|name| name.text.as_str()).collect(),
                arguments: arguments.collect(),
                repeatable: definition.repeatable,
            };
            known.insert(&name.text, directive);
        }
    }
    known
}

impl<'a> Walk<'a> {
    /// Directives of one node that may stand there only once.
    pub(super) fn unique_directives(&mut self, directives: &'a [Directive]) {
        let mut seen = HashMap::new();
        self.unique_among(directives, &mut seen);
    }

    pub(super) fn unique_among(&mut self, directives: &'a [Directive], seen: &mut HashMap<&'a str, usize>) {
        for directive in directives {
            let name = directive.name.text.as_str();
            if self.directives.get(name).is_none_or(|known| known.repeatable) {
                continue;
            }
            if let Some(first) = seen.get(name).copied() {
                let message = format!("The directive \"@{name}\" can only be used once at this location.");
                self.problem_at(message, vec![first, directive.at]);
            } else {
                seen.insert(name, directive.at);
            }
        }
    }

    /// Each directive with its arguments; `location` is what the node around is called among locations.
    pub(super) fn directives(&mut self, directives: &'a [Directive], location: &str, place: Place<'a>) {
        for directive in directives {
            let name = directive.name.text.as_str();
            match self.directives.get(name) {
                None => self.problem(format!("Unknown directive \"@{name}\"."), directive.at),
                Some(known) if !known.locations.contains(&location) => {
                    self.problem(
                        format!("Directive \"@{name}\" may not be used on {location}."),
                        directive.at,
                    );
                }
                Some(_) => {}
            }
            self.directive_arguments(directive);
            for (name, at) in repeated(directive.arguments.iter().map(|argument| &argument.name)) {
                self.problem_at(format!("There can be only one argument named \"{name}\"."), at);
            }
            // An unknown directive's arguments are taken for those of the field around, as graphql-js does.
            let schema = self.rules.schema;
            let known = schema.directives.get(name).map(|directive| &directive.arguments);
            let known = known.or(place.field.map(|field| &field.arguments));
            for argument in &directive.arguments {
                let input = known.and_then(|known| known.get(&argument.name.text));
                let default = input.is_some_and(|input| input.default.is_some());
                self.value(&argument.value, input.map(|input| &input.kind), default, true);
            }
            self.required_arguments(directive);
        }
    }

    fn directive_arguments(&mut self, directive: &Directive) {
        let name = &directive.name.text;
        let Some(known) = self.directives.get(name.as_str()) else { return };
        let known: Vec<&str> = known.arguments.iter().map(|(name, _)| *name).collect();
        for argument in &directive.arguments {
            let given = argument.name.text.as_str();
            if !known.contains(&given) {
                let hint = did_you_mean("", given, known.iter().copied());
                self.problem(
                    format!("Unknown argument \"{given}\" on directive \"@{name}\".{hint}"),
                    argument.at,
                );
            }
        }
    }

    fn required_arguments(&mut self, directive: &Directive) {
        let name = &directive.name.text;
        let Some(known) = self.directives.get(name.as_str()) else { return };
        let is_given = |name: &str| directive.arguments.iter().any(|given| given.name.text == name);
        let missing: Vec<(&str, &TypeRef)> = known
            .arguments
            .iter()
            .filter_map(|(argument, kind)| kind.map(|kind| (*argument, kind)))
            .filter(|(argument, _)| !is_given(argument))
            .collect();
        for (argument, kind) in missing {
            let message = format!(
                "Directive \"@{name}\" argument \"{argument}\" of type \"{kind}\" is required, but it was not provided."
            );
            self.problem(message, directive.at);
        }
    }
}
