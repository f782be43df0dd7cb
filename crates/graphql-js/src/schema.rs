//! Types by name, read from SDL: what a document is checked against.

use std::collections::HashMap;
use std::fmt;

use indexmap::IndexMap;

use crate::ast::{
    Definition, Directive, InputDefinition, Literal, OperationKind, TypeDefinition, TypeKeyword, TypeRef,
    ValueNode,
};
use crate::parser::{Refusal, parse};

/// The types every schema has: scalars, introspection, directives.
const BUILT_IN: &str = include_str!("built_in.graphql");

/// How deep values and types in a schema may nest.
const LEVELS: usize = 64;

/// All types and directives, by name, in the order of the text; those that every schema has come first.
#[derive(Debug, Default)]
pub struct Schema {
    /// Types by name.
    pub types: IndexMap<String, Type>,
    /// Directives by name.
    pub directives: IndexMap<String, DirectiveType>,
    /// What things are for, by their schema coordinates: `Type`, `Type.field`, `Type.field(argument:)`, `Enum.VALUE`,
    /// `@directive`, `@directive(argument:)`.
    pub descriptions: HashMap<String, String>,
    /// `__schema: __Schema!`, `__type(name: String!): __Type` and `__typename: String!`.
    meta: IndexMap<String, FieldType>,
}

/// A named type.
#[derive(Debug)]
pub enum Type {
    /// A scalar, built in or the schema's own.
    Scalar,
    /// An object with its fields.
    Object(IndexMap<String, FieldType>),
    /// An enum with its values.
    Enum(Vec<String>),
    /// An input object with its fields.
    Input(IndexMap<String, InputType>),
}

/// A field of an object.
#[derive(Debug)]
pub struct FieldType {
    /// What it answers.
    pub kind: TypeRef,
    /// By name, in the order of the text.
    pub arguments: IndexMap<String, InputType>,
    /// Why it should not be used any more.
    pub deprecated: Option<String>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub struct InputType {
    /// What it takes.
    pub kind: TypeRef,
    /// What it is when it is not given.
    pub default: Option<ValueNode>,
}

impl InputType {
    /// Whether it cannot be left out.
    pub fn is_required(&self) -> bool {
        self.kind.is_non_null() && self.default.is_none()
    }
}

/// A directive.
#[derive(Debug)]
pub struct DirectiveType {
    /// By name, in the order of the text.
    pub arguments: IndexMap<String, InputType>,
    /// Where it may stand.
    pub locations: Vec<String>,
    /// Whether it may stand more than once in a place.
    pub repeatable: bool,
}

/// Why a text is no schema.
#[derive(Debug, PartialEq, Eq)]
pub struct SchemaError(String);

impl fmt::Display for SchemaError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for SchemaError {}

impl Schema {
    /// Reads SDL: scalars, objects, enums, input objects and directives, and extensions of objects.
    ///
    /// # Errors
    /// A syntax error, or a definition of another kind.
    pub fn new(text: &str) -> Result<Self, SchemaError> {
        let mut schema = Self::default();
        for text in [BUILT_IN, text] {
            schema.read(text)?;
        }
        let named = |name: &str| TypeRef::Named(name.to_owned());
        let non_null = |name: &str| TypeRef::NonNull(Box::new(named(name)));
        let field = |kind, arguments| FieldType { kind, arguments, deprecated: None };
        let name = InputType { kind: non_null("String"), default: None };
        let by_name: IndexMap<_, _> = [("name".to_owned(), name)].into_iter().collect();
        schema.meta.insert("__schema".to_owned(), field(non_null("__Schema"), IndexMap::new()));
        schema.meta.insert("__type".to_owned(), field(named("__Type"), by_name));
        schema.meta.insert("__typename".to_owned(), field(non_null("String"), IndexMap::new()));
        Ok(schema)
    }

    fn read(&mut self, text: &str) -> Result<(), SchemaError> {
        let document = parse(text, LEVELS).map_err(|refusal| match refusal {
            Refusal::Syntax(problem) => SchemaError(problem.message),
            Refusal::TooDeep(_) => SchemaError("the schema nests too deep".to_owned()),
        })?;
        for definition in document.definitions {
            match definition {
                Definition::Type(definition) => self.define(definition)?,
                Definition::Operation(_) | Definition::Fragment(_) => {
                    return Err(SchemaError("a schema defines types only".to_owned()));
                }
            }
        }
        Ok(())
    }

    fn define(&mut self, definition: TypeDefinition) -> Result<(), SchemaError> {
        let keyword = definition.keyword;
        let name = definition.name.as_ref().map(|name| name.text.clone()).unwrap_or_default();
        self.describe(&name, &definition);
        let kind = match keyword {
            TypeKeyword::Scalar => Type::Scalar,
            TypeKeyword::Enum => {
                Type::Enum(definition.values.into_iter().map(|value| value.name.text).collect())
            }
            TypeKeyword::Input => Type::Input(inputs(definition.inputs)),
            TypeKeyword::Type => {
                let mut fields = match self.types.get_mut(&name) {
                    Some(Type::Object(known)) => std::mem::take(known),
                    _ => IndexMap::new(),
                };
                fields.extend(definition.fields.into_iter().map(|field| {
                    let deprecated = field.directives.iter().find_map(reason);
                    let arguments = inputs(field.arguments);
                    (field.name.text, FieldType { kind: field.kind.kind, arguments, deprecated })
                }));
                Type::Object(fields)
            }
            TypeKeyword::Directive => {
                let locations = definition.locations.into_iter().map(|name| name.text).collect();
                let (arguments, repeatable) = (inputs(definition.inputs), definition.repeatable);
                self.directives.insert(name, DirectiveType { arguments, locations, repeatable });
                return Ok(());
            }
            TypeKeyword::Interface | TypeKeyword::Union | TypeKeyword::Schema => {
                return Err(SchemaError(format!("{keyword:?} definitions are not read")));
            }
        };
        self.types.insert(name, kind);
        Ok(())
    }

    fn describe(&mut self, name: &str, definition: &TypeDefinition) {
        let is_directive = definition.keyword == TypeKeyword::Directive;
        let own = if is_directive { format!("@{name}") } else { name.to_owned() };
        let mut note = |coordinate: String, description: &Option<String>| {
            if let Some(description) = description {
                self.descriptions.insert(coordinate, description.clone());
            }
        };
        for input in &definition.inputs {
            let member = &input.name.text;
            let coordinate =
                if is_directive { format!("{own}({member}:)") } else { format!("{own}.{member}") };
            note(coordinate, &input.description);
        }
        for field in &definition.fields {
            let coordinate = format!("{own}.{}", field.name.text);
            for argument in &field.arguments {
                note(format!("{coordinate}({}:)", argument.name.text), &argument.description);
            }
            note(coordinate, &field.description);
        }
        for value in &definition.values {
            note(format!("{own}.{}", value.name.text), &value.description);
        }
        note(own, &definition.description);
    }

    /// The type an operation starts from.
    pub fn root(&self, kind: OperationKind) -> Option<&str> {
        let name = match kind {
            OperationKind::Query => "Query",
            OperationKind::Mutation => "Mutation",
            OperationKind::Subscription => "Subscription",
        };
        self.types.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// The fields of an object type.
    pub fn fields(&self, name: &str) -> Option<&IndexMap<String, FieldType>> {
        match self.types.get(name) {
            Some(Type::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    /// A field of an object type, introspection included.
    pub fn field(&self, on: &str, name: &str) -> Option<&FieldType> {
        let fields = self.fields(on)?;
        fields.get(name).or_else(|| match name {
            "__typename" => self.meta.get(name),
            "__schema" | "__type" if on == "Query" => self.meta.get(name),
            _ => None,
        })
    }

    /// Whether the type has fields of its own.
    pub fn is_composite(&self, name: &str) -> bool {
        self.fields(name).is_some()
    }
}

fn inputs(inputs: Vec<InputDefinition>) -> IndexMap<String, InputType> {
    let input = |input: InputDefinition| {
        (input.name.text, InputType { kind: input.kind.kind, default: input.default })
    };
    inputs.into_iter().map(input).collect()
}

fn reason(directive: &Directive) -> Option<String> {
    if directive.name.text != "deprecated" {
        return None;
    }
    let argument = directive.arguments.iter().find(|argument| argument.name.text == "reason");
    Some(match argument.map(|argument| &argument.value.value) {
        Some(Literal::String { text, .. }) => text.clone(),
        _ => "No longer supported".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_read_with_what_every_schema_has() {
        let text =
            "type Query { a(b: [ID!]! = [1]): Int @deprecated } extend type Query { c: E } enum E { X Y }
            input I { d: String = \"x\" } scalar S directive @once(e: I) repeatable on FIELD";
        let schema = Schema::new(text).unwrap();
        let field = schema.field("Query", "a").unwrap();
        assert_eq!(field.deprecated.as_deref(), Some("No longer supported"));
        assert!(!field.arguments["b"].is_required());
        assert_eq!(field.arguments["b"].kind.to_string(), "[ID!]!");
        assert!(schema.field("Query", "c").is_some() && schema.field("Query", "__schema").is_some());
        assert!(schema.directives["once"].repeatable && schema.directives.contains_key("skip"));
        assert_eq!(
            (schema.root(OperationKind::Query), schema.root(OperationKind::Mutation)),
            (Some("Query"), None)
        );
    }

    #[test]
    fn what_things_are_for_and_why_they_should_not_be_used_is_kept() {
        let text = "\"the root\" type Query { \"a field\" a(\"an argument\" b: Int): Int @deprecated(reason: \"Use c.\") }
            \"some\" enum E { \"one\" X } \"a mark\" directive @mark(\"how\" by: Int) on FIELD";
        let schema = Schema::new(text).unwrap();
        assert_eq!(schema.field("Query", "a").unwrap().deprecated.as_deref(), Some("Use c."));
        for (coordinate, about) in [
            ("Query", "the root"),
            ("Query.a", "a field"),
            ("Query.a(b:)", "an argument"),
            ("E", "some"),
            ("E.X", "one"),
            ("@mark", "a mark"),
            ("@mark(by:)", "how"),
        ] {
            assert_eq!(schema.descriptions.get(coordinate).map(String::as_str), Some(about), "{coordinate}");
        }
    }

    #[test]
    fn what_is_not_read_is_said() {
        let said = |text| Schema::new(text).unwrap_err().to_string();
        assert_eq!(said("type Query {"), "Syntax Error: Expected Name, found <EOF>.");
        assert_eq!(said("union U = A | B"), "Union definitions are not read");
        assert_eq!(said("{ a }"), "a schema defines types only");
    }
}
