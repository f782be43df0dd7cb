#![doc = include_str!("../README.md")]

// The rooms, from the ground up, on top of those of `simcore`: each knows only those before it.
pub mod journal;
pub mod judge;
pub mod rules;
pub mod sandbox;
pub mod scenario;
pub mod server;
pub mod tls;

#[cfg(test)]
mod rooms;

use simcore::{base, contract, entity, simulator, store};
