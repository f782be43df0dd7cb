//! What is wrong with a body, and the sentence that the profile has for it.

use serde_json::{Number, Value};

use crate::base::error::Error;
use crate::base::said::Said;
use crate::entity::field::FieldKind;

/// One thing that is wrong with a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where: a dotted path, list places in brackets (`lines[0].quantity`).
    pub path: String,
    /// What.
    pub rule: Rule,
}

/// Which rule a value breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It must be there and not be empty.
    Required,
    /// It must be of this kind.
    Kind(FieldKind),
    /// It must be one of these.
    OneOf(Vec<Value>),
    /// It may have this many characters at most.
    TooLong(usize),
    /// It must be at least this.
    Least(Number),
    /// It must be at most this.
    Greatest(Number),
    /// It is beyond what amounts may be: it has more than [`AMOUNT_DIGITS`](crate::entity::validate::AMOUNT_DIGITS) digits before the point.
    TooLarge,
    /// It has more digits than can be kept.
    TooPrecise,
    /// There is no such field.
    Unknown,
}

impl Problem {
    /// Its sentence in the profile of the vendor.
    pub fn said(&self) -> Said {
        let said = match &self.rule {
            Rule::Required => said!(RULE_REQUIRED),
            Rule::Kind(kind) => Said::new(rule_of(*kind)),
            Rule::OneOf(values) => {
                let each: Vec<String> = values.iter().map(Value::to_string).collect();
                let list = Value::Array(values.clone()).to_string();
                said!(RULE_ONE_OF, values = each.join(", "), list = list)
            }
            Rule::TooLong(longest) => said!(RULE_TOO_LONG, longest = *longest),
            Rule::Least(least) => said!(RULE_LEAST, least = least.clone()),
            Rule::Greatest(greatest) => said!(RULE_GREATEST, greatest = greatest.clone()),
            Rule::TooLarge | Rule::TooPrecise => said!(RULE_RANGE),
            Rule::Unknown => said!(RULE_UNKNOWN),
        };
        said.with("field", &self.path)
    }
}

fn rule_of(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "RULE_TEXT",
        FieldKind::Integer => "RULE_INTEGER",
        FieldKind::Decimal => "RULE_DECIMAL",
        FieldKind::Boolean => "RULE_BOOLEAN",
        FieldKind::Date => "RULE_DATE",
        FieldKind::DateTime => "RULE_DATETIME",
        FieldKind::Binary => "RULE_BINARY",
        FieldKind::Object => "RULE_OBJECT",
        FieldKind::List => "RULE_LIST",
    }
}

/// `refusal` with every problem as a detail, in the words of the profile.
pub fn refuse(refusal: Error, problems: Vec<Problem>) -> Error {
    problems.into_iter().fold(refusal, |error, problem| {
        let said = problem.said();
        error.detail_said(problem.path, said)
    })
}
