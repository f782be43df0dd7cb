//! Fields that share a key of the answer must be the same field with the same arguments.

use std::collections::HashSet;

use indexmap::IndexMap;

use super::Walk;
use crate::graphql::Problem;
use crate::graphql::ast::{Field, Selection};

/// Fields by the key they have in the answer.
type Keyed<'a> = IndexMap<&'a str, Vec<&'a Field>>;

/// Why two fields cannot share a key, and where that is seen.
struct Conflict {
    reason: String,
    left: Vec<usize>,
    right: Vec<usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn overlaps(&mut self, on: Option<&'a str>, selections: &'a [Selection]) {
        // Fields within a cycle have no end; the cycle itself is reported.
        if on.is_none() || selections.is_empty() || self.cyclic {
            return;
        }
        for (key, fields) in self.keyed(selections) {
            let Some((first, others)) = fields.split_first() else { continue };
            for other in others {
                if let Some(conflict) = self.conflict(on, first, other) {
                    let message = format!(
                        "Fields \"{key}\" conflict because {}. Use different aliases on the fields to fetch both if this was intentional.",
                        conflict.reason
                    );
                    let at = conflict.left.into_iter().chain(conflict.right).collect();
                    self.problems.push(Problem { message, at });
                    break;
                }
            }
        }
    }

    fn keyed(&self, selections: &'a [Selection]) -> Keyed<'a> {
        let mut keyed = Keyed::new();
        self.collect(selections, &mut keyed, &mut HashSet::new());
        keyed
    }

    fn collect(&self, selections: &'a [Selection], keyed: &mut Keyed<'a>, seen: &mut HashSet<&'a str>) {
        for selection in selections {
            match selection {
                Selection::Field(field) => keyed.entry(field.key()).or_default().push(field),
                Selection::Inline(inline) => self.collect(&inline.selections, keyed, seen),
                Selection::Spread(spread) => {
                    let name = spread.name.text.as_str();
                    if let Some(fragment) = self.fragments.get(name)
                        && seen.insert(name)
                    {
                        self.collect(&fragment.selections, keyed, seen);
                    }
                }
            }
        }
    }

    fn conflict(&self, on: Option<&str>, left: &'a Field, right: &'a Field) -> Option<Conflict> {
        if std::ptr::eq(left, right) {
            return None;
        }
        let here = |reason| Some(Conflict { reason, left: vec![left.at], right: vec![right.at] });
        let (name, other) = (&left.name.text, &right.name.text);
        if name != other {
            return here(format!("\"{name}\" and \"{other}\" are different fields"));
        }
        if !same_arguments(left, right) {
            return here("they have differing arguments".to_owned());
        }
        let inner = on.and_then(|on| self.rules.schema.field(on, name)).map(|field| field.kind.name());
        let mut merged = self.keyed(&left.selections);
        let lefts: IndexMap<&str, &Field> =
            merged.drain(..).filter_map(|(key, fields)| Some((key, *fields.first()?))).collect();
        let mut conflicts = Vec::new();
        for (key, fields) in self.keyed(&right.selections) {
            let Some(field) = lefts.get(key) else { continue };
            let found = fields.iter().find_map(|other| self.conflict(inner, field, other));
            conflicts.extend(found.map(|conflict| (key, conflict)));
        }
        if conflicts.is_empty() {
            return None;
        }
        let reasons: Vec<String> = conflicts
            .iter()
            .map(|(key, conflict)| format!("subfields \"{key}\" conflict because {}", conflict.reason))
            .collect();
        let (mut lefts, mut rights) = (vec![left.at], vec![right.at]);
        for (_, conflict) in conflicts {
            lefts.extend(conflict.left);
            rights.extend(conflict.right);
        }
        Some(Conflict { reason: reasons.join(" and "), left: lefts, right: rights })
    }
}

fn same_arguments(left: &Field, right: &Field) -> bool {
    left.arguments.len() == right.arguments.len()
        && left.arguments.iter().all(|argument| {
            let other = right.arguments.iter().find(|other| other.name.text == argument.name.text);
            other.is_some_and(|other| other.value.to_string() == argument.value.to_string())
        })
}
