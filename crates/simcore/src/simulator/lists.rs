//! How lists of [`Records`](super::records::Records) come in parts, and what answers stand in.

use serde_json::{Number, Value, json};

use crate::contract::{Answer, Holds, Member, Operation, Parameter, Shape, Usual};
use crate::entity::profile::{Evidence, FieldKind};
use crate::entity::validate::{Problem, Rule};
use crate::simulator::extract::Query;

/// How a list is asked for in parts: the parameters, how many records first.
#[derive(Clone, Copy, Debug)]
pub enum Paging {
    /// So many records (`limit`), after so many others (`offset`); all, unless the client says so.
    Offset([&'static str; 2]),
    /// A page of so many records, and its number from 1.
    Pages {
        /// The parameters: `["size", "page"]`.
        parameters: [&'static str; 2],
        /// How many records a page has unless the client says so.
        usual: u64,
        /// How many it has at most.
        most: u64,
    },
}

/// What answers with records stand in: `{"data": …}`, a list's `{"data": […], "meta": {"size", "page", "total"}}`.
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// The member that holds the record or the list.
    pub data: &'static str,
    /// The member of a list's answer that says which part of how many it is, by the names of the parameters; empty for
    /// none.
    pub meta: &'static str,
    /// The member of `meta` that says how many records there are in all.
    pub total: &'static str,
}

/// A part of a list: how many records at most, and how many come before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) limit: Option<u64>,
    pub(crate) offset: u64,
    /// What the client asked for, by the parameters' names.
    asked: [Option<u64>; 2],
}

impl Paging {
    /// The names of the parameters.
    pub(crate) const fn names(self) -> [&'static str; 2] {
        match self {
            Self::Offset(names) | Self::Pages { parameters: names, .. } => names,
        }
    }

    /// The part that a query asks for; what is wrong with it is added to `problems`.
    pub(crate) fn part(self, query: &Query, problems: &mut Vec<Problem>) -> Part {
        let [many, from] = self.names().map(|name| {
            query.count(name).unwrap_or_else(|_| {
                problems.push(Problem { path: name.to_owned(), rule: Rule::Kind(FieldKind::Integer) });
                None
            })
        });
        let Self::Pages { parameters: [size, page], usual, most } = self else {
            return Part { limit: many, offset: from.unwrap_or(0), asked: [many, Some(from.unwrap_or(0))] };
        };
        let mut bounded = |name: &str, given: u64, most: u64| {
            let least = (given < 1).then(|| Rule::Least(Number::from(1)));
            let rule = least.or_else(|| (given > most).then(|| Rule::Greatest(Number::from(most))));
            problems.extend(rule.map(|rule| Problem { path: name.to_owned(), rule }));
            given
        };
        let many = bounded(size, many.unwrap_or(usual), most);
        let from = bounded(page, from.unwrap_or(1), u64::MAX);
        let offset = from.saturating_sub(1).saturating_mul(many);
        Part { limit: Some(many), offset, asked: [Some(many), Some(from)] }
    }

    /// What a contract says of the parameters.
    pub(crate) fn described(self, operation: Operation, evidence: Evidence) -> Operation {
        let Self::Pages { parameters: [size, page], usual, most } = self else {
            return operation.paged(self.names(), evidence);
        };
        let sizes = Holds::between(1, i64::try_from(most).unwrap_or(i64::MAX));
        operation.with([
            Parameter::query(size, sizes, evidence).example(usual).about("How many records a page has."),
            Parameter::query(page, Holds::at_least(1), evidence).example(1).about("Which page, from 1."),
        ])
    }
}

impl Envelope {
    /// A record in it.
    pub(crate) fn around(&self, record: &[u8]) -> Vec<u8> {
        [b"{", &*member(self.data), record, b"}"].concat()
    }

    /// A list in it, which is a part of `total` records.
    pub(crate) fn around_list(&self, list: &[u8], paging: Paging, part: Part, total: u64) -> Vec<u8> {
        if self.meta.is_empty() {
            return self.around(list);
        }
        let [many, from] = paging.names();
        let [asked_many, asked_from] = part.asked;
        let meta = json!({ many: asked_many, from: asked_from, self.total: total }).to_string();
        let parts: [&[u8]; 7] =
            [b"{", &member(self.data), list, b",", &member(self.meta), meta.as_bytes(), b"}"];
        parts.concat()
    }

    /// The shape of what holds `shape`; a list's with the part that it is.
    pub fn shape(&self, shape: Shape, list: Option<Paging>, evidence: Evidence) -> Shape {
        let data = Member::always(shape, evidence).about("What was asked for.");
        let meta = list.filter(|_| !self.meta.is_empty()).map(|paging| {
            let number = |about| Member::always(Shape::kind(FieldKind::Integer), evidence).about(about);
            let [many, from] = paging.names();
            let (from_words, is_nullable) = match paging {
                Paging::Offset(_) => ("How many records were passed over first.", true),
                Paging::Pages { .. } => ("Which page it is, from 1.", false),
            };
            let members = [
                (many, Member { is_nullable, ..number("How many records it has at most.") }),
                (from, number(from_words)),
                (self.total, number("How many records there are in all.")),
            ];
            (
                self.meta,
                Member::always(Shape::object(members), evidence).about("Which part of how many it is."),
            )
        });
        Shape::object([(self.data, data)].into_iter().chain(meta))
    }

    /// An operation whose successes stand in it.
    pub(crate) fn operation(&self, mut operation: Operation, does: Usual, paging: Paging) -> Operation {
        let list = (does == Usual::List).then_some(paging);
        let evidence = operation.evidence;
        let is_success = |answer: &&mut Answer| answer.status < 300;
        for answer in operation.answers.iter_mut().filter(is_success) {
            let content = answer.content.take();
            answer.content = content.map(|(media, shape)| (media, self.shape(shape, list, evidence)));
        }
        operation
    }
}

/// The name of a member as it stands before its value.
fn member(name: &str) -> Vec<u8> {
    format!("{}:", Value::from(name)).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_so_many_records_after_so_many_others() {
        let offset = Paging::Offset(["limit", "offset"]);
        let pages = Paging::Pages { parameters: ["size", "page"], usual: 20, most: 100 };
        for (paging, query, limit, from, wrong) in [
            (offset, "", None, 0, 0),
            (offset, "limit=5&offset=7", Some(5), 7, 0),
            (offset, "limit=x&offset=-1", None, 0, 2),
            (pages, "", Some(20), 0, 0),
            (pages, "size=1&page=4", Some(1), 3, 0),
            (pages, "size=100&page=3", Some(100), 200, 0),
            (pages, "size=101", Some(101), 0, 1),
            (pages, "size=0&page=0", Some(0), 0, 2),
            (pages, "size=4&page=9223372036854775807", Some(4), u64::MAX, 0),
        ] {
            let (uri, mut problems) = (format!("/?{query}").parse().unwrap(), Vec::new());
            let part = paging.part(&Query::new(&uri), &mut problems);
            assert_eq!((part.limit, part.offset, problems.len()), (limit, from, wrong), "{query}");
        }
    }
}
