#![doc = include_str!("../README.md")]

mod attached;
mod https;
pub mod library;
pub mod registry;
pub mod replay;
mod running;

pub use attached::{Attached, ControlError, Data, NewSandbox, Sandbox, http_client, segment};
pub use https::send;
pub use running::{
    Config, Erpsatz, Intercept, Profiles, ProxyUse, Record, StartError, check_profile, load_library,
    load_simulators, peer, ready,
};
