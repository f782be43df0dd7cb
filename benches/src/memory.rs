//! Resident memory: idle, under load, with a full journal, and of many sandboxes.

use anyhow::Result;

use crate::contestants::Contestant;
use crate::load::{Client, request};
use crate::{mebibytes, sandboxes, say};

/// How many requests come before a figure: twice what a journal keeps.
const REQUESTS: usize = 20_000;

/// How many sandboxes are alive when their memory is measured.
const ALIVE: u64 = 1_000;

/// Prints the table.
pub(crate) fn measure(builds: &[Contestant]) -> Result<()> {
    say(
        "| resident memory, MiB | idle | after 20,000 reads of one record | journal full of lists of 6 KB | one of 1,000 sandboxes used on one server |\n|---|---|---|---|---|",
    )?;
    for build in builds {
        let server = build.start()?;
        let idle = server.resident()?;
        let mut client = Client::connect(server.url("onlineerp")?)?;
        let mut after = Vec::new();
        for path in ["/api/Entity/Product/1007", "/api/Entity/Product?$top=30"] {
            let request = request("GET", path, "");
            for _ in 0..REQUESTS {
                client.send(&request, 200)?;
            }
            after.push(server.resident()?);
        }
        let server = build.start()?;
        let alone = server.resident()?;
        let mut client = Client::connect(server.url("onlineerp")?)?;
        for number in 0..ALIVE {
            client.send(&sandboxes::first_use(&format!("alive-{number}")), 200)?;
        }
        let each = (server.resident()? - alone) / ALIVE;
        say(&format!(
            "| {} | {:.1} | {:.1} | {:.1} | {:.2} |",
            build.name,
            mebibytes(idle),
            mebibytes(after[0]),
            mebibytes(after[1]),
            mebibytes(each),
        ))?;
    }
    say("")
}
