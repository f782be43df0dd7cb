//! A call that the recording has elsewhere: known by what it answers with.

use serde_json::{Value, json};
use simcore::contract::Operation;

use crate::answers::Comparer;
use crate::recording::Exchange;
use crate::rows::Finder;
use crate::words::HIDDEN;

/// How many of a row's members, in hundredths, must be fields of an entity for it to be one of its records.
const ALIKE: usize = 60;

impl Comparer<'_> {
    /// The call that a path which nobody has stands for, and what a profile says of it.
    pub(crate) fn moved(&self, entry: &Exchange) -> Option<(&Operation, Value)> {
        let (entity, is_list) = self.looks_like(entry.json.as_ref()?)?;
        let operation = self.contract.operations.iter().find(|operation| {
            let usual = operation.own_path.as_ref().unwrap_or(&operation.path);
            let of_entity = usual.split('/').any(|word| word.eq_ignore_ascii_case(entity));
            let is_plain = usual.matches('{').count() == usize::from(!is_list);
            operation.method == entry.method.as_str()
                && of_entity
                && is_plain
                && usual.ends_with('}') != is_list
        })?;
        let usual = operation.own_path.as_ref().unwrap_or(&operation.path);
        let mut parts: Vec<&str> = entry.path.trim_end_matches('/').split('/').collect();
        if !is_list {
            *parts.last_mut()? = usual.rsplit('/').next()?;
        }
        let told =
            |part: &&str| part.starts_with('{') || self.keeps_values || self.words.segment(part) != HIDDEN;
        if !parts.iter().all(told) {
            return None;
        }
        let call = format!("{} {usual}", operation.method);
        let route = json!({ "path": parts.join("/"), "evidence": "recorded" });
        Some((operation, json!({ "routes": { call: route } })))
    }

    /// The entity whose records a body shows, and whether it is a list of them.
    fn looks_like(&self, body: &Value) -> Option<(&str, bool)> {
        let finder = Finder { server: self.server, contract: self.contract };
        let entities = self.server.model.profile.entities.iter();
        let alike = entities.filter_map(|(name, entity)| {
            let found = finder.rows(name, body)?;
            let row = found.rows.first()?;
            let known = row.keys().filter(|member| entity.fields.contains_key(*member)).count();
            let share = known * 100 / row.len().max(1);
            (share >= ALIKE).then_some((share, name.as_str(), found.path.ends_with("[]")))
        });
        alike.max_by_key(|(share, ..)| *share).map(|(_, name, is_list)| (name, is_list))
    }
}
