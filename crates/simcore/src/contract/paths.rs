//! Which operation a path means, and what was probably meant where it means none.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{Contract, Holds, Operation, ParameterLocation, Scalar, Violation};
use crate::base::diagnostics::nearest;

/// One part of the path of an operation, read once for all requests.
#[derive(Debug)]
pub(super) enum Part {
    Fixed(String),
    /// Anything, or only what this lists.
    Variable(Option<Scalar>),
    /// All that follows.
    Rest,
}

impl Part {
    fn of(operation: &Operation, part: &str) -> Option<Self> {
        match part {
            "" => None,
            part if part.ends_with("*}") => Some(Self::Rest),
            part if part.starts_with('{') => Some(Self::Variable(operation.listed(part).cloned())),
            part => Some(Self::Fixed(part.to_owned())),
        }
    }
}

impl Contract {
    /// The operation that a path means, the one with the fewest variables first.
    pub fn find(&self, method: &str, path: &str) -> Option<usize> {
        let segments = segments(path);
        let fitting = self.operations.iter().enumerate().filter(|(_, operation)| operation.method == method);
        let fitting = fitting.filter_map(|(place, _)| Some((place, self.fits(place, &segments)?)));
        fitting.min_by_key(|(_, variables)| *variables).map(|(place, _)| place)
    }

    /// The operation that a path means with other words for its segments, and that it is a violation.
    pub(super) fn find_by_alias(&self, method: &str, path: &str) -> Option<(usize, Option<Violation>)> {
        let word =
            |segment: &str| self.path_aliases.get(segment).cloned().unwrap_or_else(|| segment.to_owned());
        let meant: Vec<String> = path.split('/').map(word).collect();
        let meant = meant.join("/");
        if meant == path {
            return None;
        }
        let place = self.find(method, &meant)?;
        let message = format!("{path} is read as {meant}, which is its documented name");
        Some((place, Some(Violation::new("alias", path, message, Some(meant)))))
    }

    /// A request whose path or verb nobody documents.
    pub(super) fn misdirected(&self, method: &str, path: &str) -> Violation {
        let segments = segments(path);
        let at = |segments: &[Cow<'_, str>]| -> Vec<&Operation> {
            let all = self.operations.iter().enumerate();
            let fitting = all.filter(|(place, _)| self.fits(*place, segments).is_some());
            fitting.map(|(_, operation)| operation).collect()
        };
        let same_verb = || self.operations.iter().filter(|operation| operation.method == method);
        let here = at(&segments);
        if let Some(first) = here.first() {
            // A client that puts the key where it does not belong means the path before it.
            let above = (1..segments.len()).rev().find_map(|length| {
                at(&segments[..length]).into_iter().find(|operation| operation.method == method)
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
        let nearest = alike
            .map(|path| format!("{method} {path}"))
            .or_else(|| nearest(path, paths()).map(str::to_owned));
        Violation::new("path", path, message, nearest)
    }

    /// How many variables of an operation's path it takes to fit these segments; nothing when it does not.
    fn fits(&self, place: usize, segments: &[Cow<'_, str>]) -> Option<usize> {
        let templates = self.templates.get_or_init(|| {
            let parts = |operation: &Operation| {
                let parts = operation.path.split('/');
                parts.filter_map(|part| Part::of(operation, part)).collect()
            };
            self.operations.iter().map(parts).collect()
        });
        let template = templates.get(place)?;
        let takes_rest = matches!(template.last(), Some(Part::Rest));
        if template.len() != segments.len() && !(takes_rest && segments.len() > template.len()) {
            return None;
        }
        let fits = template.iter().zip(segments).all(|(part, segment)| match part {
            Part::Fixed(word) => word.eq_ignore_ascii_case(segment),
            Part::Variable(Some(listed)) => listed.lists(&Value::from(segment.as_ref())),
            Part::Variable(None) | Part::Rest => true,
        });
        let variables = template.iter().filter(|part| !matches!(part, Part::Fixed(_))).count();
        fits.then_some(variables + usize::from(takes_rest))
    }
}

impl Operation {
    /// What a variable of its path holds, where that is one of some values.
    fn listed(&self, variable: &str) -> Option<&Scalar> {
        let name = variable.trim_matches(['{', '}']);
        let parameter =
            self.parameters.iter().find(|one| one.location == ParameterLocation::Path && one.name == name)?;
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
