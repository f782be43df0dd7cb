//! Definitions of types, directives and the schema.

use super::{Parsed, Parser};
use crate::ast::{At, EnumValue, FieldDefinition, InputDefinition, Name, TypeDefinition, TypeKeyword};
use crate::lexer::{Kind, syntax};

/// The definition that a word begins.
pub(super) fn keyword(word: &str) -> Option<TypeKeyword> {
    Some(match word {
        "schema" => TypeKeyword::Schema,
        "scalar" => TypeKeyword::Scalar,
        "type" => TypeKeyword::Type,
        "interface" => TypeKeyword::Interface,
        "union" => TypeKeyword::Union,
        "enum" => TypeKeyword::Enum,
        "input" => TypeKeyword::Input,
        "directive" => TypeKeyword::Directive,
        _ => return None,
    })
}

/// Where directives may stand.
const LOCATIONS: [&str; 20] = [
    "QUERY",
    "MUTATION",
    "SUBSCRIPTION",
    "FIELD",
    "FRAGMENT_DEFINITION",
    "FRAGMENT_SPREAD",
    "INLINE_FRAGMENT",
    "VARIABLE_DEFINITION",
    "SCHEMA",
    "SCALAR",
    "OBJECT",
    "FIELD_DEFINITION",
    "ARGUMENT_DEFINITION",
    "INTERFACE",
    "UNION",
    "ENUM",
    "ENUM_VALUE",
    "INPUT_OBJECT",
    "INPUT_FIELD_DEFINITION",
    "DIRECTIVE_DEFINITION",
];

impl Parser<'_> {
    pub(super) fn type_definition(&mut self, at: At, keyword: TypeKeyword) -> Parsed<TypeDefinition> {
        self.advance()?;
        let mut definition = empty(at, keyword);
        if keyword == TypeKeyword::Directive {
            self.directive_definition(&mut definition)?;
        } else {
            self.type_parts(&mut definition)?;
        }
        Ok(definition)
    }

    /// `extend` and what it extends by: at least something.
    pub(super) fn type_extension(&mut self, at: At) -> Parsed<TypeDefinition> {
        self.advance()?;
        let known = if self.token.kind == Kind::Name { keyword(&self.token.value) } else { None };
        let Some(keyword) = known.filter(|keyword| *keyword != TypeKeyword::Directive) else {
            return self.unexpected();
        };
        self.advance()?;
        let mut definition = TypeDefinition { extends: true, ..empty(at, keyword) };
        self.type_parts(&mut definition)?;
        let TypeDefinition { interfaces, directives, fields, inputs, values, members, .. } = &definition;
        let adds = !(interfaces.is_empty()
            && directives.is_empty()
            && fields.is_empty()
            && inputs.is_empty()
            && values.is_empty()
            && members.is_empty());
        if adds { Ok(definition) } else { self.unexpected() }
    }

    fn type_parts(&mut self, definition: &mut TypeDefinition) -> Parsed<()> {
        let keyword = definition.keyword;
        if keyword != TypeKeyword::Schema {
            definition.name = Some(self.name()?);
        }
        if matches!(keyword, TypeKeyword::Type | TypeKeyword::Interface) && self.is_keyword("implements") {
            self.advance()?;
            definition.interfaces = self.delimited("&", Self::name)?;
        }
        definition.directives = self.directives(true)?;
        match keyword {
            TypeKeyword::Schema if definition.extends => {
                definition.members = self.optional("{", "}", Self::root_type)?;
            }
            TypeKeyword::Schema => definition.members = self.many("{", "}", Self::root_type)?,
            TypeKeyword::Type | TypeKeyword::Interface => {
                definition.fields = self.optional("{", "}", Self::field_definition)?;
            }
            TypeKeyword::Union => {
                if self.skip_mark("=")? {
                    definition.members = self.delimited("|", Self::name)?;
                }
            }
            TypeKeyword::Enum => definition.values = self.optional("{", "}", Self::enum_value)?,
            TypeKeyword::Input => definition.inputs = self.optional("{", "}", Self::input_definition)?,
            TypeKeyword::Scalar | TypeKeyword::Directive => {}
        }
        Ok(())
    }

    fn directive_definition(&mut self, definition: &mut TypeDefinition) -> Parsed<()> {
        self.expect_mark("@")?;
        definition.name = Some(self.name()?);
        definition.inputs = self.optional("(", ")", Self::input_definition)?;
        if self.is_keyword("repeatable") {
            self.advance()?;
            definition.repeatable = true;
        }
        self.expect_keyword("on")?;
        definition.locations = self.delimited("|", |parser| {
            let token = parser.token.clone();
            let name = parser.name()?;
            if LOCATIONS.contains(&name.text.as_str()) {
                return Ok(name);
            }
            Err(syntax(format_args!("Unexpected {token}."), token.at).into())
        })?;
        Ok(())
    }

    /// At least one `item`, with marks between them and perhaps before the first.
    fn delimited<T>(&mut self, mark: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        self.skip_mark(mark)?;
        let mut items = vec![item(self)?];
        while self.skip_mark(mark)? {
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn root_type(&mut self) -> Parsed<Name> {
        let token = self.token.clone();
        let operation = self.name()?.text;
        if !matches!(operation.as_str(), "query" | "mutation" | "subscription") {
            return Err(syntax(format_args!("Unexpected {token}."), token.at).into());
        }
        self.expect_mark(":")?;
        self.name()
    }

    fn field_definition(&mut self) -> Parsed<FieldDefinition> {
        let description = self.description()?;
        let name = self.name()?;
        let arguments = self.optional("(", ")", Self::input_definition)?;
        self.expect_mark(":")?;
        let kind = self.type_node()?;
        let directives = self.directives(true)?;
        Ok(FieldDefinition { description, name, arguments, kind, directives })
    }

    fn input_definition(&mut self) -> Parsed<InputDefinition> {
        let description = self.description()?;
        let name = self.name()?;
        self.expect_mark(":")?;
        let kind = self.type_node()?;
        let default = if self.skip_mark("=")? { Some(self.value(true)?) } else { None };
        let directives = self.directives(true)?;
        Ok(InputDefinition { description, name, kind, default, directives })
    }

    fn enum_value(&mut self) -> Parsed<EnumValue> {
        let description = self.description()?;
        if matches!(self.token.value.as_str(), "true" | "false" | "null") {
            let message = format!("{} is reserved and cannot be used for an enum value.", self.token);
            return Err(syntax(message, self.token.at).into());
        }
        let name = self.name()?;
        let directives = self.directives(true)?;
        Ok(EnumValue { description, name, directives })
    }
}

fn empty(at: At, keyword: TypeKeyword) -> TypeDefinition {
    TypeDefinition {
        at,
        description: None,
        keyword,
        extends: false,
        name: None,
        interfaces: Vec::new(),
        directives: Vec::new(),
        fields: Vec::new(),
        inputs: Vec::new(),
        values: Vec::new(),
        members: Vec::new(),
        locations: Vec::new(),
        repeatable: false,
    }
}
