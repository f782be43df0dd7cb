//! The syntax tree of a document. Every node knows where it begins, so that errors can say so.

use std::fmt;

/// A byte offset into the document.
pub type At = usize;

/// A name and where it stands.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name itself.
    pub text: String,
    /// Where it begins.
    pub at: At,
}

/// Operations, fragments and definitions of types, in the order of the text.
#[derive(Debug, Default)]
pub struct Document {
    /// At least one in a document that was read.
    pub definitions: Vec<Definition>,
}

/// One definition.
#[derive(Debug)]
pub enum Definition {
    /// A query, a mutation or a subscription.
    Operation(Operation),
    /// A named fragment.
    Fragment(Fragment),
    /// A definition or an extension of a type, a directive or the schema: nothing that can be executed.
    Type(TypeDefinition),
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// It reads.
    Query,
    /// It writes, one field after the other.
    Mutation,
    /// It stays and listens.
    Subscription,
}

impl OperationKind {
    /// The keyword.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Where it begins, its description included.
    pub at: At,
    /// What it does.
    pub kind: OperationKind,
    /// None for an anonymous one.
    pub name: Option<Name>,
    /// What it declares, in order.
    pub variables: Vec<VariableDefinition>,
    /// Of the operation itself.
    pub directives: Vec<Directive>,
    /// At least one.
    pub selections: Vec<Selection>,
}

/// A variable as an operation declares it.
#[derive(Debug)]
pub struct VariableDefinition {
    /// Where it begins, its description included.
    pub at: At,
    /// Without the dollar sign.
    pub name: Name,
    /// Its type as written.
    pub kind: TypeNode,
    /// What it is when the request does not say.
    pub default: Option<ValueNode>,
    /// Of the variable.
    pub directives: Vec<Directive>,
}

/// A fragment definition.
#[derive(Debug)]
pub struct Fragment {
    /// Where it begins, its description included.
    pub at: At,
    /// Its name.
    pub name: Name,
    /// The type it is on.
    pub on: Name,
    /// Of the fragment itself.
    pub directives: Vec<Directive>,
    /// At least one.
    pub selections: Vec<Selection>,
}

/// One member of a selection set.
#[derive(Debug)]
pub enum Selection {
    /// A field.
    Field(Field),
    /// A named fragment, spread here.
    Spread(Spread),
    /// A fragment written here.
    Inline(Inline),
}

/// A field that is asked for.
#[derive(Debug)]
pub struct Field {
    /// Where it begins, its alias included.
    pub at: At,
    /// Its key in the answer, when it is another one than the name.
    pub alias: Option<Name>,
    /// Its name in the schema.
    pub name: Name,
    /// In the order of the text.
    pub arguments: Vec<Argument>,
    /// Of the field.
    pub directives: Vec<Directive>,
    /// Where the selection set begins, when there is one.
    pub open: At,
    /// Empty when the field has no selection set.
    pub selections: Vec<Selection>,
}

impl Field {
    /// The key of the answer.
    pub fn key(&self) -> &str {
        self.alias.as_ref().map_or(&self.name.text, |alias| &alias.text)
    }
}

/// A named fragment where it is spread.
#[derive(Debug)]
pub struct Spread {
    /// Where the dots begin.
    pub at: At,
    /// Of the fragment.
    pub name: Name,
    /// Of the spread.
    pub directives: Vec<Directive>,
}

/// A fragment without a name.
#[derive(Debug)]
pub struct Inline {
    /// Where the dots begin.
    pub at: At,
    /// The type it is on, when it says so.
    pub on: Option<Name>,
    /// Of the fragment.
    pub directives: Vec<Directive>,
    /// At least one.
    pub selections: Vec<Selection>,
}

/// A directive where it is applied.
#[derive(Debug)]
pub struct Directive {
    /// Where the at sign is.
    pub at: At,
    /// Without the at sign.
    pub name: Name,
    /// In the order of the text.
    pub arguments: Vec<Argument>,
}

/// An argument with its value.
#[derive(Debug)]
pub struct Argument {
    /// Where the name begins.
    pub at: At,
    /// Its name.
    pub name: Name,
    /// Its value.
    pub value: ValueNode,
}

/// A value and where it begins.
#[derive(Clone, Debug)]
pub struct ValueNode {
    /// Where it begins.
    pub at: At,
    /// The value itself.
    pub value: Literal,
}

/// A value as it is written.
#[derive(Clone, Debug)]
pub enum Literal {
    /// `$name`, without the dollar sign.
    Variable(String),
    /// Digits, perhaps with a minus.
    Int(String),
    /// Digits with a fraction or an exponent.
    Float(String),
    /// Text without its quotes and escapes.
    String {
        /// What it says.
        text: String,
        /// Whether it stood between three quotes.
        block: bool,
    },
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
    /// A name that is none of those.
    Enum(String),
    /// `[…]`.
    List(Vec<ValueNode>),
    /// `{…}`, in the order of the text.
    Object(Vec<(Name, ValueNode)>),
}

/// A type as it is written: `[ID!]!`.
#[derive(Clone, Debug)]
pub struct TypeNode {
    /// Where it begins.
    pub at: At,
    /// Where the name inside begins.
    pub name_at: At,
    /// The type itself.
    pub kind: TypeRef,
}

/// A type: a name with lists and non-nulls around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeRef {
    /// A named type.
    Named(String),
    /// `[…]`.
    List(Box<TypeRef>),
    /// `…!`.
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The name inside.
    pub fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    /// The type without its outermost `!`.
    pub fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }

    /// Whether null is no value of it.
    pub fn is_non_null(&self) -> bool {
        matches!(self, Self::NonNull(_))
    }
}

impl fmt::Display for TypeRef {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => out.write_str(name),
            Self::List(inner) => write!(out, "[{inner}]"),
            Self::NonNull(inner) => write!(out, "{inner}!"),
        }
    }
}

/// What a definition defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKeyword {
    /// The root types.
    Schema,
    /// A scalar.
    Scalar,
    /// An object type.
    Type,
    /// An interface.
    Interface,
    /// A union.
    Union,
    /// An enum.
    Enum,
    /// An input object.
    Input,
    /// A directive.
    Directive,
}

/// A definition of the type system; what a keyword has no place for is empty.
#[derive(Debug)]
pub struct TypeDefinition {
    /// Where it begins, its description included.
    pub at: At,
    /// What it is for.
    pub description: Option<String>,
    /// What it defines.
    pub keyword: TypeKeyword,
    /// Whether it adds to what is defined elsewhere.
    pub extends: bool,
    /// None for the schema.
    pub name: Option<Name>,
    /// The interfaces of an object or an interface.
    pub interfaces: Vec<Name>,
    /// Of the definition itself.
    pub directives: Vec<Directive>,
    /// Of an object or an interface.
    pub fields: Vec<FieldDefinition>,
    /// The fields of an input object, or the arguments of a directive.
    pub inputs: Vec<InputDefinition>,
    /// Of an enum.
    pub values: Vec<EnumValue>,
    /// The types of a union, or the root types of a schema.
    pub members: Vec<Name>,
    /// Where a directive may stand.
    pub locations: Vec<Name>,
    /// Whether a directive may stand more than once in a place.
    pub repeatable: bool,
}

/// A field of an object as a schema defines it.
#[derive(Debug)]
pub struct FieldDefinition {
    /// What it is for.
    pub description: Option<String>,
    /// Its name.
    pub name: Name,
    /// In the order of the text.
    pub arguments: Vec<InputDefinition>,
    /// Its type.
    pub kind: TypeNode,
    /// Of the field.
    pub directives: Vec<Directive>,
}

/// An argument, or a field of an input object, as a schema defines it.
#[derive(Debug)]
pub struct InputDefinition {
    /// What it is for.
    pub description: Option<String>,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub kind: TypeNode,
    /// Its value when none is given.
    pub default: Option<ValueNode>,
    /// Of the argument.
    pub directives: Vec<Directive>,
}

/// A value of an enum as a schema defines it.
#[derive(Debug)]
pub struct EnumValue {
    /// What it means.
    pub description: Option<String>,
    /// The value.
    pub name: Name,
    /// Of the value.
    pub directives: Vec<Directive>,
}
