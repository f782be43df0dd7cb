//! Signals and processes of `exec`: passed on to the command, and nothing left behind.

use std::io::{BufRead as _, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{erpsatz, text};

/// `exec` with a script in bash whose lines on stdout are read as they come.
fn exec(options: &[&str], script: &str) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut command = erpsatz(&["exec"]);
    let command = command.args(options).args(["--", "bash", "-c", script]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

fn next(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    lines.next().expect("a line").unwrap()
}

fn send(signal: &str, process: u32) {
    let sent = Command::new("bash").args(["-c", &format!("kill -s {signal} {process}")]).status().unwrap();
    assert!(sent.success(), "{signal}");
}

#[cfg(target_os = "linux")]
fn is_running(process: &str) -> bool {
    let stat = crate::proc::read(process.parse().unwrap(), "stat");
    let state = stat.rsplit_once(')').and_then(|(_, rest)| rest.trim_start().chars().next());
    state.is_some_and(|state| !matches!(state, 'Z' | 'X'))
}

#[test]
fn every_signal_reaches_the_command() {
    let names = [
        "HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "TERM", "VTALRM", "PROF", "WINCH", "URG", "XCPU",
        "XFSZ", "IO", "PWR", "CONT", "STKFLT", "RTMIN+3", "RTMAX",
    ];
    let traps: String = names.iter().map(|name| format!("trap 'echo {name}' {name}; ")).collect();
    let script = format!("{traps} trap 'exit 9' RTMIN+4; echo up; while :; do sleep 0.02; done");
    let (mut child, mut lines) = exec(&[], &script);
    assert_eq!(next(&mut lines), "up");
    for name in names {
        send(name, child.id());
        assert_eq!(next(&mut lines), name);
    }
    send("RTMIN+4", child.id());
    assert_eq!(child.wait().unwrap().code(), Some(9));
}

#[test]
fn a_signal_at_the_moment_of_start_is_not_lost() {
    for (name, number) in [("TERM", 15), ("INT", 2), ("USR1", 10), ("HUP", 1)] {
        let script = format!("kill -{name} $PPID; exec sleep 30");
        let ended = erpsatz(&["exec", "--", "sh", "-c", &script]).output().unwrap();
        assert_eq!(ended.status.code(), Some(128 + number), "{name}: {}", text(&ended.stderr));
    }
}

#[test]
fn what_was_ignored_at_start_stays_ignored() {
    let inner = "kill -HUP $PPID; kill -HUP $$; kill -USR1 $PPID; sleep 0.2; echo alive";
    let mut command = Command::new("sh");
    let script = format!("trap '' HUP USR1; exec \"$0\" exec -- sh -c '{inner}'");
    let ended = command.args(["-c", &script, env!("CARGO_BIN_EXE_erpsatz")]).output().unwrap();
    assert_eq!((ended.status.code(), text(&ended.stdout).as_str()), (Some(0), "alive\n"));
}

/// Orphans, one of which hears no SIGTERM, a child, and one in a session of its own; their ids.
const LEAVES: &str = "
    (sleep 300 & echo $! orphan)
    (sh -c 'trap \"\" TERM; echo $$ deaf; while :; do sleep 300; done' &)
    sleep 300 & echo $! child
    setsid sleep 301 >/dev/null 2>&1 & echo $! daemon
    sleep 0.3
    exit 4";

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_running_but_other_sessions() {
    for (options, remains) in [(&[][..], true), (&["--kill-all"], false)] {
        let (child, lines) = exec(options, LEAVES);
        let processes: Vec<String> = lines.map(Result::unwrap).collect();
        let ended = child.wait_with_output().unwrap();
        let running = processes.iter().map(|line| line.split_once(' ').unwrap());
        let running: Vec<_> = running.filter(|(process, _)| is_running(process)).collect();
        for (process, _) in &running {
            send("KILL", process.parse().unwrap());
        }
        let running: Vec<&str> = running.iter().map(|(_, name)| *name).collect();
        assert_eq!(ended.status.code(), Some(4), "{}", text(&ended.stderr));
        assert_eq!((processes.len(), running), (4, if remains { vec!["daemon"] } else { vec![] }));
        let said = text(&ended.stderr);
        assert_eq!(said.contains("sleep 301") && said.contains("--kill-all"), remains, "{said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_command_does_not_outlive_a_killed_exec() {
    let (mut child, mut lines) = exec(&[], "echo $$; exec sleep 300");
    let command = next(&mut lines);
    child.kill().unwrap();
    child.wait().unwrap();
    // The pipe ends with the last process that holds it, which then is on its way out.
    assert!(lines.next().is_none());
    while is_running(&command) {
        std::thread::yield_now();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn orphans_are_reaped() {
    // What is left of processes that nobody reaps has no command line but a parent: exec.
    let script = "for _ in 1 2 3 4 5; do (sleep 0.1 &); done; sleep 1
        grep -l \"^[0-9]* (sleep) Z $PPID \" /proc/[0-9]*/stat 2>/dev/null | wc -l";
    let ended = erpsatz(&["exec", "--", "bash", "-c", script]).output().unwrap();
    assert_eq!(text(&ended.stdout).trim(), "0", "{}", text(&ended.stderr));
}

/// The terminal gives Ctrl-C to the whole group: the command hears it once.
#[cfg(target_os = "linux")]
#[test]
fn what_the_terminal_sends_to_all_comes_once() {
    use std::io::Write as _;
    let script = "trap 'echo heard' INT; echo up; for _ in 1 2 3 4 5 6; do sleep 0.2; done; exit 0";
    let line = format!("{} exec -- bash -c \"{script}\"", env!("CARGO_BIN_EXE_erpsatz"));
    let mut command = Command::new("script");
    let command = command.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let Ok(mut child) = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() else {
        eprintln!("SKIPPED: `script`, which makes a terminal, is not installed");
        return;
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(next(&mut lines).trim(), "up");
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(b"\x03").unwrap();
    let heard = lines.map(Result::unwrap).filter(|line| line.contains("heard")).count();
    child.wait().unwrap();
    assert_eq!(heard, 1);
}

/// As in `docker exec` and some sandboxes of CI: the session began outside of the PID namespace, so that it has no number
/// in it, and `/proc` may still be that of the outer one.
#[cfg(target_os = "linux")]
#[test]
fn a_pid_namespace_whose_session_began_outside_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let left = folder.path().join("left");
    let left = left.to_str().unwrap();
    let exec = format!(
        "{} exec -- bash -c 'sleep 300 & echo $! > {left}; exit 4'; echo $?; kill -0 $(cat {left}) && echo runs",
        env!("CARGO_BIN_EXE_erpsatz")
    );
    for options in [&["--mount-proc"][..], &[]] {
        let mut command = Command::new("unshare");
        let command = command.args(["--user", "--map-root-user", "--mount", "--pid", "--fork"]).args(options);
        let made = command.args(["bash", "-c"]);
        let Ok(made) = made.arg(&exec).output() else {
            eprintln!("SKIPPED: `unshare`, which makes a PID namespace, is not installed");
            return;
        };
        if text(&made.stderr).contains("unshare:") {
            eprintln!("SKIPPED: a PID namespace cannot be had here: {}", text(&made.stderr));
            return;
        }
        assert_eq!(text(&made.stdout), "4\n", "{options:?}: {}", text(&made.stderr));
    }
}
