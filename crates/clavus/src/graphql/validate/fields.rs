//! Rules about fields and where fragments are spread.

use super::Walk;
use crate::graphql::ast::{Field, Inline, Selection, Spread};
use crate::graphql::suggest::did_you_mean;

impl<'a> Walk<'a> {
    /// Selections on a type; on none, where the type is not known and has been reported.
    pub(super) fn selections(&mut self, on: Option<&'a str>, selections: &'a [Selection]) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(on, field),
                Selection::Inline(inline) => self.inline(on, inline),
                Selection::Spread(spread) => self.spread(on, spread),
            }
        }
    }

    fn field(&mut self, on: Option<&'a str>, field: &'a Field) {
        let schema = self.rules.schema;
        let name = &field.name.text;
        let description = on.and_then(|on| schema.field(on, name));
        if let (Some(on), None) = (on, description) {
            let known = schema.fields(on).into_iter().flat_map(|fields| fields.keys());
            let hint = did_you_mean("", name, known.map(String::as_str));
            self.problem(format!("Cannot query field \"{name}\" on type \"{on}\".{hint}"), field.at);
        }
        let inner = description.map(|description| description.kind.name());
        let composite = inner.is_some_and(|inner| schema.is_composite(inner));
        if let Some(description) = description {
            let kind = &description.kind;
            if composite && field.selections.is_empty() {
                let message = format!(
                    "Field \"{name}\" of type \"{kind}\" must have a selection of subfields. Did you mean \"{name} {{ ... }}\"?"
                );
                self.problem(message, field.at);
            } else if !composite && !field.selections.is_empty() {
                let message = format!(
                    "Field \"{name}\" must not have a selection since type \"{kind}\" has no subfields."
                );
                self.problem(message, field.open);
            }
            let place = format!("field \"{}.{name}\"", on.unwrap_or_default());
            self.arguments(&field.arguments, &description.arguments, &place);
        } else {
            for argument in &field.arguments {
                self.value(&argument.value, None, false);
            }
        }
        self.directives(&field.directives, "FIELD");
        let inner = inner.filter(|_| composite);
        self.overlaps(inner, &field.selections);
        self.selections(inner, &field.selections);
        for (argument, wanted) in description.into_iter().flat_map(|description| &description.arguments) {
            let given = field.arguments.iter().any(|given| given.name.text == *argument);
            if wanted.is_required() && !given {
                let message = format!(
                    "Field \"{name}\" argument \"{argument}\" of type \"{}\" is required, but it was not provided.",
                    wanted.kind
                );
                self.problem(message, field.at);
            }
        }
    }

    fn inline(&mut self, on: Option<&'a str>, inline: &'a Inline) {
        let inner = match &inline.on {
            Some(condition) => {
                self.known_condition(condition);
                self.composite_condition(condition, None)
            }
            None => on,
        };
        if let (Some(on), Some(inner)) = (on, inner)
            && on != inner
        {
            let message = format!(
                "Fragment cannot be spread here as objects of type \"{on}\" can never be of type \"{inner}\"."
            );
            self.problem(message, inline.at);
        }
        self.directives(&inline.directives, "INLINE_FRAGMENT");
        self.overlaps(inner, &inline.selections);
        self.selections(inner, &inline.selections);
    }

    fn spread(&mut self, on: Option<&'a str>, spread: &'a Spread) {
        let name = &spread.name.text;
        match self.fragments.get(name.as_str()).copied() {
            None => self.problem(format!("Unknown fragment \"{name}\"."), spread.name.at),
            Some(fragment) => {
                self.spreads.push(name);
                let inner = fragment.on.text.as_str();
                if let Some(on) = on
                    && on != inner
                    && self.rules.schema.is_composite(inner)
                {
                    let message = format!(
                        "Fragment \"{name}\" cannot be spread here as objects of type \"{on}\" can never be of type \"{inner}\"."
                    );
                    self.problem(message, spread.at);
                }
            }
        }
        self.directives(&spread.directives, "FRAGMENT_SPREAD");
    }
}
