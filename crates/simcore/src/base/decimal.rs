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

/// The text of a JSON number that is written as [`to_json`] writes it, with how many digits stand before its point:
/// nothing is to be read or written anew. Nothing for others, good ones among them.
pub fn plain(value: &Value) -> Option<(&str, usize)> {
    /// So many digits are exact, wherever the point is.
    const MOST: usize = 27;
    let Value::Number(number) = value else { return None };
    let text = number.as_str();
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Zero has no sign, and a whole part no zeros before it.
    let is_plain = !digits.starts_with('0') || whole == "0";
    let fits = digits.len() + part.len() <= MOST;
    (is_plain && fits && is_digits(digits) && is_digits(part)).then_some((text, digits.len()))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(Number::from_string_unchecked(text.to_owned()))
    }

    #[test]
    fn a_plain_number_is_one_that_would_be_written_so() {
        for (text, digits) in [("0", 1), ("0.00", 1), ("12.50", 2), ("-3.1", 1), ("999999999999", 12)] {
            assert_eq!(plain(&number(text)), Some((text, digits)));
        }
        for text in ["-0", "-0.5", "00.5", "1e2", "1.5E3", "123456789012345678901234567.1"] {
            assert_eq!(plain(&number(text)), None, "{text}");
        }
        assert_eq!(plain(&"1.5".into()), None);
    }

    proptest! {
        #[test]
        fn what_is_plain_is_written_as_it_is_read(text in "-?[0-9]{1,28}(\\.[0-9]{0,28})?([eE][0-9])?") {
            let value = number(&text);
            if let Some((text, digits)) = plain(&value) {
                let read = from_json(&value).expect("a number");
                prop_assert_eq!(to_json(read).to_string(), text);
                prop_assert_eq!(read.trunc().abs().to_string().len(), digits);
            }
        }
    }
}
