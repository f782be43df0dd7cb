//! `erpsatz serve`.

use std::fmt::Write as _;
use std::path::Path;

use erpsatz::{Erpsatz, StartError};

use crate::Failure;
use crate::args::ServeArgs;
use crate::commands::say;

/// Serves until a signal asks to stop.
pub(crate) async fn run(args: &ServeArgs) -> Result<(), Failure> {
    // Before anything listens, so that no signal is lost.
    let stop = signal()?;
    let mut running = Erpsatz::start(args.config()).await.map_err(Failure::from)?;
    if let Some(token) = running.made_token() {
        eprintln!("erpsatz: control token {token}");
    }
    for announcement in running.announcements() {
        eprintln!("{announcement}");
    }
    if let Some(file) = &args.ready_file {
        write_ready(file, &running)?;
    }
    say(&if args.json { running.ready().to_string() } else { table(&running) });
    tokio::select! {
        () = stop => {}
        failed = running.failed() => failed?,
    }
    running.stop().await?;
    Ok(())
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Unknown(message) => Self::Usage(message),
            StartError::Failed(message) => Self::Failed(message),
        }
    }
}

/// The whole file at once: whoever waits for it never reads half of it.
fn write_ready(file: &Path, running: &Erpsatz) -> Result<(), Failure> {
    let new = file.with_extension("new");
    let written =
        std::fs::write(&new, format!("{}\n", running.ready())).and_then(|()| std::fs::rename(&new, file));
    written.map_err(|error| Failure::Failed(format!("{}: {error}", file.display())))
}

fn table(running: &Erpsatz) -> String {
    let control = running.control_url();
    let mut table = format!("erpsatz ready\n  {:<12} {control}\n  {:<12} {control}/", "control", "console");
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

/// Resolves on Ctrl-C or SIGTERM.
#[cfg(unix)]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Resolves on Ctrl-C.
#[cfg(not(unix))]
fn signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
