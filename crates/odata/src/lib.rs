#![doc = include_str!("../README.md")]

mod ast;
mod coerce;
mod date;
mod error;
mod lexer;
mod limits;
mod options;
mod parser;
mod sql;

#[cfg(test)]
mod tests;

pub use ast::{Expr, Function, Literal, Op, Path};
pub use coerce::{Bind, ValueKind};
pub use error::{Error, ErrorKind};
pub use limits::{MAX_CONDITIONS, MAX_DEPTH, MAX_LIST, MAX_PATHS, MAX_VALUES};
pub use options::{Order, parse_count, parse_orderby, parse_paths};
pub use sql::{Column, Columns, Sql, orderby_sql};
