//! What calls are answered with.

use std::borrow::Cow;

use serde_json::Value;

use super::{JSON, Shape};
use crate::entity::profile::Evidence;

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// When it comes.
    pub about: Cow<'static, str>,
    /// Its media type, and what is in it; nothing for an empty body.
    pub content: Option<(&'static str, Shape)>,
    /// Whether a client can ask for it without its body.
    pub may_be_empty: bool,
    /// Headers beside those that say how the body is to be read.
    pub headers: Vec<Header>,
    /// A body; made of the seed data where it is null.
    pub example: Value,
    /// Where it comes from.
    pub evidence: Evidence,
}

/// A header of an answer.
#[derive(Clone, Debug)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Whether the answer always has it.
    pub is_always: bool,
}

impl Answer {
    /// An answer with a JSON body.
    pub fn json(status: u16, about: impl Into<Cow<'static, str>>, shape: Shape, evidence: Evidence) -> Self {
        Self { content: Some((JSON, shape)), ..Self::empty(status, about, evidence) }
    }

    /// A refusal, in the contract's component `Error`.
    pub fn refusal(status: u16, about: impl Into<Cow<'static, str>>, evidence: Evidence) -> Self {
        Self::json(status, about, Shape::named("Error"), evidence)
    }

    /// An answer without a body.
    pub fn empty(status: u16, about: impl Into<Cow<'static, str>>, evidence: Evidence) -> Self {
        Self {
            status,
            about: about.into(),
            content: None,
            may_be_empty: false,
            headers: Vec::new(),
            example: Value::Null,
            evidence,
        }
    }

    /// The same with a header that it always has.
    #[must_use]
    pub fn header(mut self, name: &'static str, about: &'static str) -> Self {
        self.headers.push(Header { name, about, is_always: true });
        self
    }

    /// The same with a header that it may have.
    #[must_use]
    pub fn may_have(mut self, name: &'static str, about: &'static str) -> Self {
        self.headers.push(Header { name, about, is_always: false });
        self
    }

    /// The same, which a client can ask for without its body.
    #[must_use]
    pub fn may_be_empty(self) -> Self {
        Self { may_be_empty: true, ..self }
    }

    /// The same with a body as an example.
    #[must_use]
    pub fn example(self, example: Value) -> Self {
        Self { example, ..self }
    }
}
