//! HTTP Archives 1.2: the journal as one, for the tools that read them; those of other tools are read in `read`.

mod read;

use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::base::decimal;
use crate::journal::entry::{BASE64, Entry, is_text};

pub use read::{MAX_BYTES, MAX_ENTRIES, Recorded, Recording, SERVER, read};

/// The archive of `entries`; `origin` gives the scheme and host of each simulator.
pub fn archive(entries: impl Iterator<Item = Entry>, origin: impl Fn(&str) -> String) -> Value {
    let entries: Vec<Value> = entries.map(|entry| record(&entry, &origin)).collect();
    json!({ "log": {
        "version": "1.2",
        "creator": { "name": "Erpsatz", "version": env!("CARGO_PKG_VERSION") },
        "entries": entries,
    } })
}

fn record(entry: &Entry, origin: impl Fn(&str) -> String) -> Value {
    let shown = entry.to_json();
    let query = shown["query"].as_str().unwrap_or_default();
    let mark = if query.is_empty() { "" } else { "?" };
    let millis = rust_decimal::Decimal::new(i64::try_from(entry.duration_us).unwrap_or(i64::MAX), 3);
    let time = decimal::to_json(millis);
    let mut request = json!({
        "method": shown["method"],
        "url": format!("{}{}{mark}{query}", origin(entry.server), entry.shown_path()),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": pairs(entry, &entry.headers),
        "queryString": parameters(query),
        "headersSize": -1,
        "bodySize": entry.body.len(),
    });
    if !entry.body.is_empty() {
        request["postData"] = json!({ "mimeType": media_type(&entry.headers), "text": shown["body"] });
        if !is_text(&entry.body) {
            request["postData"]["encoding"] = BASE64.into();
        }
    }
    let mut record = json!({
        SERVER: entry.server,
        "startedDateTime": shown["at"],
        "time": time,
        "request": request,
        "response": {
            "status": entry.status.unwrap_or(0),
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": pairs(entry, &entry.response_headers),
            "content": {
                "size": entry.response_body.len(),
                "mimeType": media_type(&entry.response_headers),
                "text": shown["response"]["body"].as_str().unwrap_or_default(),
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": entry.response_body.len(),
        },
        "cache": {},
        "timings": { "send": 0, "wait": time, "receive": 0 },
    });
    if !is_text(&entry.response_body) {
        record["response"]["content"]["encoding"] = BASE64.into();
    }
    record
}

fn pairs(entry: &Entry, headers: &HeaderMap) -> Vec<Value> {
    entry
        .shown_headers(headers)
        .into_iter()
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn parameters(query: &str) -> Vec<Value> {
    crate::base::urlencoded::pairs(query)
        .map(|(name, value)| json!({ "name": name, "value": value }))
        .collect()
}

fn media_type(headers: &HeaderMap) -> String {
    headers
        .get(axum::http::header::CONTENT_TYPE)
        .map_or_else(String::new, |value| String::from_utf8_lossy(value.as_bytes()).into())
}
