//! What was probably meant by a path or a verb that nobody documents.

use std::borrow::Cow;

use serde_json::Value;

use super::paths::{Found, lenient_segments};
use super::{Contract, Holds, Operation, ParameterLocation, Scalar, Violation};
use crate::base::diagnostics::nearest;

impl Contract {
    /// A request whose path or verb nobody documents.
    pub(super) fn misdirected(&self, method: &str, path: &str) -> Violation {
        let segments = lenient_segments(bare(path));
        let same_verb = || self.operations.iter().filter(|operation| operation.method == method);
        let here: Vec<&Operation> = self.here(method, &segments).collect();
        let message = || format!("{path} is not documented");
        if bare(path) != path && here.iter().any(|operation| operation.method == method) {
            return Violation::new("path", path, message(), Some(format!("{method} {}", bare(path))));
        }
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
        let spelled = same_verb().filter_map(|operation| operation.spelled(&segments));
        let spelled = spelled.min_by_key(|(missing, _)| *missing);
        let spelled =
            spelled.or_else(|| self.operations.iter().find_map(|operation| operation.spelled(&segments)));
        if let Some((_, nearest)) = spelled {
            return Violation::new("path", path, message(), Some(nearest));
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
        Violation::new("path", path, message(), nearest)
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

/// A path without what may stand before it: scheme and host, and the name of a sandbox.
fn bare(path: &str) -> &str {
    let path = path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]));
    match path.strip_prefix("/~") {
        Some(rest) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => path,
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

    /// Its title with the nearest value of a variable, where these segments would fit but for that one, or are the end of
    /// its path; and how many are missing before them.
    fn spelled(&self, segments: &[Cow<'_, str>]) -> Option<(usize, String)> {
        let parts: Vec<&str> = self.path.split('/').filter(|part| !part.is_empty()).collect();
        let missing = parts.len().checked_sub(segments.len())?;
        let first = parts.get(missing)?;
        if missing > 0 && first.starts_with('{') && self.listed(first).is_none() {
            return None;
        }
        let mut title = self.title();
        for (part, segment) in parts.into_iter().skip(missing).zip(segments) {
            match self.listed(part) {
                Some(listed) => {
                    let known = listed.values.iter().filter_map(Value::as_str);
                    title = title.replace(part, nearest(segment, known)?);
                }
                None if part.starts_with('{') || part.eq_ignore_ascii_case(segment) => {}
                None => return None,
            }
        }
        Some((missing, title))
    }
}
