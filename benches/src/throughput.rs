//! Reads and writes, in requests a second, beside the floor and the servers that people mock with.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::contestants::Contestant;
use crate::load::{Kind, Measured, request, run};
use crate::plot::{self, Bar};
use crate::process::Server;
use crate::{median, say};

/// How often the servers take turns; medians count.
const TURNS: usize = 5;

/// How long a turn of one server is, with many connections and with one.
const TURN: Duration = Duration::from_secs(1);
const ALONE: Duration = Duration::from_millis(500);

/// How many connections send at once.
const CONNECTIONS: usize = 16;

/// What is sent before anything counts: statements are prepared, just-in-time compilers have seen it, the journal is full.
const WARM_UP: Duration = Duration::from_millis(2_500);

/// The requests, and which part of the floor is aimed at.
pub(crate) const KINDS: [(Kind, f64); 3] = [
    (
        Kind {
            name: "GET list of 20",
            bytes: |_| request("GET", "/api/Entity/Product?$top=20", ""),
            status: 200,
        },
        0.6,
    ),
    (Kind { name: "GET one", bytes: |_| request("GET", "/api/Entity/Product/1007", ""), status: 200 }, 0.6),
    (Kind { name: "POST one", bytes: post, status: 201 }, 0.5),
];

fn post(number: u64) -> Vec<u8> {
    let body = format!(
        r#"{{"NoProduit":"BENCH-{number}","Description":"Boulon M12 x 50 galvanisé à chaud","PrixVente":3.15,"PrixCoutant":1.48,"GroupeProduit":{{"CodeGroupe":"QUINC"}}}}"#
    );
    request("POST", "/api/Entity/Product", &body)
}

/// One turn of one server.
struct Turn {
    many: Measured,
    alone: Measured,
    /// Processor time of the server, in microseconds for each request.
    cost: f64,
}

/// Prints the table and gives the plot of it. The first contestant is the floor.
pub(crate) fn compare(contestants: &[Contestant]) -> Result<String> {
    say(&format!(
        "| request | server | /s | of the floor | aim | p50, p99 µs, {CONNECTIONS} connections | p50, p99 µs, one connection | CPU µs |\n|---|---|---|---|---|---|---|---|"
    ))?;
    let mut groups = Vec::new();
    for (kind, aim) in KINDS {
        let servers = contestants.iter().map(Contestant::start).collect::<Result<Vec<_>>>()?;
        for server in &servers {
            run(server.url("onlineerp")?, kind, CONNECTIONS, WARM_UP)?;
        }
        let mut turns: Vec<Vec<Turn>> = servers.iter().map(|_| Vec::new()).collect();
        for _ in 0..TURNS {
            for (server, turns) in servers.iter().zip(&mut turns) {
                turns.push(turn(server, kind)?);
            }
        }
        let floor = turns.first().context("no floor")?;
        let mut bars = Vec::new();
        for (contestant, turns) in contestants.iter().zip(&turns) {
            let middle = |value: fn(&Turn) -> f64| median(&mut turns.iter().map(value).collect::<Vec<_>>());
            let ratios = floor.iter().zip(turns).map(|(floor, ours)| ours.many.rate / floor.many.rate);
            let aim = if contestant.is_measured { aim.to_string() } else { String::new() };
            say(&format!(
                "| {} | {} | {:.0} | {:.2} | {aim} | {:.0}, {:.0} | {:.0}, {:.0} | {:.1} |",
                kind.name,
                contestant.name,
                middle(|turn| turn.many.rate),
                median(&mut ratios.collect::<Vec<_>>()),
                middle(|turn| turn.many.p50),
                middle(|turn| turn.many.p99),
                middle(|turn| turn.alone.p50),
                middle(|turn| turn.alone.p99),
                middle(|turn| turn.cost),
            ))?;
            bars.push(Bar { name: contestant.name.clone(), value: middle(|turn| turn.many.rate) });
        }
        groups.push((kind.name, bars));
    }
    say("")?;
    Ok(plot::bars(&format!("Requests a second, {CONNECTIONS} connections"), &groups))
}

fn turn(server: &Server, kind: Kind) -> Result<Turn> {
    let before = server.processor_time()?;
    let many = run(server.url("onlineerp")?, kind, CONNECTIONS, TURN)?;
    let spent = server.processor_time()? - before;
    let alone = run(server.url("onlineerp")?, kind, 1, ALONE)?;
    Ok(Turn { many, alone, cost: spent * 1e6 / (many.rate * TURN.as_secs_f64()) })
}
