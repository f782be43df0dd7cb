//! SIGTERM while requests are in flight: those finish, what was acknowledged is kept, exit 0.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use erpsatz::registry;
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::process::{Process, kept_in};
use crate::support::samples::Client;
use crate::support::{send, try_send};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_loses_nothing_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let next = AtomicUsize::new(1);
    let acknowledged: Vec<Arc<Mutex<HashSet<usize>>>> =
        registry::ALL.iter().map(|_| Arc::default()).collect();
    for round in 0..5 {
        let process = Process::start(&kept_in(folder.path()));
        let app = process.app();
        let mut clients = Vec::new();
        for sim in registry::ALL {
            clients.push(Client::of(&app, sim.slug).await);
        }
        let writers = clients.iter().zip(&acknowledged).map(async |(client, acknowledged)| {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Ok(answer) = try_send(client.write(n)).await else { return };
                assert!(answer.status.is_success(), "{}: {}", client.slug, answer.body);
                acknowledged.lock().unwrap().insert(n);
            }
        });
        let before: Vec<usize> = acknowledged.iter().map(|set| set.lock().unwrap().len()).collect();
        let sets = acknowledged.clone();
        let stop = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(100 + round * 30));
            // However slow the machine is, there is a load.
            while sets.iter().zip(&before).any(|(set, before)| set.lock().unwrap().len() < before + 2) {
                std::thread::sleep(Duration::from_millis(1));
            }
            process.terminate();
            process.wait()
        });
        join_all(writers).await;
        assert_eq!(stop.await.unwrap().code(), Some(0));
    }
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    for (sim, acknowledged) in registry::ALL.iter().zip(&acknowledged) {
        let written = Client::of(&app, sim.slug).await.written().await;
        let acknowledged = acknowledged.lock().unwrap();
        let lost: Vec<_> = acknowledged.difference(&written).collect();
        assert!(lost.is_empty(), "{}: lost {lost:?}", sim.slug);
    }
}

/// One request takes longer than the stop waits: it is cut off, and the stop still comes to its end.
#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_is_cut_off() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let slow = json!({ "server": "onlineerp", "undocumented": true, "when": { "path": "/slow" }, "then": { "delay": "10m" } });
    let soon = json!({ "server": "onlineerp", "undocumented": true, "when": { "path": "/soon" }, "then": { "delay": "100ms" } });
    for rule in [slow, soon] {
        let faults = app.control(Method::POST, "/sandboxes/default/faults");
        assert_eq!(send(faults.json(&rule)).await.status, 201);
    }
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(process.address("onlineerp")).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
        stream
    };
    let (mut slow, mut soon) = (ask("/slow"), ask("/soon"));
    // Neither asks: one has not begun, the other is half-way through a body.
    let idle = TcpStream::connect(process.address("onlineerp")).unwrap();
    let mut half = TcpStream::connect(process.address("onlineerp")).unwrap();
    half.write_all(b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{").unwrap();
    // Both have begun once the rules that delay them have hit.
    let begun = async || {
        let rules = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
        rules["items"].as_array().unwrap().iter().all(|rule| rule["hits"] == 1)
    };
    while !begun().await {
        tokio::task::yield_now().await;
    }
    process.terminate();
    let told = std::time::Instant::now();
    let mut answer = String::new();
    let _ = soon.read_to_string(&mut answer);
    // A machine so slow that a tenth of a second took longer than the stop waits shows nothing here.
    let could_finish = told.elapsed() < simhost::server::DRAIN;
    assert!(answer.starts_with("HTTP/1.1 401") || !could_finish, "what can finish does: {answer}");
    assert!(!answer.to_lowercase().contains("keep-alive"), "it is not promised to stay open: {answer}");
    let mut answer = Vec::new();
    let _ = slow.read_to_end(&mut answer);
    assert!(answer.is_empty(), "it was cut off");
    assert_eq!(process.wait().code(), Some(0));
    drop((idle, half));
}
