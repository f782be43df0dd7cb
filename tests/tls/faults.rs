//! Faults end encrypted connections as they end plain ones.

use std::io::ErrorKind;
use std::time::Duration;

use erpsatz::registry;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use super::{Encrypted, asked, port, rest, root, session};
use crate::support::samples::Client;
use crate::support::{App, send};

const REQUEST: &[u8] = b"GET /x HTTP/1.1\r\nHost: localhost\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn cuts_are_cuts_inside_tls_too() {
    let app = App::start().await;
    for slug in registry::ALL.iter().map(|sim| sim.slug) {
        for effect in ["drop", "lose_response", "reset", "garbage", "truncate"] {
            let value = if effect == "truncate" { json!(0.5) } else { json!(true) };
            app.fault(json!({ "server": slug, "when": { "times": 1 }, "then": { effect: value } })).await;
            let (answer, ended) = asked(&app, slug, REQUEST).await;
            let kind = ended.err().map(|error| error.kind());
            let answer = String::from_utf8_lossy(&answer);
            match effect {
                "reset" => {
                    assert_eq!((answer.as_ref(), kind), ("", Some(ErrorKind::ConnectionReset)), "{slug}");
                }
                // A session that is cut does not end as one that is closed: the client sees that something is missing.
                "garbage" => {
                    assert!(answer.contains("no HTTP") && !answer.starts_with("HTTP"), "{slug}: {answer:?}");
                    assert_eq!(kind, Some(ErrorKind::UnexpectedEof), "{slug}");
                }
                "truncate" => {
                    assert!(answer.starts_with("HTTP/1.1 "), "{slug}: {answer:?}");
                    assert_eq!(kind, Some(ErrorKind::UnexpectedEof), "{slug}");
                }
                _ => assert_eq!(
                    (answer.as_ref(), kind),
                    ("", Some(ErrorKind::UnexpectedEof)),
                    "{slug} {effect}"
                ),
            }
            let entry = app.journal("default").await.pop().expect("an entry");
            assert!(entry["fault"].is_string(), "{slug} {effect}: {entry}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_an_answer_does_so_inside_tls() {
    let app = App::start().await;
    let client = Encrypted::of(&app).await;
    for slug in registry::ALL.iter().map(|sim| sim.slug) {
        let ask = async || client.ask("GET", "localhost", port(&app, slug), "/x", &[]).await;
        let rule = json!({ "server": slug, "when": { "times": 1 }, "then": { "status": 503 } });
        app.fault(rule).await;
        assert_eq!(ask().await.status, 503, "{slug}");
        let rule = json!({ "server": slug, "when": { "times": 1 },
            "then": { "drip": { "bytes": 16, "every": "1ms" } } });
        app.fault(rule).await;
        let dripped = ask().await;
        assert_eq!(dripped.body, ask().await.body, "{slug}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_refused_inside_tls() {
    let app = App::start().await;
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        let (answer, ended) = asked(&app, slug, b"GET /a?x=b c HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        let answer = String::from_utf8_lossy(&answer);
        assert!(ended.is_ok() && answer.starts_with("HTTP/1.1 400 "), "{slug}: {answer}");
        let body = answer.split_once("\r\n\r\n").expect("a head").1;
        assert!(serde_json::from_str::<Value>(body).is_ok(), "{slug}: no envelope: {answer}");
        let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(300 << 10));
        let (answer, _) = asked(&app, slug, long.as_bytes()).await;
        assert!(answer.starts_with(b"HTTP/1.1 414 ") || answer.starts_with(b"HTTP/1.1 431 "), "{slug}");
    }
    let unreadable =
        app.journal("default").await.iter().filter(|entry| entry["unreadable"].is_string()).count();
    assert_eq!(unreadable, 2 * registry::ALL.len());
}

/// Who has said all ends its side and waits for the answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_said_all_gets_its_answer_inside_tls() {
    let app = App::start().await;
    let root = root(&app).await;
    for slug in registry::ALL.iter().map(|sim| sim.slug) {
        app.fault(json!({ "server": slug, "when": {}, "then": { "delay": "50ms" } })).await;
        let mut stream = session(port(&app, slug), "localhost", &root, &[]).await.unwrap();
        stream.write_all(REQUEST).await.unwrap();
        stream.shutdown().await.unwrap();
        let (answer, ended) = rest(&mut stream).await;
        assert!(ended.is_ok() && answer.starts_with(b"HTTP/1.1 4"), "{slug}: {ended:?}");
    }
}

/// Encrypted answers that nobody reads are let go as plain ones are.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_read_inside_tls() {
    let mut config = erpsatz::Config::default();
    config.options.client_timeout =
        simcore::base::client_timeout::ClientTimeout::of(Duration::from_millis(500));
    let app = App::with(config).await;
    let root = root(&app).await;
    let plain = Client::of(&app, "clavus").await;
    assert_eq!(send(plain.read()).await.status, 200);
    let mut stream = session(port(&app, "control"), "localhost", &root, &[]).await.unwrap();
    // Far more than the sockets of both sides hold.
    let page = b"GET /servers/clavus/contract HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut sent = 0;
    let cut = tokio::time::timeout(Duration::from_secs(30), async {
        loop {
            if stream.write_all(page).await.is_err() || stream.flush().await.is_err() {
                break;
            }
            sent += 1;
        }
    });
    assert!(cut.await.is_ok(), "it was not let go after {sent} requests");
    assert_eq!(send(app.control(Method::GET, "/healthz")).await.status, 200);
}
