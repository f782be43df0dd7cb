//! What `/proc` says of a process, where it may number processes as another PID namespace than the tests' does.

use std::path::PathBuf;

/// The folder of the process that `kill` knows by that id; nothing when there is none (any more).
pub(crate) fn folder(process: u32) -> Option<PathBuf> {
    let depth = numbers("self").len();
    let entries =
        std::fs::read_dir("/proc").expect("Linux").map(|entry| entry.expect("an entry").file_name());
    let mut names = entries.filter_map(|name| name.to_str().map(str::to_owned));
    let found = names.find(|name| numbers(name).get(depth - 1) == Some(&process))?;
    Some(PathBuf::from("/proc").join(found))
}

/// What one of its files says; empty for a process that is gone.
pub(crate) fn read(process: u32, file: &str) -> String {
    let folder = folder(process);
    folder.and_then(|folder| std::fs::read_to_string(folder.join(file)).ok()).unwrap_or_default()
}

/// The numbers of a process in the namespace of `/proc` and in those below, down to its own.
fn numbers(name: &str) -> Vec<u32> {
    let status = std::fs::read_to_string(format!("/proc/{name}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
    line.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect()
}
