//! Rules about arguments and the values in them.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::Walk;
use super::usages::Usage;
use crate::graphql::Problem;
use crate::graphql::ast::{Argument, Literal, Name, TypeRef, ValueNode};
use crate::graphql::schema::{InputType, Type};
use crate::graphql::suggest::did_you_mean;
use crate::graphql::values::check_leaf;

impl<'a> Walk<'a> {
    /// The given arguments against those that `place` takes.
    pub(super) fn arguments(
        &mut self,
        given: &'a [Argument],
        known: &'a IndexMap<String, InputType>,
        place: &str,
    ) {
        self.once(given.iter().map(|argument| &argument.name), |name| {
            format!("There can be only one argument named \"{name}\".")
        });
        for argument in given {
            let name = argument.name.text.as_str();
            let description = known.get(name);
            if description.is_none() {
                let hint = did_you_mean("", name, known.keys().map(String::as_str));
                self.problem(format!("Unknown argument \"{name}\" on {place}.{hint}"), argument.at);
            }
            let default = description.is_some_and(|description| description.default.is_some());
            self.value(&argument.value, description.map(|description| &description.kind), default);
        }
    }

    /// Reports the names that are there before.
    pub(super) fn once(&mut self, names: impl Iterator<Item = &'a Name>, message: impl Fn(&str) -> String) {
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for name in names {
            match seen.get(name.text.as_str()) {
                Some(first) => {
                    let at = vec![*first, name.at];
                    self.problems.push(Problem { message: message(&name.text), at });
                }
                None => drop(seen.insert(&name.text, name.at)),
            }
        }
    }

    /// A value against its type; against none, where the type is not known. `default` says whether the place has a
    /// value of its own.
    pub(super) fn value(&mut self, node: &'a ValueNode, kind: Option<&'a TypeRef>, default: bool) {
        let inner = kind.map(TypeRef::nullable);
        match (&node.value, inner) {
            (Literal::Variable(name), _) => {
                self.usages.push(Usage { name, at: node.at, kind, default });
            }
            (Literal::Null, _) => {
                if let Some(kind) = kind.filter(|kind| kind.is_non_null()) {
                    self.problem(format!("Expected value of type \"{kind}\", found null."), node.at);
                }
            }
            (Literal::List(items), Some(TypeRef::List(inner))) => {
                for item in items {
                    self.value(item, Some(inner), false);
                }
            }
            (literal, Some(TypeRef::List(inner))) => {
                let wanted = self.rules.schema.types.get(inner.name());
                match (wanted, literal) {
                    (Some(Type::Input(_)), Literal::Object(_)) => self.value(node, Some(inner), default),
                    (Some(Type::Input(_)), _) => self.unexpected(kind, node),
                    _ => self.value(node, Some(inner), default),
                }
            }
            (literal, Some(TypeRef::Named(name))) => match (self.rules.schema.types.get(name), literal) {
                (Some(Type::Input(fields)), Literal::Object(given)) => {
                    self.object(name, fields, given, node.at);
                }
                (Some(Type::Input(_)), _) => self.unexpected(kind, node),
                (Some(_), _) => {
                    let checked = check_leaf(self.rules.schema, self.rules.scalar, name, node);
                    if let Err(message) = checked {
                        self.problem(message, node.at);
                    }
                    self.inner(literal);
                }
                (None, _) => self.inner(literal),
            },
            (literal, _) => self.inner(literal),
        }
    }

    fn unexpected(&mut self, kind: Option<&TypeRef>, node: &ValueNode) {
        let kind = kind.map(ToString::to_string).unwrap_or_default();
        self.problem(format!("Expected value of type \"{kind}\", found {node}."), node.at);
    }

    /// The variables within a value that has no type.
    fn inner(&mut self, literal: &'a Literal) {
        match literal {
            Literal::List(items) => items.iter().for_each(|item| self.value(item, None, false)),
            Literal::Object(fields) => fields.iter().for_each(|(_, value)| self.value(value, None, false)),
            _ => {}
        }
    }

    fn object(
        &mut self,
        name: &str,
        fields: &'a IndexMap<String, InputType>,
        given: &'a [(Name, ValueNode)],
        at: usize,
    ) {
        for (field, description) in fields {
            if description.is_required() && !given.iter().any(|(name, _)| name.text == *field) {
                let kind = &description.kind;
                let message =
                    format!("Field \"{name}.{field}\" of required type \"{kind}\" was not provided.");
                self.problem(message, at);
            }
        }
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (field, value) in given {
            let text = field.text.as_str();
            if let Some(first) = seen.get(text).copied() {
                let message = format!("There can be only one input field named \"{text}\".");
                self.problems.push(Problem { message, at: vec![first, field.at] });
            }
            seen.entry(text).or_insert(field.at);
            let description = fields.get(text);
            if description.is_none() {
                let hint = did_you_mean("", text, fields.keys().map(String::as_str));
                let message = format!("Field \"{text}\" is not defined by type \"{name}\".{hint}");
                self.problem(message, field.at);
            }
            let default = description.is_some_and(|description| description.default.is_some());
            self.value(value, description.map(|description| &description.kind), default);
        }
    }
}
