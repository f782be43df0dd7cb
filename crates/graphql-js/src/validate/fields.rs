//! Rules about fields and where fragments are spread.

use super::{Place, Walk};
use crate::ast::{Field, Inline, Selection, Spread};
use crate::suggest::did_you_mean;

impl<'a> Walk<'a> {
    /// A selection set of an operation, a field or a fragment definition: its fields must not contradict one another.
    pub(super) fn selection_set(&mut self, selections: &'a [Selection], place: Place<'a>) {
        self.overlaps(place.on, selections);
        self.selections(selections, place);
    }

    /// Selections on a type; on none, where the type is not known and has been reported.
    fn selections(&mut self, selections: &'a [Selection], place: Place<'a>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => self.field(field, place),
                Selection::Inline(inline) => self.inline(inline, place),
                Selection::Spread(spread) => self.spread(spread, place),
            }
        }
    }

    fn field(&mut self, field: &'a Field, place: Place<'a>) {
        let schema = self.rules.schema;
        let name = field.name.text.as_str();
        let definition = place.on.and_then(|on| schema.field(on, name));
        let inner = definition.and_then(|definition| self.composite(definition.kind.name()));
        if let Some(definition) = definition {
            let kind = &definition.kind;
            if inner.is_some() && field.selections.is_empty() {
                let message = format!(
                    "Field \"{name}\" of type \"{kind}\" must have a selection of subfields. Did you mean \"{name} {{ ... }}\"?"
                );
                self.problem(message, field.at);
            } else if inner.is_none() && !field.selections.is_empty() {
                let message = format!(
                    "Field \"{name}\" must not have a selection since type \"{kind}\" has no subfields."
                );
                self.problem(message, field.open);
            }
        } else if let Some(on) = place.on {
            let known = schema.fields(on).into_iter().flat_map(|fields| fields.keys());
            let hint = did_you_mean("", name, known.map(String::as_str));
            self.problem(format!("Cannot query field \"{name}\" on type \"{on}\".{hint}"), field.at);
        }
        self.unique_directives(&field.directives);
        for (name, at) in super::repeated(field.arguments.iter().map(|argument| &argument.name)) {
            self.problem_at(format!("There can be only one argument named \"{name}\"."), at);
        }
        self.introspection_depth(field);
        self.arguments(field, place, definition);
        let around = Place { field: definition, ..place };
        self.directives(&field.directives, "FIELD", around);
        self.selection_set(&field.selections, Place { on: inner, field: definition });
        for (argument, wanted) in definition.into_iter().flat_map(|definition| &definition.arguments) {
            let is_given = field.arguments.iter().any(|given| given.name.text == *argument);
            if wanted.is_required() && !is_given {
                let message = format!(
                    "Field \"{name}\" argument \"{argument}\" of type \"{}\" is required, but it was not provided.",
                    wanted.kind
                );
                self.problem(message, field.at);
            }
        }
    }

    fn inline(&mut self, inline: &'a Inline, place: Place<'a>) {
        let on = match &inline.on {
            Some(condition) => self.composite(&condition.text),
            None => place.on,
        };
        if let (Some(condition), None) = (&inline.on, on)
            && self.rules.schema.types.contains_key(&condition.text)
        {
            let message = format!("Fragment cannot condition on non composite type \"{}\".", condition.text);
            self.problem(message, condition.at);
        }
        if let (Some(around), Some(on)) = (place.on, on)
            && around != on
        {
            let message = format!(
                "Fragment cannot be spread here as objects of type \"{around}\" can never be of type \"{on}\"."
            );
            self.problem(message, inline.at);
        }
        self.unique_directives(&inline.directives);
        if let Some(condition) = &inline.on {
            self.known_type(&condition.text, condition.at);
        }
        self.directives(&inline.directives, "INLINE_FRAGMENT", place);
        self.selections(&inline.selections, Place { on, ..place });
    }

    fn spread(&mut self, spread: &'a Spread, place: Place<'a>) {
        let name = &spread.name.text;
        match self.fragments.get(name.as_str()).copied() {
            None => self.problem(format!("Unknown fragment \"{name}\"."), spread.name.at),
            Some(fragment) => {
                if let (Some(around), Some(on)) = (place.on, self.composite(&fragment.on.text))
                    && around != on
                {
                    let message = format!(
                        "Fragment \"{name}\" cannot be spread here as objects of type \"{around}\" can never be of type \"{on}\"."
                    );
                    self.problem(message, spread.at);
                }
            }
        }
        self.unique_directives(&spread.directives);
        self.directives(&spread.directives, "FRAGMENT_SPREAD", place);
    }
}
