//! Archives as tools write them: each gives the comparison that the journal's own gives.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpsatz::{Config, load_library, load_simulators};
use serde_json::{Value, json};
use simhost::journal::har;

use super::{ALL, Comparison, Recording, compared, kinds, recorded, told};

/// What `mitmdump --set hardump=…` wrote of a client's session with twins, behind the proxy that answers for the vendors'
/// hosts.
const MITMPROXY: &[u8] = include_bytes!("mitmproxy.har");

fn each_entry(archive: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut archive: Value = serde_json::from_slice(archive).unwrap();
    archive["log"]["entries"].as_array_mut().unwrap().iter_mut().for_each(change);
    archive.to_string().into_bytes()
}

/// Chrome: private members, no cookies and no credentials, bodies in Base64, the parts of HTTP/2's request line, times
/// below zero, entries that failed, and those of a web socket.
fn chrome(archive: &[u8]) -> Vec<u8> {
    let changed = each_entry(archive, |entry| {
        let members = entry.as_object_mut().unwrap();
        members.remove("_server");
        members.insert("_initiator".into(), json!({ "type": "script", "stack": { "callFrames": [] } }));
        members.insert("_priority".into(), "High".into());
        members.insert("timings".into(), json!({ "blocked": -1, "dns": -1, "send": -1, "wait": -1 }));
        let headers = entry["request"]["headers"].as_array_mut().unwrap();
        let secret = ["authorization", "cookie", "api_key"];
        headers.retain(|header| !secret.contains(&header["name"].as_str().unwrap()));
        headers.push(json!({ "name": ":authority", "value": "erp.example" }));
        headers.push(json!({ "name": ":path", "value": "/" }));
        let content = &mut entry["response"]["content"];
        if let Some(text) = content["text"].as_str().map(str::to_owned)
            && content["encoding"].is_null()
        {
            content["text"] = STANDARD.encode(text).into();
            content["encoding"] = "base64".into();
        }
    });
    let mut archive: Value = serde_json::from_slice(&changed).unwrap();
    let request =
        json!({ "method": "GET", "url": "https://erp.example/api2/public/products", "headers": [] });
    let socket = json!({ "method": "GET", "url": "wss://erp.example/socket", "headers": [] });
    archive["log"]["entries"].as_array_mut().unwrap().extend([
        json!({ "request": request, "response": { "status": 0, "content": {}, "_error": "net::ERR_ABORTED" } }),
        json!({ "request": socket, "response": { "status": 101 }, "_webSocketMessages": [{ "data": "x" }] }),
    ]);
    archive.to_string().into_bytes()
}

/// Firefox: a mark of the byte order before the file, nulls, comments.
fn firefox(archive: &[u8]) -> Vec<u8> {
    let changed = each_entry(archive, |entry| {
        entry["response"]["comment"] = "".into();
        entry["response"]["cookies"] = Value::Null;
        if entry["request"]["postData"]["text"].is_null() {
            entry["request"]["postData"] = Value::Null;
        }
        entry["pageref"] = "page_1".into();
    });
    [&b"\xef\xbb\xbf"[..], &changed].concat()
}

/// Insomnia: the parameters stand beside the address, and all entries have one time.
fn insomnia(archive: &[u8]) -> Vec<u8> {
    each_entry(archive, |entry| {
        let url = entry["request"]["url"].as_str().unwrap();
        entry["request"]["url"] = url.split('?').next().unwrap().to_owned().into();
        entry["startedDateTime"] = "2026-03-02T08:00:00.000Z".into();
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tools_form_gives_the_same() {
    for slug in ALL {
        let archive = recorded(slug, None).await;
        for (tool, form) in
            [("Chrome", chrome(&archive)), ("Firefox", firefox(&archive)), ("Insomnia", insomnia(&archive))]
        {
            let found = compared(slug, &form, None).await;
            assert_eq!(told(&found), "", "{slug} as {tool}");
            let failed = if tool == "Chrome" { 2 } else { 0 };
            assert_eq!(found.skipped.unanswered, failed, "{slug} as {tool}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_mitmproxy_writes_is_compared() {
    let config = Config { only: vec!["comarch-xt".to_owned(), "onlineerp".to_owned()], ..Config::default() };
    let loaded = load_simulators(&config).unwrap();
    let library = load_library(&config).unwrap();
    for (status, differs) in [("404", &[][..]), ("410", &["status"])] {
        let text = std::str::from_utf8(MITMPROXY).unwrap();
        let text = text.replace("\"status\":404", &format!("\"status\":{status}"));
        let recording = Recording::new(har::read(text.as_bytes()).unwrap().entries, &loaded, None);
        assert_eq!((recording.len(), recording.skipped.other_hosts, recording.skipped.options), (11, 1, 1));
        let counts: BTreeMap<&str, usize> =
            recording.servers.iter().map(|(slug, entries)| (*slug, entries.len())).collect();
        assert_eq!(counts, BTreeMap::from([("comarch-xt", 9), ("onlineerp", 2)]));
        let profiles = indexmap::IndexMap::new();
        let comparison = Comparison {
            loaded: &loaded,
            profiles,
            library: &library,
            keeps_values: false,
            progress: &|| (),
        };
        let found = comparison.compare(&recording).await.unwrap();
        assert!(kinds(&found).into_iter().eq(differs.iter().copied()), "{}", told(&found));
    }
}
