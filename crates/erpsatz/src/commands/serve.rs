//! `erpsatz serve`.

use std::fmt::Write as _;

use erpsatz::{Erpsatz, StartError};

use crate::Failure;
use crate::args::ServeCommand;
use crate::commands::ready_file;
use crate::output;

/// Serves until a signal, or with `--until-eof` the end of stdin, asks to stop.
pub(crate) async fn run(args: &ServeCommand) -> Result<(), Failure> {
    // Before anything listens, so that no signal is lost.
    let mut stop = std::pin::pin!(asked_to_stop(args.until_eof)?);
    let mut running = tokio::select! {
        // What cannot be used is refused, also where stdin has ended already.
        biased;
        started = Erpsatz::start_with(args.serve.config()?) => started.map_err(Failure::from)?,
        // Whatever it was doing, there is nothing to finish.
        () = &mut stop => return Ok(()),
    };
    if let Some(token) = running.made_token() {
        output::tell(&format!("erpsatz: control token {token}"));
    }
    for announcement in running.announcements() {
        output::tell(&announcement);
    }
    if let Some(file) = &args.ready_file {
        ready_file::write(file, &running.ready(), running.made_token().is_some()).map_err(Failure::Failed)?;
    }
    output::stdout().line(&if args.json { running.ready().to_string() } else { table(&running) });
    tokio::select! {
        () = &mut stop => {}
        failed = running.failed() => failed?,
    }
    let recorded = running.recorded();
    running.stop().await?;
    if let Some(line) = args.serve.intercept.recorded(recorded) {
        output::tell(&line);
    }
    Ok(())
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Misused(message) => Self::Usage(message),
            StartError::Failed(message) => Self::Failed(message),
        }
    }
}

fn table(running: &Erpsatz) -> String {
    let control = running.control_url();
    let mut table = format!("erpsatz ready\n  {:<12} {control}\n  {:<12} {control}/", "control", "console");
    if running.has_tls() {
        let _ = write!(table, "\n  {:<12} every URL below with https:// too, root {control}/ca.pem", "https");
    }
    if let Some(url) = running.proxy_url() {
        let _ = write!(table, "\n  {:<12} {url}", "proxy");
    }
    for server in running.servers() {
        let credentials: Vec<String> = server
            .credentials
            .iter()
            .map(|(name, value)| format!("{} {value}", name.to_lowercase()))
            .collect();
        let _ = write!(table, "\n  {:<12} {}{}", server.slug, server.url, server.base_path);
        let _ = write!(table, "\n  {:<12} {}", "", credentials.join(", "));
    }
    table
}

/// Resolves on a signal; `until_eof` also when stdin ends.
fn asked_to_stop(until_eof: bool) -> std::io::Result<impl Future<Output = ()>> {
    let (signal, eof) = (signal()?, if until_eof { Some(end_of_stdin()?) } else { None });
    Ok(async move {
        match eof {
            // A reader that could not be started says nothing: the signal still stops.
            Some(eof) => tokio::select! {
                () = signal => {}
                Ok(()) = eof => {}
            },
            None => signal.await,
        }
    })
}

/// Resolves when stdin has ended. It is read on a thread of its own, which nothing waits for: a read from a terminal
/// comes back when it likes.
fn end_of_stdin() -> std::io::Result<tokio::sync::oneshot::Receiver<()>> {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
        // What cannot be read any more has ended too.
        let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        let _ = ended.send(());
    })?;
    Ok(end)
}

/// Resolves on Ctrl-C, SIGTERM or SIGHUP; the last not where it was ignored at start, as `nohup` has it.
#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = if super::exec::is_ignored(SignalKind::hangup().as_raw_value()) {
        None
    } else {
        Some(signal(SignalKind::hangup())?)
    };
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            Some(()) = async { hangup.as_mut()?.recv().await } => {}
        }
    })
}

/// Resolves on Ctrl-C and Ctrl-Break, when the console is closed, and when the system stops.
#[cfg(windows)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
    let (mut interrupt, mut stop, mut close, mut shutdown) =
        (ctrl_c()?, ctrl_break()?, ctrl_close()?, ctrl_shutdown()?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = stop.recv() => {}
            _ = close.recv() => {}
            _ = shutdown.recv() => {}
        }
    })
}
