//! What makes a run fail.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::base::diagnostics::unknown;

/// What makes a run fail: a list of `expectations`, `violations`, `errors` and `warnings`, or `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "a set of four")]
pub struct FailOn {
    /// An expectation that is missed.
    pub expectations: bool,
    /// A request outside the contract.
    pub violations: bool,
    /// A verdict of severity error.
    pub errors: bool,
    /// A verdict of severity warning; errors too.
    pub warnings: bool,
}

/// The words of a list, and the one for an empty one.
const WORDS: [&str; 5] = ["expectations", "violations", "errors", "warnings", "none"];

impl Default for FailOn {
    fn default() -> Self {
        Self { expectations: true, ..Self::NOTHING }
    }
}

impl FailOn {
    /// Nothing does.
    pub const NOTHING: Self = Self { expectations: false, violations: false, errors: false, warnings: false };

    /// Whether verdicts of severity error are among it.
    pub fn has_errors(self) -> bool {
        self.errors || self.warnings
    }

    /// The words of the list.
    pub fn words(self) -> Vec<&'static str> {
        let Self { expectations, violations, errors, warnings } = self;
        let given = [expectations, violations, errors, warnings];
        let words: Vec<&str> =
            WORDS.into_iter().zip(given).filter_map(|(word, given)| given.then_some(word)).collect();
        if words.is_empty() { vec!["none"] } else { words }
    }

    fn of<'w>(words: impl Iterator<Item = &'w str>) -> Result<Self, String> {
        let (mut found, mut count, mut is_none) = (Self::NOTHING, 0_usize, false);
        for word in words.map(str::trim).filter(|word| !word.is_empty()) {
            count += 1;
            match word {
                "expectations" => found.expectations = true,
                "violations" => found.violations = true,
                "errors" => found.errors = true,
                "warnings" => found.warnings = true,
                "none" => is_none = true,
                other => return Err(unknown("cause of failure", other, WORDS.into_iter())),
            }
        }
        match count {
            0 => Err(format!("a list of {} is expected", WORDS.join(", "))),
            1 => Ok(found),
            _ if is_none => Err("`none` stands alone".to_owned()),
            _ => Ok(found),
        }
    }
}

impl FromStr for FailOn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::of(text.split(','))
    }
}

impl<'de> Deserialize<'de> for FailOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => text.parse().map_err(D::Error::custom),
            Value::Array(words) => {
                let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
                let words = words.ok_or_else(|| D::Error::custom("`fail_on` is a list of words"))?;
                Self::of(words.into_iter()).map_err(D::Error::custom)
            }
            _ => Err(D::Error::custom("`fail_on` is a list of words")),
        }
    }
}

impl Serialize for FailOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.words().serialize(serializer)
    }
}

impl JsonSchema for FailOn {
    fn schema_name() -> Cow<'static, str> {
        "FailOn".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let word = json!({ "type": "string", "enum": WORDS });
        json_schema!({
            "description": "What makes a run fail; beats what the command says.",
            "anyOf": [
                { "type": "array", "items": word, "minItems": 1 },
                { "type": "string", "description": "The same, with commas." },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FailOn;

    #[test]
    fn lists_are_read_and_written() {
        for text in ["expectations", "violations,errors", "none", "expectations,violations,errors,warnings"] {
            assert_eq!(text.parse::<FailOn>().unwrap().words().join(","), text);
        }
        assert_eq!(serde_json::from_str::<FailOn>(r#"["errors"]"#).unwrap(), "errors".parse().unwrap());
        for (text, why) in [("", "a list of"), ("error", "did you mean `errors`"), ("none,errors", "alone")] {
            assert!(text.parse::<FailOn>().is_err_and(|error| error.contains(why)), "{text}");
        }
    }
}
