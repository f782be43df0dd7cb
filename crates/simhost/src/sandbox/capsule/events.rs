//! Requests and changes as lines of a capsule, and whether two lines say the same.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::time::Instant;

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use crate::journal::Entry;
use crate::journal::placeholders::Placeholders;
use crate::sandbox::history::Change;

/// How much of a compressed body is looked at for secrets.
const MAX_INFLATED: u64 = 32 << 20;

/// Headers of answers that are no part of what is the same: they name the time and the life of a sandbox.
const ASIDE: [&str; 2] = ["date", "erpsatz-sandbox-id"];

/// The connections of a run by number, and when its first request came.
#[derive(Default)]
pub(super) struct Connections {
    began: Option<Instant>,
    numbers: HashMap<u64, usize>,
}

/// A request with its answer.
pub(super) fn request(entry: &Entry, secrets: &mut Placeholders, connections: &mut Connections) -> Value {
    let names = entry.secrets;
    let mut shown = json!({
        "id": entry.id,
        "at": entry.way.now.to_string(),
        "server": entry.server,
        "method": entry.method.as_str(),
        "path": secrets.text(&entry.path, names),
        "query": secrets.text(&entry.query, names),
        "prefix": &*entry.way.prefix,
        "encrypted": entry.way.is_encrypted,
        "headers": headers(&entry.headers, secrets, names),
        "principal": entry.principal,
        "fault": entry.fault,
        "handled_status": entry.handled_status,
        "status": entry.status,
        "real": real(entry, connections),
    });
    put_body(&mut shown, &entry.body, secrets, names);
    if let Some(kind) = entry.way.unread {
        shown["unread"] = json!(kind);
    }
    let mut answer = json!({ "headers": headers(&entry.response_headers, secrets, names) });
    put_body(&mut answer, &entry.response_body, secrets, names);
    shown["response"] = answer;
    if let Some(why) = &entry.unreadable {
        shown["unreadable"] = why.as_ref().into();
    }
    json!({ "request": shown })
}

/// When it came and on which connection, as far as the judge goes by that: real time since the first.
fn real(entry: &Entry, connections: &mut Connections) -> Value {
    let began = *connections.began.get_or_insert(entry.arrived);
    let next = connections.numbers.len();
    let micros = |from: Instant, to: Instant| {
        u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
    };
    let mut real = json!({
        "came_us": micros(began, entry.arrived),
        "took_us": entry.duration_us,
        "connection": connections.numbers.entry(entry.way.peer).or_insert(next),
    });
    if let Some(opened) = entry.way.opened {
        real["opened_us_before"] = micros(opened, entry.arrived).into();
    }
    if entry.way.has_gone {
        real["gone"] = true.into();
    }
    real
}

/// A call of the control API that changed something.
pub(super) fn change(change: &Change, secrets: &mut Placeholders, names: &[&str]) -> Value {
    let mut shown = json!({
        "at": change.at.to_string(),
        "method": change.method,
        "path": secrets.text(&change.path, names),
    });
    if let Some(started) = change.started {
        shown["started"] = started.to_string().into();
    }
    put_body(&mut shown, &change.body, secrets, names);
    json!({ "change": shown })
}

fn headers(headers: &HeaderMap, secrets: &mut Placeholders, names: &[&str]) -> Value {
    let pairs = headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes());
        json!([name.as_str(), secrets.header(name.as_str(), &value, names)])
    });
    pairs.collect()
}

/// A body as text where it is some, otherwise in Base64; nothing where there is none.
fn put_body(shown: &mut Value, body: &Bytes, secrets: &mut Placeholders, names: &[&str]) {
    if body.is_empty() {
        return;
    }
    match str::from_utf8(body) {
        Ok(text) => shown["body"] = secrets.text(text, names).into(),
        Err(_) => shown["body_base64"] = STANDARD.encode(bytes(body, secrets, names)).into(),
    }
}

/// Bytes that are no text: each is a letter of its own. What is hidden in a gzip is looked for as well.
fn bytes(body: &[u8], secrets: &mut Placeholders, names: &[&str]) -> Vec<u8> {
    let mut replaced = |bytes: &[u8]| {
        let text: String = bytes.iter().copied().map(char::from).collect();
        let shown = secrets.text(&text, names);
        shown.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect::<Vec<u8>>()
    };
    if body.starts_with(&[0x1f, 0x8b]) {
        let mut inflated = Vec::new();
        // Of a torn one, what there is.
        let _ = MultiGzDecoder::new(body).take(MAX_INFLATED).read_to_end(&mut inflated);
        let shown = replaced(&inflated);
        if shown != inflated {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            let _ = packed.write_all(&shown);
            return packed.finish().unwrap_or_default();
        }
        return body.to_vec();
    }
    replaced(body)
}

/// What differs in the answers of the same request, `recorded` once and `played` again, in words; nothing when they are
/// the same to the byte. A request that nothing was answered to is compared by what its simulator had answered.
pub fn difference(recorded: &Value, played: &Value) -> Option<String> {
    for name in ["handled_status", "status"] {
        if recorded[name] != played[name] {
            let what = if name == "status" { "the status" } else { "the status that the server gave" };
            return Some(format!("{what} was {}, and is {}", recorded[name], played[name]));
        }
    }
    if recorded["status"].is_null() {
        return None;
    }
    let (then, now) = (&recorded["response"], &played["response"]);
    headers_differ(&then["headers"], &now["headers"])
        .or_else(|| body_differs(then, now, "body"))
        .or_else(|| body_differs(then, now, "body_base64"))
}

fn headers_differ(then: &Value, now: &Value) -> Option<String> {
    let read = |headers: &Value| -> Map<String, Value> {
        let pairs = headers.as_array().into_iter().flatten();
        let pairs = pairs.filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].clone())));
        let pairs = pairs.filter(|(name, _)| !ASIDE.contains(&name.as_str()));
        let mut all: Map<String, Value> = Map::new();
        for (name, value) in pairs {
            if let Value::Array(values) = all.entry(name).or_insert_with(|| json!([])) {
                values.push(value);
            }
        }
        all
    };
    let (then, now) = (read(then), read(now));
    let names = then.keys().chain(now.keys().filter(|name| !then.contains_key(*name)));
    let said = |value: Option<&Value>| value.map_or_else(|| "not there".to_owned(), ToString::to_string);
    names.into_iter().find_map(|name| {
        let (then, now) = (then.get(name), now.get(name));
        (then != now).then(|| format!("the header {name} was {}, and is {}", said(then), said(now)))
    })
}

/// Where bodies differ, with a little of what stands around it.
fn body_differs(then: &Value, now: &Value, name: &str) -> Option<String> {
    let (then, now) = (then[name].as_str().unwrap_or_default(), now[name].as_str().unwrap_or_default());
    if then == now {
        return None;
    }
    let same = then.bytes().zip(now.bytes()).take_while(|(then, now)| then == now).count();
    Some(format!("the body was {}, and is {} (from byte {same} on)", around(then, same), around(now, same)))
}

/// The part of a text around a place, as JSON writes it.
fn around(text: &str, at: usize) -> String {
    const BEFORE: usize = 40;
    const AFTER: usize = 120;
    let edge = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let (from, to) = (edge(at.saturating_sub(BEFORE).min(text.len())), edge((at + AFTER).min(text.len())));
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < text.len() { "…" } else { "" });
    format!("{before}`{}`{after}", &text[from..to])
}
