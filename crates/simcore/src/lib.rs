#![doc = include_str!("../README.md")]

// The rooms, from the ground up: each knows only those before it. Those above them are in the crate `simhost`.
#[macro_use]
pub mod base;
pub mod contract;
pub mod entity;
pub mod simulator;
pub mod store;

pub use base::error::{Error, ErrorKind, Result};
pub use simulator::ctx::{Ctx, Public};
pub use simulator::{Loaded, Principal, Simulator};
pub use store::db::{Db, Select};
