//! What only the server can say of a client: judged from the journal.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::base::urlencoded::pairs;
use crate::contract::Ignored;
use crate::journal::Entry;
use crate::simulator::Simulator;

/// The verdicts on the client of one simulator.
pub fn on(sim: &Simulator, journal: &[Arc<Entry>]) -> Vec<Value> {
    let entries: Vec<&Entry> =
        journal.iter().map(AsRef::as_ref).filter(|entry| entry.server == sim.slug).collect();
    let found = [
        token_on_every_call(sim, &entries),
        ignored_retry_after(&entries),
        duplicate_after_lost_response(&entries),
        only_the_first_page(sim, &entries),
        sent_ignored_fields(&entries),
    ];
    let show = |(verdict, message): (&str, String)| json!({ "server": sim.slug, "verdict": verdict, "message": message });
    found.into_iter().flatten().map(show).collect()
}

/// Whether the simulator did what was asked, whatever the client saw of it.
fn done(entry: &Entry) -> bool {
    entry.handled_status.is_some_and(|status| (200..300).contains(&status))
}

type Finding = Option<(&'static str, String)>;

/// A token serves many calls; a client that asks for one before each call pays twice for everything.
fn token_on_every_call(sim: &Simulator, entries: &[&Entry]) -> Finding {
    if sim.token_path.is_empty() {
        return None;
    }
    let asks = |entry: &&&Entry| entry.path.trim_end_matches('/').eq_ignore_ascii_case(sim.token_path);
    let tokens = entries.iter().filter(asks).count();
    let others = entries.len() - tokens;
    (tokens >= 3 && tokens >= others).then(|| {
        ("token_on_every_call", format!("{tokens} tokens were asked for and {others} calls made with them"))
    })
}

/// After `Retry-After` nothing should come until that time has passed.
fn ignored_retry_after(entries: &[&Entry]) -> Finding {
    let mut ignored = 0;
    for pair in entries.windows(2) {
        let asked = pair[0].response_headers.get("retry-after").and_then(|value| value.to_str().ok());
        let Some(seconds) = asked.and_then(|seconds| seconds.parse::<i64>().ok()) else { continue };
        // A frozen clock does not pass while a client waits in real time; then the real time counts.
        let simulated = pair[1].at.duration_since(pair[0].at);
        let real = pair[1].arrived.duration_since(pair[0].arrived);
        let waited = simulated.max(SignedDuration::try_from(real).unwrap_or(SignedDuration::MAX));
        ignored += u32::from(waited < SignedDuration::from_secs(seconds));
    }
    (ignored > 0)
        .then(|| ("ignored_retry_after", format!("{ignored} requests came before Retry-After had passed")))
}

/// A write whose answer was lost was done; the same write again makes a second record.
fn duplicate_after_lost_response(entries: &[&Entry]) -> Finding {
    let mut repeated = Vec::new();
    for (place, lost) in entries.iter().enumerate() {
        if lost.method != "POST" || lost.status.is_some() || !done(lost) {
            continue;
        }
        let same = |entry: &&&Entry| {
            entry.method == lost.method && entry.path == lost.path && entry.body == lost.body && done(entry)
        };
        if let Some(again) = entries[place + 1..].iter().find(same) {
            repeated.push(format!("{} and {}", lost.id, again.id));
        }
    }
    (!repeated.is_empty()).then(|| {
        let which = repeated.join(", ");
        ("duplicate_after_lost_response", format!("the same write was done twice: requests {which}"))
    })
}

/// A full page means that there may be another.
fn only_the_first_page(sim: &Simulator, entries: &[&Entry]) -> Finding {
    for (size, offset) in sim.paging {
        let of = |entry: &Entry, name: &str| {
            pairs(&entry.query)
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .and_then(|(_, value)| value.parse::<usize>().ok())
        };
        for first in entries.iter().filter(|entry| entry.method == "GET" && entry.status == Some(200)) {
            let (Some(asked), None | Some(0 | 1)) = (of(first, size), of(first, offset)) else { continue };
            let answered = serde_json::from_slice::<Value>(&first.response_body).ok();
            let full = answered.is_some_and(|body| asked > 1 && rows(&body) == Some(asked));
            let went_on = entries.iter().any(|entry| {
                entry.path == first.path && entry.id > first.id && of(entry, offset).is_some_and(|at| at > 1)
            });
            if full && !went_on {
                let message =
                    format!("request {} got a full page of {asked} and nobody asked for the next", first.id);
                return Some(("only_the_first_page", message));
            }
        }
    }
    None
}

/// How many rows a list has: bare, or the one list inside an envelope.
fn rows(body: &Value) -> Option<usize> {
    match body {
        Value::Array(rows) => Some(rows.len()),
        Value::Object(members) => members.values().find_map(|member| member.as_array().map(Vec::len)),
        _ => None,
    }
}

/// How many fields the verdict names.
const NAMED: usize = 10;

/// A request was done, and part of what the client said with it was not: fields that the ERP does not know, or that only
/// the ERP writes. Giving back what the server said before is no mistake.
fn sent_ignored_fields(entries: &[&Entry]) -> Finding {
    let mut fields: IndexMap<String, String> = IndexMap::new();
    for (place, entry) in entries.iter().enumerate().filter(|(_, entry)| done(entry)) {
        let said_before = |field: &&Ignored| {
            field.spoken.as_ref().is_some_and(|spoken| {
                // What is given back was mostly said just before.
                let mut answers = entries[..place].iter().rev().map(|earlier| &earlier.response_body);
                answers.any(|answer| String::from_utf8_lossy(answer).contains(spoken.as_str()))
            })
        };
        for field in &entry.ignored {
            let name = without_places(&field.position);
            if fields.contains_key(&name) || said_before(&field) {
                continue;
            }
            let instead = match (&field.nearest, &field.spoken) {
                (Some(nearest), _) => format!(", did you mean `{nearest}`?"),
                (None, Some(_)) => ", only the server writes it".to_owned(),
                (None, None) => String::new(),
            };
            let position = &field.position;
            fields.insert(name, format!("`{position}` (request {}{instead})", entry.id));
        }
    }
    let more = fields.len().saturating_sub(NAMED);
    let named: Vec<String> = fields.into_values().take(NAMED).collect();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!named.is_empty()).then(|| {
        let named = named.join(", ");
        ("sent_ignored_fields", format!("the server took requests and ignored fields of them: {named}{rest}"))
    })
}

/// `Items[3].Name` as `Items[].Name`: the same field in every element.
fn without_places(position: &str) -> String {
    let mut parts = position.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |so_far, part| {
        format!("{so_far}[{}", part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
    })
}
