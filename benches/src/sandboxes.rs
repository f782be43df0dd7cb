//! What a test does with sandboxes, in milliseconds, at first and after ten thousand of each.

use std::path::Path;

use anyhow::Result;

use crate::load::{Client, request};
use crate::process::Server;
use crate::{median, say};

/// How many sandboxes come, are reset, kept, brought back and go.
const ROUNDS: usize = 10_000;

/// How many of them make a figure, at either end.
const SAMPLE: usize = 500;

/// What is timed in each round.
const STEPS: [&str; 4] =
    ["new sandbox, with the answer to its first request", "reset", "snapshot", "restore"];

/// The first request to a sandbox, which makes it.
pub(crate) fn first_use(sandbox: &str) -> Vec<u8> {
    request("GET", &format!("/~{sandbox}/api/Entity/Product?$top=1"), "")
}

/// Prints the table.
pub(crate) fn measure(erpsatz: &Path) -> Result<()> {
    let server = Server::erpsatz(erpsatz)?;
    let mut vendor = Client::connect(server.url("onlineerp")?)?;
    let mut control = Client::connect(server.control()?)?;
    let mut times = STEPS.map(|_| Vec::with_capacity(ROUNDS));
    for round in 0..ROUNDS {
        let name = format!("round-{round}");
        let path = format!("/sandboxes/{name}");
        let change = format!(r#"{{"NoProduit":"{name}","Description":"changed"}}"#);
        times[0].push(vendor.send(&first_use(&name), 200)?);
        vendor.send(&request("POST", &format!("/~{name}/api/Entity/Product"), &change), 201)?;
        times[1].push(control.send(&request("POST", &format!("{path}/reset"), ""), 204)?);
        times[2].push(control.send(&request("PUT", &format!("{path}/snapshots/one"), ""), 201)?);
        times[3].push(control.send(&request("POST", &format!("{path}/snapshots/one/restore"), ""), 204)?);
        control.send(&request("DELETE", &path, ""), 204)?;
    }
    say(&format!(
        "| sandbox | ms, median of the first {SAMPLE} | ms, the last {SAMPLE} of {ROUNDS} | aim |\n|---|---|---|---|"
    ))?;
    for (step, times) in STEPS.iter().zip(&mut times) {
        let first = median(&mut times[..SAMPLE]);
        let last = median(&mut times[ROUNDS - SAMPLE..]);
        say(&format!("| {step} | {first:.2} | {last:.2} | 2, flat |"))?;
    }
    say("")
}
