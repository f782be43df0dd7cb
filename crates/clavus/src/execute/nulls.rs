//! Nulls where a field was refused. The library leaves such a field out and answers the rest; graphql-js passes the null
//! up to the nearest field that may be null, and reports one error for it (fact sheet 10.1).

use async_graphql::Value as LibraryValue;
use graphql_js::ast::TypeRef;
use serde_json::Value;

use super::Refusal;
use super::selected::Tree;

/// Puts the fields of the root, and what was said of them, in the order of the document: the library runs those of a
/// query at the same time and answers each as it is ready.
pub(super) fn in_order(tree: &Tree<'_>, data: &mut LibraryValue, refusals: &mut [Refusal]) {
    if let LibraryValue::Object(members) = data {
        members.sort_by_cached_key(|name, _| tree.get_index_of(name.as_str()));
    }
    refusals.sort_by_key(|refusal| refusal.path.first().and_then(|key| tree.get_index_of(key.as_str()?)));
}

/// Makes null what the refusals make null; of those that lead to the same null only the first is left.
pub(super) fn pass_up(tree: &Tree<'_>, data: &mut LibraryValue, refusals: &mut Vec<Refusal>) {
    let mut nulled: Vec<Vec<Value>> = Vec::new();
    refusals.retain(|refusal| {
        if nulled.iter().any(|above| refusal.path.starts_with(above)) {
            return false;
        }
        let length = nullable(tree, &refusal.path);
        make_null(data, &refusal.path[..length]);
        if length < refusal.path.len() {
            nulled.push(refusal.path[..length].to_vec());
        }
        true
    });
}

/// How much of the path leads to what may be null: nothing of it to `data` itself.
fn nullable(tree: &Tree<'_>, path: &[Value]) -> usize {
    let (mut tree, mut length) = (tree, 0);
    let mut kind: Option<&TypeRef> = None;
    for (place, step) in path.iter().enumerate() {
        kind = match (step.as_str(), kind.map(TypeRef::nullable)) {
            (Some(key), _) => {
                let Some(selected) = tree.get(key) else { break };
                tree = &selected.inner;
                Some(&selected.definition.kind)
            }
            (None, Some(TypeRef::List(inner))) => Some(inner),
            (None, _) => break,
        };
        if kind.is_some_and(|kind| !kind.is_non_null()) {
            length = place + 1;
        }
    }
    length
}

fn make_null(data: &mut LibraryValue, path: &[Value]) {
    let mut value = data;
    for step in path {
        let inner = match value {
            LibraryValue::Object(members) => step.as_str().and_then(|key| members.get_mut(key)),
            LibraryValue::List(items) => {
                step.as_u64().and_then(|place| items.get_mut(usize::try_from(place).ok()?))
            }
            _ => None,
        };
        let Some(inner) = inner else { return };
        value = inner;
    }
    *value = LibraryValue::Null;
}
