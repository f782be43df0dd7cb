//! A request as rules and contracts look at it.

use axum::http::{HeaderMap, Method};

/// A request as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// The simulator's slug.
    pub server: &'a str,
    /// The verb.
    pub method: &'a Method,
    /// The path, without the sandbox prefix.
    pub path: &'a str,
    /// The query, without its question mark.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The body.
    pub body: &'a [u8],
}
