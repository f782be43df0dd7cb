//! Where things stand in a file of YAML or JSON: line and column of every key and element.

use std::collections::HashMap;

use granit_parser::{Event, Marker, Parser, ScalarStyle};

/// A place in a text, line and column from 1 on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it begins.
    pub place: Position,
    /// What it is.
    pub content: Content,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// A scalar as it is written, and whether it stands without quotes.
    Scalar(String, bool),
    /// A list.
    List(Vec<Node>),
    /// A mapping: keys with their places.
    Map(Vec<(String, Position, Node)>),
}

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The member of that name.
    Key(String),
    /// The element at that place.
    Item(usize),
}

/// How many nodes a file may have with its aliases followed.
const MAX_NODES: usize = 20_000_000;

/// How deep values may lie in one another.
const MAX_DEPTH: usize = 256;

/// Reads a text.
///
/// # Errors
/// Where it is no YAML, and why in words.
pub fn read(text: &str) -> Result<Node, (Position, String)> {
    read_at_most(text, MAX_NODES)
}

/// Reads a text that has so many nodes at most, its aliases followed.
///
/// # Errors
/// Where it is no YAML, and why in words.
pub fn read_at_most(text: &str, nodes: usize) -> Result<Node, (Position, String)> {
    let parser = Parser::new_from_str(text);
    let mut reader = Reader { parser, anchors: HashMap::new(), nodes_left: nodes, depth: 0 };
    reader.document().map_err(|(place, why)| (place, words(text, place, &why).to_owned()))
}

impl Node {
    /// From where to which line what `steps` lead to stands. As far as they lead.
    pub fn extent(&self, steps: &[Step]) -> (Position, usize) {
        let (place, node) = self.walk(steps);
        (place, node.last_line())
    }

    fn last_line(&self) -> usize {
        match &self.content {
            Content::Scalar(..) => self.place.line,
            Content::List(items) => items.last().map_or(self.place.line, Self::last_line),
            Content::Map(members) => members.last().map_or(self.place.line, |(.., node)| node.last_line()),
        }
    }

    /// The place of the value that `steps` lead to. As far as they lead.
    pub fn value_place(&self, steps: &[Step]) -> Position {
        self.walk(steps).1.place
    }

    /// The place of what `steps` lead to: of its key where it is a member. As far as they lead.
    pub fn find(&self, steps: &[Step]) -> Position {
        self.walk(steps).0
    }

    /// The place of what `steps` lead to, of its key where it is a member, and the value. As far as they lead.
    fn walk(&self, steps: &[Step]) -> (Position, &Self) {
        let (mut node, mut place) = (self, self.place);
        for step in steps {
            let next = match (&node.content, step) {
                (Content::Map(members), Step::Key(name)) => {
                    members.iter().find(|(key, ..)| key == name).map(|(_, at, node)| (*at, node))
                }
                (Content::List(items), Step::Item(index)) => items.get(*index).map(|node| (node.place, node)),
                _ => None,
            };
            let Some((at, below)) = next else { break };
            (place, node) = (at, below);
        }
        (place, node)
    }
}

/// The steps of a path such as `lines[0].name`.
pub fn steps(path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let (name, indexes) = part.split_once('[').map_or((part, ""), |(name, rest)| (name, rest));
        steps.push(Step::Key(name.to_owned()));
        let indexes = indexes.split('[').filter_map(|index| index.trim_end_matches(']').parse().ok());
        steps.extend(indexes.map(Step::Item));
    }
    steps
}

struct Reader<'t> {
    parser: Parser<'t, granit_parser::StrInput<'t>>,
    anchors: HashMap<usize, Node>,
    nodes_left: usize,
    depth: usize,
}

type Failure = (Position, String);

impl Reader<'_> {
    fn next(&mut self) -> Result<(Start, Position), Failure> {
        loop {
            match self.parser.next_event() {
                Some(Ok((event, span))) => {
                    if let Some(event) = owned(event) {
                        return Ok((event, place(&span.start)));
                    }
                }
                Some(Err(error)) => return Err((place(error.marker()), error.info())),
                None => return Ok((Start::End, Position::default())),
            }
        }
    }

    fn document(&mut self) -> Result<Node, Failure> {
        match self.next()? {
            (Start::End, _) => {
                let place = Position { line: 1, column: 1 };
                Ok(Node { place, content: Content::Scalar(String::new(), true) })
            }
            (event, place) => {
                let node = self.node(event, place)?;
                let ends = [self.next()?, self.next()?];
                match ends.into_iter().find(|(event, _)| !matches!(event, Start::End)) {
                    Some((_, place)) => Err((place, "a second document".to_owned())),
                    None => Ok(node),
                }
            }
        }
    }

    fn spend(&mut self, nodes: usize, place: Position) -> Result<(), Failure> {
        let left = self.nodes_left.checked_sub(nodes);
        self.nodes_left = left.ok_or_else(|| (place, "too many".to_owned()))?;
        Ok(())
    }

    fn node(&mut self, event: Start, place: Position) -> Result<Node, Failure> {
        self.spend(1, place)?;
        if self.depth > MAX_DEPTH {
            return Err((place, "depth".to_owned()));
        }
        self.depth += 1;
        let node = self.content(event, place);
        self.depth -= 1;
        node
    }

    fn content(&mut self, event: Start, place: Position) -> Result<Node, Failure> {
        let (anchor, content) = match event {
            Start::Alias(id) => {
                let node = self.anchors.get(&id);
                let size = size(node.ok_or((place, "an alias without its anchor".to_owned()))?);
                self.spend(size, place)?;
                let content = self.anchors.get(&id).map(|node| node.content.clone());
                return Ok(Node { place, content: content.unwrap_or(Content::List(Vec::new())) });
            }
            Start::Scalar(text, plain, anchor) => (anchor, Content::Scalar(text, plain)),
            Start::List(anchor) => (anchor, Content::List(self.items()?)),
            Start::Map(anchor) => (anchor, Content::Map(self.members()?)),
            Start::End => return Err((place, "an end without a beginning".to_owned())),
        };
        let node = Node { place, content };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn items(&mut self) -> Result<Vec<Node>, Failure> {
        let mut items = Vec::new();
        loop {
            let (event, place) = self.next()?;
            match event {
                Start::End => return Ok(items),
                event => items.push(self.node(event, place)?),
            }
        }
    }

    fn members(&mut self) -> Result<Vec<(String, Position, Node)>, Failure> {
        let mut members = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let key = match event {
                Start::End => return Ok(members),
                event => match self.node(event, at)?.content {
                    Content::Scalar(text, _) => text,
                    _ => return Err((at, "a key".to_owned())),
                },
            };
            let (event, place) = self.next()?;
            members.push((key, at, self.node(event, place)?));
        }
    }
}

/// How many nodes it has.
fn size(node: &Node) -> usize {
    match &node.content {
        Content::Scalar(..) => 1,
        Content::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Content::Map(members) => 1 + members.iter().map(|(.., node)| size(node)).sum::<usize>(),
    }
}

/// What of an event a node is made of.
enum Start {
    Alias(usize),
    Scalar(String, bool, usize),
    List(usize),
    Map(usize),
    End,
}

/// Comments, and where a document begins, are no part of a node.
fn owned(event: Event<'_>) -> Option<Start> {
    Some(match event {
        Event::Alias(id) => Start::Alias(id),
        Event::Scalar(text, style, anchor, _) => {
            Start::Scalar(text.into_owned(), style == ScalarStyle::Plain, anchor)
        }
        Event::SequenceStart(_, anchor, _) => Start::List(anchor),
        Event::MappingStart(_, anchor, _) => Start::Map(anchor),
        Event::SequenceEnd | Event::MappingEnd | Event::DocumentEnd | Event::StreamEnd => Start::End,
        _ => return None,
    })
}

fn place(marker: &Marker) -> Position {
    Position { line: marker.line(), column: marker.col() + 1 }
}

/// Why a text is no YAML, for people who do not know how it is read.
fn words(text: &str, place: Position, why: &str) -> &'static str {
    let mut lines = text.lines().skip(place.line.saturating_sub(1)).take(2);
    let why = why.to_lowercase();
    if lines.any(|line| line.trim_start_matches(' ').starts_with('\t')) {
        "a tab where spaces are expected"
    } else if why.contains("alias") || why.contains("anchor") {
        "an alias (*name) without its anchor (&name)"
    } else if why.contains("quot") {
        "a quotation mark is missing"
    } else if why.contains("flow")
        || why.contains("simple key")
        || why.contains("','")
        || why.contains("':'")
        || why.contains("']'")
        || why.contains("'}'")
    {
        "a colon, a comma or a closing bracket is missing"
    } else if why.contains("duplicate") {
        "a key that there is already"
    } else if why.contains("depth") || why.contains("recursion") {
        "nested too deeply"
    } else if why.contains("budget") || why.contains("too many") {
        "more than a file may hold"
    } else if why.contains("second document") {
        "a second document begins here, and a file holds one"
    } else {
        "not in line with what is above it (indentation, a colon, a dash)"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_elements_are_found() {
        let text = "name: x # of a shop\nservers:\n  weavy:\n    records:\n      customer:\n        - { name: A, tags: [1, 2] }\n        - name: B\n";
        let node = read(text).unwrap();
        let at = |path: &str| {
            let place = node.find(&steps(path));
            (place.line, place.column)
        };
        assert_eq!(at("name"), (1, 1));
        assert_eq!(at("servers.weavy"), (3, 3));
        assert_eq!(at("servers.weavy.records.customer[0].tags[1]"), (6, 32));
        assert_eq!(at("servers.weavy.records.customer[1].name"), (7, 11));
        assert_eq!(at("servers.weavy.records.customer[1].zip"), (7, 11), "as far as the path leads");
        let json = read("[\n  {\"a\": 1},\n  {\"a\": {\"b\": 2}}\n]").unwrap();
        assert_eq!(
            json.find(&[Step::Item(1), Step::Key("a".to_owned()), Step::Key("b".to_owned())]),
            Position { line: 3, column: 10 }
        );
    }

    #[test]
    fn aliases_are_followed_and_what_is_no_yaml_is_said() {
        let node = read("a: &x [1, 2]\nb: *x\n").unwrap();
        let Content::Map(members) = &node.content else { panic!("{node:?}") };
        assert_eq!(members[0].2.content, members[1].2.content);
        for (text, line, words) in [
            ("a: 1\n\tb: 2\n", 2, "tab"),
            ("a: [1, 2\nb: 3\n", 2, "bracket"),
            ("a: \"x\nb: 2\n", 1, "quotation"),
            ("a: *nothing\n", 1, "anchor"),
            ("a: 1\n  b: 2\n", 2, "in line"),
            ("a: 1\n---\nb: 2\n", 3, "second document"),
        ] {
            let (place, why) = read(text).unwrap_err();
            assert!(why.contains(words), "{text:?}: {place:?} {why}");
            assert!(place.line.abs_diff(line) <= 2, "{text:?}: {place:?}");
        }
        assert!(read("").is_ok() && read("---\na: 1\n...\n").is_ok());
        let (_, why) = read(&"[".repeat(5000)).unwrap_err();
        assert!(why.contains("deeply"), "{why}");
        let bomb = "a: &a [1, 1, 1]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n";
        assert!(read(bomb).is_ok());
        assert_eq!(read_at_most(bomb, 60).unwrap_err().0, Position { line: 3, column: 16 });
    }
}
