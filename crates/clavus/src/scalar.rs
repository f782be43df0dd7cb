//! The scalar `FilterValue` (fact sheet 6.2).

use graphql_js::ast::{Literal, ValueNode};
use graphql_js::{Scalars, Variables, inspect, untyped};
use serde_json::Value;

/// A string, a number, a boolean, or a list of those (6.2).
pub(crate) const LENIENT: Scalars =
    Scalars { literal: |name, node| literal(name, node, lenient), value: lenient };

/// Strings only (DECISIONS).
pub(crate) const STRICT: Scalars =
    Scalars { literal: |name, node| literal(name, node, strict), value: strict };

fn literal(
    name: &str,
    node: &ValueNode,
    check: fn(&str, &Value) -> Result<(), String>,
) -> Result<(), String> {
    match node.value {
        Literal::Enum(_) => Err(format!("{name} cannot represent value: {node}")),
        _ => check(name, &untyped(node, &Variables::new())),
    }
}

fn lenient(name: &str, value: &Value) -> Result<(), String> {
    let plain = |value: &Value| !value.is_object() && !value.is_array();
    let fits = match value {
        Value::Array(items) => items.iter().all(plain),
        value => plain(value),
    };
    if fits { Ok(()) } else { Err(format!("{name} cannot represent value: {}", inspect(value))) }
}

fn strict(_: &str, value: &Value) -> Result<(), String> {
    if value.is_string() {
        return Ok(());
    }
    Err(format!("String cannot represent a non string value: {}", inspect(value)))
}
