//! The facts of a contract, numbered: what a request used is kept as numbers and shown as words.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Map, Value};

use super::{Checked, Contract, Object, ParameterLocation, Shape};
use crate::entity::profile::Evidence;

/// One thing that is known, or assumed, of a vendor's API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `operation`, `status`, `parameter`, `field`, `refusal` or `order`.
    pub kind: &'static str,
    /// Which: `GET /v1/order`, `GET /v1/order 404`, `GET /v1/order ?page`, `Order.code`.
    pub name: String,
    /// Where it comes from.
    pub evidence: Evidence,
    /// What it says.
    pub about: String,
}

/// All facts of a contract, and how often each was used.
#[derive(Debug, Default)]
pub struct Facts {
    all: Vec<Fact>,
    hits: Vec<AtomicU32>,
    fields: HashMap<String, u32>,
    operations: Vec<OperationFacts>,
}

/// The facts of one operation, found without a word.
#[derive(Debug, Default)]
struct OperationFacts {
    own: u32,
    parameters: Vec<(String, u32)>,
    statuses: Vec<(u16, u32)>,
}

impl Contract {
    /// Adds to a check what the answer's status used.
    pub fn answered(&self, checked: &mut Checked, status: u16) {
        let fact = checked.operation.and_then(|place| self.facts().status(place, status));
        checked.assumptions.extend(fact.filter(|fact| self.facts().hit(*fact)));
    }

    /// Adds to a check the facts of these names, which an answer used.
    pub fn use_named(&self, checked: &mut Checked, names: &[String]) {
        let facts = names.iter().filter_map(|name| self.facts().field(name));
        checked.assumptions.extend(facts.filter(|fact| self.facts().hit(*fact)));
    }
}

impl Facts {
    pub(super) fn of(contract: &Contract) -> Self {
        let mut facts = Self::default();
        for operation in &contract.operations {
            let title = operation.title();
            let own = facts.add("operation", title.clone(), operation.evidence, &operation.about);
            let mut of = OperationFacts { own, ..OperationFacts::default() };
            for parameter in
                operation.parameters.iter().filter(|parameter| parameter.location != ParameterLocation::Path)
            {
                let name = format!("{title} ?{}", parameter.name);
                let fact = facts.add("parameter", name, parameter.evidence, &parameter.about);
                of.parameters.push((parameter.name.to_string(), fact));
            }
            for answer in contract.answers(operation) {
                let name = format!("{title} {}", answer.status);
                of.statuses.push((answer.status, facts.add("status", name, answer.evidence, &answer.about)));
            }
            let content = operation.answers.iter().filter_map(|answer| answer.content.as_ref());
            let shapes = operation.body.iter().map(|body| &body.shape).chain(content.map(|(_, shape)| shape));
            shapes.for_each(|shape| facts.add_shape(&title, shape));
            facts.operations.push(of);
        }
        contract.components.iter().for_each(|(name, object)| facts.add_object(owner(name), object));
        for fact in &contract.named {
            let place = facts.add(fact.kind, fact.name.clone(), fact.evidence, &fact.about);
            facts.fields.insert(fact.name.clone(), place);
        }
        facts.hits.resize_with(facts.all.len(), AtomicU32::default);
        facts
    }

    fn add(&mut self, kind: &'static str, name: String, evidence: Evidence, about: &str) -> u32 {
        let place = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        self.all.push(Fact { kind, name, evidence, about: about.to_owned() });
        place
    }

    fn add_shape(&mut self, owner: &str, shape: &Shape) {
        match shape {
            Shape::Object(object) => self.add_object(owner, object),
            Shape::List(of) | Shape::Map(of) => self.add_shape(owner, of),
            Shape::Either(forms) => forms.iter().for_each(|form| self.add_shape(owner, form)),
            Shape::Chosen { forms, .. } => forms.values().for_each(|form| self.add_shape(owner, form)),
            Shape::Named(_) | Shape::Value(_) | Shape::Anything | Shape::Bytes => {}
        }
    }

    fn add_object(&mut self, owner: &str, object: &Object) {
        for (name, member) in &object.members {
            let name = format!("{owner}.{name}");
            if !self.fields.contains_key(&name) {
                let fact = self.add("field", name.clone(), member.evidence, &member.about);
                self.fields.insert(name.clone(), fact);
            }
            self.add_shape(&name, &member.shape);
        }
    }

    /// The fact that there is such an operation.
    pub(super) fn operation(&self, place: usize) -> Option<u32> {
        self.operations.get(place).map(|of| of.own)
    }

    /// The fact that an operation has such a parameter.
    pub(super) fn parameter(&self, place: usize, name: &str) -> Option<u32> {
        let of = self.operations.get(place)?;
        of.parameters.iter().find(|(known, _)| known == name).map(|(_, fact)| *fact)
    }

    /// The fact that an operation answers so.
    pub(super) fn status(&self, place: usize, status: u16) -> Option<u32> {
        let of = self.operations.get(place)?;
        of.statuses.iter().find(|(known, _)| *known == status).map(|(_, fact)| *fact)
    }

    /// The fact that there is such a field: `Order.code`.
    pub(super) fn field(&self, name: &str) -> Option<u32> {
        self.fields.get(name).copied()
    }

    /// Counts that a fact was used; whether it is one that journals show: an assumed or a recorded one.
    pub(super) fn hit(&self, place: u32) -> bool {
        let place = place as usize;
        if let Some(hits) = self.hits.get(place) {
            hits.fetch_add(1, Ordering::Relaxed);
        }
        self.all
            .get(place)
            .is_some_and(|fact| matches!(fact.evidence, Evidence::Assumed | Evidence::Recorded))
    }

    /// Every fact, with how often it was used.
    pub fn iter(&self) -> impl Iterator<Item = (&Fact, u32)> {
        self.all.iter().zip(self.hits.iter().map(|hits| hits.load(Ordering::Relaxed)))
    }

    /// A fact by its number.
    pub fn get(&self, place: u32) -> Option<&Fact> {
        self.all.get(place as usize)
    }
}

impl Fact {
    /// It as one line, without its evidence.
    pub fn line(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// It, for users.
    pub fn to_json(&self) -> Map<String, Value> {
        let shown = [("kind", self.kind), ("name", &self.name), ("about", &self.about)].into_iter();
        let shown = shown.filter(|(_, text)| !text.is_empty());
        shown.map(|(key, text)| (key.to_owned(), text.into())).collect()
    }
}

/// What a component's fields are counted under: those for creation and change are the same fields, and so are those of
/// further forms, which are named `Component.form`.
pub(super) fn owner(component: &str) -> &str {
    let component = component.split('.').next().unwrap_or(component);
    let base = component.strip_suffix("Create").or_else(|| component.strip_suffix("Change"));
    base.filter(|base| !base.is_empty()).unwrap_or(component)
}
