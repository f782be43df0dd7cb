//! Which operation a path means, and what was probably meant where it means none.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{Contract, Operation};
use crate::journal::Violation;
use crate::scenario::nearest;

/// One part of the path of an operation, read once for all requests.
#[derive(Debug)]
pub(super) enum Part {
    Fixed(String),
    Variable,
    /// All that follows.
    Rest,
}

impl Part {
    fn of(part: &str) -> Option<Self> {
        match part {
            "" => None,
            part if part.ends_with("*}") => Some(Self::Rest),
            part if part.starts_with('{') => Some(Self::Variable),
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
        let paths = || self.operations.iter().map(|operation| operation.path.as_str());
        let alike = nearest(path, same_verb().map(|operation| operation.path.as_str()));
        let nearest = alike
            .map(|path| format!("{method} {path}"))
            .or_else(|| nearest(path, paths()).map(str::to_owned));
        Violation::new("path", path, format!("{path} is not documented"), nearest)
    }

    /// How many variables of an operation's path it takes to fit these segments; nothing when it does not.
    fn fits(&self, place: usize, segments: &[Cow<'_, str>]) -> Option<usize> {
        let templates = self.templates.get_or_init(|| {
            let parts = |operation: &Operation| operation.path.split('/').filter_map(Part::of).collect();
            self.operations.iter().map(parts).collect()
        });
        let template = templates.get(place)?;
        let takes_rest = matches!(template.last(), Some(Part::Rest));
        if template.len() != segments.len() && !(takes_rest && segments.len() > template.len()) {
            return None;
        }
        let fits = template.iter().zip(segments).all(|(part, segment)| match part {
            Part::Fixed(word) => word.eq_ignore_ascii_case(segment),
            Part::Variable | Part::Rest => true,
        });
        let variables = template.iter().filter(|part| !matches!(part, Part::Fixed(_))).count();
        fits.then_some(variables + usize::from(takes_rest))
    }
}

/// The decoded segments of a path; slashes at its end do not count.
fn segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}
