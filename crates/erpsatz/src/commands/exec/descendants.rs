//! What the command leaves running: ended, or named when it began a session of its own. Only Linux tells which processes
//! those are.

use std::time::Duration;

#[cfg(target_os = "linux")]
use rustix::process::{Pid, Signal, kill_process};

#[cfg(target_os = "linux")]
use super::processes::{Process, Processes};
#[cfg(target_os = "linux")]
use crate::output::tell;

/// How long processes have between SIGTERM and SIGKILL, and to go after that.
#[cfg(target_os = "linux")]
const PATIENCE: Duration = Duration::from_secs(2);

/// How often is looked whether they are gone.
#[cfg(target_os = "linux")]
const PAUSE: Duration = Duration::from_millis(20);

/// How many are named at most.
#[cfg(target_os = "linux")]
const NAMED: usize = 20;

/// Ends all descendants of this process: SIGTERM, two seconds, SIGKILL. Those in sessions of their own are named and go
/// on, unless `all`.
#[cfg(target_os = "linux")]
pub(super) async fn end(all: bool) {
    let mut told = std::collections::HashSet::new();
    let mut waited = Duration::ZERO;
    while !end_once(all, waited, &mut told) {
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
}

/// Whether there is nothing more to wait for.
#[cfg(target_os = "linux")]
fn end_once(all: bool, waited: Duration, told: &mut std::collections::HashSet<Pid>) -> bool {
    let now = Processes::now();
    let (ours, others): (Vec<&Process>, Vec<&Process>) =
        now.descendants().into_iter().partition(|process| all || now.is_in_own_session(process));
    if ours.is_empty() || waited >= PATIENCE * 2 {
        name(&others);
        return true;
    }
    for process in ours {
        // It may be gone already.
        if waited >= PATIENCE {
            let _ = kill_process(process.pid, Signal::KILL);
        } else if told.insert(process.pid) {
            let _ = kill_process(process.pid, Signal::TERM);
            // One that was stopped cannot hear.
            let _ = kill_process(process.pid, Signal::CONT);
        }
    }
    false
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn end(_all: bool) {}

#[cfg(target_os = "linux")]
fn name(others: &[&Process]) {
    for process in others.iter().take(NAMED) {
        let (pid, command) = (process.pid.as_raw_pid(), process.command());
        let command = control::text::shown(&command);
        tell(&format!(
            "erpsatz: left running, in a session of its own: {command} (process {pid}); --kill-all ends it"
        ));
    }
    if let more @ 1.. = others.len().saturating_sub(NAMED) {
        tell(&format!("erpsatz: and {more} more processes in sessions of their own"));
    }
}
