//! A stored value as text: on the wire, in filters, in the index (fact sheet 9).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;
use simcore::base::decimal;
use simcore::entity::validate;

use crate::column::Kind;

/// A value as the wire shows it; nothing for null and for an empty list. Files are not the business of this function.
pub(crate) fn shown(kind: Kind, value: &Value) -> Option<String> {
    let texts = elements(kind, value);
    (!texts.is_empty()).then(|| texts.join(", "))
}

/// The texts of a value: one, or those of each element of a list.
pub(crate) fn elements(kind: Kind, value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().filter_map(|item| text(kind, item)).collect(),
        value => text(kind, value).into_iter().collect(),
    }
}

fn text(kind: Kind, value: &Value) -> Option<String> {
    let plain = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Number(number) if kind == Kind::Amount => number.to_string(),
        Value::Number(_) => number(value)?,
        other => other.to_string(),
    };
    Some(match kind {
        Kind::Number => number(value).unwrap_or(plain),
        Kind::Date => validate::date(&plain).map_or(plain, |day| day.to_string()),
        Kind::DateTime => instant(&plain).map_or(plain, |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        _ => plain,
    })
}

/// The shortest text of a decimal: `12.50` is `12.5`.
fn number(value: &Value) -> Option<String> {
    decimal::from_json(value).map(|number| number.normalize().to_string())
}

/// The number that a text is, if it is one.
pub(crate) fn as_number(text: &str) -> Option<Decimal> {
    decimal::from_json(&Value::from(text))
}

/// The instant that an ISO 8601 date or date-time names, in milliseconds; without a zone it is in UTC.
pub(crate) fn as_instant(text: &str) -> Option<i64> {
    instant(text.trim()).map(Timestamp::as_millisecond)
}

fn instant(text: &str) -> Option<Timestamp> {
    // A day, at least: `2026` is a number.
    if text.len() < 10 || !text.is_ascii() {
        return None;
    }
    let local = |text: &str| -> Option<Timestamp> {
        let at: DateTime = validate::datetime(text)?;
        at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    text.parse().ok().or_else(|| local(text))
}

/// A text of a person's hand as a value of a column: for the back office. Empty is null.
///
/// # Errors
/// Nothing when the text is no value of that kind.
pub(crate) fn read(kind: Kind, text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Value::Null);
    }
    match kind {
        Kind::Number => as_number(text).map(decimal::to_json),
        Kind::Boolean => text.parse::<bool>().ok().map(Value::Bool),
        Kind::Date => validate::date(text).map(|day| day.to_string().into()),
        Kind::DateTime => instant(text).map(|_| text.into()),
        Kind::List => Some(match serde_json::from_str(text) {
            Ok(Value::Array(items)) => Value::Array(items),
            _ => text.split(',').map(str::trim).collect(),
        }),
        Kind::Text | Kind::Amount | Kind::User | Kind::File => Some(text.into()),
    }
}
