//! The binary in a process of its own.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};

use serde_json::Value;

use crate::support::App;

/// A running `serve`, killed when the test ends.
pub(crate) struct Process {
    child: Child,
    ready: Value,
}

/// `serve` on free ports with these arguments.
pub(crate) fn serve<S: AsRef<OsStr>>(args: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_erpsatz"));
    command.args(["serve", "--random-ports", "--json"]).args(args).stdin(Stdio::null());
    command
}

/// The arguments that keep the data in `folder`.
pub(crate) fn kept_in(folder: &Path) -> [&OsStr; 2] {
    ["--data-dir".as_ref(), folder.as_os_str()]
}

/// What `serve` says that does not start.
pub(crate) fn refused<S: AsRef<OsStr>>(args: &[S]) -> Output {
    serve(args).output().expect("it runs")
}

impl Process {
    pub(crate) fn start<S: AsRef<OsStr>>(args: &[S]) -> Self {
        Self::spawn(&mut serve(args))
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
        let ready = serde_json::from_str(&line).unwrap_or_else(|_| {
            let mut said = String::new();
            child.stderr.as_mut().expect("stderr").read_to_string(&mut said).expect("text");
            panic!("it is not ready: {line}{said}")
        });
        Self { child, ready }
    }

    pub(crate) fn app(&self) -> App {
        App::elsewhere(self.ready.clone())
    }

    /// Host and port of a server, or of `control`.
    pub(crate) fn address(&self, slug: &str) -> String {
        let url =
            if slug == "control" { &self.ready["control"] } else { &self.ready["servers"][slug]["url"] };
        url.as_str().expect("a URL").trim_start_matches("http://").to_owned()
    }

    /// Host and port of the proxy.
    pub(crate) fn proxy(&self) -> &str {
        self.ready["proxy"].as_str().expect("a URL").trim_start_matches("http://")
    }

    /// SIGKILL, and the end of it.
    pub(crate) fn kill(mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// SIGTERM.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    }

    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// The end of it: its code, and what it said on stderr.
    pub(crate) fn output(mut self) -> (Option<i32>, String) {
        let mut said = String::new();
        self.child.stderr.take().expect("stderr").read_to_string(&mut said).expect("text");
        (self.child.wait().expect("it ends").code(), said)
    }

    /// A figure of `/proc/PID/status`, in KiB where it is a size.
    pub(crate) fn figure(&self, name: &str) -> u64 {
        let status = crate::proc::read(self.child.id(), "status");
        let line = status.lines().find(|line| line.starts_with(name)).expect("a figure");
        line.split_whitespace().nth(1).expect("a value").parse().expect("a number")
    }

    /// The soft limit of open files.
    pub(crate) fn open_files(&self) -> String {
        let limits = crate::proc::read(self.child.id(), "limits");
        let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
        line.split_whitespace().nth(3).expect("a value").to_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
