//! Rules of a scenario as data: which request is meant, what goes wrong with it, what happens by itself, what is
//! expected.

pub mod counting;
pub mod difference;
pub mod expect;
pub mod fail_on;
pub mod fault;
pub mod kinds;
pub mod matcher;
pub mod request;
pub mod step;
pub mod values;
