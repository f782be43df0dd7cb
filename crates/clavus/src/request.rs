//! What a request asks for.

use serde_json::{Map, Value};

/// One operation, wherever it stood in the request.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) query: String,
    /// The hash to remember the document by once it is known to be valid.
    pub(crate) hash: Option<String>,
    pub(crate) variables: Map<String, Value>,
    pub(crate) operation_name: Option<String>,
}
