//! The syntax tree of an executable document. Every node knows where it begins, so that errors can say so.

use std::fmt;

/// A byte offset into the document.
pub(crate) type At = usize;

/// A name and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) at: At,
}

/// Operations and fragments, in the order of the text.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) definitions: Vec<Definition>,
}

#[derive(Debug)]
pub(crate) enum Definition {
    Operation(Operation),
    Fragment(Fragment),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OperationKind {
    Query,
    Mutation,
    Subscription,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) at: At,
    pub(crate) kind: OperationKind,
    pub(crate) name: Option<Name>,
    pub(crate) variables: Vec<VariableDefinition>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: Vec<Selection>,
}

#[derive(Debug)]
pub(crate) struct VariableDefinition {
    pub(crate) at: At,
    pub(crate) name: Name,
    pub(crate) kind: TypeNode,
    pub(crate) default: Option<ValueNode>,
    pub(crate) directives: Vec<Directive>,
}

#[derive(Debug)]
pub(crate) struct Fragment {
    pub(crate) at: At,
    pub(crate) name: Name,
    pub(crate) on: Name,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: Vec<Selection>,
}

#[derive(Debug)]
pub(crate) enum Selection {
    Field(Field),
    Spread(Spread),
    Inline(Inline),
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) at: At,
    pub(crate) alias: Option<Name>,
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) directives: Vec<Directive>,
    /// Where the selection set begins, when there is one.
    pub(crate) open: At,
    /// Empty when the field has no selection set.
    pub(crate) selections: Vec<Selection>,
}

impl Field {
    /// The key of the answer.
    pub(crate) fn key(&self) -> &str {
        self.alias.as_ref().map_or(&self.name.text, |alias| &alias.text)
    }
}

#[derive(Debug)]
pub(crate) struct Spread {
    pub(crate) at: At,
    pub(crate) name: Name,
    pub(crate) directives: Vec<Directive>,
}

#[derive(Debug)]
pub(crate) struct Inline {
    pub(crate) at: At,
    pub(crate) on: Option<Name>,
    pub(crate) directives: Vec<Directive>,
    pub(crate) selections: Vec<Selection>,
}

#[derive(Debug)]
pub(crate) struct Directive {
    pub(crate) at: At,
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
}

#[derive(Debug)]
pub(crate) struct Argument {
    pub(crate) at: At,
    pub(crate) name: Name,
    pub(crate) value: ValueNode,
}

/// A value and where it begins.
#[derive(Clone, Debug)]
pub(crate) struct ValueNode {
    pub(crate) at: At,
    pub(crate) value: Literal,
}

#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Variable(String),
    Int(String),
    Float(String),
    String(String),
    Boolean(bool),
    Null,
    Enum(String),
    List(Vec<ValueNode>),
    Object(Vec<(Name, ValueNode)>),
}

/// A type as it is written: `[ID!]!`.
#[derive(Clone, Debug)]
pub(crate) struct TypeNode {
    pub(crate) at: At,
    pub(crate) kind: TypeRef,
}

/// A type: a name with lists and non-nulls around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TypeRef {
    Named(String),
    List(Box<TypeRef>),
    NonNull(Box<TypeRef>),
}

impl TypeRef {
    /// The name inside.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Named(name) => name,
            Self::List(inner) | Self::NonNull(inner) => inner.name(),
        }
    }

    /// The type without its outermost `!`.
    pub(crate) fn nullable(&self) -> &Self {
        match self {
            Self::NonNull(inner) => inner,
            other => other,
        }
    }

    pub(crate) fn is_non_null(&self) -> bool {
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

impl fmt::Display for ValueNode {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.value {
            Literal::Variable(name) => write!(out, "${name}"),
            Literal::Int(text) | Literal::Float(text) | Literal::Enum(text) => out.write_str(text),
            Literal::String(text) => write!(out, "{}", serde_json::Value::from(text.as_str())),
            Literal::Boolean(flag) => write!(out, "{flag}"),
            Literal::Null => out.write_str("null"),
            Literal::List(items) => {
                out.write_str("[")?;
                separated(out, items.iter(), |out, item| write!(out, "{item}"))?;
                out.write_str("]")
            }
            Literal::Object(fields) => {
                out.write_str("{")?;
                separated(out, fields.iter(), |out, (name, value)| write!(out, "{}: {value}", name.text))?;
                out.write_str("}")
            }
        }
    }
}

fn separated<T>(
    out: &mut fmt::Formatter<'_>,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut fmt::Formatter<'_>, T) -> fmt::Result,
) -> fmt::Result {
    for (place, item) in items.enumerate() {
        if place > 0 {
            out.write_str(", ")?;
        }
        write(out, item)?;
    }
    Ok(())
}
