//! The processes of this machine, as `/proc` tells them.
//!
//! `/proc` may be that of another PID namespace than this process is in (`unshare --pid` without `--mount-proc`, some
//! sandboxes of CI): it then numbers processes otherwise than `kill` does. And a session or group may have begun outside of
//! the namespace: its number is then 0, which the system's own calls answer too.

#![expect(clippy::disallowed_methods, reason = "what the system says of a process")]

use rustix::process::Pid;

/// A running process. Numbers of others are those of `/proc`: good for comparing.
pub(super) struct Process {
    /// What `kill` knows it by.
    pub(super) pid: Pid,
    /// Its number.
    number: i32,
    /// The number of its parent.
    parent: i32,
    /// The number of its process group.
    group: i32,
    /// The number of its session.
    session: i32,
    name: String,
}

/// All running processes that this one can know.
pub(super) struct Processes {
    all: Vec<Process>,
    own: i32,
}

impl Processes {
    /// As it is now; empty where there is no `/proc`.
    pub(super) fn now() -> Self {
        let namespaces = numbers("self");
        let depth = namespaces.len();
        let entries = std::fs::read_dir("/proc").into_iter().flatten();
        let found = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
        let all = found.filter_map(|number| process(number, depth)).collect();
        Self { all, own: namespaces.first().copied().unwrap_or_default() }
    }

    fn own(&self) -> Option<&Process> {
        self.all.iter().find(|process| process.number == self.own)
    }

    /// The living descendants of this process: with the orphans that it adopts, all that it has started.
    pub(super) fn descendants(&self) -> Vec<&Process> {
        let parents: std::collections::HashMap<i32, i32> =
            self.all.iter().map(|process| (process.number, process.parent)).collect();
        let descends = |number: i32| {
            let mut at = number;
            // No line of ancestors is longer than there are processes.
            (0..parents.len()).any(|_| {
                at = parents.get(&at).copied().unwrap_or_default();
                at == self.own
            })
        };
        let mut found: Vec<&Process> = self.all.iter().filter(|process| descends(process.number)).collect();
        found.sort_by_key(|process| process.pid.as_raw_pid());
        found
    }

    /// Whether it is in the session of this process.
    pub(super) fn is_in_own_session(&self, process: &Process) -> bool {
        self.own().is_none_or(|own| own.session == process.session)
    }

    /// Whether the process of that id is in the group of this one.
    pub(super) fn is_in_own_group(&self, pid: Pid) -> bool {
        let other = self.all.iter().find(|process| process.pid == pid);
        other.zip(self.own()).is_some_and(|(other, own)| other.group == own.group)
    }
}

impl Process {
    /// Its command line, at most 100 characters, or its name.
    pub(super) fn command(&self) -> String {
        let line = read(&self.number.to_string(), "cmdline").unwrap_or_default().replace('\0', " ");
        let line = line.trim();
        let line = if line.is_empty() { &self.name } else { line };
        line.chars().take(100).collect()
    }
}

/// The numbers of a process in the namespace of `/proc` and in those below, down to its own.
fn numbers(process: &str) -> Vec<i32> {
    let status = read(process, "status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    line.unwrap_or_default().split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// `depth`: how many namespaces down from that of `/proc` this process is, from 1; 0 where the system does not say.
fn process(number: i32, depth: usize) -> Option<Process> {
    let pid = if depth < 2 { number } else { *numbers(&number.to_string()).get(depth - 1)? };
    parse(&read(&number.to_string(), "stat")?, number, Pid::from_raw(pid)?)
}

/// `PID (NAME) STATE PARENT GROUP SESSION …`; nothing for one that has ended and waits to be reaped. A name can hold
/// anything, parentheses and blanks too.
fn parse(stat: &str, number: i32, pid: Pid) -> Option<Process> {
    let (start, rest) = stat.rsplit_once(')')?;
    let name = start.split_once('(')?.1.to_owned();
    let mut rest = rest.split_ascii_whitespace();
    let state = rest.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    let mut next = || rest.next()?.parse().ok();
    Some(Process { pid, number, parent: next()?, group: next()?, session: next()?, name })
}

fn read(process: &str, file: &str) -> Option<String> {
    let bytes = std::fs::read(format!("/proc/{process}/{file}")).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_can_hold_anything() {
        let parse = |stat| parse(stat, 12, Pid::from_raw(12).unwrap());
        let read = parse("12 (a) (b c)) S 7 8 9 0 -1").unwrap();
        assert_eq!((read.parent, read.group, read.session, read.name.as_str()), (7, 8, 9, "a) (b c)"));
        assert!(parse("12 (gone) Z 7 8 9").is_none());
        assert!(parse("").is_none());
    }

    #[test]
    fn this_process_is_in_its_own_group_and_session() {
        let now = Processes::now();
        let own = now.own().unwrap();
        assert_eq!(own.pid, rustix::process::getpid());
        assert!(now.is_in_own_session(own) && now.is_in_own_group(own.pid));
    }
}
