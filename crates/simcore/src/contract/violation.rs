//! What of a request is outside the contract, and what of an answer a handler reports itself.

use serde_json::{Value, json};

use crate::base::diagnostics::{MAX_MESSAGE, MAX_NAME, short};

/// A part of a request that the vendor's contract does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which rule: `path`, `verb`, `parameter`, `header`, `content-type`, `body`, `field`, `type`, `value`, `required`
    /// or `alias`.
    pub rule: &'static str,
    /// Where: a path or verb, the name of a parameter (`$filter:8` for its eighth character) or header, or the path of
    /// a field (`lines[0].quantity`).
    pub position: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// The nearest form that the contract has.
    pub nearest: Option<String>,
}

impl Violation {
    /// One of `rule` at `position`.
    pub fn new(rule: &'static str, position: &str, message: String, nearest: Option<String>) -> Self {
        let position = short(position, MAX_NAME).into_owned();
        let message =
            if message.len() > MAX_MESSAGE { short(&message, MAX_MESSAGE).into_owned() } else { message };
        Self { rule, position, message, nearest }
    }

    /// It, for users.
    pub fn to_json(&self) -> Value {
        json!({
            "rule": self.rule,
            "position": self.position,
            "message": self.message,
            "nearest": self.nearest,
        })
    }
}

/// What a handler itself found outside the contract, in the extensions of its answer: for languages of their own.
#[derive(Clone, Debug)]
pub struct Violations(pub Vec<Violation>);

/// Which named facts of the contract a handler used, in the extensions of its answer.
#[derive(Clone, Debug)]
pub struct UsedFacts(pub Vec<String>);

/// What an answer refuses under a status of its own (a 200 with errors in it), in the vendor's words, in the extensions of
/// the answer.
#[derive(Clone, Debug)]
pub struct Hidden(pub Vec<std::sync::Arc<crate::base::error::Error>>);
