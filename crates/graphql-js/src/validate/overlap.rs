//! Fields that share a key of the answer must be the same field with the same arguments.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use indexmap::{IndexMap, IndexSet};

use super::Walk;
use crate::ast::{Argument, Field, Fragment, Literal, Selection, TypeRef, ValueNode};
use crate::schema::{FieldType, Schema, Type};

/// What comparing may cost in one document, as graphql-js counts.
const BUDGET: usize = 500_000;
/// A reason longer than this is cut.
const MOST_TEXT: usize = 1000;
/// So many places of each side are named.
const MOST_PLACES: usize = 20;

/// What the comparisons of a document share.
pub(super) struct Overlap<'a> {
    /// Pairs of fragments that were compared, and whether only as ones that exclude each other.
    pairs: HashMap<(&'a str, &'a str), bool>,
    collected: HashMap<(Option<&'a str>, *const Selection), Rc<Collected<'a>>>,
    /// Pairs of selection sets whose keys were counted.
    counted: HashSet<(*const Collected<'a>, *const Collected<'a>)>,
    texts: HashMap<*const ValueNode, Rc<str>>,
    left: usize,
    spent: bool,
}

impl Default for Overlap<'_> {
    fn default() -> Self {
        Self {
            pairs: HashMap::new(),
            collected: HashMap::new(),
            counted: HashSet::new(),
            texts: HashMap::new(),
            left: BUDGET,
            spent: false,
        }
    }
}

/// The fields of a selection set by key, inline fragments included, and the fragments it spreads.
struct Collected<'a> {
    fields: IndexMap<&'a str, Vec<Detail<'a>>>,
    spreads: IndexSet<&'a str>,
    /// Fragments that these fields were compared with, and whether only as ones that exclude each other.
    compared: RefCell<HashMap<&'a str, bool>>,
}

/// A field with the type it is selected on, and its definition there.
#[derive(Clone, Copy)]
struct Detail<'a> {
    on: Option<&'a str>,
    node: &'a Field,
    definition: Option<&'a FieldType>,
}

/// Why two fields cannot share a key, and where that is seen.
struct Conflict<'a> {
    key: &'a str,
    reason: String,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// The comparisons of one selection set.
struct Compare<'w, 'a> {
    schema: &'a Schema,
    fragments: &'w HashMap<&'a str, &'a Fragment>,
    overlap: &'w mut Overlap<'a>,
}

impl<'a> Walk<'a> {
    pub(super) fn overlaps(&mut self, on: Option<&'a str>, selections: &'a [Selection]) {
        if self.aborted || matches!(selections, [] | [Selection::Field(_) | Selection::Spread(_)]) {
            return;
        }
        let (schema, fragments, overlap) = (self.rules.schema, &self.fragments, &mut self.overlap);
        let conflicts = Compare { schema, fragments, overlap }.within(on, selections);
        if self.overlap.spent {
            self.aborted = true;
            return;
        }
        for Conflict { key, reason, left, right } in conflicts {
            let key = cut(key.to_owned());
            let message = format!(
                "Fields \"{key}\" conflict because {reason}. Use different aliases on the fields to fetch both if this was intentional."
            );
            self.problem_at(message, left.into_iter().chain(right).collect());
        }
    }
}

impl<'a> Compare<'_, 'a> {
    /// Counts work; whether there is enough left to go on.
    fn spend(&mut self, cost: usize) -> bool {
        match self.overlap.left.checked_sub(cost) {
            Some(left) => self.overlap.left = left,
            None => self.overlap.spent = true,
        }
        !self.overlap.spent
    }

    fn within(&mut self, on: Option<&'a str>, selections: &'a [Selection]) -> Vec<Conflict<'a>> {
        let mut conflicts = Vec::new();
        let collected = self.collect(on, selections);
        for (key, fields) in &collected.fields {
            for (place, left) in fields.iter().enumerate() {
                for right in &fields[place + 1..] {
                    conflicts.extend(self.conflict(false, key, left, right));
                    if self.overlap.spent {
                        return conflicts;
                    }
                }
            }
        }
        if collected.fields.is_empty() && collected.spreads.len() <= 1 {
            return conflicts;
        }
        for (place, name) in collected.spreads.iter().enumerate() {
            self.with_fragment(&mut conflicts, false, &collected, name);
            for other in collected.spreads.iter().skip(place + 1) {
                self.fragments(&mut conflicts, false, name, other);
            }
        }
        conflicts
    }

    /// Fields against those of a fragment and of every fragment it spreads.
    fn with_fragment(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        collected: &Rc<Collected<'a>>,
        name: &'a str,
    ) {
        if !self.spend(1) || collected.fields.is_empty() {
            return;
        }
        let before = collected.compared.borrow().get(name).copied();
        if before == Some(false) || (exclusive && before == Some(true)) {
            return;
        }
        collected.compared.borrow_mut().insert(name, exclusive);
        let Some(other) = self.of_fragment(name) else { return };
        if Rc::ptr_eq(collected, &other) {
            return;
        }
        self.between(conflicts, exclusive, collected, &other);
        for name in &other.spreads {
            self.with_fragment(conflicts, exclusive, collected, name);
        }
    }

    /// The fields of two fragments, and of every fragment they spread.
    fn fragments(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        left: &'a str,
        right: &'a str,
    ) {
        if !self.spend(2) || left == right {
            return;
        }
        let before = |pair| self.overlap.pairs.get(&pair).is_some_and(|known| exclusive || !*known);
        if before((left, right)) || before((right, left)) {
            return;
        }
        self.overlap.pairs.insert((left, right), exclusive);
        let (Some(one), Some(other)) = (self.of_fragment(left), self.of_fragment(right)) else { return };
        self.between(conflicts, exclusive, &one, &other);
        for name in &other.spreads {
            self.fragments(conflicts, exclusive, left, name);
        }
        for name in &one.spreads {
            self.fragments(conflicts, exclusive, name, right);
        }
    }

    /// Each field of one set against each of the other that has its key.
    fn between(
        &mut self,
        conflicts: &mut Vec<Conflict<'a>>,
        exclusive: bool,
        one: &Rc<Collected<'a>>,
        other: &Rc<Collected<'a>>,
    ) {
        if one.fields.is_empty() || other.fields.is_empty() {
            return;
        }
        let is_new = self.overlap.counted.insert((Rc::as_ptr(one), Rc::as_ptr(other)));
        if is_new && !self.spend(one.fields.len()) {
            return;
        }
        for (key, lefts) in &one.fields {
            let Some(rights) = other.fields.get(key) else { continue };
            for left in lefts {
                for right in rights {
                    conflicts.extend(self.conflict(exclusive, key, left, right));
                    if self.overlap.spent {
                        return;
                    }
                }
            }
        }
    }

    fn conflict(
        &mut self,
        exclusive: bool,
        key: &'a str,
        left: &Detail<'a>,
        right: &Detail<'a>,
    ) -> Option<Conflict<'a>> {
        if !self.spend(2) {
            return None;
        }
        let types = [left, right].map(|detail| detail.definition.map(|definition| &definition.kind));
        let (name, other) = (left.node.name.text.as_str(), right.node.name.text.as_str());
        let is_leaf = |field: &Field| field.arguments.is_empty() && field.selections.is_empty();
        if is_leaf(left.node) && is_leaf(right.node) && types[0] == types[1] && name == other {
            return None;
        }
        let here =
            |reason| Some(Conflict { key, reason, left: vec![left.node.at], right: vec![right.node.at] });
        let is_object = |on: Option<&str>| on.is_some_and(|on| self.schema.is_composite(on));
        let exclusive = exclusive || (left.on != right.on && is_object(left.on) && is_object(right.on));
        if !exclusive {
            if name != other {
                let (name, other) = (cut(name.to_owned()), cut(other.to_owned()));
                return here(format!("\"{name}\" and \"{other}\" are different fields"));
            }
            if !self.same_arguments(&left.node.arguments, &right.node.arguments) {
                return here("they have differing arguments".to_owned());
            }
        }
        if let [Some(one), Some(other)] = types
            && self.are_apart(one, other)
        {
            return here(format!("they return conflicting types \"{one}\" and \"{other}\""));
        }
        if left.node.selections.is_empty() || right.node.selections.is_empty() {
            return None;
        }
        let conflicts = self.below(exclusive, left, right);
        merged(key, left.node, right.node, &conflicts)
    }

    /// The selections of two fields against each other.
    fn below(&mut self, exclusive: bool, left: &Detail<'a>, right: &Detail<'a>) -> Vec<Conflict<'a>> {
        let named = |detail: &Detail<'a>| detail.definition.map(|definition| definition.kind.name());
        let one = self.collect(named(left), &left.node.selections);
        let other = self.collect(named(right), &right.node.selections);
        let mut conflicts = Vec::new();
        self.between(&mut conflicts, exclusive, &one, &other);
        for name in &other.spreads {
            self.with_fragment(&mut conflicts, exclusive, &one, name);
        }
        for name in &one.spreads {
            self.with_fragment(&mut conflicts, exclusive, &other, name);
        }
        for left in &one.spreads {
            for right in &other.spreads {
                self.fragments(&mut conflicts, exclusive, left, right);
            }
        }
        conflicts
    }

    fn same_arguments(&mut self, left: &'a [Argument], right: &'a [Argument]) -> bool {
        left.len() == right.len()
            && left.iter().all(|argument| {
                if !self.spend(1) {
                    return false;
                }
                let other = right.iter().rfind(|other| other.name.text == argument.name.text);
                other.is_some_and(|other| self.text(&argument.value) == self.text(&other.value))
            })
    }

    fn text(&mut self, node: &'a ValueNode) -> Rc<str> {
        let text = self.overlap.texts.entry(std::ptr::from_ref(node)).or_insert_with(|| {
            let mut text = String::new();
            canonical(node, &mut text);
            text.into()
        });
        text.clone()
    }

    /// Whether no value can be of both types; objects are compared field by field elsewhere.
    fn are_apart(&mut self, one: &TypeRef, other: &TypeRef) -> bool {
        if one == other || !self.spend(1) {
            return false;
        }
        match (one, other) {
            (TypeRef::List(one), TypeRef::List(other)) | (TypeRef::NonNull(one), TypeRef::NonNull(other)) => {
                self.are_apart(one, other)
            }
            (TypeRef::Named(one), TypeRef::Named(other)) => {
                let is_leaf =
                    |name| matches!(self.schema.types.get(name), Some(Type::Scalar | Type::Enum(_)));
                is_leaf(one) || is_leaf(other)
            }
            _ => true,
        }
    }

    fn of_fragment(&mut self, name: &str) -> Option<Rc<Collected<'a>>> {
        let fragment = self.fragments.get(name).copied()?;
        let on = self.schema.types.get_key_value(&fragment.on.text).map(|(name, _)| name.as_str());
        Some(self.collect(on, &fragment.selections))
    }

    fn collect(&mut self, on: Option<&'a str>, selections: &'a [Selection]) -> Rc<Collected<'a>> {
        let key = (on, selections.as_ptr());
        if let Some(known) = self.overlap.collected.get(&key) {
            return known.clone();
        }
        let mut collected =
            Collected { fields: IndexMap::new(), spreads: IndexSet::new(), compared: RefCell::default() };
        self.collect_into(on, selections, &mut collected);
        let collected = Rc::new(collected);
        self.overlap.collected.insert(key, collected.clone());
        collected
    }

    fn collect_into(&self, on: Option<&'a str>, selections: &'a [Selection], collected: &mut Collected<'a>) {
        let schema = self.schema;
        for selection in selections {
            match selection {
                Selection::Field(node) => {
                    let fields = on.and_then(|on| schema.fields(on));
                    let definition = fields.and_then(|fields| fields.get(&node.name.text));
                    let detail = Detail { on, node, definition };
                    collected.fields.entry(node.key()).or_default().push(detail);
                }
                Selection::Spread(spread) => drop(collected.spreads.insert(&spread.name.text)),
                Selection::Inline(inline) => {
                    let on = match &inline.on {
                        Some(name) => schema.types.get_key_value(&name.text).map(|(name, _)| name.as_str()),
                        None => on,
                    };
                    self.collect_into(on, &inline.selections, collected);
                }
            }
        }
    }
}

/// The conflicts of subfields as one of the fields around them.
fn merged<'a>(key: &'a str, left: &Field, right: &Field, conflicts: &[Conflict<'a>]) -> Option<Conflict<'a>> {
    if conflicts.is_empty() {
        return None;
    }
    let mut reason = String::new();
    for Conflict { key, reason: because, .. } in conflicts {
        let and = if reason.is_empty() { "" } else { " and " };
        let key = cut((*key).to_owned());
        reason.extend([and, "subfields \"", &key, "\" conflict because ", because]);
        if reason.len() > MOST_TEXT {
            break;
        }
    }
    let places = |at: usize, side: for<'c> fn(&'c Conflict<'a>) -> &'c Vec<usize>| {
        let mut places = vec![at];
        for conflict in conflicts {
            let found = side(conflict);
            let skipped = found.len().saturating_sub(MOST_PLACES - places.len());
            places.extend(&found[skipped..]);
            if places.len() == MOST_PLACES {
                break;
            }
        }
        places
    };
    let (left, right) =
        (places(left.at, |conflict| &conflict.left), places(right.at, |conflict| &conflict.right));
    Some(Conflict { key, reason: cut(reason), left, right })
}

/// Names and types are ASCII: a byte is a character.
fn cut(mut text: String) -> String {
    if text.len() > MOST_TEXT {
        text.truncate(MOST_TEXT);
        text.push_str("...");
    }
    text
}

/// A value with the fields of objects in the order of their names.
fn canonical(node: &ValueNode, text: &mut String) {
    match &node.value {
        Literal::List(items) => {
            text.push('[');
            for item in items {
                canonical(item, text);
                text.push(',');
            }
            text.push(']');
        }
        Literal::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| &name.text);
            text.push('{');
            for (name, value) in fields {
                text.push_str(&name.text);
                text.push(':');
                canonical(value, text);
                text.push(',');
            }
            text.push('}');
        }
        literal => text.extend([format!("{literal:?}")]),
    }
}
