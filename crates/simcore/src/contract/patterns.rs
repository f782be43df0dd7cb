//! Paths with `*` for anything, held against the documented ones.

use std::collections::HashSet;

use serde_json::Value;

use super::paths::lenient_segments;
use super::{Contract, Operation, ParameterLocation, Shape};
use crate::base::diagnostics::{likest, unknown};

/// One place of a pattern or a documented path.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Token {
    /// That character, whatever its case.
    One(char),
    /// Any character but a slash.
    InSegment,
    /// Any characters but slashes.
    ManyInSegment,
    /// Any character.
    Any,
    /// Any characters.
    Many,
}

impl Token {
    fn repeats(self) -> bool {
        matches!(self, Self::ManyInSegment | Self::Many)
    }

    /// Whether one character can be both.
    fn meets(self, other: Self) -> bool {
        let slash = |token: Self| token == Self::One('/');
        let in_segment = |token: Self| matches!(token, Self::InSegment | Self::ManyInSegment);
        match (self, other) {
            (Self::One(one), Self::One(other)) => one.eq_ignore_ascii_case(&other),
            (one, other) => !(in_segment(one) && slash(other) || in_segment(other) && slash(one)),
        }
    }
}

impl Contract {
    /// Whether some path is meant both by `pattern`, in which `*` stands for anything, and by the operation at `place`.
    pub fn fits_pattern(&self, place: usize, pattern: &str) -> bool {
        let operation = &self.operations[place];
        if !pattern.contains('*') {
            return self.find(operation.method, pattern).operation == Some(place);
        }
        let pattern: Vec<Token> = pattern
            .trim_end_matches('/')
            .chars()
            .map(|letter| if letter == '*' { Token::Many } else { Token::One(letter) })
            .collect();
        let mut paths = vec![Vec::new()];
        for part in operation.path.split('/').filter(|part| !part.is_empty()) {
            let word = |word: &str| word.chars().map(Token::One).collect();
            let ways: Vec<Vec<Token>> = match operation.listed(part) {
                Some(listed) => listed.values.iter().filter_map(Value::as_str).map(word).collect(),
                None if part.ends_with("*}") => vec![vec![Token::Any, Token::Many]],
                None if part.starts_with('{') => vec![vec![Token::InSegment, Token::ManyInSegment]],
                None => vec![word(part)],
            };
            let longer = |path: &Vec<Token>, way: &Vec<Token>| -> Vec<Token> {
                path.iter().copied().chain([Token::One('/')]).chain(way.iter().copied()).collect()
            };
            paths = paths.iter().flat_map(|path| ways.iter().map(|way| longer(path, way))).collect();
        }
        paths.iter().any(|path| meet(&pattern, path))
    }

    /// The operations of the paths that `pattern` means, whatever their verb.
    fn meant(&self, method: &str, pattern: &str) -> Vec<&Operation> {
        if !pattern.contains('*') {
            return self.here(method, &lenient_segments(pattern)).collect();
        }
        let places = (0..self.operations.len()).filter(|place| self.fits_pattern(*place, pattern));
        places.map(|place| &self.operations[place]).collect()
    }

    /// What was probably meant by a request that no operation is: a verb and a path. Nothing when there is one that
    /// takes it. `path` is a pattern; nothing stands for any.
    pub fn undocumented(&self, method: Option<&str>, path: Option<&str>) -> Option<String> {
        let method = method.map(str::to_ascii_uppercase);
        let verb = method.as_deref().map_or("GET", |method| if method == "HEAD" { "GET" } else { method });
        let here = match path {
            Some(path) => self.meant(verb, path),
            None => self.operations.iter().collect(),
        };
        let takes = |operation: &&Operation, method: &str| {
            // A server answers HEAD wherever it answers GET, and a browser asks with OPTIONS before anything.
            operation.method.eq_ignore_ascii_case(method)
                || method.eq_ignore_ascii_case("OPTIONS")
                || method.eq_ignore_ascii_case("HEAD") && operation.method == "GET"
        };
        let Some(first) = here.first() else {
            let asked = path.unwrap_or_default();
            let named = self.misdirected(verb, asked).nearest;
            let named = match &method {
                Some(_) => named,
                None => named.and_then(|title| title.split_once(' ').map(|(_, path)| path.to_owned())),
            };
            let paths = self.operations.iter().map(|operation| operation.path.as_str());
            // A pattern is never very like a path: the likest there is will do.
            return Some(named.unwrap_or_else(|| {
                likest(asked, paths).map_or_else(String::new, |(_, path)| path.to_owned())
            }));
        };
        let method = method?;
        if here.iter().any(|operation| takes(operation, &method)) {
            return None;
        }
        let mut verbs: Vec<&str> = Vec::new();
        for operation in here.iter().filter(|operation| operation.path == first.path) {
            if !verbs.contains(&operation.method) {
                verbs.push(operation.method);
            }
        }
        Some(format!("{} {}", verbs.join(", "), first.path))
    }
}

/// What a condition says of requests, by names: where it stands, and that nobody documents it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// Whether it is a field of the body; otherwise it is a parameter of the query.
    pub is_field: bool,
    /// The name as the condition writes it: a dotted path for a field.
    pub written: String,
    /// A sentence with the nearest name.
    pub message: String,
}

impl Contract {
    /// The first parameter of the query, or field of the body by its dotted path, that no operation of that verb and path
    /// knows. `path` is a pattern; nothing stands for any.
    pub fn unknown_name<'n>(
        &self,
        method: Option<&str>,
        path: Option<&str>,
        query: impl IntoIterator<Item = &'n str>,
        body: impl IntoIterator<Item = &'n str>,
    ) -> Option<UnknownName> {
        let verb = method.unwrap_or("POST").to_ascii_uppercase();
        let mut here = path.map_or_else(|| self.operations.iter().collect(), |path| self.meant(&verb, path));
        here.retain(|operation| method.is_none_or(|method| operation.method.eq_ignore_ascii_case(method)));
        if here.is_empty() {
            return None;
        }
        let parameters = || {
            let all = here.iter().flat_map(|operation| &operation.parameters);
            all.filter(|parameter| parameter.location == ParameterLocation::Query)
        };
        for written in query {
            if !parameters().any(|parameter| parameter.is_named(written)) {
                let known = parameters().map(|parameter| parameter.name.as_ref());
                return Some(UnknownName::new(false, written, "parameter", written, known));
            }
        }
        let shapes: Vec<&Shape> =
            here.iter().filter_map(|op| op.body.as_ref()).map(|body| &body.shape).collect();
        for written in body.into_iter().filter(|_| !shapes.is_empty()) {
            let segments: Vec<&str> = written.split('.').collect();
            let mut unknown = None;
            if !shapes.iter().any(|shape| self.has_field(shape, &segments, &mut unknown))
                && let Some((_, name, known)) = unknown
            {
                return Some(UnknownName::new(true, written, "field", name, known));
            }
        }
        None
    }

    /// Whether a shape has what a path leads to; otherwise the first name on the way that it has not, and those that it has.
    fn has_field<'a>(
        &'a self,
        shape: &'a Shape,
        path: &[&'a str],
        unknown: &mut Option<(usize, &'a str, Vec<&'a str>)>,
    ) -> bool {
        let Some((name, rest)) = path.split_first() else { return true };
        let object = match shape {
            Shape::Anything | Shape::Bytes | Shape::Map(_) => return true,
            Shape::Value(_) => return false,
            Shape::List(of) => return self.has_field(of, path, unknown),
            Shape::Either(forms) => return forms.iter().any(|form| self.has_field(form, path, unknown)),
            Shape::Chosen { forms, .. } => {
                return forms.values().any(|form| self.has_field(form, path, unknown));
            }
            Shape::Named(component) => self.components.get(component),
            Shape::Object(object) => Some(object),
        };
        let Some(object) = object.filter(|object| !object.is_open) else { return true };
        match object.member(name) {
            Some((_, member)) => self.has_field(&member.shape, rest, unknown),
            None => {
                // The farther a shape goes along, the likelier it is the one that was meant.
                let left = rest.len();
                if unknown.as_ref().is_none_or(|(known, ..)| left < *known) {
                    *unknown = Some((left, name, Vec::new()));
                }
                if let Some((_, _, names)) = unknown.as_mut().filter(|(known, ..)| left == *known) {
                    names.extend(object.members.keys().map(String::as_str));
                }
                false
            }
        }
    }
}

impl UnknownName {
    fn new<'a>(
        is_field: bool,
        written: &str,
        what: &str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let message = unknown(what, name, known.into_iter());
        Self { is_field, written: written.to_owned(), message }
    }
}

/// Whether there is a text that both describe.
fn meet(left: &[Token], right: &[Token]) -> bool {
    let mut seen = HashSet::from([(0, 0)]);
    let mut open = vec![(0, 0)];
    while let Some((at, other)) = open.pop() {
        let (one, two) = (left.get(at).copied(), right.get(other).copied());
        if one.is_none() && two.is_none() {
            return true;
        }
        let mut next = Vec::with_capacity(3);
        if one.is_some_and(Token::repeats) {
            next.push((at + 1, other));
        }
        if two.is_some_and(Token::repeats) {
            next.push((at, other + 1));
        }
        if let (Some(one), Some(two)) = (one, two)
            && one.meets(two)
        {
            next.push((at + usize::from(!one.repeats()), other + usize::from(!two.repeats())));
        }
        open.extend(next.into_iter().filter(|state| seen.insert(*state)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let token = |letter| match letter {
            '*' => vec![Token::Many],
            '?' => vec![Token::InSegment, Token::ManyInSegment],
            letter => vec![Token::One(letter)],
        };
        text.chars().flat_map(token).collect()
    }

    #[test]
    fn patterns_meet_paths() {
        for (pattern, path, expected) in [
            ("*", "/a/?", true),
            ("/a/*", "/a/?", true),
            ("/a/*", "/a", false),
            ("/a*", "/a", true),
            ("/*/lines", "/a/?/lines", true),
            ("/a/*/lines", "/a/?/lines", true),
            ("/a/7*", "/A/?", true),
            ("/b/*", "/a/?", false),
            ("*.pdf", "/a/?/print", false),
            ("*.pdf", "/a/?", true),
            ("*/x/y", "/a/?", false),
        ] {
            assert_eq!(meet(&tokens(pattern), &tokens(path)), expected, "{pattern} {path}");
        }
    }
}
