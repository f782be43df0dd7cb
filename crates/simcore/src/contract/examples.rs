//! Examples of bodies: a record of the seed data as a shape shows it, and what a shape alone says where there is none.

use serde_json::{Map, Number, Value, json};

use super::{Answer, Contract, Member, Object, Scalar, Shape};
use crate::base::decimal;
use crate::entity::profile::FieldKind;

/// How deep an example goes: components may hold each other.
const DEEPEST: usize = 8;

/// What an example is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// An answer: everything that is known of a record.
    Answer,
    /// A body that a client sends: without keys that the server would give.
    Request,
}

/// Where examples come from.
pub(super) struct Examples<'a> {
    contract: &'a Contract,
    purpose: For,
    /// What texts say for which there is nothing else.
    said: &'a str,
}

impl Contract {
    /// The body of an answer, as an example.
    pub(super) fn example_of(&self, answer: &Answer) -> Option<Value> {
        if !answer.example.is_null() {
            return Some(answer.example.clone());
        }
        let (_, shape) = answer.content.as_ref()?;
        let said = if answer.status < 300 { "…" } else { &answer.about };
        Examples { contract: self, purpose: For::Answer, said }.of(shape, None, 0)
    }

    /// A body for a call that has none of its own.
    pub(super) fn example_body(&self, shape: &Shape) -> Option<Value> {
        Examples { contract: self, purpose: For::Request, said: "…" }.of(shape, None, 0)
    }
}

impl Examples<'_> {
    fn of(&self, shape: &Shape, from: Option<&Value>, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        let deeper = depth + 1;
        match shape {
            Shape::Named(name) => {
                let object = self.contract.components.get(name)?;
                let seed = || self.contract.seed.record(&object.record.as_ref()?.0);
                Some(self.object(object, from.or_else(seed), deeper))
            }
            Shape::Object(object) => Some(self.object(object, from, deeper)),
            Shape::List(of) => {
                let items = from.and_then(Value::as_array).filter(|items| !items.is_empty());
                Some(match items {
                    Some(items) => items.iter().filter_map(|item| self.of(of, Some(item), deeper)).collect(),
                    None => self.of(of, None, deeper).into_iter().collect(),
                })
            }
            Shape::Either(forms) => forms.iter().find_map(|form| self.of(form, from, deeper)),
            Shape::Chosen { forms, .. } => self.of(forms.values().next()?, from, deeper),
            Shape::Value(scalar) => Some(scalar.example(from, self.said)),
            Shape::Map(_) => Some(json!({})),
            Shape::Anything => Some(from.cloned().unwrap_or_else(|| json!({}))),
            Shape::Bytes => None,
        }
    }

    fn object(&self, object: &Object, from: Option<&Value>, depth: usize) -> Value {
        let keys = object.record.iter().flat_map(|(_, keys)| keys).filter(|_| self.purpose == For::Request);
        let keys: Vec<&String> = keys.collect();
        let is_shown =
            |name: &String, member: &Member| !member.is_ignored && (member.required || !keys.contains(&name));
        let members = object.members.iter().filter(|(name, member)| is_shown(name, member));
        let known = members.filter_map(|(name, member)| {
            let from = from.and_then(|record| record.get(name));
            Some((name.clone(), self.member(member, from, depth)?))
        });
        Value::Object(known.collect::<Map<_, _>>())
    }

    fn member(&self, member: &Member, from: Option<&Value>, depth: usize) -> Option<Value> {
        let known = from.filter(|value| !value.is_null());
        match known {
            None if !member.required => None,
            None if member.is_nullable => Some(Value::Null),
            known => self.of(&member.shape, known, depth),
        }
    }
}

impl Scalar {
    /// `from` as this holds it, or a value that it takes.
    fn example(&self, from: Option<&Value>, said: &str) -> Value {
        let from = from.and_then(|value| self.reads(value)).filter(|value| self.lists(value));
        from.or_else(|| self.values.first().cloned()).unwrap_or_else(|| self.any(said))
    }

    /// A stored value as answers show it: numbers as texts where ids are texts, days as instants.
    fn reads(&self, value: &Value) -> Option<Value> {
        let fits = match self.kind {
            FieldKind::Integer | FieldKind::Decimal => decimal::from_json(value).map(decimal::to_json)?,
            FieldKind::Boolean => value.as_bool()?.into(),
            FieldKind::Object | FieldKind::List => value.clone(),
            _ => match value {
                Value::String(text) if self.format == Some("date-time") && text.len() == 10 => {
                    format!("{text}T00:00:00+01:00").into()
                }
                Value::String(text) if self.format == Some("date-time") && text.len() == 19 => {
                    format!("{text}+01:00").into()
                }
                Value::String(text) => text.as_str().into(),
                Value::Number(number) => number.to_string().into(),
                _ => return None,
            },
        };
        Some(fits)
    }

    fn any(&self, said: &str) -> Value {
        let least = self.least.clone().or_else(|| self.greatest.clone()).unwrap_or_else(|| Number::from(1));
        match self.kind {
            FieldKind::Text if self.format == Some("date-time") => "2026-03-02T08:00:00+01:00".into(),
            FieldKind::Text => {
                said.chars().take(self.max_length.unwrap_or(usize::MAX)).collect::<String>().into()
            }
            FieldKind::Integer | FieldKind::Decimal => least.into(),
            FieldKind::Boolean => true.into(),
            FieldKind::Date => "2026-03-02".into(),
            FieldKind::DateTime => "2026-03-02T08:00:00".into(),
            FieldKind::Binary => "".into(),
            FieldKind::Object => json!({}),
            FieldKind::List => json!([]),
        }
    }
}
