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

/// What a user knows otherwise of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CallChange {
    /// The path.
    Path(String),
    /// More than that.
    Known {
        /// The path, where it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
        /// The status of answers that succeed, where it is another.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        status: Option<u16>,
        /// Where it comes from.
        #[serde(default = "Evidence::of_user")]
        evidence: Evidence,
    },
}

impl CallChange {
    /// Where it is instead.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Path(path) => Some(path),
            Self::Known { path, .. } => path.as_deref(),
        }
    }

    /// What it answers with when it succeeds.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Path(_) => None,
            Self::Known { status, .. } => *status,
        }
    }

    /// Where that comes from.
    pub fn evidence(&self) -> Evidence {
        match self {
            Self::Path(_) => Evidence::of_user(),
            Self::Known { evidence, .. } => *evidence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CallChange;

    #[test]
    fn what_is_known_of_a_call_is_a_path_or_more() {
        for (json, path, status) in [
            (r#""/a""#, Some("/a"), None),
            (r#"{"path":"/b"}"#, Some("/b"), None),
            (r#"{"status":202}"#, None, Some(202)),
        ] {
            let change: CallChange = serde_json::from_str(json).unwrap();
            assert_eq!((change.path(), change.status()), (path, status), "{json}");
        }
    }
}
