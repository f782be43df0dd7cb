//! The command that `exec` runs: started, signals passed on to it, waited for, and nothing of it left behind.

#![expect(clippy::disallowed_methods, reason = "the command that is run")]

use std::ffi::OsString;
use std::io;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus};
use std::thread;

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, kill_process, wait};
use tokio::sync::oneshot;

use super::signals::{self, Received, Signals};
use super::{Wanted, descendants};

/// Runs the command to its end. When this returns, nothing that it started is left running, except processes in
/// sessions of their own, which are named on stderr.
///
/// # Errors
/// When it could not be started.
pub(crate) async fn run(wanted: Wanted<'_>) -> io::Result<ExitStatus> {
    adopt_orphans();
    let mut signals = Signals::arm()?;
    let pid = spawn(&wanted)?;
    let mut ended = reap(pid)?;
    // What came before there was a command to get it went to this process alone.
    for received in signals.pending() {
        pass_on(pid, received, true);
    }
    let status = loop {
        tokio::select! {
            status = &mut ended => break status.map_err(io::Error::other)?,
            received = signals.next() => pass_on(pid, received, false),
        }
    };
    descendants::end(wanted.kill_all).await;
    Ok(status)
}

fn spawn(wanted: &Wanted<'_>) -> io::Result<Pid> {
    let variables = || wanted.variables.iter().map(|(name, value)| (name, value));
    #[cfg(target_os = "linux")]
    let spawned = stand_in(wanted).envs(variables()).spawn().or_else(|error| {
        tracing::debug!(%error, "this program cannot be started again, so the command starts without it");
        plain(wanted.line)?.envs(variables()).spawn()
    });
    #[cfg(not(target_os = "linux"))]
    let spawned = plain(wanted.line)?.envs(variables()).spawn();
    let child = spawned?;
    let id = i32::try_from(child.id()).map_err(io::Error::other)?;
    Pid::from_raw(id).ok_or_else(|| io::Error::other("a process without an id"))
}

fn plain(line: &[OsString]) -> io::Result<Command> {
    let (program, arguments) = line.split_first().ok_or(io::ErrorKind::InvalidInput)?;
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// This program once more, which asks the system to be ended when `exec` is and then becomes the command
/// ([`become_command`]): between the start of a process and its program only that program can ask.
#[cfg(target_os = "linux")]
fn stand_in(wanted: &Wanted<'_>) -> Command {
    let mut command = Command::new("/proc/self/exe");
    let parent = rustix::process::getpid().as_raw_pid().to_string();
    command.arg0("erpsatz").args([crate::args::BECOME, &parent]);
    command.args(wanted.is_json.then_some("--json")).arg("--").args(wanted.line);
    command
}

/// What the stand-in does: never returns when the command could be started.
///
/// # Errors
/// Why it could not be.
pub(crate) fn become_command(parent: i32, line: &[OsString]) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{Signal, getppid, set_parent_process_death_signal};
        set_parent_process_death_signal(Some(Signal::KILL))?;
        if getppid().is_none_or(|now| now.as_raw_pid() != parent) {
            return Err(io::Error::other("exec was ended before the command started"));
        }
    }
    let _ = parent;
    Err(plain(line)?.exec())
}

/// On Linux orphans of the command become children of this process, so that it can end and reap them.
fn adopt_orphans() {
    #[cfg(target_os = "linux")]
    {
        let adopted = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        if let Err(error) = adopted {
            tracing::warn!(%error, "processes that the command leaves behind may outlive it");
        }
    }
}

/// Reaps every child that ends, those of the command that were left to this process too, until there is none; says how
/// the one called `pid` ended.
fn reap(pid: Pid) -> io::Result<oneshot::Receiver<ExitStatus>> {
    let (sender, receiver) = oneshot::channel();
    let mut sender = Some(sender);
    let work = move || loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((ended, status))) if ended == pid => {
                if let Some(sender) = sender.take() {
                    // Nobody listens any more when `exec` is failing.
                    let _ = sender.send(ExitStatus::from_raw(status.as_raw()));
                }
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return,
        }
    };
    thread::Builder::new().name("reaper".to_owned()).spawn(work)?;
    Ok(receiver)
}

/// Passes a signal on, unless the terminal has given it to the whole group, the command included.
fn pass_on(pid: Pid, received: Received, was_alone: bool) {
    if received.from_terminal && !was_alone && is_in_own_group(pid) {
        return;
    }
    if let Some(signal) = signals::named(received.number) {
        // It may have ended in this very moment; then the reaper says so.
        let _ = kill_process(pid, signal);
    }
}

#[cfg(target_os = "linux")]
fn is_in_own_group(pid: Pid) -> bool {
    super::processes::Processes::now().is_in_own_group(pid)
}

#[cfg(not(target_os = "linux"))]
fn is_in_own_group(pid: Pid) -> bool {
    use rustix::process::{getpgid, getpgrp};
    getpgid(Some(pid)).is_ok_and(|group| group == getpgrp())
}
