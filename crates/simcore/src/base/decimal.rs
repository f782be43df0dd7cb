//! Exact decimals: in JSON, and rounded as amounts are.

pub use rust_decimal::Decimal;
use rust_decimal::RoundingStrategy;
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

/// So many decimals, half away from zero, all of them written.
pub fn rounded(amount: Decimal, places: u32) -> Decimal {
    let mut rounded = amount.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    rounded.rescale(places);
    rounded
}

/// An amount of money: two decimals, half away from zero, both of them written.
pub fn cents(amount: Decimal) -> Decimal {
    rounded(amount, 2)
}
