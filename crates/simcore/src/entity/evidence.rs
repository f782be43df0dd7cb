//! Where facts come from, and calls that a user knows elsewhere.

use serde::{Deserialize, Serialize};

/// Where a fact comes from; the earlier beats the later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Evidence {
    /// The vendor's page that the simulator started from.
    Seed,
    /// Another public page of the vendor, or forced by two of them.
    Doc,
    /// What a public client of the vendor's relies on.
    Client,
    /// What the real service was seen answering (`compare --learn`).
    Recorded,
    /// Nobody was seen saying it: the most plausible choice.
    Assumed,
}

impl Evidence {
    /// Where the correction of a user comes from who does not say: the client that is tested relies on it.
    pub fn of_user() -> Self {
        Self::Client
    }

    /// Its name in profiles, documents and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Seed => "seed",
            Self::Doc => "doc",
            Self::Client => "client",
            Self::Recorded => "recorded",
            Self::Assumed => "assumed",
        }
    }
}

/// Where a call is instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Moved {
    /// The path.
    Path(String),
    /// The path, and where it comes from.
    Known {
        /// The path.
        path: String,
        /// Where it comes from.
        #[serde(default = "Evidence::of_user")]
        evidence: Evidence,
    },
}

impl Moved {
    /// The path, and where it comes from.
    pub fn parts(&self) -> (&str, Evidence) {
        match self {
            Self::Path(path) => (path, Evidence::of_user()),
            Self::Known { path, evidence } => (path, *evidence),
        }
    }
}
