#![doc = include_str!("../README.md")]

pub mod library;
pub mod registry;
mod running;

pub use running::{Config, Erpsatz, Intercept, StartError, load_library, load_simulators, ready};
