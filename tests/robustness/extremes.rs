//! What no client should send, many times over: no 5xx, no hang, no panic, in lenient and in strict mode.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use erpsatz::registry;
use reqwest::Method;
use serde_json::Value;

use crate::process::Process;
use crate::support::samples::Client;
use crate::support::send;

/// Numbers that come one after the other, as from dice.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }
}

/// What stands in the place of a value, as JSON.
fn extremes() -> Vec<Value> {
    let texts = [
        "null",
        "true",
        "0",
        "-1",
        "-0",
        "1e28",
        "-1e28",
        "7.9e28",
        "1e400",
        "0.00000000000000000000000000001",
        "9223372036854775807",
        "-9223372036854775808",
        "18446744073709551616",
        "[]",
        "{}",
        "[[]]",
        "\"\"",
        "\"\\u0000\"",
        "\"0001-01-01\"",
        "\"9999-12-31T23:59:59\"",
        "\"-1\"",
        "\"1e28\"",
        "\"NaN\"",
    ];
    let mut values: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
    values.push("x".repeat(100_000).into());
    values.push("\u{202e}é😀'\"\\".into());
    values
}

/// Every way to a leaf of a document.
fn leaves(value: &Value, way: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members
                .iter()
                .for_each(|(name, member)| leaves(member, &format!("{way}/{}", escaped(name)), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, item)| leaves(item, &format!("{way}/{at}"), found));
        }
        _ => found.push(way.to_owned()),
    }
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn with_each_leaf(body: &Value) -> Vec<Value> {
    let mut ways = Vec::new();
    leaves(body, "", &mut ways);
    let mut bodies = Vec::new();
    for way in ways {
        for extreme in extremes() {
            let mut changed = body.clone();
            if let Some(leaf) = changed.pointer_mut(&way) {
                *leaf = extreme;
            }
            bodies.push(changed);
        }
    }
    // Some of them; `.ci/long.sh` asks for all.
    let every = crate::scale("ERPSATZ_TEST_EXTREMES_EVERY", 11);
    bodies.into_iter().step_by(every).collect()
}

async fn extremes_in(process: Process) {
    let app = process.app();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let sample = client.write(1).build().unwrap();
        let body = sample.body().and_then(|body| body.as_bytes()).unwrap().to_vec();
        for body in with_each_leaf(&serde_json::from_slice(&body).unwrap()) {
            let answer =
                send(client.request(client.write_method(), client.write_path(), body.to_string())).await;
            assert!(answer.status.as_u16() < 500, "{}: {}: {}", sim.slug, answer.status, shown(&body));
        }
        let entities =
            send(app.control(Method::GET, &format!("/sandboxes/default/data/{}", sim.slug))).await.json();
        for entity in entities["items"].as_array().unwrap() {
            let path = format!("/sandboxes/default/data/{}/{}", sim.slug, entity["entity"].as_str().unwrap());
            let records = send(app.control(Method::GET, &format!("{path}?limit=1"))).await.json();
            let Some(record) = records["items"].get(0) else { continue };
            for body in with_each_leaf(record) {
                let answer = send(app.control(Method::POST, &path).json(&body)).await;
                assert!(answer.status.as_u16() < 500, "{path}: {}: {}", answer.status, shown(&body));
            }
        }
        let reset = app.control(Method::POST, "/sandboxes/default/reset");
        assert_eq!(send(reset).await.status, 204);
    }
    ends_without_a_panic(process);
}

fn shown(body: &Value) -> String {
    body.to_string().chars().take(2000).collect()
}

pub(crate) fn ends_without_a_panic(process: Process) {
    process.terminate();
    let (code, said) = process.output();
    assert!(code == Some(0) && !said.contains("panic"), "{code:?}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_values_in_every_leaf() {
    extremes_in(Process::start(&["--journal-entries", "100"])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn extreme_values_in_every_leaf_strict() {
    extremes_in(Process::start(&["--strict", "--journal-entries", "100"])).await;
}

/// `ERPSATZ_TEST_MUTATIONS` is 30,000 a mode in `.ci/long.sh`.
async fn mutated(process: Process, seed: u64) {
    let app = process.app();
    let mut dice = Dice(seed);
    let mut requests = Vec::new();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        for request in [client.read(), client.write(1)] {
            let request = request.build().unwrap();
            let body = request.body().and_then(|body| body.as_bytes()).unwrap_or_default();
            let mut bytes = format!("{} {} HTTP/1.1\r\nHost: x\r\n", request.method(), request.url().path());
            for (name, value) in request.headers() {
                let _ = write!(bytes, "{name}: {}\r\n", value.to_str().unwrap());
            }
            let _ = write!(bytes, "Content-Length: {}\r\n\r\n", body.len());
            requests.push((process.address(sim.slug), [bytes.as_bytes(), body].concat()));
        }
    }
    for _ in 0..crate::scale("ERPSATZ_TEST_MUTATIONS", 1000) {
        let (address, request) = &requests[dice.roll(requests.len())];
        let mut request = request.clone();
        for _ in 0..=dice.roll(4) {
            let at = dice.roll(request.len());
            match dice.roll(4) {
                0 => request[at] = u8::try_from(dice.roll(256)).unwrap(),
                1 if request.len() > 1 => drop(request.remove(at)),
                2 => request.insert(at, u8::try_from(dice.roll(256)).unwrap()),
                _ => request.truncate(at.max(1)),
            }
        }
        let mut stream = TcpStream::connect(address).expect("it is let in");
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let _ = stream.write_all(&request).and_then(|()| stream.shutdown(Shutdown::Write));
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("it hangs: {error}"),
            _ => {}
        }
        let line = String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned();
        assert!(!line.starts_with("HTTP/1.1 5"), "{line}: {}", String::from_utf8_lossy(&request));
    }
    ends_without_a_panic(process);
}

#[tokio::test(flavor = "multi_thread")]
async fn mutated_requests() {
    mutated(Process::start(&["--journal-entries", "100"]), 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mutated_requests_strict() {
    mutated(Process::start(&["--strict", "--journal-entries", "100"]), 2).await;
}
