#![doc = include_str!("../README.md")]

mod attached;
pub mod library;
pub mod registry;
mod running;

pub use attached::{Attached, ControlError, NewSandbox, Sandbox, http_client, segment};
pub use running::{
    Config, Erpsatz, Intercept, ProxyUse, Record, StartError, load_library, load_simulators, peer, ready,
};
