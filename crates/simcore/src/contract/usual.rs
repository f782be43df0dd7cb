//! What contracts of REST servers have in common: the components of an entity, the usual calls on it, refusals, keys of
//! examples.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::shape::schema_name;
use super::{Answer, Contract, Holds, JSON, Object, Operation, Parameter, Scheme, Shape};
use crate::entity::model::{Model, Table};
use crate::entity::profile::{Evidence, FieldKind, Writable};
use crate::entity::validate::Purpose;

impl Contract {
    /// The components of an entity: a record as it is shown, created (`NameCreate`) and changed (`NameChange`), each
    /// made of its fields and completed by `adapt`.
    pub fn add_records(&mut self, name: &str, table: &Table, adapt: impl Fn(Object, Purpose) -> Object) {
        for (suffix, purpose) in
            [("", Purpose::Answer), ("Create", Purpose::Create), ("Change", Purpose::Change)]
        {
            let object = adapt(Object::of_records(table, purpose), purpose);
            self.components.insert(format!("{name}{suffix}"), object);
        }
    }
}

impl Contract {
    /// The contract of a server that is like most: one way in, the usual refusals with the body `error`, and the
    /// components of every entity under its own name.
    pub fn usual(
        about: &'static str,
        scheme: Scheme,
        error: Object,
        model: &Model,
        evidence: Evidence,
    ) -> Self {
        let mut contract = Self::new("1", about);
        contract.security = vec![vec![scheme]];
        contract.refusals = refusals(evidence, USUAL_REFUSALS);
        contract.components.insert("Error".to_owned(), error);
        for (name, table) in model.tables.iter().filter(|(_, table)| !table.entity.back_office) {
            contract.add_records(name, table, |object, _| object);
        }
        contract
    }
}

impl Scheme {
    /// A key in a header; `variable` holds it in a Postman collection.
    pub fn key(header: &'static str, variable: &'static str) -> Self {
        let openapi = json!({ "type": "apiKey", "in": "header", "name": header });
        Self { name: "key", header: header.to_owned(), variable, mistaken: &[], openapi }
    }

    /// The word that credentials begin with: `basic`, `bearer`; nothing where they are the whole header.
    pub fn word(&self) -> Option<&str> {
        if self.openapi["type"] == "oauth2" { Some("bearer") } else { self.openapi["scheme"].as_str() }
    }
}

impl Operation {
    /// What a usual call on the records of an entity takes and gives; `variable` is what its path calls their key.
    #[must_use]
    pub fn usual(self, does: Usual, table: &Table, variable: &'static str, keys: &mut ExampleKeys) -> Self {
        let (name, evidence) = (table.name.as_str(), self.evidence);
        let id = does.verb().map_or_else(|| self.id.clone(), |verb| format!("{verb}{}", schema_name(name)));
        let operation = Self { id, ..self }.about(name, does.words(name));
        let key = match does {
            Usual::List | Usual::Create => return operation.without_key(does, table),
            Usual::Own(_) if !operation.path.contains(&format!("{{{variable}}}")) => return operation,
            Usual::Read | Usual::Change | Usual::Own(_) => ExampleKeys::kept(table),
            Usual::Act(_) | Usual::Remove => keys.used_up(table),
        };
        let operation = operation.of_record(name, variable, key, evidence);
        match does {
            Usual::Change => operation.changes(name, change(table), evidence),
            Usual::Remove => operation.removes(evidence),
            Usual::Own(_) => operation,
            _ => operation.reads(name, evidence),
        }
    }

    fn without_key(self, does: Usual, table: &Table) -> Self {
        let (name, evidence) = (table.name.as_str(), self.evidence);
        match does {
            Usual::Create => self.creates(name, table.entity.example.clone(), evidence),
            _ => self.lists(name, evidence),
        }
    }

    /// The same with the variable of its path that names a record of `name`, and the key of one.
    #[must_use]
    pub fn of_record(self, name: &str, variable: &'static str, key: Value, evidence: Evidence) -> Self {
        let about = format!("The {variable} of the {name}.").into();
        self.with([Parameter { evidence, about, ..Parameter::path(variable, FieldKind::Text, key) }])
    }

    /// The same with the parameters that choose a part of a list: how many, and from which on.
    #[must_use]
    pub fn paged(self, [many, from]: [&'static str; 2], evidence: Evidence) -> Self {
        let counted = |name, example: i64, about: &'static str| {
            let counted = Parameter::query(name, Holds::at_least(0), evidence).example(example);
            Parameter { about: about.into(), ..counted }
        };
        self.with([
            counted(many, 20, "How many records at most."),
            counted(from, 0, "How many records are passed over first."),
        ])
    }

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

    /// The same, which creates a record of a component and gives it, with the header `Location`.
    #[must_use]
    pub fn creates(self, component: &str, example: Value, evidence: Evidence) -> Self {
        self.takes(&[JSON], Shape::named(format!("{component}Create")), example).answers(
            Answer::json(201, "The record as it is now.", Shape::named(component), evidence)
                .header("Location", "The path of the record."),
        )
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

/// What a usual call does with the records of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// Shows a list of them.
    List,
    /// Shows one.
    Read,
    /// Makes one: 201.
    Create,
    /// Changes what the body names of one.
    Change,
    /// Does something with one for good, which is said here, and shows it.
    Act(&'static str),
    /// Removes one: 204.
    Remove,
    /// A call of the vendor's own on them, which does what is said here: what it takes and gives, the vendor adds.
    Own(&'static str),
}

impl Usual {
    /// What a call's name begins with in generated clients; nothing where the row's own name says it.
    fn verb(self) -> Option<&'static str> {
        match self {
            Self::List => Some("list"),
            Self::Read => Some("get"),
            Self::Create => Some("create"),
            Self::Change => Some("update"),
            Self::Act(_) | Self::Own(_) => None,
            Self::Remove => Some("delete"),
        }
    }

    fn words(self, name: &str) -> String {
        match self {
            Self::List => format!("List {name} records"),
            Self::Read => format!("Read one {name}"),
            Self::Create => format!("Create one {name}"),
            Self::Change => format!("Change what the body names of one {name}"),
            Self::Act(words) | Self::Own(words) => words.to_owned(),
            Self::Remove => format!("Remove one {name}"),
        }
    }
}

/// A change that works in the default data: the first text of the example that may change.
pub fn change(table: &Table) -> Value {
    let texts = table
        .entity
        .fields
        .iter()
        .filter(|(_, field)| field.kind == FieldKind::Text && field.write == Writable::Always);
    let change = texts.filter_map(|(name, _)| Some((name.clone(), table.entity.example.get(name)?.clone())));
    Value::Object(change.take(1).collect())
}

/// What every call of a vendor can be answered with, in the component `Error`: statuses, and when they come. A verb that
/// a path does not take is always refused with those that it takes.
pub fn refusals<const N: usize>(evidence: Evidence, all: [(u16, &'static str); N]) -> Vec<Answer> {
    all.into_iter().map(|(status, about)| refusal(status, about, evidence)).collect()
}

/// One of them, with the headers that go with its status.
pub(super) fn refusal(status: u16, about: &'static str, evidence: Evidence) -> Answer {
    let answer = Answer::refusal(status, about, evidence);
    match status {
        405 => answer.header("Allow", "The verbs that the path takes."),
        429 => answer.may_have("Retry-After", "Seconds to wait."),
        _ => answer,
    }
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
