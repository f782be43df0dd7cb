#![doc = include_str!("../README.md")]

pub mod body;
pub mod ctx;
pub mod error;
pub mod extract;
pub mod gate;
pub mod patience;
pub mod refusal;
pub mod server;
pub mod simulator;
mod to_the_end;

pub mod common;
pub mod model;
pub mod profile;
pub mod sample;
pub mod settings;
pub mod validate;

pub mod db;
pub mod functions;
pub mod query;
pub mod rows;
pub mod store;
pub mod tokens;

pub mod clock;
pub mod duration;
pub mod random;
pub mod sandbox;
pub mod sandboxes;
pub mod world;

pub mod action;
pub mod contract;
pub mod data;
pub mod generate;
pub mod mistake;
pub mod scenario;
pub mod schema;

pub mod effect;
pub mod fault;
pub mod matcher;
pub mod request;

pub mod expect;
pub mod play;
pub mod report;
pub mod step;
pub mod verdict;

pub mod har;
pub mod journal;
pub mod mask;

pub mod outbound;

#[cfg(test)]
mod toy;

pub use ctx::{Ctx, Public};
pub use db::{Db, Select};
pub use error::{Error, Kind, Result};
pub use simulator::{Loaded, Principal, Simulator};
