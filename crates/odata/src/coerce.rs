//! Literals to binds, by what the column holds.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::ast::Literal;
use crate::date;
use crate::lexer::decimal;

/// What a column holds, hence how a literal is bound to be compared with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueKind {
    /// Text. Any literal is compared by its text.
    Text,
    /// `INTEGER` or `REAL` numbers. Takes numbers and texts that are numbers.
    Number,
    /// Decimals as `TEXT` in a column whose collation compares them as numbers.
    /// Takes the same literals as `Number`, bound as canonical decimal text.
    Decimal,
    /// 1 and 0. Takes `true`, `false`, `'true'` and `'false'`.
    Bool,
    /// `YYYY-MM-DD` text. Takes dates and date-times, quoted or not.
    Date,
    /// `YYYY-MM-DDTHH:MM:SS` text. Takes dates and date-times, quoted or not.
    DateTime,
}

/// A value for a `?` of the SQL.
#[derive(Debug, Clone, PartialEq)]
pub enum Bind {
    /// `NULL`; never made by this crate, which writes `IS NULL`.
    Null,
    /// A 64-bit integer.
    Integer(i64),
    /// A number that is not a 64-bit integer.
    Real(f64),
    /// Text.
    Text(String),
}

/// The bind that compares this literal with a column of this kind; the error
/// says what the column would have taken. `null` has none: it is not compared.
pub(crate) fn bind(value: &Literal, kind: Option<ValueKind>) -> Result<Bind, &'static str> {
    let Some(kind) = kind else {
        return untyped(value);
    };
    match kind {
        // A flag compared with a text is a slip, as is a text alone where a condition should be.
        ValueKind::Text if matches!(value, Literal::Bool(_)) => Err("text"),
        ValueKind::Text => text(value).map(Bind::Text).ok_or("text"),
        ValueKind::Number => number(value).and_then(numeric).ok_or("a number"),
        ValueKind::Decimal => {
            number(value).map(|number| Bind::Text(number.normalize().to_string())).ok_or("a number")
        }
        ValueKind::Bool => match text(value).as_deref() {
            Some("true") => Ok(Bind::Integer(1)),
            Some("false") => Ok(Bind::Integer(0)),
            _ => Err("true or false"),
        },
        ValueKind::Date => day(value, date::date),
        ValueKind::DateTime => day(value, date::datetime),
    }
}

/// The literal by its own type.
fn untyped(value: &Literal) -> Result<Bind, &'static str> {
    match value {
        Literal::Null => Err("a value other than null"),
        Literal::Bool(value) => Ok(Bind::Integer(i64::from(*value))),
        Literal::Number(number) => numeric(*number).ok_or("a number"),
        Literal::Text(text) | Literal::Date(text) => Ok(Bind::Text(text.clone())),
    }
}

fn text(value: &Literal) -> Option<String> {
    match value {
        Literal::Null => None,
        Literal::Bool(value) => Some(value.to_string()),
        Literal::Number(number) => Some(number.to_string()),
        Literal::Text(text) | Literal::Date(text) => Some(text.clone()),
    }
}

fn number(value: &Literal) -> Option<Decimal> {
    match value {
        Literal::Number(number) => Some(*number),
        Literal::Text(text) => decimal(text),
        _ => None,
    }
}

/// An integer as long as it fits. The text gives the closest `f64` otherwise.
fn numeric(number: Decimal) -> Option<Bind> {
    let integer = number.to_i64().filter(|_| number.is_integer());
    integer.map(Bind::Integer).or_else(|| number.to_string().parse().ok().map(Bind::Real))
}

fn day(value: &Literal, normalise: fn(&str) -> Option<String>) -> Result<Bind, &'static str> {
    match value {
        Literal::Text(text) | Literal::Date(text) => normalise(text).map(Bind::Text),
        _ => None,
    }
    .ok_or("a date")
}
