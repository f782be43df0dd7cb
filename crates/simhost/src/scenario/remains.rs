//! What remains of a scenario file without what is wrong in its structure: the rest of it can be judged all the same.

use std::collections::BTreeSet;

use crate::base::diagnostics::Mistake;
use crate::base::places::{Content, Node, Position, Step};

/// Lists of which each element is judged by itself.
const RULES: [&str; 4] = ["faults", "steps", "do", "expect"];

/// A file without the members that are wrong.
pub(crate) struct Remains {
    /// What is left, as YAML.
    pub(crate) text: String,
    /// The ways to what the members stood in that are gone.
    gone: Vec<Vec<Step>>,
}

impl Remains {
    /// What is left of `node` without `wrong`; nothing when it is wrong itself. With `without_empty` lists go whose
    /// elements have nothing left: some mean nothing then. `required` are keys without which a mapping is none.
    pub(crate) fn of(
        node: &Node,
        wrong: &[Mistake],
        required: &BTreeSet<&str>,
        without_empty: bool,
    ) -> Option<Self> {
        let places = wrong.iter().filter_map(|mistake| mistake.place).collect();
        let wrong = Wrong { places, required, without_empty };
        if wrong.is(node) {
            return None;
        }
        let mut remains = Self { text: String::new(), gone: Vec::new() };
        remains.write(node, &wrong, &mut Vec::new());
        Some(remains)
    }

    /// Whether what is wrong there may only be that something is gone.
    pub(crate) fn may_cause(&self, mistake: &Mistake) -> bool {
        mistake.file.is_none() && self.gone.iter().any(|way| way.starts_with(&mistake.steps))
    }

    fn write(&mut self, node: &Node, wrong: &Wrong<'_>, way: &mut Vec<Step>) {
        match &node.content {
            Content::Map(members) => {
                self.text.push('{');
                for (key, at, value) in members {
                    let stand_in = wrong.stand_in(key, *at, value);
                    if stand_in.is_none() && wrong.is_member(*at, value) {
                        self.gone.push(way.clone());
                        continue;
                    }
                    way.push(Step::Key(key.clone()));
                    self.text.push_str(&quoted(key));
                    self.text.push_str(": ");
                    match stand_in {
                        Some((items, stand_in)) => self.write_list(items, Some(&stand_in), wrong, way),
                        None => self.write(value, wrong, way),
                    }
                    self.text.push_str(", ");
                    way.pop();
                }
                self.text.push('}');
            }
            Content::List(items) => self.write_list(items, None, wrong, way),
            Content::Scalar(text, is_plain) => {
                let stays_plain = *is_plain && !text.contains([',', '[', ']', '{', '}', '\n']);
                match text.as_str() {
                    "" if *is_plain => self.text.push_str("null"),
                    text if stays_plain => self.text.push_str(text),
                    text => self.text.push_str(&quoted(text)),
                }
            }
        }
    }

    fn write_list(
        &mut self,
        items: &[Node],
        stand_in: Option<&Node>,
        wrong: &Wrong<'_>,
        way: &mut Vec<Step>,
    ) {
        self.text.push('[');
        for (place, item) in items.iter().enumerate() {
            way.push(Step::Item(place));
            match stand_in.filter(|_| wrong.is_gone(item)) {
                Some(stand_in) => {
                    self.gone.push(way.clone());
                    self.write(stand_in, wrong, way);
                }
                None => self.write(item, wrong, way),
            }
            self.text.push_str(", ");
            way.pop();
        }
        self.text.push(']');
    }
}

/// Where something is wrong.
struct Wrong<'a> {
    places: BTreeSet<Position>,
    required: &'a BTreeSet<&'a str>,
    without_empty: bool,
}

impl Wrong<'_> {
    /// Whether the value as a whole is wrong: in block style its first member stands where it does, and may be what is.
    fn is(&self, node: &Node) -> bool {
        let first = match &node.content {
            Content::Map(members) => members.first().map(|(_, at, _)| *at),
            Content::List(items) => items.first().map(|item| item.place),
            Content::Scalar(..) => None,
        };
        first != Some(node.place) && self.places.contains(&node.place) || self.lacks(node)
    }

    /// Whether something is wrong that a mapping must have.
    fn lacks(&self, node: &Node) -> bool {
        let Content::Map(members) = &node.content else { return false };
        members.iter().any(|(key, _, value)| self.required.contains(key.as_str()) && self.is(value))
    }

    /// Whether a member is: also a list with an element that is, without which the others would have other places.
    fn is_member(&self, at: Position, value: &Node) -> bool {
        let holds =
            matches!(&value.content, Content::List(items) if items.iter().any(|item| self.is_gone(item)));
        holds || self.places.contains(&at) || self.is(value)
    }

    /// Whether nothing is left of an element of a list.
    fn is_gone(&self, item: &Node) -> bool {
        self.is(item) || self.without_empty && self.empties(item)
    }

    /// The elements of a list of rules some of which are gone, and what stands in their place, so that the others keep
    /// theirs: one that is not wrong, without its name. Nothing where there is none.
    fn stand_in<'n>(&self, key: &str, at: Position, value: &'n Node) -> Option<(&'n [Node], Node)> {
        let Content::List(items) = &value.content else { return None };
        if !RULES.contains(&key) || self.places.contains(&at) || self.is(value) {
            return None;
        }
        if !items.iter().any(|item| self.is_gone(item)) {
            return None;
        }
        let mut good = items.iter().find(|item| !self.is_gone(item))?.clone();
        if let Content::Map(members) = &mut good.content {
            members.retain(|(key, _, _)| key != "id");
        }
        Some((items, good))
    }

    /// Whether nothing is left of a mapping.
    fn empties(&self, node: &Node) -> bool {
        let Content::Map(members) = &node.content else { return false };
        !members.is_empty() && members.iter().all(|(_, at, value)| self.is_member(*at, value))
    }
}

/// A text as both YAML and JSON have it.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::places::{read, steps};

    #[test]
    fn what_is_wrong_is_gone_and_the_rest_is_as_it_was() {
        let text = "name: x\nservers:\n  one:\n    settings:\n      bad: 1\n      good: 007\n    records: { a: [ { b: 'yes', c: no } ] }\n\
                    faults:\n  - { server: one, when: { metod: GET } }\n";
        let node = read(text).expect("it is YAML");
        let none = BTreeSet::new();
        let place = |line, column| Mistake { place: Some(Position { line, column }), ..Mistake::default() };
        let remains =
            Remains::of(&node, &[place(5, 7), place(9, 28)], &none, false).expect("something is left");
        let expected = "{\"name\": x, \"servers\": {\"one\": {\"settings\": {\"good\": 007, }, \"records\": {\"a\": [{\"b\": \"yes\", \
                        \"c\": no, }, ], }, }, }, \"faults\": [{\"server\": one, \"when\": {}, }, ], }";
        assert_eq!(remains.text, expected);
        let may_cause = |path: &str| remains.may_cause(&Mistake::at(steps(path), "x"));
        assert!(may_cause("faults[0].when") && may_cause("faults[0]") && may_cause("servers.one"));
        assert!(!may_cause("servers.one.settings.good") && !may_cause("faults[1]"));
        let text = "steps: [ { do: [ { advnce: 1m } ], at: 1m } ]";
        let node = read(text).expect("it is YAML");
        let at = Mistake { place: Some(Position { line: 1, column: 20 }), ..Mistake::default() };
        for (without_empty, left) in [(false, "{\"do\": [{}, ], \"at\": 1m, }"), (true, "{\"at\": 1m, }")] {
            let remains = Remains::of(&node, std::slice::from_ref(&at), &none, without_empty)
                .expect("something is left");
            assert_eq!(remains.text, format!("{{\"steps\": [{left}, ], }}"));
        }
        // A rule that is gone leaves the others where they were.
        let text = "faults: [ { server: x }, { id: a, server: y } ]";
        let node = read(text).expect("it is YAML");
        let at = Mistake { place: Some(Position { line: 1, column: 21 }), ..Mistake::default() };
        let remains =
            Remains::of(&node, &[at], &BTreeSet::from(["server"]), false).expect("something is left");
        assert_eq!(remains.text, "{\"faults\": [{\"server\": y, }, {\"id\": a, \"server\": y, }, ], }");
        assert!(remains.may_cause(&Mistake::at(steps("faults[0]"), "x")));
        assert!(!remains.may_cause(&Mistake::at(steps("faults[1].when"), "x")));
        // Where the value of a key is wrong that must be there, its mapping goes with it.
        let text = "steps: [ { do: [ { action: { server: x } } ], at: 1m } ]";
        let node = read(text).expect("it is YAML");
        let at = Mistake { place: Some(Position { line: 1, column: 38 }), ..Mistake::default() };
        let remains =
            Remains::of(&node, &[at], &BTreeSet::from(["server"]), true).expect("something is left");
        assert_eq!(remains.text, "{\"steps\": [{\"at\": 1m, }, ], }");
        let of_all = Mistake { place: Some(node.place), ..Mistake::default() };
        assert!(Remains::of(&read("- a").expect("a list"), &[of_all], &none, false).is_none());
    }
}
