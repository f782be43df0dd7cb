//! Path templates: read once, matched here and nowhere else. Which operation a path and a verb mean, which other verbs
//! the path takes, and what its variables hold.

use std::borrow::Cow;

use crate::base::map::IndexMap;
use percent_encoding::percent_decode_str;

use super::Operation;
use crate::base::renames::Renames;

/// How the paths of a vendor are read. One slash at the end is as good as none everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling {
    /// Whether fixed words match whatever their case.
    pub any_case: bool,
    /// Whether doubled slashes, and any number of them at the end, are as good as one.
    pub doubled_slashes: bool,
}

/// The templates of one contract as a tree of segments: words before variables, variables before `{name*}`.
#[derive(Debug)]
pub struct Paths {
    spelling: Spelling,
    aliases: IndexMap<String, String>,
    nodes: Vec<Node>,
    ends: Vec<End>,
}

#[derive(Debug, Default)]
struct Node {
    words: Vec<(String, usize)>,
    variable: Option<usize>,
    /// The template that takes all that follows.
    rest: Option<usize>,
    /// The template that ends here.
    end: Option<usize>,
}

/// One template, with its operations.
#[derive(Debug)]
struct End {
    parts: Vec<Part>,
    operations: Vec<(&'static str, usize)>,
    /// Whether verbs that it does not take are those of the next template that fits.
    yields: bool,
}

#[derive(Debug)]
enum Part {
    Word(String),
    Variable(String),
    Rest(String),
}

/// Where a path leads.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// The operation of this path and this verb, by its place in the contract.
    pub operation: Option<usize>,
    /// Whether the path was read with other words than the documented ones.
    pub is_alias: bool,
    /// The templates that fit, as far as they were asked; none for a path that nothing has.
    ends: Vec<usize>,
    /// What the variables of the last of them hold, decoded.
    variables: Vec<String>,
}

impl Found {
    /// Whether there is such a path, whatever the verb.
    pub fn is_path(&self) -> bool {
        !self.ends.is_empty()
    }
}

impl Part {
    fn of(part: &str) -> Self {
        match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => Self::Word(part.to_owned()),
            Some(name) => match name.strip_suffix('*') {
                Some(name) => Self::Rest(name.to_owned()),
                None => Self::Variable(name.to_owned()),
            },
        }
    }
}

impl Paths {
    /// The templates of these operations, of paths that are there without a verb, and other words for segments.
    pub(super) fn new<'a>(
        spelling: Spelling,
        operations: impl Iterator<Item = &'a Operation>,
        bare: &[String],
        aliases: &IndexMap<String, String>,
    ) -> Self {
        let mut paths =
            Self { spelling, aliases: aliases.clone(), nodes: vec![Node::default()], ends: Vec::new() };
        for (place, operation) in operations.enumerate() {
            let end = paths.add(&operation.path);
            paths.ends[end].operations.push((operation.method, place));
            paths.ends[end].yields |= !operation.reserves_path;
        }
        for path in bare {
            paths.add(path);
        }
        paths
    }

    fn add(&mut self, template: &str) -> usize {
        let parts: Vec<Part> = template.split('/').filter(|part| !part.is_empty()).map(Part::of).collect();
        let mut node = 0;
        for part in &parts {
            let known = match part {
                Part::Word(word) => self.below(node, word),
                Part::Variable(_) => self.nodes[node].variable,
                Part::Rest(_) => break,
            };
            node = known.unwrap_or_else(|| {
                let new = self.nodes.len();
                match part {
                    Part::Word(word) => self.nodes[node].words.push((word.clone(), new)),
                    _ => self.nodes[node].variable = Some(new),
                }
                self.nodes.push(Node::default());
                new
            });
        }
        let takes_rest = matches!(parts.last(), Some(Part::Rest(_)));
        let new = self.ends.len();
        let place = if takes_rest { &mut self.nodes[node].rest } else { &mut self.nodes[node].end };
        let end = *place.get_or_insert(new);
        if end == new {
            self.ends.push(End { parts, operations: Vec::new(), yields: false });
        }
        end
    }

    /// The same, with the entity that a variable names in the server's own word.
    pub fn renamed(&self, mut found: Found, renames: &Renames) -> Found {
        let parts = found.ends.last().and_then(|end| self.ends.get(*end)).map(|end| &end.parts);
        let names = parts.into_iter().flatten().filter_map(|part| match part {
            Part::Variable(name) | Part::Rest(name) => Some(name),
            Part::Word(_) => None,
        });
        for (name, held) in names.zip(&mut found.variables) {
            if name.eq_ignore_ascii_case("entity") {
                *held = renames.name(held).into_owned();
            }
        }
        found
    }

    /// The path of a template with the values that its variables have in `found`.
    pub fn filled(&self, template: &str, found: &Found) -> String {
        let parts = template.split('/').filter(|part| !part.is_empty()).map(|part| match Part::of(part) {
            Part::Word(word) => word,
            Part::Variable(name) | Part::Rest(name) => {
                let held = self.variable(found, &name).unwrap_or_default();
                percent_encoding::utf8_percent_encode(held, percent_encoding::NON_ALPHANUMERIC).to_string()
            }
        });
        parts.fold(String::new(), |path, part| format!("{path}/{part}"))
    }

    /// Where `path` leads with this verb.
    pub(super) fn find(&self, method: &str, path: &str) -> Found {
        match self.segments(path) {
            Some(segments) => self.find_segments(method, &segments),
            None => Found::default(),
        }
    }

    /// Where a path of these segments leads with this verb.
    pub(super) fn find_segments(&self, method: &str, segments: &[Cow<'_, str>]) -> Found {
        let mut found = Found::default();
        self.walk(0, segments, &mut |end| {
            found.ends.push(end);
            let template = &self.ends[end];
            let operation = template.operations.iter().find(|(verb, _)| *verb == method);
            found.operation = operation.map(|(_, place)| *place);
            operation.is_some() || !template.yields
        });
        if let Some(end) = found.ends.last() {
            let parts = &self.ends[*end].parts;
            found.variables = variables(parts, segments);
            found.is_alias = !self.aliases.is_empty()
                && parts.iter().zip(segments).any(|(part, segment)| match part {
                    Part::Word(word) => !self.same(word, segment),
                    _ => false,
                });
        }
        found
    }

    /// Every operation of the path, whatever its verb.
    pub fn operations<'a>(&'a self, found: &'a Found) -> impl Iterator<Item = usize> + 'a {
        let ends = found.ends.iter();
        ends.flat_map(|end| self.ends[*end].operations.iter().map(|(_, place)| *place))
    }

    /// What the variable of that name holds, decoded; nothing where the path has no such variable.
    pub fn variable<'f>(&self, found: &'f Found, name: &str) -> Option<&'f str> {
        let parts = &self.ends[*found.ends.last()?].parts;
        let names = parts.iter().filter_map(|part| match part {
            Part::Word(_) => None,
            Part::Variable(name) | Part::Rest(name) => Some(name),
        });
        names.zip(&found.variables).find(|(known, _)| *known == name).map(|(_, held)| held.as_str())
    }

    /// The path with the documented words in place of others.
    pub(super) fn spelled(&self, path: &str, found: &Found) -> String {
        let words = found.ends.last().map(|end| &self.ends[*end].parts).into_iter().flatten();
        let segments = path.split('/').filter(|segment| !segment.is_empty());
        let spelled = words.zip(segments).map(|(part, segment)| match part {
            Part::Word(word) => word.as_str(),
            _ => segment,
        });
        spelled.fold(String::new(), |path, segment| format!("{path}/{segment}"))
    }

    /// Gives each template that fits to `visit`, the one with the earliest words first, until `visit` has enough.
    fn walk<F: FnMut(usize) -> bool>(&self, node: usize, rest: &[Cow<'_, str>], visit: &mut F) -> bool {
        let node_below = &self.nodes[node];
        let Some((first, rest)) = rest.split_first() else {
            return node_below.end.is_some_and(visit);
        };
        self.below(node, first)
            .or_else(|| self.below(node, self.aliases.get(first.as_ref())?))
            .is_some_and(|next| self.walk(next, rest, visit))
            || node_below.variable.is_some_and(|next| self.walk(next, rest, visit))
            || node_below.rest.is_some_and(visit)
    }

    fn below(&self, node: usize, word: &str) -> Option<usize> {
        let words = self.nodes[node].words.iter();
        words.into_iter().find(|(known, _)| self.same(known, word)).map(|(_, next)| *next)
    }

    fn same(&self, word: &str, segment: &str) -> bool {
        if self.spelling.any_case { word.eq_ignore_ascii_case(segment) } else { word == segment }
    }

    /// The decoded segments of a path; nothing when one is empty or cannot be decoded: such a path names nothing.
    fn segments<'p>(&self, path: &'p str) -> Option<Vec<Cow<'p, str>>> {
        let path = path.strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = Vec::with_capacity(8);
        for segment in path.split('/') {
            match segment {
                "" if self.spelling.doubled_slashes || path.is_empty() => {}
                "" => return None,
                segment => segments.push(percent_decode_str(segment).decode_utf8().ok()?),
            }
        }
        Some(segments)
    }
}

fn variables(parts: &[Part], segments: &[Cow<'_, str>]) -> Vec<String> {
    let held = parts.iter().enumerate().filter_map(|(place, part)| match part {
        Part::Word(_) => None,
        Part::Variable(_) => segments.get(place).map(|segment| segment.clone().into_owned()),
        Part::Rest(_) => Some(segments.get(place..)?.join("/")),
    });
    held.collect()
}

/// The decoded segments of a path, for people: whatever cannot be decoded, and slashes too many, do not count.
pub(crate) fn lenient_segments(path: &str) -> Vec<Cow<'_, str>> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::profile::Evidence;

    const CALLS: &[(&str, &str)] = &[
        ("GET", "/Data/{project}/{entity}"),
        ("POST", "/Data/{project}/Select"),
        ("GET", "/Data/{project}/{entity}/{code}"),
        ("PUT", "/Data/{project}/{entity}/merge"),
        ("GET", "/invoices/number/{number*}"),
        ("GET", "/invoices/print/{id}"),
        ("GET", "/invoices/{id}/print"),
        ("DELETE", "/invoices/{id}"),
    ];

    fn paths(spelling: Spelling) -> Paths {
        let operations: Vec<Operation> = CALLS
            .iter()
            .map(|(method, path)| {
                let operation = Operation::new(method, *path, "", Evidence::Assumed);
                Operation { reserves_path: !path.ends_with("merge"), ..operation }
            })
            .collect();
        let aliases = [("bills".to_owned(), "invoices".to_owned())].into_iter().collect();
        Paths::new(spelling, operations.iter(), &["/known/{id}".to_owned()], &aliases)
    }

    fn leads(paths: &Paths, method: &str, path: &str) -> Option<&'static str> {
        paths.find(method, path).operation.map(|place| CALLS[place].1)
    }

    #[test]
    fn words_come_before_variables_and_variables_before_the_rest() {
        let paths = paths(Spelling::default());
        for (method, path, template) in [
            ("GET", "/Data/P/customer", Some("/Data/{project}/{entity}")),
            ("GET", "/Data/P/customer/", Some("/Data/{project}/{entity}")),
            ("POST", "/Data/P/Select", Some("/Data/{project}/Select")),
            ("GET", "/Data/P/Select", None),
            ("POST", "/Data/P/select", None),
            ("GET", "/Data//customer", None),
            ("GET", "/Data/P/customer//", None),
            ("GET", "/Data/%FF/customer", None),
            ("PUT", "/Data/P/customer/merge", Some("/Data/{project}/{entity}/merge")),
            ("GET", "/Data/P/customer/merge", Some("/Data/{project}/{entity}/{code}")),
            ("GET", "/invoices/print/print", Some("/invoices/print/{id}")),
            ("GET", "/invoices/7/print", Some("/invoices/{id}/print")),
            ("GET", "/invoices/number/print", Some("/invoices/number/{number*}")),
            ("GET", "/invoices/number", None),
            ("DELETE", "/invoices/number", Some("/invoices/{id}")),
            ("GET", "/invoices/print/1/2", None),
            ("GET", "/", None),
            ("GET", "", None),
        ] {
            assert_eq!(leads(&paths, method, path), template, "{method} {path}");
        }
    }

    #[test]
    fn a_path_may_be_there_without_the_verb_or_without_any() {
        let paths = paths(Spelling::default());
        let verbs = |path: &str| -> Option<Vec<&str>> {
            let found = paths.find("PATCH", path);
            found.is_path().then(|| paths.operations(&found).map(|place| CALLS[place].0).collect())
        };
        assert_eq!(verbs("/Data/P/Select"), Some(vec!["POST"]));
        assert_eq!(verbs("/Data/P/customer/merge"), Some(vec!["PUT", "GET"]), "what it yields to counts too");
        assert_eq!(verbs("/known/1"), Some(vec![]));
        assert_eq!(verbs("/unknown"), None);
    }

    #[test]
    fn variables_are_decoded_and_slashes_belong_to_the_rest() {
        let paths = paths(Spelling { any_case: true, doubled_slashes: true });
        let held = |path: &str, name: &str| {
            let found = paths.find("GET", path);
            paths.variable(&found, name).map(str::to_owned)
        };
        assert_eq!(held("/INVOICES//number/FS/26/1%2F2//", "number"), Some("FS/26/1/2".to_owned()));
        assert_eq!(held("/data/a%20b/c%C3%A9", "project"), Some("a b".to_owned()));
        assert_eq!(held("/data/a%20b/c%C3%A9", "entity"), Some("cé".to_owned()));
        assert_eq!(held("/data/a/b", "code"), None);
    }

    #[test]
    fn other_words_are_told_from_the_documented_ones() {
        let paths = paths(Spelling::default());
        let found = paths.find("DELETE", "/bills/invoices");
        assert!(found.is_alias && found.operation.is_some());
        assert_eq!(paths.spelled("/bills/invoices", &found), "/invoices/invoices");
        assert!(!paths.find("DELETE", "/invoices/bills").is_alias, "a variable is what it is");
    }
}
