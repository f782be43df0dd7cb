//! Why a field has no value.

use simcore::Error;
use simcore::base::said::Said;

/// The value of a field, or why there is none.
pub(crate) type Resolved = Result<serde_json::Value, Failure>;

/// Why a field has no value.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A refusal that the client reads: `extensions.code` and the message.
    Refused(Said),
    /// A defect: nothing is answered but that.
    Defect(Error),
}

impl From<Said> for Failure {
    fn from(said: Said) -> Self {
        Self::Refused(said)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Defect(error)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Defect(error.into())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Defect(error.into())
    }
}
