//! Which operation a path means, and which one a wrong path was meant to be.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Contract, Holds, Operation, Place, Scalar};
use crate::journal::Violation;
use crate::scenario::nearest;

impl Contract {
    /// The operation that a path means, the one with the fewest variables first.
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        let segments = segments(path);
        let fitting = self.operations.iter().enumerate().filter(|(_, operation)| operation.method == method);
        let fitting = fitting.filter_map(|(place, operation)| Some((place, operation.fits(&segments)?)));
        fitting.min_by_key(|(_, variables)| *variables).map(|(place, _)| place)
    }

    /// A request whose path or verb nobody documents.
    pub(super) fn misdirected(&self, method: &str, path: &str) -> Violation {
        let segments = segments(path);
        let here: Vec<&Operation> =
            self.operations.iter().filter(|operation| operation.fits(&segments).is_some()).collect();
        let same_verb = || self.operations.iter().filter(|operation| operation.method == method);
        if let Some(first) = here.first() {
            // A client that puts the key where it does not belong means the path before it.
            let above = (1..segments.len()).rev().find_map(|length| {
                same_verb().find(|operation| operation.fits(&segments[..length]).is_some())
            });
            let verbs: Vec<&str> = here.iter().map(|operation| operation.method).collect();
            let nearest =
                above.map_or_else(|| format!("{} {}", verbs.join(", "), first.path), Operation::title);
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
        let nearest = alike
            .map(|path| format!("{method} {path}"))
            .or_else(|| nearest(path, paths()).map(str::to_owned));
        Violation::new("path", path, message, nearest)
    }
}

impl Operation {
    /// How many variables of its path it takes to fit these segments; nothing when it does not.
    fn fits(&self, segments: &[Cow<'_, str>]) -> Option<usize> {
        let mut variables = 0;
        let mut segments = segments.iter();
        for part in self.path.split('/').filter(|part| !part.is_empty()) {
            let segment = segments.next()?;
            if part.ends_with("*}") {
                return Some(variables + 2);
            }
            if part.starts_with('{') {
                variables += 1;
                if !self.listed(part).is_none_or(|listed| listed.lists(&Value::from(segment.as_ref()))) {
                    return None;
                }
            } else if !part.eq_ignore_ascii_case(segment) {
                return None;
            }
        }
        segments.next().is_none().then_some(variables)
    }

    /// What a variable of its path holds, where that is one of some values.
    fn listed(&self, variable: &str) -> Option<&Scalar> {
        let name = variable.trim_matches(['{', '}']);
        let parameter = self.parameters.iter().find(|one| one.place == Place::Path && one.name == name)?;
        match &parameter.holds {
            Holds::Value(scalar) if !scalar.values.is_empty() => Some(scalar),
            _ => None,
        }
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

/// The decoded segments of a path; slashes at its end do not count.
pub(super) fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}
