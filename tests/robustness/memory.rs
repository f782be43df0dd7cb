//! Memory stays flat however many requests there were, once the journal is full.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use erpsatz::registry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::Process;
use crate::support::basic;
use crate::support::samples::Client;
use crate::support::send;

/// How much it may grow after the warm-up, in KiB: what an allocator keeps for itself, not what leaks.
const SLACK: u64 = 16 << 10;

/// `ERPSATZ_TEST_REQUESTS` is a million in `.ci/long.sh`.
#[tokio::test(flavor = "multi_thread")]
async fn memory_is_flat_with_the_journal_full() {
    let requests = crate::scale("ERPSATZ_TEST_REQUESTS", 20_000);
    let is_long = requests >= 200_000;
    let process =
        if is_long { Process::start::<&str>(&[]) } else { Process::start(&["--journal-entries", "500"]) };
    let asks = asks(&process).await;
    let part = requests / 10;
    let mut sizes = Vec::new();
    for _ in 0..10 {
        run(&process, &asks, part).await;
        sizes.push(process.figure("VmRSS"));
    }
    crate::say(&format!(
        "resident KiB after each {part} requests: {sizes:?}, at most {}",
        process.figure("VmHWM")
    ));
    let warm = sizes[2];
    let last = *sizes.last().unwrap();
    assert!(last <= warm + SLACK, "it grows: {sizes:?} KiB");
}

/// How many bytes a journal may keep in the test of it, in KiB; and what else may come with them: statements, blocks that
/// are being filled, what the judge remembers.
const JOURNAL: u64 = 24 << 10;
const BESIDE: u64 = 14 << 10;

/// The limit is what entries take, headers and allocations included, not what their bodies are.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_journal_takes_what_its_limit_says() {
    let bytes = (JOURNAL << 10).to_string();
    let process = Process::start(&["--journal-bytes", &bytes]);
    let head = format!("Host: x\r\nAuthorization: {}", basic("DEMO-LICENCE", "demo-secret"));
    let list = format!("GET /api/Entity/Product HTTP/1.1\r\n{head}\r\n\r\n").into_bytes().into();
    let asks = [(process.address("onlineerp"), list)];
    run(&process, &asks, 50).await;
    let idle = process.figure("VmRSS");
    run(&process, &asks, 8_000).await;
    let full = process.figure("VmRSS");
    crate::say(&format!("resident KiB: {idle} idle, {full} with a journal of {JOURNAL}"));
    let app = process.app();
    let metrics = send(app.control(reqwest::Method::GET, "/metrics")).await;
    let dropped = metrics.body.lines().find(|line| line.starts_with("erpsatz_journal_dropped_total"));
    assert!(dropped.is_some_and(|line| !line.ends_with(" 0")), "it is full: {dropped:?}");
    assert!(full <= idle + JOURNAL + BESIDE, "{idle} KiB idle, {full} KiB with a journal of {JOURNAL} KiB");
}

/// A read of each server, as bytes on a connection that stays.
async fn asks(process: &Process) -> Vec<(String, Arc<[u8]>)> {
    let app = process.app();
    let mut asks = Vec::new();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let request = client.read().build().expect("a request");
        assert_eq!(send(client.read()).await.status, 200);
        let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
        let mut bytes = format!("{} {} HTTP/1.1\r\nHost: x\r\n", request.method(), request.url().path());
        for (name, value) in request.headers() {
            let _ = write!(bytes, "{name}: {}\r\n", value.to_str().unwrap());
        }
        let _ = write!(bytes, "Content-Length: {}\r\n\r\n{}", body.len(), String::from_utf8_lossy(body));
        asks.push((process.address(sim.slug), bytes.into_bytes().into()));
    }
    // Refusals are requests too.
    let refused = format!("GET /x HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\n\r\n", basic("a", "b"));
    asks.push((process.address("onlineerp"), refused.into_bytes().into()));
    asks
}

async fn run(process: &Process, asks: &[(String, Arc<[u8]>)], requests: usize) {
    assert!(process.figure("Threads") > 0, "it runs");
    let left = Arc::new(AtomicUsize::new(requests));
    let clients = asks.iter().cycle().take(asks.len() * 2).cloned().map(|(address, ask)| {
        let left = left.clone();
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("it is let in");
            let mut buffer = Vec::new();
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
            {
                stream.write_all(&ask).await.expect("it is read");
                read_answer(&mut stream, &mut buffer).await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.expect("it is served");
    }
}

/// Reads one whole answer.
async fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.expect("an answer") > 0, "it hung up");
        let Some(end) = buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).expect("a length");
        let length: usize = length.lines().next().unwrap().trim().parse().expect("a number");
        if buffer.len() >= end + 4 + length {
            return;
        }
    }
}
