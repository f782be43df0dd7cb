//! What the command leaves running: ended, or named when it began a session of its own. Only Linux tells which processes
//! those are.

use std::time::Duration;

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
    use linux::{Process, descendants};
    use rustix::process::{Signal, kill_process};
    let left =
        || descendants().into_iter().partition::<Vec<Process>, _>(|process| all || !process.own_session);
    let mut told = std::collections::HashSet::new();
    let mut waited = Duration::ZERO;
    loop {
        let (ours, others) = left();
        if ours.is_empty() || waited >= PATIENCE * 2 {
            name(&others);
            return;
        }
        for process in &ours {
            // It may be gone already.
            if waited >= PATIENCE {
                let _ = kill_process(process.pid, Signal::KILL);
            } else if told.insert(process.pid) {
                let _ = kill_process(process.pid, Signal::TERM);
                // One that was stopped cannot hear.
                let _ = kill_process(process.pid, Signal::CONT);
            }
        }
        tokio::time::sleep(PAUSE).await;
        waited += PAUSE;
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn end(_all: bool) {}

#[cfg(target_os = "linux")]
fn name(others: &[linux::Process]) {
    for process in others.iter().take(NAMED) {
        let (pid, command) = (process.pid.as_raw_pid(), control::text::shown(&process.command));
        tell(&format!(
            "erpsatz: left running, in a session of its own: {command} (process {pid}); --kill-all ends it"
        ));
    }
    if let more @ 1.. = others.len().saturating_sub(NAMED) {
        tell(&format!("erpsatz: and {more} more processes in sessions of their own"));
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::HashMap;

    use rustix::process::{Pid, getpid, getsid};

    /// A running process.
    pub(super) struct Process {
        pub(super) pid: Pid,
        /// Its command line, or its name.
        pub(super) command: String,
        /// Whether it is in another session than this process.
        pub(super) own_session: bool,
    }

    /// What `/proc` says of a process.
    struct Stat {
        parent: i32,
        session: i32,
        name: String,
    }

    /// The living descendants of this process: with the orphans that it adopts, all that it has started.
    pub(super) fn descendants() -> Vec<Process> {
        let all = processes();
        let session = getsid(None).map_or(0, Pid::as_raw_pid);
        let me = getpid().as_raw_pid();
        let descends = |pid: i32| {
            let mut at = pid;
            // No line of ancestors is longer than there are processes.
            (0..all.len()).any(|_| {
                at = all.get(&at).map_or(0, |stat| stat.parent);
                at == me
            })
        };
        let found = all.iter().filter(|(pid, _)| **pid != me && descends(**pid));
        let found = found.filter_map(|(pid, stat)| {
            let own_session = stat.session != session;
            Some(Process { pid: Pid::from_raw(*pid)?, command: command(*pid, &stat.name), own_session })
        });
        let mut found: Vec<Process> = found.collect();
        found.sort_by_key(|process| process.pid.as_raw_pid());
        found
    }

    fn processes() -> HashMap<i32, Stat> {
        let Ok(entries) = std::fs::read_dir("/proc") else { return HashMap::new() };
        let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        pids.filter_map(|pid| Some((pid, stat(&read(pid, "stat")?)?))).collect()
    }

    /// `PID (NAME) STATE PARENT GROUP SESSION …`; nothing for one that has ended and waits to be reaped. A name can hold
    /// anything, parentheses and blanks too.
    fn stat(text: &str) -> Option<Stat> {
        let (start, rest) = text.rsplit_once(')')?;
        let name = start.split_once('(')?.1.to_owned();
        let mut rest = rest.split_ascii_whitespace();
        let state = rest.next()?;
        if matches!(state, "Z" | "X" | "x") {
            return None;
        }
        let parent = rest.next()?.parse().ok()?;
        let session = rest.nth(1)?.parse().ok()?;
        Some(Stat { parent, session, name })
    }

    fn command(pid: i32, name: &str) -> String {
        let line = read(pid, "cmdline").unwrap_or_default().replace('\0', " ");
        let line = line.trim();
        let line = if line.is_empty() { name } else { line };
        line.chars().take(100).collect()
    }

    fn read(pid: i32, file: &str) -> Option<String> {
        #[expect(clippy::disallowed_methods, reason = "what the system says of a process")]
        let bytes = std::fs::read(format!("/proc/{pid}/{file}")).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    #[cfg(test)]
    mod tests {
        use super::stat;

        #[test]
        fn names_can_hold_anything() {
            let read = stat("12 (a) (b c)) S 7 8 9 0 -1").unwrap();
            assert_eq!((read.parent, read.session, read.name.as_str()), (7, 9, "a) (b c)"));
            assert!(stat("12 (gone) Z 7 8 9").is_none());
            assert!(stat("").is_none());
        }
    }
}
