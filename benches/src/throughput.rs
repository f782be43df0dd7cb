//! Reads and writes, in requests a second against the floor.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use crate::load::{ErrorKind, request, run};
use crate::process::Server;
use crate::{median, say};

/// How often the two servers take turns; the median of the ratios counts.
const TURNS: usize = 7;

/// How long a turn of one server is.
const TURN: Duration = Duration::from_secs(1);

/// What is sent before anything counts: statements are prepared, the journal is full.
const WARM_UP: Duration = Duration::from_millis(1_500);

const KINDS: [ErrorKind; 3] = [
    ErrorKind {
        name: "GET list of 20",
        bytes: |_| request("GET", "/api/Entity/Product?$top=20", ""),
        status: 200,
    },
    ErrorKind { name: "GET one", bytes: |_| request("GET", "/api/Entity/Product/1007", ""), status: 200 },
    ErrorKind { name: "POST one", bytes: post, status: 201 },
];

fn post(number: u64) -> Vec<u8> {
    let body = format!(
        r#"{{"NoProduit":"BENCH-{number}","Description":"Boulon M12 x 50 galvanisé à chaud","PrixVente":3.15,"PrixCoutant":1.48,"GroupeProduit":{{"CodeGroupe":"QUINC"}}}}"#
    );
    request("POST", "/api/Entity/Product", &body)
}

/// One turn of one server.
struct Turn {
    rate: f64,
    /// Processor time of the server, in microseconds for each request.
    cost: f64,
}

/// Prints the table.
pub(crate) fn compare(erpsatz: &Path) -> Result<()> {
    say(
        "| request | floor /s | erpsatz /s | ratio | floor CPU µs | erpsatz CPU µs | aim |\n|---|---|---|---|---|---|---|",
    )?;
    for kind in KINDS {
        let (floor, erpsatz) = (Server::floor()?, Server::erpsatz(erpsatz)?);
        for server in [&floor, &erpsatz] {
            run(server.url("onlineerp")?, kind, WARM_UP)?;
        }
        let (mut floors, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            floors.push(turn(&floor, kind)?);
            ours.push(turn(&erpsatz, kind)?);
        }
        let mut ratios: Vec<f64> =
            floors.iter().zip(&ours).map(|(floor, ours)| ours.rate / floor.rate).collect();
        let middle = |turns: &[Turn], value: fn(&Turn) -> f64| {
            median(&mut turns.iter().map(value).collect::<Vec<_>>())
        };
        say(&format!(
            "| {} | {:.0} | {:.0} | {:.2} | {:.1} | {:.1} | 0.6 |",
            kind.name,
            middle(&floors, |turn| turn.rate),
            middle(&ours, |turn| turn.rate),
            median(&mut ratios),
            middle(&floors, |turn| turn.cost),
            middle(&ours, |turn| turn.cost),
        ))?;
    }
    say("")
}

fn turn(server: &Server, kind: ErrorKind) -> Result<Turn> {
    let before = server.processor_time()?;
    let rate = run(server.url("onlineerp")?, kind, TURN)?;
    let spent = server.processor_time()? - before;
    Ok(Turn { rate, cost: spent * 1e6 / (rate * TURN.as_secs_f64()) })
}
