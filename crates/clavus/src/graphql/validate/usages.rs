//! Rules about variables where they are used, in an operation and in every fragment it comes to.

use std::collections::{HashMap, HashSet};

use super::{Findings, Rules};
use crate::graphql::Problem;
use crate::graphql::ast::{At, Literal, Operation, TypeRef};

/// A variable where a value is wanted.
pub(super) struct Usage<'a> {
    pub(super) name: &'a str,
    pub(super) at: At,
    /// What is wanted there; none where that is not known.
    pub(super) kind: Option<&'a TypeRef>,
    /// Whether the place has a value of its own when the variable has none.
    pub(super) default: bool,
}

/// Undefined, unused, and misplaced variables.
pub(super) fn check(
    rules: Rules<'_>,
    operation: &Operation,
    found: &Findings<'_>,
    by_fragment: &HashMap<&str, &Findings<'_>>,
    problems: &mut Vec<Problem>,
) {
    let mut usages: Vec<&Usage<'_>> = found.usages.iter().collect();
    let mut seen = HashSet::new();
    let mut open: Vec<&str> = found.spreads.clone();
    while let Some(name) = open.pop() {
        if let Some(fragment) = by_fragment.get(name)
            && seen.insert(name)
        {
            usages.extend(&fragment.usages);
            open.extend(&fragment.spreads);
        }
    }
    let name = operation.name.as_ref().map(|name| name.text.as_str());
    for usage in &usages {
        if !operation.variables.iter().any(|variable| variable.name.text == usage.name) {
            let place = name.map(|name| format!(" by operation \"{name}\"")).unwrap_or_default();
            let message = format!("Variable \"${}\" is not defined{place}.", usage.name);
            problems.push(Problem { message, at: vec![usage.at, operation.at] });
        }
    }
    for variable in &operation.variables {
        if !usages.iter().any(|usage| usage.name == variable.name.text) {
            let place = name.map(|name| format!(" in operation \"{name}\"")).unwrap_or_default();
            let message = format!("Variable \"${}\" is never used{place}.", variable.name.text);
            problems.push(Problem::new(message, variable.at));
        }
    }
    for usage in &usages {
        let variable = operation.variables.iter().rfind(|variable| variable.name.text == usage.name);
        let (Some(variable), Some(wanted)) = (variable, usage.kind) else { continue };
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
