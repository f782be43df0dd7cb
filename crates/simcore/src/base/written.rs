//! Values of scenario files as they are written. YAML readers turn plain scalars into what they look like: `01067`
//! into 1067, `12.50` into 12.5, `NO` into false. What is meant only the field knows that a value is for, so a scalar
//! that JSON would write otherwise stays the text that it is.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;

thread_local! {
    /// The YAML that is being read on this thread; nothing while JSON is.
    static TEXT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Reads YAML; fields with [`as_written`] keep their scalars.
///
/// # Errors
/// Where and what is wrong, with a snippet.
pub fn from_yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    TEXT.set(Some(text.to_owned()));
    let read = serde_saphyr::from_str(text);
    TEXT.set(None);
    read
}

/// What `value`, read by [`as_written`], is as a `T`.
///
/// # Errors
/// What of it does not fit.
pub fn from_value<T: DeserializeOwned>(value: Value) -> serde_json::Result<T> {
    let text = TEXT.take();
    let read = serde_json::from_value(value);
    TEXT.set(text);
    read
}

/// For values whose fields know what they hold: `deserialize_with` of records, conditions and parameters.
pub fn as_written<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    read(from, true)
}

/// For values that nothing turns into texts: switches stay switches, however they are spelt.
pub fn as_switches<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<T, D::Error> {
    read(from, false)
}

fn read<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D, as_texts: bool) -> Result<T, D::Error> {
    if TEXT.with_borrow(Option::is_none) {
        // Of JSON every scalar is what it says.
        return serde_json::from_value(Value::deserialize(from)?).map_err(D::Error::custom);
    }
    let node = Spanned::<Node>::deserialize(from)?;
    let value =
        TEXT.with_borrow(|text| node.value.value(&node, text.as_deref().unwrap_or_default(), as_texts));
    from_value(value).map_err(D::Error::custom)
}

/// A value with the places of its scalars.
enum Node {
    /// A quoted text, or a plain one that is nothing else.
    Text(String),
    /// Null, a truth value or a number, as the reader of YAML understood it.
    Plain(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(String, Spanned<Node>)>),
}

impl Node {
    fn value(&self, spanned: &Spanned<Node>, text: &str, as_texts: bool) -> Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Plain(read) => plain(read, raw(spanned, text), as_texts),
            Self::List(items) => items.iter().map(|item| item.value.value(item, text, as_texts)).collect(),
            Self::Map(members) => {
                let members = members
                    .iter()
                    .map(|(name, member)| (name.clone(), member.value.value(member, text, as_texts)));
                Value::Object(members.collect::<Map<_, _>>())
            }
        }
    }
}

/// The scalar as it stands in the text.
fn raw<'t>(spanned: &Spanned<Node>, text: &'t str) -> Option<&'t str> {
    let span = spanned.defined.span();
    let from = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    text.get(from..from.checked_add(length)?).map(str::trim)
}

fn plain(read: &Value, raw: Option<&str>, as_texts: bool) -> Value {
    let Some(raw) = raw else { return read.clone() };
    match read {
        Value::Number(_) if is_json_number(raw) => {
            Value::Number(Number::from_string_unchecked(raw.to_owned()))
        }
        Value::Number(_) => raw.into(),
        Value::Null if !matches!(raw, "" | "~" | "null") && as_texts => raw.into(),
        Value::Bool(_) if !matches!(raw, "true" | "false") && as_texts => raw.into(),
        read => read.clone(),
    }
}

fn is_json_number(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok_and(|number| number.as_str() == text)
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Plain(flag.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Plain(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Plain(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        // What is no JSON number stays a text; its value is not used.
        Ok(Node::Plain(Value::Number(Number::from_f64(number).unwrap_or_else(|| 0.into()))))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Plain(Value::Null))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(member) = members.next_entry()? {
            map.push(member);
        }
        Ok(Node::Map(map))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Deserialize)]
    struct File {
        #[serde(deserialize_with = "as_written")]
        set: Value,
        #[serde(default, deserialize_with = "as_switches")]
        switches: Value,
    }

    #[test]
    fn plain_scalars_stay_as_written() {
        let yaml = "set: { a: 01067, b: 12.50, c: NO, d: 'x', e: null, f: Null, g: [1e3, 0x1F, true, True, 7], h: ~, \
                    i: 1_000, j: -5, k: 12345678901234567890123, l: .5, m: 2026-03-02, n: }\n";
        let file: File = from_yaml(yaml).unwrap();
        let text = concat!(
            r#"{"a":"01067","b":12.50,"c":"NO","d":"x","e":null,"f":"Null","g":["1e3","0x1F",true,"True",7],"h":null,"#,
            r#""i":"1_000","j":-5,"k":12345678901234567890123,"l":".5","m":"2026-03-02","n":null}"#
        );
        assert_eq!(file.set.to_string(), text);
    }

    #[test]
    fn anchors_and_blocks_are_read_where_they_stand() {
        let yaml = "set:\n  - &code 0042\n  - *code\n  - |\n    01\n  - é: 007 # é\n    b: 08\n";
        let file: File = from_yaml(yaml).unwrap();
        assert_eq!(file.set, json!(["0042", "0042", "01\n", { "é": "007", "b": "08" }]));
    }

    #[test]
    fn switches_stay_switches_and_json_is_json() {
        let file: File = from_yaml("set: 1\nswitches: { a: yes, b: Off, c: 007 }\n").unwrap();
        assert_eq!(file.switches, json!({ "a": true, "b": false, "c": "007" }));
        let file: File = serde_json::from_str(r#"{"set":{"a":1.10,"b":true}}"#).unwrap();
        assert_eq!(file.set.to_string(), r#"{"a":1.10,"b":true}"#);
    }
}
