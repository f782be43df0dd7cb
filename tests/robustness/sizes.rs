//! Heads, paths and bodies that are too large: refused in each vendor's envelope, control's included.

use erpsatz::registry;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::Process;

/// The status and the keys of the JSON that answers these bytes.
async fn answer(process: &Process, slug: &str, head: &str, body_size: usize) -> (u16, Vec<String>) {
    let stream = TcpStream::connect(process.address(slug)).await.expect("it is let in");
    let (mut from, mut to) = stream.into_split();
    let host = "Host: 127.0.0.1\r\nConnection: close";
    let head = format!("{head}\r\n{host}\r\nContent-Length: {body_size}\r\n\r\n");
    let asking = tokio::spawn(async move {
        let _ = to.write_all(head.as_bytes()).await;
        for _ in 0..body_size / 1024 {
            if to.write_all(&[b' '; 1024]).await.is_err() {
                break;
            }
        }
        to
    });
    let mut answer = Vec::new();
    from.read_to_end(&mut answer).await.expect("the client comes to read the answer");
    asking.await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{slug}: no answer: {answer}"));
    let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
    let keys = match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(object)) => object.keys().cloned().collect(),
        _ => panic!("{slug}: no envelope: {answer}"),
    };
    (status, keys)
}

fn all() -> impl Iterator<Item = &'static str> {
    registry::ALL.iter().map(|sim| sim.slug).chain(["control"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_is_too_large_is_refused_in_the_envelope() {
    let process = Process::start::<&str>(&[]);
    let long = |name: &str, size: usize| format!("GET /x HTTP/1.1\r\n{name}: {}", "x".repeat(size));
    let many = (0..2000).map(|n| format!("\r\nX-{n}: y")).collect::<String>();
    let heads = [
        ("the most that hyper takes", format!("GET /{} HTTP/1.1", "x".repeat(60_000)), 404),
        ("a path of 100 KB", format!("GET /{} HTTP/1.1", "x".repeat(100_000)), 414),
        ("a query of 1 MB", format!("GET /x?$filter={} HTTP/1.1", "x".repeat(1 << 20)), 431),
        ("a header of 80 KB", long("X-Long", 80_000), 431),
        ("a header of 1 MB", long("X-Long", 1 << 20), 431),
        ("2,000 headers", format!("GET /x HTTP/1.1{many}"), 431),
        ("200 headers", format!("GET /x HTTP/1.1{}", &many[..many.find("\r\nX-200:").unwrap()]), 404),
    ];
    for slug in all() {
        for (what, head, status) in &heads {
            // Some check credentials before they look for a path.
            let (given, keys) = answer(&process, slug, head, 0).await;
            let expected = [*status, if *status == 404 { 401 } else { *status }];
            assert!(expected.contains(&given) && !keys.is_empty(), "{slug}: {what}: {given} {keys:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_in_the_envelope() {
    let process = Process::start(&["--max-body", "100000"]);
    for slug in all() {
        let path = if slug == "control" { "/sandboxes" } else { "/x" };
        let head = format!("POST {path} HTTP/1.1\r\nContent-Type: application/json");
        let (status, keys) = answer(&process, slug, &head, 2 << 20).await;
        assert!([413, 401, 404, 400].contains(&status) && !keys.is_empty(), "{slug}: {status} {keys:?}");
    }
}
