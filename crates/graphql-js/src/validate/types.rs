//! What is said of definitions of types in a document, besides that a server executes none.

use super::{Place, Walk};
use crate::ast::{Definition, Document, InputDefinition, TypeDefinition, TypeKeyword};

/// The types that the document defines.
pub(super) fn defined(document: &Document) -> Vec<&str> {
    let name = |definition: &&TypeDefinition| {
        !definition.extends && !matches!(definition.keyword, TypeKeyword::Schema | TypeKeyword::Directive)
    };
    let definitions = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Type(definition) => Some(definition),
        Definition::Operation(_) | Definition::Fragment(_) => None,
    });
    definitions.filter(name).filter_map(|definition| Some(definition.name.as_ref()?.text.as_str())).collect()
}

impl<'a> Walk<'a> {
    pub(super) fn type_definition(&mut self, definition: &'a TypeDefinition) {
        let keyword = definition.keyword;
        let name = definition.name.as_ref().map_or("", |name| name.text.as_str());
        // Directives of a type count together wherever it is defined and extended.
        let key = (keyword == TypeKeyword::Directive, name);
        let mut seen = self.of_types.remove(&key).unwrap_or_default();
        self.unique_among(&definition.directives, &mut seen);
        self.of_types.insert(key, seen);
        for interface in &definition.interfaces {
            self.known_type(&interface.text, interface.at);
        }
        if keyword == TypeKeyword::Directive {
            self.input_definitions(&definition.inputs, "ARGUMENT_DEFINITION");
            return;
        }
        self.directives(&definition.directives, location(keyword), Place::default());
        for field in &definition.fields {
            self.unique_directives(&field.directives);
            self.input_definitions(&field.arguments, "ARGUMENT_DEFINITION");
            self.known_type(field.kind.kind.name(), field.kind.name_at);
            self.directives(&field.directives, "FIELD_DEFINITION", Place::default());
        }
        let of_extension = if definition.extends { "ARGUMENT_DEFINITION" } else { "INPUT_FIELD_DEFINITION" };
        self.input_definitions(&definition.inputs, of_extension);
        for value in &definition.values {
            self.unique_directives(&value.directives);
            self.directives(&value.directives, "ENUM_VALUE", Place::default());
        }
        for member in &definition.members {
            self.known_type(&member.text, member.at);
        }
    }

    fn input_definitions(&mut self, inputs: &'a [InputDefinition], location: &str) {
        for input in inputs {
            self.unique_directives(&input.directives);
            self.known_type(input.kind.kind.name(), input.kind.name_at);
            if let Some(default) = &input.default {
                self.value(default, None, false, true);
            }
            self.directives(&input.directives, location, Place::default());
        }
    }
}

fn location(keyword: TypeKeyword) -> &'static str {
    match keyword {
        TypeKeyword::Schema => "SCHEMA",
        TypeKeyword::Scalar => "SCALAR",
        TypeKeyword::Type => "OBJECT",
        TypeKeyword::Interface => "INTERFACE",
        TypeKeyword::Union => "UNION",
        TypeKeyword::Enum => "ENUM",
        TypeKeyword::Input => "INPUT_OBJECT",
        TypeKeyword::Directive => "DIRECTIVE_DEFINITION",
    }
}
