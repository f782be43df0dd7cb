//! `erpsatz exec`: servers for the length of one command, and a judgement of it.

#[cfg(unix)]
pub(crate) mod command;
#[cfg(windows)]
#[path = "exec/command_windows.rs"]
pub(crate) mod command;
#[cfg(unix)]
mod descendants;
#[cfg(target_os = "linux")]
mod processes;
#[cfg(unix)]
mod signals;
mod through_proxy;
mod trust;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitStatus;

use control::text::shown;
use control::{junit, markdown, outcome, screen};
use erpsatz::Erpsatz;
use serde_json::Value;

use crate::Failure;
use crate::args::{ExecArgs, LogFormat, VerdictArgs};
use crate::commands::exec::trust::Trust;
use crate::output;

/// What a command needs to become one.
pub(crate) struct Wanted<'a> {
    /// The program and its arguments.
    line: &'a [OsString],
    /// What it finds in its environment beside what is there.
    variables: Vec<(String, String)>,
    /// Whether processes that began a session of their own end too (`--kill-all`).
    kill_all: bool,
    /// Whether what is said on stderr is JSON.
    is_json: bool,
}

/// Whether a signal was ignored when this process started, as far as the system says.
#[cfg(unix)]
pub(crate) fn is_ignored(signal: i32) -> bool {
    signals::ignored() & (1 << (signal - 1)) != 0
}

/// Runs the command; its own exit code comes first, then the scenario's expectations.
pub(crate) async fn run(args: &ExecArgs) -> Result<(), Failure> {
    if args.trust && args.serve.tls.no_tls {
        let message = "--trust is about https, which --no-tls turns off: take one of them away";
        return Err(Failure::Usage(message.to_owned()));
    }
    let mut config = args.serve.config()?;
    config.random_ports = true;
    if let Some(intercept) = config.intercept.as_mut().filter(|_| !args.serve.intercept.has_port()) {
        intercept.port = 0;
    }
    config.control_port = args.serve.control_port().unwrap_or(0);
    if let Some(capsules) = &mut config.options.capsules {
        capsules.fail_on = args.verdict.fail_on;
    }
    let capsules = config.options.capsules.clone();
    check_files(args.junit.as_deref(), args.summary.as_deref())?;
    let running = Erpsatz::start_with(config).await?;
    let intercept = &args.serve.intercept;
    let trust = trust(&running, args.trust || intercept.is_wanted()).await?;
    let is_json = args.serve.log_format == LogFormat::Json;
    let mut variables = variables(&running);
    variables.extend(trust.iter().flat_map(|trust| trust.variables.iter().cloned()));
    if let Some(url) = running.proxy_url_with_credentials() {
        variables.extend(through_proxy::variables(&url, intercept.hosts()));
    }
    let wanted = Wanted { line: &args.command, variables, kill_all: args.kill_all, is_json };
    let ended = command::run(wanted).await;
    if let Some(capsules) = capsules.filter(|_| ended.as_ref().is_ok_and(|status| code(*status) != 0)) {
        capsules.keep_all();
    }
    drop(trust);
    if let Some(said) = running.proxy_use().and_then(through_proxy::for_nothing) {
        output::tell(&said);
    }
    if let Some(line) = intercept.recorded(running.recorded()) {
        output::tell(&line);
    }
    let verdict = &args.verdict;
    let run = running.finish(verdict.fail_on, verdict.worlds).await?;
    let status = match ended {
        Ok(status) => status,
        Err(error) => {
            let program = args.command.first().map(|program| program.display().to_string());
            output::tell(&format!("erpsatz: {}: {error}", shown(&program.unwrap_or_default())));
            return Err(Failure::Command(not_started(&error)));
        }
    };
    tell(&run, verdict, args.junit.as_deref(), args.summary.as_deref())?;
    match code(status) {
        0 => judge(&run),
        code => Err(Failure::Command(code)),
    }
}

/// The exit code of a command that could not be started, as shells give it.
pub(crate) fn not_started(error: &io::Error) -> u8 {
    if error.kind() == io::ErrorKind::NotFound { 127 } else { 126 }
}

/// What lets the command trust the servers, where they speak HTTPS.
async fn trust(running: &Erpsatz, everywhere: bool) -> Result<Option<Trust>, Failure> {
    let root = running.root().await.map_err(Failure::Failed)?;
    match root {
        Some(root) => Trust::in_root(&root, everywhere),
        None => Ok(None),
    }
}

/// What the command finds in its environment: URLs without path, and credentials.
fn variables(running: &Erpsatz) -> Vec<(String, String)> {
    let mut variables = vec![("ERPSATZ_CONTROL_URL".to_owned(), running.control_url().to_owned())];
    if let Some(token) = running.control_token() {
        variables.push(("ERPSATZ_CONTROL_TOKEN".to_owned(), token.to_owned()));
    }
    variables.extend(running.servers().iter().flat_map(super::servers::variables));
    variables
}

/// The command's exit code as a shell gives it: 128 and the signal's number when one killed it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return u8::try_from(128 + signal).unwrap_or(u8::MAX);
        }
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Whether two reports are asked for in one file: neither could be read.
pub(super) fn check_files(junit: Option<&Path>, summary: Option<&Path>) -> Result<(), Failure> {
    let whole = |file: &Path| std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    match junit.zip(summary) {
        Some((junit, summary)) if whole(junit) == whole(summary) => {
            let file = shown(&junit.display().to_string()).into_owned();
            Err(Failure::Usage(format!("--junit and --summary are both `{file}`; name two files")))
        }
        _ => Ok(()),
    }
}

/// Writes the reports that were asked for, and says on stderr what the run came to.
#[expect(clippy::disallowed_methods, reason = "files that the command line names")]
pub(super) fn tell(
    run: &Value,
    verdict: &VerdictArgs,
    junit: Option<&Path>,
    summary: Option<&Path>,
) -> Result<(), Failure> {
    let save = |file: &Path, text: String| {
        std::fs::write(file, text).map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))
    };
    if let Some(file) = junit {
        save(file, junit::junit(run).map_err(|error| Failure::Failed(error.to_string()))?)?;
    }
    if let Some(file) = summary {
        // Others write to the summary of a job as well.
        let mut all = std::fs::OpenOptions::new();
        let opened = all.append(true).create(true).open(file);
        let written = opened.and_then(|mut file| file.write_all(markdown::markdown(run).as_bytes()));
        written.map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))?;
    }
    let files: Vec<String> =
        junit.into_iter().chain(summary).map(|file| file.display().to_string()).collect();
    let files = if files.is_empty() { String::new() } else { format!(", report in {}", files.join(" and ")) };
    for line in screen::blocks(run, verdict.advice) {
        output::tell(&line);
    }
    output::tell(&format!("{}{files}", outcome::summary(run)));
    Ok(())
}

/// Whether nothing fails the run.
pub(super) fn judge(run: &Value) -> Result<(), Failure> {
    if run["failed"] == true { Err(Failure::Unmet) } else { Ok(()) }
}
