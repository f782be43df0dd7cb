#![doc = include_str!("../README.md")]
#![expect(clippy::disallowed_methods, reason = "a benchmark runs processes and measures real time")]

mod floor;
mod growth;
mod load;
mod process;
mod report;
mod sandboxes;
mod throughput;

use std::io::Write as _;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Server;

/// How often a start is measured.
const STARTS: usize = 15;

/// How many sandboxes are alive when their memory is measured.
const ALIVE: u64 = 1_000;

fn main() -> Result<()> {
    let wanted = std::env::args().nth(1);
    if wanted.as_deref() == Some(floor::COMMAND) {
        return floor::serve();
    }
    let erpsatz = process::erpsatz()?;
    if wanted.as_deref() == Some("judge") {
        return report::measure(&erpsatz);
    }
    if wanted.as_deref() == Some("growth") {
        return growth::measure(&erpsatz);
    }
    let cores = std::thread::available_parallelism()?;
    say(&format!("{cores} cores, {}\n", process::processor()))?;
    throughput::compare(&erpsatz)?;
    sandboxes::measure(&erpsatz)?;
    report::measure(&erpsatz)?;
    growth::measure(&erpsatz)?;
    starts(&erpsatz)?;
    memory(&erpsatz)
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
    say(&format!("| cold start to ready, median of {STARTS} | {:.1} ms | 50 ms |", median(&mut times)))
}

fn memory(erpsatz: &std::path::Path) -> Result<()> {
    let server = Server::erpsatz(erpsatz)?;
    let idle = server.resident()?;
    let mut client = load::Client::connect(server.url("onlineerp")?)?;
    for number in 0..ALIVE {
        client.send(&sandboxes::first_use(&format!("alive-{number}")), 200)?;
    }
    let each = (server.resident()? - idle) / ALIVE;
    say(&format!("| idle memory | {:.1} MiB | 25 MiB |", mebibytes(idle)))?;
    say(&format!(
        "| memory per sandbox, {ALIVE} of them used on one server | {:.2} MiB | 1 MiB |",
        mebibytes(each)
    ))
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
