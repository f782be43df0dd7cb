//! How a request reached a server.

use std::sync::Arc;

/// How a request came here; stands in its extensions.
#[derive(Clone, Debug, Default)]
pub struct Transport {
    /// Whether it came by HTTPS.
    pub is_encrypted: bool,
    /// The user of the proxy that it came through.
    pub user: Option<Arc<str>>,
}
