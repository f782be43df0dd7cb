//! A call that the recording has elsewhere: known by what it answers with.

use serde_json::{Map, Value, json};
use simcore::base::urlencoded::pairs;
use simcore::contract::Operation;

use crate::answers::{Comparer, call};
use crate::recording::Exchange;
use crate::rows::Finder;
use crate::words::HIDDEN;

/// How many of a row's members, in hundredths, must be fields of an entity for it to be one of its records.
const ALIKE: usize = 60;

/// From how many fields of an entity on it is enough that most of them are there.
const FIELDS: usize = 4;

/// The variables of paths that are no keys.
const ENTITY: &str = "{entity}";
const PROJECT: &str = "{project}";

fn usual(operation: &Operation) -> &str {
    operation.own_path.as_ref().unwrap_or(&operation.path)
}

impl Comparer<'_> {
    /// The call that a path which nobody has stands for, and what a profile says of it.
    pub(crate) fn moved(&self, entry: &Exchange) -> Option<(&Operation, Value)> {
        let (operations, path) = self.moved_documents(entry).or_else(|| {
            let (operation, path) = self.moved_records(entry)?;
            Some((vec![operation], path))
        })?;
        let told =
            |part: &str| part.starts_with('{') || self.keeps_values || self.words.segment(part) != HIDDEN;
        if !path.split('/').all(told) {
            return None;
        }
        let route = json!({ "path": path, "evidence": "recorded" });
        let routes: Map<String, Value> =
            operations.iter().map(|operation| (call(operation), route.clone())).collect();
        let asked = operations.iter().find(|operation| operation.method == entry.method.as_str())?;
        Some((*asked, json!({ "routes": routes })))
    }

    /// The calls that take documents, by whatever verb, as they have one path: a request that holds a document is known
    /// wherever it is sent.
    fn moved_documents(&self, entry: &Exchange) -> Option<(Vec<&Operation>, String)> {
        let sim = self.server.sim;
        let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        let is_document = |member: &&str| {
            body[*member].is_string()
                || pairs(&entry.query).any(|(name, value)| name == *member && !value.is_empty())
        };
        sim.documents_in.iter().copied().find(|member| is_document(member))?;
        let base = sim.base_path.trim_end_matches('/');
        let operations = self.contract.operations.iter().filter(|operation| usual(operation) == base);
        Some((operations.collect(), entry.path.trim_end_matches('/').to_owned()))
    }

    /// The call whose records the answer shows: a list of them, or the one that the path ends with.
    fn moved_records(&self, entry: &Exchange) -> Option<(&Operation, String)> {
        let (entity, is_list) = self.looks_like(entry.json.as_ref()?)?;
        let is_key = |part: &str| part.starts_with('{') && !matches!(part, ENTITY | PROJECT);
        let fits = |operation: &&Operation| {
            let parts = || usual(operation).split('/');
            let of_entity = parts().any(|part| part == ENTITY || part.eq_ignore_ascii_case(entity));
            let keys = parts().filter(|part| is_key(part)).count();
            operation.method == entry.method.as_str()
                && of_entity
                && keys == usize::from(!is_list)
                && parts().next_back().is_some_and(is_key) != is_list
        };
        // Where records are shown they are written, too; descriptions of entities are only read.
        let operations = &self.contract.operations;
        let is_written = |path: &str| {
            operations.iter().any(|other| usual(other) == path && other.method != entry.method.as_str())
        };
        let mut fitting: Vec<&Operation> = operations.iter().filter(fits).collect();
        fitting.sort_by_key(|operation| !is_written(usual(operation)));
        let operation = *fitting.first()?;
        let wire = self.server.renames.name(entity);
        let names = |variable: &str| usual(operation).split('/').any(|part| part == variable);
        let parts = entry.path.trim_end_matches('/').split('/').map(|part| match part {
            part if names(ENTITY) && part.eq_ignore_ascii_case(&wire) => ENTITY,
            part if names(PROJECT) && self.project == Some(part) => PROJECT,
            part => part,
        });
        let mut parts: Vec<&str> = parts.collect();
        if !is_list {
            *parts.last_mut()? = usual(operation).rsplit('/').next()?;
        }
        Some((operation, parts.join("/")))
    }

    /// The entity whose records a body shows, and whether it is a list of them.
    fn looks_like(&self, body: &Value) -> Option<(&str, bool)> {
        let finder = Finder { server: self.server, contract: self.contract };
        let entities = self.server.model.profile.entities.iter();
        let alike = entities.filter_map(|(name, entity)| {
            let found = finder.rows(name, body)?;
            let row = found.rows.first()?;
            let known = row.keys().filter(|member| entity.fields.contains_key(*member)).count();
            let share = |of: usize| known * 100 / of.max(1);
            // A tenant's own fields make a record no other.
            let of_entity = if known >= FIELDS { share(entity.fields.len()) } else { 0 };
            let share = share(row.len()).max(of_entity);
            (share >= ALIKE).then_some(((share, known), name.as_str(), found.path.ends_with("[]")))
        });
        alike.max_by_key(|(alike, ..)| *alike).map(|(_, name, is_list)| (name, is_list))
    }
}
