//! `erpsatz journal`.

mod lines;

use std::io::{IsTerminal as _, Write as _, stdout};
use std::time::Duration;

use erpsatz::segment;
use reqwest::Method;
use serde_json::Value;

use crate::Failure;
use crate::args::JournalArgs;
use crate::client::{in_sandbox, json, send};
use crate::commands::complain;
use crate::commands::journal::lines::Lines;

/// How long `--follow` waits before it asks again, when it was let go.
const PAUSE: Duration = Duration::from_millis(300);

pub(crate) async fn run(args: &JournalArgs) -> Result<(), Failure> {
    let lines = Lines { is_wide: stdout().is_terminal(), bodies: args.bodies };
    let path = format!("/journal?limit={}{}", args.limit, filter(args, args.since));
    let journal = json(send(in_sandbox(&args.call.sandbox, Method::GET, &path)).await?).await?;
    let entries = journal["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !entries.iter().all(|entry| show(args, &lines, entry)) || !args.follow {
        return Ok(());
    }
    let last = entries.last().and_then(|entry| entry["id"].as_u64()).or(args.since);
    // Where none was shown there is none to go on from, unless none was asked for.
    follow(args, &lines, last.or((args.limit > 0).then_some(0))).await
}

/// What the options narrow the journal to, as the end of a query.
fn filter(args: &JournalArgs, since: Option<u64>) -> String {
    let (status, since) =
        (args.status.map(|status| status.to_string()), since.map(|since| since.to_string()));
    let given = [
        ("server", args.server.as_ref()),
        ("method", args.method.as_ref()),
        ("path", args.path.as_ref()),
        ("status", status.as_ref()),
        ("since", since.as_ref()),
    ];
    let given = given.into_iter().filter_map(|(name, value)| Some(format!("&{name}={}", segment(value?))));
    given.collect()
}

/// Shows an entry; false when nobody reads any more.
fn show(args: &JournalArgs, lines: &Lines, entry: &Value) -> bool {
    let shown = if args.call.json { entry.to_string() } else { lines.of(entry) };
    let mut out = anstream::stdout();
    writeln!(out, "{shown}").and_then(|()| out.flush()).is_ok()
}

/// Shows what comes after the entry `last`, or from now on, until nobody reads it any more.
async fn follow(args: &JournalArgs, lines: &Lines, mut last: Option<u64>) -> Result<(), Failure> {
    loop {
        let path = format!("/journal/stream?{}", filter(args, None).trim_start_matches('&'));
        let mut request = in_sandbox(&args.call.sandbox, Method::GET, &path);
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        let (mut stream, mut came) = (send(request).await?, Vec::new());
        // A stream that breaks off is asked for again: why it did is said then.
        while let Ok(Some(bytes)) = stream.chunk().await {
            came.extend_from_slice(&bytes);
            for event in events(&mut came) {
                let Ok(data) = serde_json::from_str::<Value>(&event.data) else { continue };
                if event.kind == "gap" {
                    complain("erpsatz: some requests are gone from the journal already");
                } else if !show(args, lines, &data) {
                    return Ok(());
                }
                last = data["id"].as_u64().or(last);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
struct Event {
    kind: String,
    data: String,
}

/// Takes the events that are whole from the beginning of `came`.
fn events(came: &mut Vec<u8>) -> Vec<Event> {
    let mut events = Vec::new();
    while let Some(end) = came.windows(2).position(|pair| pair == b"\n\n") {
        let block: Vec<u8> = came.drain(..end + 2).collect();
        let block = String::from_utf8_lossy(&block).into_owned();
        let of = |name: &str| {
            let lines = block.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            lines.map(|value| value.strip_prefix(' ').unwrap_or(value)).collect::<Vec<_>>().join("\n")
        };
        let event = Event { kind: of("event"), data: of("data") };
        if !event.data.is_empty() {
            events.push(event);
        }
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_in_any_pieces() {
        let sent =
            "event: entry\nid: 1\ndata: {\"id\":1}\n\n:\n\nevent: gap\ndata: {\"after\":1}\n\nevent: en";
        let expected = [("entry", "{\"id\":1}"), ("gap", "{\"after\":1}")];
        for size in [1, 3, 1000] {
            let (mut came, mut read) = (Vec::new(), Vec::new());
            for piece in sent.as_bytes().chunks(size) {
                came.extend_from_slice(piece);
                read.extend(events(&mut came));
            }
            let read: Vec<(&str, &str)> =
                read.iter().map(|event| (event.kind.as_str(), event.data.as_str())).collect();
            assert_eq!(read, expected, "{size}");
        }
    }
}
