//! The command line of Erpsatz. stdout is the result, everything else goes to stderr; exit 0 fine, 1 failed, 2 usage,
//! 3 expectations missed.

mod args;
mod client;
mod commands;
mod log;
mod output;
mod progress;

use std::backtrace::{Backtrace, BacktraceStatus};
use std::process::ExitCode;

use clap::FromArgMatches as _;

use crate::args::{Cli, Command, LogFormat};

/// A quarter of a request's processor time was spent in the C library's allocator (see `benches/README.md`). It asks for no
/// huge pages: what is not used of them would double the memory that an idle server takes. On Linux it is the C library's
/// too, so that SQLite's memory goes back to the system with the rest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
enum Failure {
    /// It was misused: exit 2.
    Usage(String),
    /// Something did not work: exit 1.
    Failed(String),
    /// The run failed, as was said: exit 3.
    Unmet,
    /// The command that was run failed: its own exit code.
    Command(u8),
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

fn main() -> ExitCode {
    let matches = Cli::whole().try_get_matches();
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    // What `exec` runs shares its stderr: there only what is wrong is said, unless more is asked for.
    let (format, level, is_server) = match &cli.command {
        Command::Serve(args) => (args.serve.log_format, args.serve.log_level, true),
        Command::Exec(args) => (args.serve.log_format, args.serve.log_level, false),
        _ => (LogFormat::Text, None, false),
    };
    #[cfg(unix)]
    if let Command::Become { parent, json, command } = &cli.command {
        if *json {
            output::speak_json();
        }
        return become_command(*parent, command);
    }
    log::start(format, level, is_server);
    std::panic::set_hook(Box::new(log_panic));
    if matches!(cli.command, Command::Serve(_) | Command::Exec(_)) {
        raise_file_limit();
    }
    let done = runtime().map_err(Failure::from).and_then(|runtime| {
        let done = runtime.block_on(run(cli));
        // Work beside the runtime, such as generated records that nobody waits for any more, ends with the process.
        runtime.shutdown_background();
        done
    });
    let code = match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(message)) => fail(&message, 2),
        Err(Failure::Failed(message)) => fail(&message, 1),
        Err(Failure::Unmet) => ExitCode::from(3),
        Err(Failure::Command(code)) => ExitCode::from(code),
    };
    output::flush();
    code
}

/// What clap says, help too; every line on stderr is JSON where that was asked for.
fn misused(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && log::asks_for_json() {
        output::speak_json();
        output::tell(error.to_string().trim_end());
        output::flush();
    } else {
        // A reader that has gone away is no failure.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// Comes back only when the command could not be started.
#[cfg(unix)]
fn become_command(parent: i32, line: &[std::ffi::OsString]) -> ExitCode {
    use commands::exec::{command, not_started};
    match command::become_command(parent, line) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let program = line.first().map(|program| program.display().to_string()).unwrap_or_default();
            let code = fail(&format!("{}: {error}", control::text::shown(&program)), not_started(&error));
            output::flush();
            code
        }
    }
}

fn fail(message: &str, code: u8) -> ExitCode {
    // A message may have lines of its own; anybody's text in it moves no cursor.
    let lines: Vec<_> = message.lines().map(control::text::shown).collect();
    output::tell(&format!("erpsatz: {}", lines.join("\n")));
    ExitCode::from(code)
}

/// Every connection is an open file: as many as the system lets this process have. Shells hand out fewer.
#[cfg(unix)]
fn raise_file_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

#[cfg(not(unix))]
fn raise_file_limit() {}

/// Few workers. Two that serve one sandbox hand its memory from core to core and take twice the processor time for a
/// request; of two cores the client has one. With more cores, two serve several sandboxes faster than one does. Work that
/// turns out to be long leaves a worker to the others.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let workers = if cores > 2 { 2 } else { 1 };
    tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        Command::Serve(args) => commands::serve::run(&args).await,
        Command::Exec(args) => commands::exec::run(&args).await,
        // Became the command before there was a runtime.
        #[cfg(unix)]
        Command::Become { .. } => Ok(()),
        Command::Scenario(args) => commands::scenario::run(&args),
        Command::Servers(args) => commands::servers::run(&args),
        Command::Contract(args) => commands::contract::run(&args).await,
        Command::Coverage(args) => commands::coverage::run(&args),
        Command::Profile(args) => commands::profile::run(&args),
        Command::Compare(args) => commands::compare::run(&args).await,
        Command::Generate(args) => commands::generate::run(&args),
        Command::Report(args) => commands::report::run(&args).await,
        Command::Ca(args) => commands::ca::run(&args).await,
        Command::Health(args) => commands::health::run(&args).await,
        Command::Reset(args) => commands::reset::run(&args).await,
        Command::Journal(args) => commands::journal::run(&args).await,
        Command::Why(args) => commands::why::run(&args).await,
        Command::Capsule(args) => commands::capsule::run(&args).await,
        Command::Clock(args) => commands::clock::run(&args).await,
        Command::Call(call) => commands::calls::run(&call).await,
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::whole(), "erpsatz", &mut std::io::stdout());
            Ok(())
        }
    }
}

/// Where a panic happened, and its frames with `RUST_BACKTRACE=1`: enough to mend it, and nothing of a request.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let frames = Backtrace::capture();
    let frames = (frames.status() == BacktraceStatus::Captured).then(|| tracing::field::display(&frames));
    tracing::error!(place, frames, "{}", simcore::base::error::panic_text(panic.payload()));
}
