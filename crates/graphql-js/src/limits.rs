//! What a document may cost, counted before anything else is done with it: hostile ones are refused at once.

use std::collections::HashMap;

use crate::ast::{Definition, Document, Fragment, Selection};
use crate::problem::Problem;

/// The most that a document may ask for.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Levels of selections, fragments followed.
    pub depth: usize,
    /// Fields, fragments followed.
    pub complexity: usize,
    /// Fields that have an alias.
    pub aliases: usize,
}

#[derive(Clone, Copy, Default)]
struct Cost {
    depth: usize,
    /// Levels with spreads counted too: how deep any walk over the document goes.
    height: usize,
    fields: usize,
    aliases: usize,
}

impl Cost {
    fn beside(self, other: Self) -> Self {
        Self {
            depth: self.depth.max(other.depth),
            height: self.height.max(other.height),
            fields: self.fields.saturating_add(other.fields),
            aliases: self.aliases.saturating_add(other.aliases),
        }
    }
}

struct Counter<'a> {
    fragments: HashMap<&'a str, &'a Fragment>,
    /// Of fragments; none for one that is being counted, so that a cycle ends (validation reports it).
    counted: HashMap<&'a str, Option<Cost>>,
    limits: Limits,
}

/// Checks the cost of every definition.
///
/// # Errors
/// Which limit it exceeds.
pub fn check(document: &Document, limits: Limits) -> Result<(), Problem> {
    let fragments = document.definitions.iter().filter_map(|definition| match definition {
        Definition::Fragment(fragment) => Some((fragment.name.text.as_str(), fragment)),
        Definition::Operation(_) | Definition::Type(_) => None,
    });
    let mut counter = Counter { fragments: fragments.collect(), counted: HashMap::new(), limits };
    let mut total = Cost::default();
    for definition in &document.definitions {
        let (at, cost) = match definition {
            Definition::Operation(operation) => (operation.at, counter.selections(&operation.selections, 1)?),
            Definition::Fragment(fragment) => {
                let cost = counter.selections(&fragment.selections, 1)?;
                (fragment.at, Cost { fields: 0, aliases: 0, ..cost })
            }
            Definition::Type(_) => continue,
        };
        total = total.beside(cost);
        counter.within(total, at)?;
    }
    Ok(())
}

impl<'a> Counter<'a> {
    fn within(&self, cost: Cost, at: usize) -> Result<(), Problem> {
        let Limits { depth, complexity, aliases } = self.limits;
        let exceeded = if cost.depth > depth || cost.height > depth * 4 {
            too_deep(depth)
        } else if cost.fields > complexity {
            format!("Query complexity limit of {complexity} fields exceeded.")
        } else if cost.aliases > aliases {
            format!("Query alias limit of {aliases} exceeded.")
        } else {
            return Ok(());
        };
        Err(Problem::new(exceeded, at))
    }

    fn selections(&mut self, selections: &'a [Selection], level: usize) -> Result<Cost, Problem> {
        let mut total = Cost::default();
        for selection in selections {
            total = total.beside(self.selection(selection, level)?);
        }
        Ok(total)
    }

    fn selection(&mut self, selection: &'a Selection, level: usize) -> Result<Cost, Problem> {
        match selection {
            Selection::Field(field) => {
                let inner = self.selections(&field.selections, level + 1)?;
                Ok(Cost {
                    depth: inner.depth + 1,
                    height: inner.height + 1,
                    fields: inner.fields.saturating_add(1),
                    aliases: inner.aliases.saturating_add(field.alias.is_some().into()),
                })
            }
            Selection::Inline(inline) => {
                let inner = self.selections(&inline.selections, level + 1)?;
                Ok(Cost { height: inner.height + 1, ..inner })
            }
            Selection::Spread(spread) => {
                if level > self.limits.depth * 4 {
                    return Err(Problem::new(too_deep(self.limits.depth), spread.at));
                }
                let Some(fragment) = self.fragments.get(spread.name.text.as_str()).copied() else {
                    return Ok(Cost::default());
                };
                if let Some(counted) = self.counted.get(fragment.name.text.as_str()) {
                    return Ok(counted.unwrap_or_default());
                }
                self.counted.insert(&fragment.name.text, None);
                let inner = self.selections(&fragment.selections, level + 1)?;
                let cost = Cost { height: inner.height + 1, ..inner };
                self.within(cost, spread.at)?;
                self.counted.insert(&fragment.name.text, Some(cost));
                Ok(cost)
            }
        }
    }
}

/// What a document is told that nests too deep, when reading it or when following its fragments.
pub fn too_deep(depth: usize) -> String {
    format!("Query depth limit of {depth} exceeded.")
}

#[cfg(test)]
mod tests {
    use super::{Limits, check};
    use crate::parse;

    /// What is wrong with a document under small limits: the words, and where.
    fn refused(text: &str) -> Option<(String, usize)> {
        let document = parse(text, 100).expect("a document");
        let problem = check(&document, Limits { depth: 3, complexity: 6, aliases: 2 }).err()?;
        Some((problem.message, problem.at[0]))
    }

    #[test]
    fn a_document_may_cost_as_much_as_the_limits_and_no_more() {
        let (deep, complex, aliased) = (
            "Query depth limit of 3 exceeded.",
            "Query complexity limit of 6 fields exceeded.",
            "Query alias limit of 2 exceeded.",
        );
        let inline = |levels: usize| format!("{}{{ a }}{}", "{ ... ".repeat(levels), "}".repeat(levels));
        for (text, why) in [
            ("{ a { b { c } } }", None),
            ("{ a { b { c { d } } } }", Some((deep, 0))),
            ("{ a { ...F } } fragment F on T { b { c } }", None),
            ("{ a { ...F } } fragment F on T { b { c { d } } }", Some((deep, 0))),
            ("fragment F on T { a { b { c { d } } } }", Some((deep, 0))),
            ("{ a b c d e f }", None),
            ("{ a b c d e f g }", Some((complex, 0))),
            ("{ a b c } query Q { d e f g }", Some((complex, 10))),
            ("{ ...F ...F ...F } fragment F on T { a b }", None),
            ("{ ...F ...F ...F ...F } fragment F on T { a b }", Some((complex, 0))),
            ("{ ...F } fragment F on T { a b c d e f g }", Some((complex, 2))),
            ("{ x: a y: b }", None),
            ("{ x: a y: b z: c }", Some((aliased, 0))),
            ("{ x: a ... { y: b { z: c } } }", Some((aliased, 0))),
            ("{ ...F ...F } fragment F on T { x: a }", None),
            ("{ ...F ...F x: a } fragment F on T { x: a }", Some((aliased, 0))),
            ("{ ...F } fragment F on T { a ...G } fragment G on T { b ...F }", None),
            ("type T { a: Int }", None),
            (&inline(11), None),
            (&inline(12), Some((deep, 0))),
        ] {
            let why = why.map(|(words, at): (&str, usize)| (words.to_owned(), at));
            assert_eq!(refused(text), why, "{text}");
        }
    }

    #[test]
    fn a_chain_of_fragments_counts_as_nesting() {
        let chain = |length: usize| {
            let next = |at: usize| if at < length { format!("...F{}", at + 1) } else { "a".to_owned() };
            let fragments = (1..=length).map(|at| format!("fragment F{at} on T {{ {} }}", next(at)));
            format!("{{ ...F1 }} {}", fragments.collect::<String>())
        };
        assert_eq!(refused(&chain(11)), None);
        for length in [12, 13, 20] {
            let (words, _) = refused(&chain(length)).expect("a refusal");
            assert_eq!(words, "Query depth limit of 3 exceeded.");
        }
    }
}
