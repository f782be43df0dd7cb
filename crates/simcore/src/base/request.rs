//! A request as rules and contracts look at it.

use std::cell::OnceCell;

use axum::http::{HeaderMap, Method};
use serde_json::Value;

use crate::base::urlencoded::pairs;

/// A request as rules see it.
#[derive(Clone, Debug)]
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
    /// What the body says as JSON, where it was read already.
    pub json: Option<&'a Value>,
    /// The same, or a form's pairs, once it was read for this view.
    pub read: OnceCell<Value>,
}

impl RequestView<'_> {
    /// The body as JSON, or as a form where it is none. It is read once, however many rules ask.
    pub fn content(&self) -> &Value {
        self.json.unwrap_or_else(|| {
            self.read.get_or_init(|| {
                serde_json::from_slice(self.body).unwrap_or_else(|_| {
                    let text = String::from_utf8_lossy(self.body);
                    pairs(&text)
                        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
                        .collect()
                })
            })
        })
    }
}
