//! Types by name: what a document is checked against.

use indexmap::IndexMap;

use super::ast::{OperationKind, TypeRef, ValueNode};
use super::sdl;

/// The types every schema has: scalars, introspection, directives.
const BUILT_IN: &str = include_str!("introspection.graphql");

/// All types and directives, by name.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    pub(crate) types: IndexMap<String, Type>,
    pub(crate) directives: IndexMap<String, DirectiveType>,
    /// `__schema: __Schema!`, `__type(name: String!): __Type` and `__typename: String!`.
    meta: IndexMap<String, FieldType>,
}

/// A named type.
#[derive(Debug)]
pub(crate) enum Type {
    Scalar,
    Object(IndexMap<String, FieldType>),
    Enum(Vec<String>),
    Input(IndexMap<String, InputType>),
}

/// A field of an object.
#[derive(Debug)]
pub(crate) struct FieldType {
    pub(crate) kind: TypeRef,
    pub(crate) arguments: IndexMap<String, InputType>,
    /// Why it should not be used any more.
    pub(crate) deprecated: Option<String>,
}

/// An argument, or a field of an input object.
#[derive(Debug)]
pub(crate) struct InputType {
    pub(crate) kind: TypeRef,
    pub(crate) default: Option<ValueNode>,
}

impl InputType {
    /// Whether it cannot be left out.
    pub(crate) fn is_required(&self) -> bool {
        self.kind.is_non_null() && self.default.is_none()
    }
}

#[derive(Debug)]
pub(crate) struct DirectiveType {
    pub(crate) arguments: IndexMap<String, InputType>,
    pub(crate) locations: Vec<String>,
}

impl Schema {
    /// Reads a schema; what cannot be read is left out, which a test of the vendor's schema would see.
    pub(crate) fn new(text: &str) -> Self {
        let mut schema = Self::default();
        // A schema is a constant of this program.
        for text in [BUILT_IN, text] {
            if sdl::read(text, &mut schema).is_err() {
                debug_assert!(false, "the schema cannot be read");
            }
        }
        let named = |name: &str| TypeRef::Named(name.to_owned());
        let non_null = |name: &str| TypeRef::NonNull(Box::new(named(name)));
        let field = |kind, arguments| FieldType { kind, arguments, deprecated: None };
        let name = InputType { kind: non_null("String"), default: None };
        let by_name: IndexMap<_, _> = [("name".to_owned(), name)].into_iter().collect();
        schema.meta.insert("__schema".to_owned(), field(non_null("__Schema"), IndexMap::new()));
        schema.meta.insert("__type".to_owned(), field(named("__Type"), by_name));
        schema.meta.insert("__typename".to_owned(), field(non_null("String"), IndexMap::new()));
        schema
    }

    /// The type an operation starts from.
    pub(crate) fn root(&self, kind: OperationKind) -> Option<&str> {
        let name = match kind {
            OperationKind::Query => "Query",
            OperationKind::Mutation => "Mutation",
            OperationKind::Subscription => "Subscription",
        };
        self.types.get_key_value(name).map(|(name, _)| name.as_str())
    }

    /// The fields of an object type.
    pub(crate) fn fields(&self, name: &str) -> Option<&IndexMap<String, FieldType>> {
        match self.types.get(name) {
            Some(Type::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    /// A field of an object type, introspection included.
    pub(crate) fn field(&self, on: &str, name: &str) -> Option<&FieldType> {
        let fields = self.fields(on)?;
        fields.get(name).or_else(|| match name {
            "__typename" => self.meta.get(name),
            "__schema" | "__type" if on == "Query" => self.meta.get(name),
            _ => None,
        })
    }

    /// Whether the type has fields of its own.
    pub(crate) fn is_composite(&self, name: &str) -> bool {
        self.fields(name).is_some()
    }
}
