//! Entities as data: what a profile says of them, what settings there are, how bodies are checked against them.

pub mod common;
pub mod consistency;
pub mod descriptions;
pub mod evidence;
pub mod field;
pub mod identifier;
pub mod marks;
pub mod model;
pub mod order;
pub mod overlay;
pub mod problem;
pub mod profile;
pub mod refusal;
pub mod refusals;
pub mod required;
pub mod sample;
mod samples;
pub mod setting;
pub mod settings;
pub mod validate;
