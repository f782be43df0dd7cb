#![doc = include_str!("../README.md")]

// The rooms, from the ground up: each knows only those before it.
pub mod base;
pub mod contract;
pub mod entity;
pub mod journal;
pub mod judge;
pub mod rules;
pub mod sandbox;
pub mod scenario;
pub mod server;
pub mod simulator;
pub mod store;

#[cfg(test)]
mod rooms;

pub use base::error::{Error, Kind, Result};
pub use simulator::ctx::{Ctx, Public};
pub use simulator::{Loaded, Principal, Simulator};
pub use store::db::{Db, Select};
