#![doc = include_str!("../README.md")]
#![expect(clippy::disallowed_methods, reason = "a benchmark runs processes and measures real time")]

mod contestants;
mod floor;
mod growth;
mod load;
mod memory;
mod plot;
mod process;
mod report;
mod sandboxes;
mod throughput;

use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::contestants::Contestant;
use crate::process::Server;

/// How often a start is measured.
const STARTS: usize = 15;

/// What the command line asks for.
#[derive(Default)]
struct Wanted {
    /// One table alone.
    table: Option<String>,
    /// An older Erpsatz, measured beside.
    before: Option<PathBuf>,
    /// Where npm has installed other servers.
    peers: Option<PathBuf>,
    /// Where the plot goes.
    plot: Option<PathBuf>,
}

impl Wanted {
    fn read() -> Result<Self> {
        let (mut wanted, mut arguments) = (Self::default(), std::env::args().skip(1));
        while let Some(argument) = arguments.next() {
            let mut file = || arguments.next().map(PathBuf::from).context("a path is missing");
            match argument.as_str() {
                "--before" => wanted.before = Some(file()?),
                "--peers" => wanted.peers = Some(file()?),
                "--plot" => wanted.plot = Some(file()?),
                table if !table.starts_with('-') => wanted.table = Some(argument),
                _ => bail!("unknown: {argument}; see benches/README.md"),
            }
        }
        Ok(wanted)
    }
}

fn main() -> Result<()> {
    let wanted = Wanted::read()?;
    let is_wanted = |table: &str| wanted.table.as_deref().is_none_or(|asked| asked == table);
    if wanted.table.as_deref() == Some(floor::COMMAND) {
        return floor::serve();
    }
    let erpsatz = process::erpsatz()?;
    let mut builds = vec![Contestant::erpsatz("Erpsatz", &erpsatz, true)];
    builds.extend(wanted.before.as_deref().map(|file| Contestant::erpsatz("Erpsatz before", file, false)));
    let cores = std::thread::available_parallelism()?;
    say(&format!("{cores} cores, {}\n", process::processor()))?;
    if is_wanted("memory") {
        memory::measure(&builds)?;
    }
    if is_wanted("throughput") {
        let mut contestants = vec![Contestant::floor()];
        contestants.append(&mut builds);
        contestants.extend(Contestant::peers(wanted.peers.as_deref())?);
        let plot = throughput::compare(&contestants)?;
        if let Some(file) = &wanted.plot {
            std::fs::write(file, plot)?;
        }
    }
    if is_wanted("sandboxes") {
        sandboxes::measure(&erpsatz)?;
    }
    if is_wanted("judge") {
        report::measure(&erpsatz)?;
    }
    if is_wanted("growth") {
        growth::measure(&erpsatz)?;
    }
    if is_wanted("starts") {
        starts(&erpsatz)?;
    }
    Ok(())
}

fn starts(erpsatz: &std::path::Path) -> Result<()> {
    let mut times = Vec::with_capacity(STARTS);
    for _ in 0..STARTS {
        let begun = now();
        let started = Server::erpsatz(erpsatz)?;
        times.push(milliseconds(begun.elapsed()));
        drop(started);
    }
    say("| process | figure | aim |\n|---|---|---|")?;
    say(&format!("| cold start to ready, median of {STARTS} | {:.1} ms | 50 ms |\n", median(&mut times)))
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn now() -> Instant {
    Instant::now()
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

/// The middle one of `values`.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
