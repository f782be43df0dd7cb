//! Rules of a scenario as data: which request is meant, what goes wrong with it, what happens by itself, what is
//! expected.

pub mod expect;
pub mod fault;
pub mod matcher;
pub mod request;
pub mod step;
