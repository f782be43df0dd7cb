//! One file a command.

pub(crate) mod ca;
pub(crate) mod calls;
pub(crate) mod capsule;
pub(crate) mod clock;
pub(crate) mod compare;
pub(crate) mod contract;
pub(crate) mod coverage;
pub(crate) mod exec;
pub(crate) mod generate;
pub(crate) mod health;
pub(crate) mod journal;
pub(crate) mod profile;
mod ready_file;
pub(crate) mod report;
pub(crate) mod reset;
pub(crate) mod scenario;
pub(crate) mod serve;
pub(crate) mod servers;
pub(crate) mod why;

/// Writes a line of the result. A reader that has gone away is no failure.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// Writes a line beside the result.
pub(crate) fn complain(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
