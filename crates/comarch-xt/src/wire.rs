//! Records as the API shows them: fields of the version, `$id`, dates with their offset (fact sheet 8).

use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use simcore::base::decimal;
use simcore::base::map::IndexMap;
use simcore::entity::profile::{Field, FieldKind};
use simcore::entity::settings::Settings;
use simcore::{Db, Result};

use crate::call::{Call, Resource};
use crate::edition::{self, Edition, midnight};
use crate::views::{self, Shown, View};

/// Writes the objects of one answer; `$id` counts through all of it.
pub(crate) struct Wire<'a> {
    call: &'a Call,
    db: Db<'a>,
    fields: &'a IndexMap<String, Field>,
    /// Those that a user's profile has taken away.
    gone: &'a IndexMap<String, Field>,
    edition: Edition,
    zone: TimeZone,
    /// How many objects there were, when they are numbered.
    numbered: Option<u64>,
    /// A single product shows its decimals without trailing zeros (fact sheet 8).
    is_short: bool,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(call: &'a Call, db: &Db<'a>) -> Result<Self> {
        let settings = &call.ctx.settings;
        let has_ref_ids = has_ref_ids(settings, call.resource, call.view);
        Ok(Self {
            call,
            db: *db,
            fields: &call.table()?.entity.fields,
            gone: &call.table()?.entity.gone,
            edition: call.edition(),
            zone: edition::zone(settings),
            numbered: has_ref_ids.then_some(0),
            is_short: false,
        })
    }

    /// The only object of an answer.
    pub(crate) fn single(mut self, values: Map<String, Value>) -> Result<Value> {
        self.is_short = self.call.resource.is_short;
        self.element(values)
    }

    /// The next object of a list.
    pub(crate) fn element(&mut self, mut values: Map<String, Value>) -> Result<Value> {
        if self.call.view.is_derived() {
            (self.call.resource.derive)(&self.db, &self.zone, &mut values)?;
        }
        let mut object = self.object(self.call.view.fields, Some(self.fields), &values);
        if let Value::Object(members) = &mut object {
            self.gone.keys().for_each(|name| drop(members.shift_remove(name)));
        }
        Ok(object)
    }

    fn object(
        &mut self,
        shown: &[Shown],
        fields: Option<&IndexMap<String, Field>>,
        values: &Map<String, Value>,
    ) -> Value {
        let mut object = Map::with_capacity(shown.len() + 1);
        if let Some(count) = &mut self.numbered {
            *count += 1;
            object.insert("$id".to_owned(), count.to_string().into());
        }
        let edition = self.edition;
        for shown in shown.iter().filter(|shown| shown.is_in(edition)) {
            let field = fields.and_then(|fields| fields.get(shown.name));
            let value = values.get(shown.name).unwrap_or(&Value::Null);
            object.insert(shown.name.to_owned(), self.value(shown, field, value));
        }
        let is_own = self.call.resource.of.is_none();
        for name in views::added(fields).filter(|_| is_own) {
            object.insert(name.clone(), values.get(name).cloned().unwrap_or_default());
        }
        Value::Object(object)
    }

    fn value(&mut self, shown: &Shown, field: Option<&Field>, value: &Value) -> Value {
        let inner = field.map(|field| &field.fields);
        match (value, field.map(|field| field.kind)) {
            (Value::Object(values), _) if !shown.inner.is_empty() => {
                without(self.object(shown.inner, inner, values), field)
            }
            (Value::Array(items), _) => {
                let items = items.iter().filter_map(Value::as_object);
                Value::Array(
                    items.map(|item| without(self.object(shown.inner, inner, item), field)).collect(),
                )
            }
            (Value::String(day), Some(FieldKind::Date)) => midnight(&self.zone, day).into(),
            (number, Some(FieldKind::Decimal)) if self.is_short => short(number),
            (value, _) => value.clone(),
        }
    }
}

/// The object without what a user's profile has taken out of its field.
fn without(mut object: Value, field: Option<&Field>) -> Value {
    if let (Value::Object(members), Some(field)) = (&mut object, field) {
        field.taken.iter().for_each(|name| drop(members.shift_remove(name)));
    }
    object
}

/// Whether objects of a resource carry `$id` in this version (fact sheet 8).
pub(crate) fn has_ref_ids(settings: &Settings, resource: &Resource, view: &View) -> bool {
    resource.has_ref_ids && edition::emits_ref_ids(settings, view.has_ref_ids())
}

/// `61.50` as `61.5`, `50.00` as `50.0`.
fn short(number: &Value) -> Value {
    let Some(number) = decimal::from_json(number) else { return number.clone() };
    let mut number = number.normalize();
    if number.scale() == 0 {
        number.rescale(1);
    }
    decimal::to_json(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_products_keep_one_decimal() {
        for (stored, shown) in [("61.50", "61.5"), ("50.00", "50.0"), ("0", "0.0"), ("1.25", "1.25")] {
            let stored: Value = serde_json::from_str(stored).unwrap();
            assert_eq!(short(&stored).to_string(), shown);
        }
    }
}
