//! What contracts of REST servers have in common: the components of an entity, the usual calls on it, refusals, keys of
//! examples.

use std::collections::HashMap;

use serde_json::Value;

use super::{Answer, Contract, JSON, Object, Operation, Shape, Use};
use crate::entity::model::Table;
use crate::entity::profile::Evidence;

impl Contract {
    /// The components of an entity: a record as it is shown, created (`NameCreate`) and changed (`NameChange`), each
    /// made of its fields and completed by `adapt`.
    pub fn add_records(&mut self, name: &str, table: &Table, adapt: impl Fn(Object, Use) -> Object) {
        for (suffix, purpose) in [("", Use::Answer), ("Create", Use::Create), ("Change", Use::Change)] {
            let object = Object::of_fields(&table.entity.fields, purpose).about(&table.entity.about);
            self.components.insert(format!("{name}{suffix}"), adapt(object, purpose));
        }
    }
}

impl Operation {
    /// The same, which gives records of a component as a list.
    #[must_use]
    pub fn lists(self, component: &str, evidence: Evidence) -> Self {
        let shape = Shape::list(Shape::named(component));
        self.answers(Answer::json(200, "The records; none is an empty list.", shape, evidence))
    }

    /// The same, which gives one record of a component.
    #[must_use]
    pub fn reads(self, component: &str, evidence: Evidence) -> Self {
        self.answers(Answer::json(200, "The record.", Shape::named(component), evidence))
    }

    /// The same, which creates a record of a component and gives it.
    #[must_use]
    pub fn creates(self, component: &str, example: Value, evidence: Evidence) -> Self {
        self.takes(&[JSON], Shape::named(format!("{component}Create")), example).answers(Answer::json(
            201,
            "The record as it is now.",
            Shape::named(component),
            evidence,
        ))
    }

    /// The same, which changes a record of a component and gives it.
    #[must_use]
    pub fn changes(self, component: &str, example: Value, evidence: Evidence) -> Self {
        self.takes(&[JSON], Shape::named(format!("{component}Change")), example).answers(Answer::json(
            200,
            "The record as it is now.",
            Shape::named(component),
            evidence,
        ))
    }

    /// The same, which removes something and gives nothing.
    #[must_use]
    pub fn removes(self, evidence: Evidence) -> Self {
        self.answers(Answer::empty(204, "It is gone.", evidence))
    }
}

/// What every call of a vendor can be answered with, in the component `Error`: statuses, and when they come.
pub fn refusals<const N: usize>(evidence: Evidence, all: [(u16, &'static str); N]) -> Vec<Answer> {
    all.into_iter().map(|(status, about)| Answer::refusal(status, about, evidence)).collect()
}

/// The refusals of a server that is like most: also what the core itself refuses.
pub const USUAL_REFUSALS: [(u16, &str); 10] = [
    (400, "The request cannot be read, or a field is missing or wrong."),
    (401, "No credentials, or wrong ones."),
    (404, "There is no such path or record."),
    (405, "The path does not take this verb."),
    (409, "Another record, or the state of this one, is in the way."),
    (413, "The body is too large."),
    (415, "The body is not announced as JSON."),
    (429, "Too many requests: when a scenario limits them."),
    (431, "The headers are too large."),
    (500, "Anything else."),
];

/// The keys of examples, from the `example_key` of entities: of a list the first stays as it is, and each of the others
/// is for one call that uses its record up.
#[derive(Debug, Default)]
pub struct ExampleKeys(HashMap<String, usize>);

impl ExampleKeys {
    /// The key of a record that stays, or is only changed.
    pub fn kept(table: &Table) -> Value {
        match &table.entity.example_key {
            Value::Array(keys) => keys.first().cloned().unwrap_or_default(),
            key => key.clone(),
        }
    }

    /// The key of a record that the next call uses up; the one that stays, when there are no more.
    pub fn used_up(&mut self, table: &Table) -> Value {
        let used = self.0.entry(table.name.clone()).or_default();
        *used += 1;
        table.entity.example_key.get(*used).cloned().unwrap_or_else(|| Self::kept(table))
    }
}
