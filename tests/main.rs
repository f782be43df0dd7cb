//! Everything through the front door: the real servers on free ports, spoken to over HTTP.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and run on the wall clock"
)]

mod compare;
mod contract;
mod control;
mod flows;
mod judge;
mod profiles;
mod scenario;
mod support;
mod tidy;
mod tls;
mod whole;
