//! What a refusal says, as profiles have it: status, code, sentence.

use serde::{Deserialize, Serialize};

use crate::base::error::ErrorKind;
use crate::base::map::IndexMap;
use crate::entity::evidence::Evidence;

/// What a refusal, or a part of one, says: `errors.NAME` of a profile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The HTTP status; nothing for a sentence that is a part of others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The vendor's code, where it has codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The sentence, with `{placeholders}`; without one, what is said of its status in general.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Sentence>,
    /// Which refusals of every server it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<ErrorKind>,
    /// The statuses that fault rules answer with of which it is what the vendor says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statuses: Vec<u16>,
    /// Where it comes from.
    pub evidence: Evidence,
    /// When it comes, where its name does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
}

/// The status of a refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Status {
    /// This one.
    Code(u16),
    /// What a setting says.
    Setting {
        /// Its name.
        setting: String,
    },
}

/// A sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Sentence {
    /// In the one language of the vendor.
    Text(String),
    /// By the values of the setting that `language` of the profile names.
    Languages(IndexMap<String, String>),
}

impl Sentence {
    /// It in that language, or else in the first one.
    pub fn text(&self, language: &str) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Languages(texts) => {
                texts.get(language).or_else(|| texts.first().map(|(_, text)| text)).map_or("", String::as_str)
            }
        }
    }

    /// Its texts, by language where it has several.
    pub fn texts(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        let (one, several) = match self {
            Self::Text(text) => (Some((None, text.as_str())), None),
            Self::Languages(texts) => (None, Some(texts)),
        };
        let several = several.into_iter().flatten();
        one.into_iter().chain(several.map(|(language, text)| (Some(language.as_str()), text.as_str())))
    }

    /// The placeholders in it, each once.
    pub fn placeholders(&self) -> Vec<&str> {
        let mut found: Vec<&str> = self.texts().flat_map(|(_, text)| placeholders(text)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// The words between braces that can be placeholders.
fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split('{').skip(1).filter_map(|part| part.split_once('}'));
    parts.map(|(name, _)| name).filter(|name| is_placeholder(name))
}

fn is_placeholder(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_lowercase() || letter == b'_')
}
