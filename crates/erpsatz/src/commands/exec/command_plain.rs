//! The command that `exec` runs, where the system has neither signals nor a way to know descendants.

use std::ffi::OsString;
use std::io;
use std::process::{Command, ExitStatus};

/// What a command needs to become one.
pub(crate) struct Wanted<'a> {
    /// The program and its arguments.
    pub(crate) line: &'a [OsString],
    /// What it finds in its environment beside what is there.
    pub(crate) variables: Vec<(String, String)>,
    /// Has no meaning here.
    pub(crate) kill_all: bool,
}

/// Runs the command to its end.
///
/// # Errors
/// When it could not be started.
pub(crate) async fn run(wanted: Wanted<'_>) -> io::Result<ExitStatus> {
    let _ = wanted.kill_all;
    let (program, arguments) = wanted.line.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program).args(arguments).envs(wanted.variables).spawn()?;
    tokio::task::spawn_blocking(move || child.wait()).await.map_err(io::Error::other)?
}
