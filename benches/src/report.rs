//! What the judge costs: the report after many requests, and a request after many others.

use std::path::Path;

use anyhow::Result;

use crate::load::{Client, request};
use crate::process::Server;
use crate::{median, say};

/// After how many requests the report is asked for.
const ENTRIES: [usize; 2] = [2_000, 10_000];

/// How many requests, or reports, make a figure.
const SAMPLE: usize = 500;
const REPORTS: usize = 15;

/// Prints the table.
pub(crate) fn measure(erpsatz: &Path) -> Result<()> {
    let server = Server::erpsatz(erpsatz)?;
    let mut vendor = Client::connect(server.url("onlineerp")?)?;
    let mut control = Client::connect(server.control()?)?;
    let mut times = Vec::with_capacity(ENTRIES[ENTRIES.len() - 1]);
    say("| judge | ms | aim |\n|---|---|---|")?;
    for entries in ENTRIES {
        for number in times.len()..entries {
            let body = format!(r#"{{"NoProduit":"B-{number}","Description":"benchmark"}}"#);
            times.push(vendor.send(&request("POST", "/api/Entity/Product", &body), 201)?);
        }
        let report = request("GET", "/sandboxes/default/report", "");
        let mut reports = Vec::with_capacity(REPORTS);
        for _ in 0..REPORTS {
            reports.push(control.send(&report, 200)?);
        }
        say(&format!(
            "| report after {entries} requests, median of {REPORTS} | {:.2} | 20 |",
            median(&mut reports)
        ))?;
    }
    let last = times.len() - SAMPLE;
    let (first, last) = (median(&mut times[..SAMPLE]), median(&mut times[last..]));
    say(&format!(
        "| POST one, median of the first {SAMPLE} and of the last | {first:.2}, {last:.2} | flat |"
    ))?;
    say("")
}
