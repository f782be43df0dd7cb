//! A difference in shape or rule, and many of one kind as one.

use indexmap::IndexMap;
use serde_json::{Value, json};
use simcore::entity::profile::Evidence;

/// What differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The answer's status.
    Status,
    /// A header that matters.
    Header,
    /// The recording has a field that the simulator does not answer with.
    FieldMissing,
    /// The simulator answers with a field that the recording does not have.
    FieldExtra,
    /// What a field holds.
    Type,
    /// A value of a field that takes only some.
    Enum,
    /// The form, code or sentence of a refusal.
    Error,
    /// The order of rows.
    Order,
    /// How many rows there are at most.
    Limit,
    /// Where a call is.
    Path,
}

impl Kind {
    /// Its name for users.
    pub fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Header => "header",
            Self::FieldMissing => "field_missing",
            Self::FieldExtra => "field_extra",
            Self::Type => "type",
            Self::Enum => "enum",
            Self::Error => "error",
            Self::Order => "order",
            Self::Limit => "limit",
            Self::Path => "path",
        }
    }
}

/// A difference of one answer.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) kind: Kind,
    /// Where in the answer; empty for the whole of it.
    pub(crate) place: String,
    /// What the recording has, without its values.
    pub(crate) recorded: String,
    /// What the simulator has.
    pub(crate) ours: String,
    /// The fact of the profile or the contract that it touches.
    pub(crate) fact: String,
    /// Where that fact comes from.
    pub(crate) evidence: Option<Evidence>,
    /// What a profile can say to it.
    pub(crate) correction: Option<Value>,
    /// What it can say instead, where a field may only be called otherwise.
    pub(crate) rename: Option<Value>,
}

/// What a difference is told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    pub(crate) operation: String,
    pub(crate) kind: Kind,
    pub(crate) place: String,
    pub(crate) recorded: String,
    pub(crate) ours: String,
}

/// The same difference in several answers.
#[derive(Clone, Debug)]
pub struct Item {
    pub(crate) server: &'static str,
    pub(crate) identity: Identity,
    pub(crate) fact: String,
    pub(crate) evidence: Option<Evidence>,
    pub(crate) corrections: Vec<Value>,
    /// The entries of the file, from 1.
    pub requests: Vec<usize>,
    pub(crate) learnable: bool,
}

/// Differences of one server, by what tells them apart.
#[derive(Debug, Default)]
pub(crate) struct Items(pub(crate) IndexMap<Identity, Item>);

impl Items {
    pub(crate) fn add(&mut self, server: &'static str, operation: &str, request: usize, found: Difference) {
        let Difference { kind, place, recorded, ours, fact, evidence, correction, rename } = found;
        let identity = Identity { operation: operation.to_owned(), kind, place, recorded, ours };
        let item = self.0.entry(identity.clone()).or_insert_with(|| Item {
            server,
            identity,
            fact,
            evidence,
            corrections: Vec::new(),
            requests: Vec::new(),
            learnable: false,
        });
        if item.requests.last() != Some(&request) {
            item.requests.push(request);
        }
        for correction in rename.into_iter().chain(correction) {
            if !item.corrections.contains(&correction) {
                item.corrections.push(correction);
            }
        }
    }
}

impl Item {
    /// What differs.
    pub fn kind(&self) -> Kind {
        self.identity.kind
    }

    /// Whether a profile can say it.
    pub fn is_learnable(&self) -> bool {
        self.learnable
    }

    /// It, for users of JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "server": self.server,
            "operation": self.identity.operation,
            "kind": self.identity.kind.name(),
            "where": self.identity.place,
            "recorded": self.identity.recorded,
            "ours": self.identity.ours,
            "count": self.requests.len(),
            "requests": self.requests,
            "fact": self.fact,
            "evidence": self.evidence.map(Evidence::name),
            "learnable": self.learnable,
        })
    }

    /// It in one line, for people.
    pub fn line(&self) -> String {
        let Identity { operation, kind, place, recorded, ours } = &self.identity;
        let answers = match self.requests.len() {
            1 => "1 answer".to_owned(),
            count => format!("{count} answers"),
        };
        let what = match kind {
            Kind::FieldMissing => format!("field `{place}` is there ({recorded}), ours has none"),
            Kind::FieldExtra => format!("field `{place}` is not there, ours has it ({ours})"),
            _ if place.is_empty() => format!("{}: {recorded}, ours: {ours}", kind.name()),
            _ => format!("{} of `{place}`: {recorded}, ours: {ours}", kind.name()),
        };
        let evidence = self.evidence.map(|evidence| format!(" [{}]", evidence.name())).unwrap_or_default();
        let (first, more) = self.requests.split_at(self.requests.len().min(3));
        let numbers = first.iter().map(|number| format!("#{number}")).collect::<Vec<_>>().join(" ");
        let more = if more.is_empty() { "" } else { " …" };
        format!("{answers} of {operation}: {what}\n    {}{evidence}, entries {numbers}{more}", self.fact)
    }
}
