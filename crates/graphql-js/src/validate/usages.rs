//! Rules about variables where they are used, in an operation and in every fragment it comes to.

use std::collections::{HashMap, HashSet};

use super::{Findings, Rules, reached};
use crate::ast::{At, Fragment, Literal, Operation, TypeRef};
use crate::problem::Problem;

/// A variable where a value is wanted.
pub(super) struct Usage<'a> {
    pub(super) name: &'a str,
    pub(super) at: At,
    /// What is wanted there; none where that is not known.
    pub(super) kind: Option<&'a TypeRef>,
    /// Whether the place has a value of its own when the variable has none.
    pub(super) default: bool,
}

/// Every usage in the operation, then those in the fragments that it reaches.
pub(super) fn of<'f, 'a>(
    operation: &'a Operation,
    found: &'f Findings<'a>,
    fragments: &HashMap<&'a str, &'a Fragment>,
    by_fragment: &HashMap<&str, &'f Findings<'a>>,
) -> Vec<&'f Usage<'a>> {
    let reached = reached(std::iter::once(operation.selections.as_slice()), fragments);
    let within = reached.into_iter().filter_map(|fragment| by_fragment.get(fragment.name.text.as_str()));
    found.usages.iter().chain(within.flat_map(|found| &found.usages)).collect()
}

/// Undefined, unused, and misplaced variables.
pub(super) fn check(
    rules: Rules<'_>,
    operation: &Operation,
    usages: &[&Usage<'_>],
    problems: &mut Vec<Problem>,
) {
    let name = operation.name.as_ref().map(|name| name.text.as_str());
    let defined: HashMap<&str, _> =
        operation.variables.iter().map(|variable| (variable.name.text.as_str(), variable)).collect();
    for usage in usages.iter().filter(|usage| !defined.contains_key(usage.name)) {
        let place = name.map(|name| format!(" by operation \"{name}\"")).unwrap_or_default();
        let message = format!("Variable \"${}\" is not defined{place}.", usage.name);
        problems.push(Problem { message, at: vec![usage.at, operation.at] });
    }
    let used: HashSet<&str> = usages.iter().map(|usage| usage.name).collect();
    for variable in operation.variables.iter().filter(|variable| !used.contains(variable.name.text.as_str()))
    {
        let place = name.map(|name| format!(" in operation \"{name}\"")).unwrap_or_default();
        let message = format!("Variable \"${}\" is never used{place}.", variable.name.text);
        problems.push(Problem::new(message, variable.at));
    }
    for usage in usages {
        let (Some(variable), Some(wanted)) = (defined.get(usage.name), usage.kind) else { continue };
        let kind = &variable.kind.kind;
        if !rules.schema.types.contains_key(kind.name()) {
            continue;
        }
        let has_default = variable.default.as_ref().is_some_and(|node| !matches!(node.value, Literal::Null));
        let relaxed = wanted.is_non_null() && !kind.is_non_null() && (has_default || usage.default);
        let target = if relaxed { wanted.nullable() } else { wanted };
        if !fits(kind, target, rules.interchange) {
            let message = format!(
                "Variable \"${}\" of type \"{kind}\" used in position expecting type \"{wanted}\".",
                usage.name
            );
            problems.push(Problem { message, at: vec![variable.at, usage.at] });
        }
    }
}

/// Whether every value of `kind` is one of `wanted`.
fn fits(kind: &TypeRef, wanted: &TypeRef, interchange: bool) -> bool {
    match (kind, wanted) {
        (TypeRef::NonNull(kind), wanted) => fits(kind, wanted.nullable(), interchange),
        (TypeRef::List(kind), TypeRef::List(wanted)) => fits(kind, wanted, interchange),
        (TypeRef::Named(kind), TypeRef::Named(wanted)) => {
            let text = |name: &str| name == "String" || name == "ID";
            kind == wanted || (interchange && text(kind) && text(wanted))
        }
        _ => false,
    }
}
