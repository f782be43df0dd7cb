//! A switch of a simulator, as profiles say it: what it holds, and what it may be given.

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::decimal;
use crate::base::diagnostics::{MAX_NAME, short, unknown};
use crate::base::map::IndexMap;
use crate::entity::evidence::Evidence;
use crate::entity::field::FieldKind;

/// The greatest number that a setting takes unless its profile says otherwise.
pub const MAX_SETTING: i64 = 1_000_000_000;

/// A switch of a simulator: `servers.{slug}.settings` in a scenario.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// What it holds.
    pub kind: FieldKind,
    /// What each element of a list, or each member of an object, holds; nothing where they differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<FieldKind>,
    /// Its value when the scenario says nothing.
    pub default: Value,
    /// The only values it takes; empty for any of its kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// What the members of the object hold, or of each object in it, by name: others are refused, each may be left out.
    /// Empty where any name will do.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub members: IndexMap<String, Member>,
    /// What its texts name; nothing where they name nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
    /// The least and the greatest number it takes; without them 0 and [`MAX_SETTING`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// See `min`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
    /// Where the default comes from.
    pub evidence: Evidence,
    /// What it changes, in one sentence.
    pub about: String,
}

/// What a member of a setting holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// See [`Setting::kind`].
    pub kind: FieldKind,
    /// See [`Setting::each`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub each: Option<FieldKind>,
    /// The only values that it takes, or its elements; empty for any of its kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Value>,
    /// What it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Holds>,
    /// See [`Setting::min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// See [`Setting::min`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// What the texts of a setting name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Entities of the profile, in any case; of an object, its names do.
    Entities,
    /// A path, from its slash on.
    Path,
    /// A time zone of the IANA database (`Europe/Berlin`).
    TimeZone,
}

impl Setting {
    /// The least and the greatest number it takes, itself or in its elements; nothing where it holds none, or names
    /// those that it takes.
    pub fn bounds(&self) -> Option<(i64, i64)> {
        bounds(self.each.unwrap_or(self.kind), &self.values, (self.min, self.max))
    }

    /// Whether `value` may be given to this setting.
    ///
    /// # Errors
    /// What is wrong with it, to follow the setting's name.
    pub fn accepts(&self, value: &Value) -> Result<(), String> {
        is_of(self.kind, value)?;
        is_one_of(&self.values, value)?;
        names(self.holds, value)?;
        hold(value, self.each, self.bounds())?;
        if self.members.is_empty() {
            return Ok(());
        }
        let objects: Vec<&Value> = if self.each.is_some() { elements(value).collect() } else { vec![value] };
        let mut members = objects.into_iter().filter_map(Value::as_object).flatten();
        members.try_for_each(|(name, value)| {
            let known = || self.members.keys().map(String::as_str);
            let member = self
                .members
                .get(name)
                .ok_or_else(|| format!("has an {}", unknown("member", name, known())))?;
            member.accepts(value).map_err(|why| format!("has `{}`, which {why}", short(name, MAX_NAME)))
        })
    }
}

impl Member {
    /// See [`Setting::bounds`].
    pub fn bounds(&self) -> Option<(i64, i64)> {
        bounds(self.each.unwrap_or(self.kind), &self.values, (self.min, self.max))
    }

    fn accepts(&self, value: &Value) -> Result<(), String> {
        is_of(self.kind, value)?;
        match self.each {
            Some(_) => elements(value).try_for_each(|element| is_one_of(&self.values, element))?,
            None => is_one_of(&self.values, value)?,
        }
        names(self.holds, value)?;
        hold(value, self.each, self.bounds())
    }
}

fn bounds(kind: FieldKind, values: &[Value], (min, max): (Option<i64>, Option<i64>)) -> Option<(i64, i64)> {
    let is_number = matches!(kind, FieldKind::Integer | FieldKind::Decimal) && values.is_empty();
    is_number.then(|| (min.unwrap_or(0), max.unwrap_or(MAX_SETTING)))
}

/// The elements of a list, or what the members of an object hold.
fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    let members = value.as_object().into_iter().flat_map(|members| members.values());
    value.as_array().into_iter().flatten().chain(members)
}

/// Whether a value, or each element of it where they have a kind, is of its kind and within bounds.
fn hold(value: &Value, each: Option<FieldKind>, bounds: Option<(i64, i64)>) -> Result<(), String> {
    let Some(kind) = each else { return lies_within(bounds, value) };
    elements(value).try_for_each(|element| {
        let fits = is_of(kind, element).and_then(|()| lies_within(bounds, element));
        fits.map_err(|why| format!("holds {}, which {why}", shown(element)))
    })
}

fn is_one_of(values: &[Value], value: &Value) -> Result<(), String> {
    if values.is_empty() || values.contains(value) {
        return Ok(());
    }
    let values: Vec<String> = values.iter().map(Value::to_string).collect();
    Err(format!("must be one of {}, not {}", values.join(", "), shown(value)))
}

fn names(holds: Option<Holds>, value: &Value) -> Result<(), String> {
    let Some(text) = value.as_str() else { return Ok(()) };
    match holds {
        Some(Holds::TimeZone) if TimeZone::get(text).is_err() => {
            Err(format!("must be a time zone such as Europe/Paris, not {}", shown(value)))
        }
        Some(Holds::Path) if !text.starts_with('/') => {
            Err(format!("must be a path that begins with a slash, not {}", shown(value)))
        }
        _ => Ok(()),
    }
}

fn lies_within(bounds: Option<(i64, i64)>, value: &Value) -> Result<(), String> {
    let Some((least, greatest)) = bounds else { return Ok(()) };
    let number = decimal::from_json(value);
    if number.is_none_or(|number| number < least.into() || number > greatest.into()) {
        return Err(format!("must lie between {least} and {greatest}, not be {}", shown(value)));
    }
    Ok(())
}

fn is_of(kind: FieldKind, value: &Value) -> Result<(), String> {
    let fits = match kind {
        FieldKind::Text | FieldKind::Date | FieldKind::DateTime | FieldKind::Binary => value.is_string(),
        FieldKind::Integer => value.is_i64() || value.is_u64(),
        FieldKind::Decimal => value.is_number(),
        FieldKind::Boolean => value.is_boolean(),
        FieldKind::Object => value.is_object(),
        FieldKind::List => value.is_array(),
    };
    if fits { Ok(()) } else { Err(format!("must be of kind {}, not {}", kind.name(), shown(value))) }
}

fn shown(value: &Value) -> String {
    short(&value.to_string(), MAX_NAME).into_owned()
}
