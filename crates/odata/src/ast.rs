//! The syntax tree of a filter, and its canonical text.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use rust_decimal::Decimal;

use crate::error::Error;

/// A field: one or more identifiers, `Customer.Address.City`.
///
/// Two paths are equal when their segments are, wherever they were read.
/// Displays with dots, whichever separator was read.
#[derive(Debug, Clone)]
pub struct Path {
    pub(crate) segments: Vec<String>,
    pub(crate) position: usize,
}

impl Path {
    /// The identifiers, in order; never empty.
    pub fn segments(&self) -> &[String] {
        &self.segments
    }

    /// The same place with another identifier: for a field that is stored under another name.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self { segments: vec![name.to_owned()], position: self.position }
    }

    /// Where the path was read: a character offset, counted from 0.
    pub fn position(&self) -> usize {
        self.position
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.segments == other.segments
    }
}

impl Eq for Path {}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.segments.join("."))
    }
}

/// A value written in a filter. Displays as it is written there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// `12`, `-3.50`
    Number(Decimal),
    /// `'text'`, without its quotes
    Text(String),
    /// A date or a date-time: the ISO text as written, without `datetime''`.
    Date(String),
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(&quoted(value)),
            // The quotes keep a date made by hand from spilling into the filter.
            Self::Date(value) => write!(f, "datetime{}", quoted(value)),
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A comparison operator. Displays as its keyword: `eq`, `ne`…
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    /// Equal, `eq`
    Eq,
    /// Not equal, `ne`
    Ne,
    /// Greater than, `gt`
    Gt,
    /// Greater or equal, `ge`
    Ge,
    /// Less than, `lt`
    Lt,
    /// Less or equal, `le`
    Le,
}

impl Op {
    pub(crate) const EVERY: [Self; 6] = [Self::Eq, Self::Ne, Self::Gt, Self::Ge, Self::Lt, Self::Le];

    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Lt => "lt",
            Self::Le => "le",
        }
    }

    /// The operator that says the same with its sides swapped.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
        }
    }
}

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.keyword())
    }
}

/// A text function; all are case-sensitive. Displays as its name: `contains`…
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    /// `contains(path,'text')`
    Contains,
    /// `startswith(path,'text')`
    StartsWith,
    /// `endswith(path,'text')`
    EndsWith,
}

impl Function {
    pub(crate) const EVERY: [Self; 3] = [Self::Contains, Self::StartsWith, Self::EndsWith];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
        }
    }
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A filter, or a part of one.
///
/// The parser gives canonical trees: lists flattened (see [`Expr::all`] and
/// [`Expr::any`]) and nested no deeper than [`MAX_DEPTH`](crate::MAX_DEPTH).
/// Displays as canonical text, that parses back to an equal tree when the tree
/// is canonical and its paths are not reserved words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expr {
    /// Every part holds (`and`); an empty list is always true.
    All(Vec<Expr>),
    /// At least one part holds (`or`); an empty list is always false.
    Any(Vec<Expr>),
    /// The part does not hold; a comparison with a null field does not.
    Not(Box<Expr>),
    /// `path op value`
    Compare {
        /// The field.
        path: Path,
        /// The operator; `Eq` or `Ne` when the value is null.
        op: Op,
        /// What it is compared with.
        value: Literal,
    },
    /// `path in (value, …)`
    In {
        /// The field.
        path: Path,
        /// The values; the parser gives at least one.
        values: Vec<Literal>,
    },
    /// `function(path,'text')`
    Call {
        /// The function.
        function: Function,
        /// The field.
        path: Path,
        /// What is looked for.
        text: String,
    },
}

impl Expr {
    /// `and` of the parts: nested `All` are merged, a single part stays alone.
    pub fn all(parts: Vec<Expr>) -> Expr {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::All(parts) => parts,
            other => vec![other],
        });
        alone_or(flat.collect(), Self::All)
    }

    /// `or` of the parts: nested `Any` are merged, a single part stays alone.
    pub fn any(parts: Vec<Expr>) -> Expr {
        let flat = parts.into_iter().flat_map(|part| match part {
            Self::Any(parts) => parts,
            other => vec![other],
        });
        alone_or(flat.collect(), Self::Any)
    }

    /// The leaves (`Compare`, `In` and `Call`), in the order of the text.
    pub fn conditions(&self) -> impl Iterator<Item = &Expr> {
        let mut todo = vec![self];
        std::iter::from_fn(move || {
            loop {
                match todo.pop()? {
                    Self::All(parts) | Self::Any(parts) => todo.extend(parts.iter().rev()),
                    Self::Not(inner) => todo.push(inner),
                    leaf => return Some(leaf),
                }
            }
        })
    }

    /// The field of a leaf.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Compare { path, .. } | Self::In { path, .. } | Self::Call { path, .. } => Some(path),
            Self::All(_) | Self::Any(_) | Self::Not(_) => None,
        }
    }

    /// This, without the lists of one around it.
    fn peeled(&self) -> &Self {
        let mut expr = self;
        while let Self::All(parts) | Self::Any(parts) = expr {
            let [only] = parts.as_slice() else { break };
            expr = only;
        }
        expr
    }

    fn is_all(&self) -> bool {
        matches!(self.peeled(), Self::All(parts) if !parts.is_empty())
    }

    fn is_any(&self) -> bool {
        matches!(self.peeled(), Self::Any(parts) if !parts.is_empty())
    }
}

fn alone_or(mut parts: Vec<Expr>, list: fn(Vec<Expr>) -> Expr) -> Expr {
    if parts.len() > 1 {
        return list(parts);
    }
    parts.pop().unwrap_or_else(|| list(parts))
}

impl FromStr for Expr {
    type Err = Error;

    /// Same as [`Expr::parse`].
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(parts) if parts.is_empty() => f.write_str("true"),
            Self::Any(parts) if parts.is_empty() => f.write_str("false"),
            Self::All(parts) => {
                separated(f, parts, " and ", |part| parts.len() > 1 && (part.is_any() || part.is_all()))
            }
            // No more parentheses than needed: they count as nesting when read.
            Self::Any(parts) => separated(f, parts, " or ", |part| parts.len() > 1 && part.is_any()),
            Self::Not(inner) => {
                f.write_str("not ")?;
                operand(f, inner, inner.is_any() || inner.is_all())
            }
            Self::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Self::In { path, values } => {
                let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                write!(f, "{path} in ({})", values.join(","))
            }
            Self::Call { function, path, text } => write!(f, "{function}({path},{})", quoted(text)),
        }
    }
}

fn separated(
    f: &mut Formatter<'_>,
    parts: &[Expr],
    separator: &str,
    parentheses: impl Fn(&Expr) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        operand(f, part, parentheses(part))?;
    }
    Ok(())
}

fn operand(f: &mut Formatter<'_>, expr: &Expr, parentheses: bool) -> fmt::Result {
    if parentheses { write!(f, "({expr})") } else { write!(f, "{expr}") }
}
