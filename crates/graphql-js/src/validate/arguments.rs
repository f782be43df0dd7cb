//! Rules about the arguments of fields and the values in them.

use std::collections::HashMap;

use super::usages::Usage;
use super::{Place, Rules, Walk};
use crate::ast::{Field, Literal, Name, TypeRef, ValueNode};
use crate::schema::{FieldType, Type};
use crate::suggest::did_you_mean;
use crate::values::check_leaf;

impl<'a> Walk<'a> {
    /// The arguments of a field of the type `place.on`; without a definition when there is no such field.
    pub(super) fn arguments(
        &mut self,
        field: &'a Field,
        place: Place<'a>,
        definition: Option<&'a FieldType>,
    ) {
        for argument in &field.arguments {
            let name = argument.name.text.as_str();
            let known = definition.and_then(|definition| definition.arguments.get(name));
            if let (None, Some(definition), Some(on)) = (known, definition, place.on) {
                let hint = did_you_mean("", name, definition.arguments.keys().map(String::as_str));
                let field = &field.name.text;
                self.problem(
                    format!("Unknown argument \"{name}\" on field \"{on}.{field}\".{hint}"),
                    argument.at,
                );
            }
            let default = known.is_some_and(|known| known.default.is_some());
            self.value(&argument.value, known.map(|known| &known.kind), default, true);
        }
    }

    /// A value against its type; against none, where the type is not known. `default` says whether the place has a
    /// value of its own, `typed` whether the value around had the type it should have.
    pub(super) fn value(
        &mut self,
        node: &'a ValueNode,
        kind: Option<&'a TypeRef>,
        default: bool,
        typed: bool,
    ) {
        match &node.value {
            Literal::Variable(name) => {
                self.usages.push(Usage { name, at: node.at, kind, default });
            }
            Literal::Null => {
                if let Some(kind) = kind.filter(|kind| typed && kind.is_non_null()) {
                    self.problem(format!("Expected value of type \"{kind}\", found null."), node.at);
                }
            }
            Literal::List(items) => {
                let nullable = kind.map(TypeRef::nullable);
                let (item, typed) = match nullable {
                    Some(TypeRef::List(inner)) => (Some(&**inner), typed),
                    other => {
                        self.leaf(node, other, typed);
                        (other, false)
                    }
                };
                for node in items {
                    self.value(node, item, false, typed);
                }
            }
            Literal::Object(given) => self.object(node, given, kind, typed),
            _ => self.leaf(node, kind, typed),
        }
    }

    /// A value that is no list of a list type and no object of an input type.
    fn leaf(&mut self, node: &ValueNode, kind: Option<&TypeRef>, typed: bool) {
        let Some(kind) = kind.filter(|_| typed) else { return };
        let Rules { schema, scalars, .. } = self.rules;
        match schema.types.get(kind.name()) {
            None => {}
            Some(Type::Scalar | Type::Enum(_)) => {
                if let Err(message) = check_leaf(schema, scalars, kind.name(), node) {
                    self.problem(message, node.at);
                }
            }
            Some(_) => self.problem(format!("Expected value of type \"{kind}\", found {node}."), node.at),
        }
    }

    fn object(
        &mut self,
        node: &'a ValueNode,
        given: &'a [(Name, ValueNode)],
        kind: Option<&'a TypeRef>,
        typed: bool,
    ) {
        let name = kind.map_or("", TypeRef::name);
        let fields = match self.rules.schema.types.get(name) {
            Some(Type::Input(fields)) => Some(fields),
            _ => None,
        };
        if fields.is_none() {
            self.leaf(node, kind, typed);
        }
        let typed = typed && fields.is_some();
        if let Some(fields) = fields.filter(|_| typed) {
            for (field, input) in fields {
                if input.is_required() && !given.iter().any(|(name, _)| name.text == *field) {
                    let kind = &input.kind;
                    let message =
                        format!("Field \"{name}.{field}\" of required type \"{kind}\" was not provided.");
                    self.problem(message, node.at);
                }
            }
        }
        let mut seen: HashMap<&str, usize> = HashMap::new();
        for (field, value) in given {
            let text = field.text.as_str();
            let input = fields.and_then(|fields| fields.get(text));
            if let (Some(fields), None, true) = (fields, input, typed) {
                let hint = did_you_mean("", text, fields.keys().map(String::as_str));
                self.problem(format!("Field \"{text}\" is not defined by type \"{name}\".{hint}"), field.at);
            }
            if let Some(first) = seen.get(text).copied() {
                let message = format!("There can be only one input field named \"{text}\".");
                self.problem_at(message, vec![first, field.at]);
            } else {
                seen.insert(text, field.at);
            }
            let default = input.is_some_and(|input| input.default.is_some());
            self.value(value, input.map(|input| &input.kind), default, typed);
        }
    }
}
