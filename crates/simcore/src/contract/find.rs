//! Which operation a path means, and what is nearest to one that means none.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Contract, Operation};
use crate::journal::Violation;
use crate::scenario::nearest;

impl Contract {
    /// The operation that a path means, the one with the fewest variables first.
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        let segments = segments(path);
        let fitting = self.operations.iter().enumerate().filter(|(_, operation)| operation.method == method);
        let fitting =
            fitting.filter_map(|(place, operation)| Some((place, fits(&operation.path, &segments)?)));
        fitting.min_by_key(|(_, variables)| *variables).map(|(place, _)| place)
    }

    /// A request whose path or verb nobody documents.
    pub(super) fn misdirected(&self, method: &str, path: &str) -> Violation {
        let segments = segments(path);
        let here: Vec<&Operation> =
            self.operations.iter().filter(|operation| fits(&operation.path, &segments).is_some()).collect();
        let same_verb = || self.operations.iter().filter(|operation| operation.method == method);
        if let Some(first) = here.first() {
            // A client that puts the key where it does not belong means the path before it.
            let above = (1..segments.len()).rev().find_map(|length| {
                same_verb().find(|operation| fits(&operation.path, &segments[..length]).is_some())
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
        let paths = || self.operations.iter().map(|operation| operation.path.as_str());
        let alike = nearest(path, same_verb().map(|operation| operation.path.as_str()));
        let nearest = alike
            .map(|path| format!("{method} {path}"))
            .or_else(|| nearest(path, paths()).map(str::to_owned));
        Violation::new("path", path, format!("{path} is not documented"), nearest)
    }
}

/// The decoded segments of a path; slashes at its end do not count.
fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}

/// How many variables of a template it takes to fit these segments; nothing when it does not.
fn fits(template: &str, segments: &[Cow<'_, str>]) -> Option<usize> {
    let mut variables = 0;
    let mut segments = segments.iter();
    for part in template.split('/').filter(|part| !part.is_empty()) {
        let segment = segments.next()?;
        if part.ends_with("*}") {
            return Some(variables + 2);
        }
        if part.starts_with('{') {
            variables += 1;
        } else if !part.eq_ignore_ascii_case(segment) {
            return None;
        }
    }
    segments.next().is_none().then_some(variables)
}
