//! Bodies: JSON, whose envelopes spell their properties in any case (fact sheet 2.3, 4).

use axum::http::HeaderMap;
use serde_json::{Map, Value};
use simcore::base::said::Part;
use simcore::simulator::rest::{self, Unreadable};
use simcore::{Error, ErrorKind, Result, said};

use crate::error;

/// The JSON of a body.
///
/// # Errors
/// 415 when it is announced as something else, 400 when it is none.
pub(crate) fn json(headers: &HeaderMap, body: &[u8]) -> Result<Value> {
    if rest::media(headers) != "application/json" {
        return Err(error::media_type());
    }
    rest::json(body).map_err(|why| match why {
        Unreadable::Json(line, column) => {
            Error::from(said!(BODY_UNREADABLE, line = line, column = column)).of_kind(ErrorKind::Syntax)
        }
        other => other.into(),
    })
}

/// An object whose property names are read whatever their case; null is as good as absent.
pub(crate) struct Envelope(Map<String, Value>);

impl Envelope {
    /// # Errors
    /// 400 when `value` is no object; `what` names it.
    pub(crate) fn of(value: Value, what: impl Into<Part>) -> Result<Self> {
        match value {
            Value::Object(properties) => Ok(Self(properties)),
            _ => Err(said!(NOT_OBJECT, what = what).into()),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        let found = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value).filter(|value| !value.is_null())
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let key = self.0.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
        self.0.remove(&key).filter(|value| !value.is_null())
    }

    /// A text, when it is there.
    ///
    /// # Errors
    /// 400 when it is no text.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(error::bad_value(name, said!(EXPECTED_TEXT))),
        }
    }

    /// A text that must be there and hold something.
    ///
    /// # Errors
    /// 400 otherwise.
    pub(crate) fn mandatory(&self, name: &str) -> Result<&str> {
        self.text(name)?.filter(|text| !text.trim().is_empty()).ok_or_else(|| error::missing(name))
    }

    /// A list, when it is there.
    ///
    /// # Errors
    /// 400 when it is no list.
    pub(crate) fn take_list(&mut self, name: &str) -> Result<Option<Vec<Value>>> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items)),
            Some(_) => Err(error::bad_value(name, said!(EXPECTED_LIST))),
        }
    }

    /// An object whose keys name entities, in its own order; empty when it is absent.
    ///
    /// # Errors
    /// 400 when it is no object, or when a member of it is no list.
    pub(crate) fn take_lists(&mut self, name: &str) -> Result<Vec<(String, Vec<Value>)>> {
        let lists = match self.take(name) {
            None => Map::new(),
            Some(Value::Object(lists)) => lists,
            Some(_) => return Err(error::bad_value(name, said!(EXPECTED_LISTS))),
        };
        let list = |(entity, items): (String, Value)| match items {
            Value::Array(items) => Ok((entity, items)),
            _ => Err(error::bad_value(&entity, said!(EXPECTED_LIST))),
        };
        lists.into_iter().map(list).collect()
    }
}

/// A whole number, also written as a text.
pub(crate) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        value => value.as_i64(),
    }
}

/// A record's code, as a text.
///
/// # Errors
/// 400 when it is none or empty.
pub(crate) fn code(value: &Value, name: &str) -> Result<String> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(error::bad_value(name, said!(EXPECTED_CODE))),
    }
}

/// `true`, `1` or `"1"`, and the like for false.
pub(crate) fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => match text.as_str() {
            "0" => Some(false),
            "1" => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            text if text.eq_ignore_ascii_case("true") => Some(true),
            _ => None,
        },
        _ => None,
    }
}
