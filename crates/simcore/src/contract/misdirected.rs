//! What was probably meant by a path or a verb that nobody documents.

use std::borrow::Cow;

use serde_json::Value;

use super::paths::{Found, lenient_segments};
use super::{Contract, Holds, Operation, ParameterLocation, Scalar, Violation};
use crate::base::diagnostics::nearest;

impl Contract {
    /// A request whose path or verb nobody documents.
    pub(super) fn misdirected(&self, method: &str, path: &str) -> Violation {
        let segments = lenient_segments(path);
        let same_verb = || self.operations.iter().filter(|operation| operation.method == method);
        let here: Vec<&Operation> = self.here(method, &segments).collect();
        if let Some(first) = here.first() {
            // A client that puts the key where it does not belong means the path before it.
            let above = (1..segments.len()).rev().find_map(|length| {
                self.here(method, &segments[..length]).find(|operation| operation.method == method)
            });
            // One that leaves it out means the path below.
            let below = format!("{}/{{", first.path);
            let below = || same_verb().find(|operation| operation.path.starts_with(&below));
            let verbs: Vec<&str> = here.iter().map(|operation| operation.method).collect();
            let nearest = above
                .or_else(below)
                .map_or_else(|| format!("{} {}", verbs.join(", "), first.path), Operation::title);
            return Violation::new(
                "verb",
                method,
                format!("{method} is not documented for {path}"),
                Some(nearest),
            );
        }
        let message = format!("{path} is not documented");
        if let Some(nearest) = same_verb().find_map(|operation| operation.spelled(&segments)) {
            return Violation::new("path", path, message, Some(nearest));
        }
        let paths = || self.operations.iter().map(|operation| operation.path.as_str());
        let alike = nearest(path, same_verb().map(|operation| operation.path.as_str()));
        // What ends in the same word is meant where nothing else is alike.
        let last = path.rsplit('/').find(|part| !part.is_empty());
        let ends_alike = || {
            same_verb().map(|operation| operation.path.as_str()).find(|path| path.rsplit('/').next() == last)
        };
        let nearest = alike
            .or_else(ends_alike)
            .map(|path| format!("{method} {path}"))
            .or_else(|| nearest(path, paths()).map(str::to_owned));
        Violation::new("path", path, message, nearest)
    }

    /// The operations of a path of these segments, whatever their verb.
    pub(super) fn here<'a>(
        &'a self,
        method: &str,
        segments: &[Cow<'_, str>],
    ) -> impl Iterator<Item = &'a Operation> {
        let found = self.paths().find_segments(method, segments);
        let places: Vec<usize> = self.paths().operations(&found).collect();
        places
            .into_iter()
            .filter(move |place| self.lists(*place, &found))
            .map(|place| &self.operations[place])
    }

    /// Whether the variables of a path hold what the operation lists for them, where it lists something.
    pub(super) fn lists(&self, place: usize, found: &Found) -> bool {
        let variables =
            self.operations[place].parameters.iter().filter(|one| one.location == ParameterLocation::Path);
        variables.filter_map(|one| Some((listed(&one.holds)?, one.name.as_ref()))).all(|(listed, name)| {
            self.paths().variable(found, name).is_none_or(|held| listed.lists(&Value::from(held)))
        })
    }
}

fn listed(holds: &Holds) -> Option<&Scalar> {
    match holds {
        Holds::Value(scalar) if !scalar.values.is_empty() => Some(scalar),
        _ => None,
    }
}

impl Operation {
    /// What a variable of its path holds, where that is one of some values.
    pub(super) fn listed(&self, variable: &str) -> Option<&Scalar> {
        let name = variable.trim_matches(['{', '}']);
        let parameter =
            self.parameters.iter().find(|one| one.location == ParameterLocation::Path && one.name == name)?;
        listed(&parameter.holds)
    }

    /// Its title with the nearest value of a variable, where these segments would fit but for that one.
    fn spelled(&self, segments: &[Cow<'_, str>]) -> Option<String> {
        let parts: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() != segments.len() {
            return None;
        }
        let mut title = self.title();
        for (part, segment) in parts.into_iter().zip(segments) {
            match self.listed(part) {
                Some(listed) => {
                    let known = listed.values.iter().filter_map(Value::as_str);
                    title = title.replace(part, nearest(segment, known)?);
                }
                None if part.starts_with('{') || part.eq_ignore_ascii_case(segment) => {}
                None => return None,
            }
        }
        Some(title)
    }
}
