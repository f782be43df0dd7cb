#![doc = include_str!("../README.md")]

pub mod ast;
mod document;
mod lexer;
pub mod limits;
mod parser;
mod print;
mod problem;
pub mod schema;
mod suggest;
mod validate;
mod values;
mod variables;

pub use self::document::{fragments, introspection_fields, operation};
pub use self::parser::{Refusal, parse};
pub use self::problem::{Problem, location, locations};
pub use self::schema::Schema;
pub use self::validate::{Rules, validate};
pub use self::values::{Scalars, Variables, coerce, inspect, untyped};
pub use self::variables::variables;
