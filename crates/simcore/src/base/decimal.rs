//! Exact decimals in JSON.

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// A JSON number, or a text that holds one, as an exact decimal.
pub fn from_json(value: &Value) -> Option<Decimal> {
    let parse = |text: &str| -> Option<Decimal> {
        let text = text.trim();
        text.parse().ok().or_else(|| Decimal::from_scientific(text).ok())
    };
    match value {
        Value::Number(number) => parse(number.as_str()),
        Value::String(text) => parse(text),
        _ => None,
    }
}

/// An exact decimal as a JSON number with the digits it has.
pub fn to_json(decimal: Decimal) -> Value {
    Value::Number(Number::from_string_unchecked(decimal.to_string()))
}
