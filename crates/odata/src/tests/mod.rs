//! Tests of the whole crate, by what they look at.

mod database;
mod limits;
mod options;
mod properties;
mod semantics;
mod syntax;
mod values;

use crate::{Error, ErrorKind, Expr};

/// The tree of a text that must be right.
fn parse(text: &str) -> Expr {
    Expr::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The error of a text that must be wrong.
fn error(text: &str) -> Error {
    match Expr::parse(text) {
        Err(error) => error,
        Ok(expr) => panic!("{text} was read as {expr}"),
    }
}

/// Position and sentence of a syntax error.
fn refused(text: &str) -> (usize, String) {
    let error = error(text);
    (error.position, error.to_string())
}

fn is_unexpected(text: &str) -> bool {
    matches!(error(text).kind, ErrorKind::Unexpected { .. })
}
