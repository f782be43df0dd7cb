//! Parts of statements.

use rusqlite::types::Value as Bound;

/// A part of a statement with the values it binds.
#[derive(Debug, Default)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) binds: Vec<Bound>,
}
