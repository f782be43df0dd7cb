//! What several operations of a document say alike, said once: parameters, refusals, examples.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use super::shape::schema_name;

/// Parts of a document by kind (`parameters`, `responses`, `examples`), each under a name of its own.
#[derive(Debug, Default)]
pub(super) struct Shared(HashMap<&'static str, Map<String, Value>>);

impl Shared {
    /// A reference to `part`, which is kept under `name`, or under the next name that is free where another part has it.
    pub(super) fn refer(&mut self, kind: &'static str, name: &str, part: Value) -> Value {
        let parts = self.0.entry(kind).or_default();
        let name = schema_name(name);
        let names = std::iter::once(name.clone()).chain((2_u32..).map(|count| format!("{name}{count}")));
        let mut free = names.filter(|name| parts.get(name).is_none_or(|known| *known == part));
        let name = free.next().unwrap_or(name);
        let reference = json!({ "$ref": format!("#/components/{kind}/{name}") });
        parts.entry(name).or_insert(part);
        reference
    }

    /// All of them, kinds in the order of the alphabet.
    pub(super) fn into_components(self) -> impl Iterator<Item = (String, Value)> {
        let mut kinds: Vec<_> = self.0.into_iter().collect();
        kinds.sort_unstable_by_key(|(kind, _)| *kind);
        kinds.into_iter().map(|(kind, parts)| (kind.to_owned(), parts.into()))
    }
}
