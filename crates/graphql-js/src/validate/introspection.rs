//! Introspection that asks for lists within lists within lists.

use std::collections::HashMap;

use super::Walk;
use crate::ast::{Field, Fragment, Selection};

/// So many lists deep is too deep.
const MOST: usize = 3;

/// What is known of fragments by name: at how many lists around them they were found good, or too deep.
#[derive(Default)]
pub(super) struct Depths<'a> {
    good: HashMap<&'a str, usize>,
    exceeded: HashMap<&'a str, usize>,
}

struct Check<'w, 'a> {
    fragments: &'w HashMap<&'a str, &'a Fragment>,
    depths: &'w mut Depths<'a>,
    visited: HashMap<&'a str, usize>,
}

impl<'a> Walk<'a> {
    pub(super) fn introspection_depth(&mut self, field: &'a Field) {
        if !matches!(field.name.text.as_str(), "__schema" | "__type") {
            return;
        }
        let (fragments, depths) = (&self.fragments, &mut self.depths);
        let mut check = Check { fragments, depths, visited: HashMap::new() };
        if check.is_too_deep(&field.selections, 0) {
            self.problem("Maximum introspection depth exceeded", field.at);
        }
    }
}

impl<'a> Check<'_, 'a> {
    fn is_too_deep(&mut self, selections: &'a [Selection], depth: usize) -> bool {
        selections.iter().any(|selection| match selection {
            Selection::Field(field) => {
                let lists = ["fields", "interfaces", "possibleTypes", "inputFields"];
                let depth = depth + usize::from(lists.contains(&field.name.text.as_str()));
                depth >= MOST || self.is_too_deep(&field.selections, depth)
            }
            Selection::Inline(inline) => self.is_too_deep(&inline.selections, depth),
            Selection::Spread(spread) => self.spread(&spread.name.text, depth),
        })
    }

    fn spread(&mut self, name: &'a str, depth: usize) -> bool {
        let within = |known: Option<&usize>| known.is_some_and(|known| *known >= depth);
        if self.depths.exceeded.get(name).is_some_and(|known| *known <= depth) {
            return true;
        }
        if within(self.visited.get(name)) || within(self.depths.good.get(name)) {
            return false;
        }
        let Some(fragment) = self.fragments.get(name).copied() else { return false };
        self.visited.insert(name, depth);
        let exceeded = self.is_too_deep(&fragment.selections, depth);
        let known = if exceeded { &mut self.depths.exceeded } else { &mut self.depths.good };
        known.insert(name, depth);
        exceeded
    }
}
