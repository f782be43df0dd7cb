//! Nothing knocks it over: kills, torn files, full disks, crowds, slow clients, sizes, stops. Every test runs the real
//! binary in a process of its own. The long forms are behind `.ci/long.sh`.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "tests fail by panicking, and run on the wall clock"
)]

use std::io::Write as _;

mod crowds;
mod disks;
mod edges;
mod extremes;
mod files;
mod kills;
mod many;
mod memory;
mod outputs;
#[path = "../support/proc.rs"]
mod proc;
mod process;
mod recorders;
mod sizes;
mod slow;
mod stops;
#[path = "../support/mod.rs"]
#[expect(dead_code, reason = "the other test binaries use the rest")]
mod support;
mod worlds;

/// A line for whoever runs the tests, passed or not: what `eprintln!` says of a test that passes is kept back.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// A size that the long form of a test sets by environment.
fn scale(variable: &str, usual: usize) -> usize {
    std::env::var(variable).map_or(usual, |text| text.parse().expect("a number"))
}
