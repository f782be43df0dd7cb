//! The command that `exec` runs on Windows: a job object ends what it started with `exec`, however that ends.

#![expect(clippy::disallowed_methods, reason = "the command that is run")]

use std::io;
use std::process::{Command, ExitStatus};

use tokio::signal::windows::{ctrl_break, ctrl_c};
use win32job::{ExtendedLimitInfo, Job};

use super::Wanted;

/// Runs the command to its end.
///
/// # Errors
/// When it could not be started.
pub(crate) async fn run(wanted: Wanted<'_>) -> io::Result<ExitStatus> {
    // A job knows all of its processes and ends them, and the command is started by this process itself.
    let Wanted { line, variables, kill_all, is_json } = wanted;
    let _ = (kill_all, is_json);
    if let Err(error) = join_job() {
        tracing::warn!(%error, "processes that the command leaves behind may outlive it");
    }
    // The console gives these to the command as well: it is to end by them, and then this process.
    let (mut interrupt, mut stop) = (ctrl_c()?, ctrl_break()?);
    let (program, arguments) = line.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut child = Command::new(program).args(arguments).envs(variables).spawn()?;
    let mut ended = tokio::task::spawn_blocking(move || child.wait());
    loop {
        tokio::select! {
            status = &mut ended => return status.map_err(io::Error::other)?,
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
        }
    }
}

/// Puts this process into a job, and with it all that it will start. The job's one handle is never closed but by the end of
/// this process, and then the system ends all that is in it.
fn join_job() -> Result<(), win32job::JobError> {
    let mut limits = ExtendedLimitInfo::new();
    limits.limit_kill_on_job_close();
    let job = Job::create_with_limit_info(&limits)?;
    job.assign_current_process()?;
    let _ = job.into_handle();
    Ok(())
}
