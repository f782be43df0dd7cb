//! What happens where sockets, files and processes meet: bytes that are no request, clients that have said all, folders
//! of others.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::time::Duration;

use erpsatz::registry;
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Process, kept_in, refused, serve};
use crate::support::samples::Client;
use crate::support::send;

fn connect(process: &Process, slug: &str) -> TcpStream {
    let stream = TcpStream::connect(process.address(slug)).expect("it is let in");
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// What comes until the connection ends, and whether it was reset.
fn answered(mut stream: TcpStream) -> (String, bool) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (String::from_utf8_lossy(&bytes).into_owned(), false),
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {
                return (String::from_utf8_lossy(&bytes).into_owned(), true);
            }
            Err(error) => panic!("it neither answers nor hangs up: {error}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_noted() {
    let process = Process::start(&["--log-format", "json", "--no-tls"]);
    let app = process.app();
    let tls = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello".as_slice();
    for slug in registry::ALL.iter().map(|sim| sim.slug) {
        for (bytes, said) in [
            (
                b"GET /a?$filter=No eq 'X'&api_key=C4n4ry HTTP/1.1\r\nHost: x\r\n\r\n".as_slice(),
                "request line",
            ),
            (tls, "TLS"),
        ] {
            let mut stream = connect(&process, slug);
            stream.write_all(bytes).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let (answer, _) = answered(stream);
            assert!(answer.starts_with("HTTP/1.1 400 "), "{slug}: {answer}");
            let body = answer.split_once("\r\n\r\n").expect("a head").1;
            assert!(serde_json::from_str::<Value>(body).is_ok(), "{slug}: no envelope: {answer}");
            let entry = app.journal("default").await.pop().expect("an entry");
            assert_eq!((&entry["server"], &entry["method"]), (&slug.into(), &"".into()), "{entry}");
            assert_eq!(entry["status"], 400, "{entry}");
            assert!(entry["unreadable"].as_str().expect("why").contains(said), "{entry}");
            assert!(!entry.to_string().contains("C4n4ry"), "{entry}");
        }
        drop(connect(&process, slug));
    }
    let entries = app.journal("default").await.len();
    assert_eq!(entries, 2 * registry::ALL.len(), "a connection without a byte is nothing");
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    assert_eq!(report["violations"], json!([]), "{report}");
    process.terminate();
    let (_, said) = process.output();
    for line in said.lines().filter(|line| line.starts_with('{')) {
        assert!(serde_json::from_str::<Value>(line).is_ok(), "every line is JSON: {line}");
    }
    assert!(said.contains("TLS hello") && !said.contains("C4n4ry"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_has_said_all_gets_its_answer() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    for sim in registry::ALL {
        let rule = json!({ "server": sim.slug, "when": {}, "then": { "delay": "200ms" } });
        let added = send(app.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
        assert_eq!(added.status, 201, "{}", added.body);
        let mut stream = connect(&process, sim.slug);
        stream.write_all(b"GET /no/such/route HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let (answer, _) = answered(stream);
        assert!(answer.starts_with("HTTP/1.1 4"), "{}: {answer:?}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_connection_says_for_how_long() {
    let process = Process::start(&["--client-timeout", "3s"]);
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        let mut stream = connect(&process, slug);
        stream.write_all(b"GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
        let (answer, _) = answered(stream);
        let head = answer.split_once("\r\n\r\n").expect("a head").0.to_ascii_lowercase();
        assert!(
            head.contains("keep-alive: timeout=2") && head.contains("connection: keep-alive"),
            "{slug}: {head}"
        );
    }
}

/// Who asks for the end of the connection is not told that it is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_ends_says_nothing_of_being_kept() {
    let process = Process::start::<&str>(&[]);
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        for head in ["GET /x HTTP/1.1\r\nConnection: foo, Close", "GET /x HTTP/1.0"] {
            let mut stream = connect(&process, slug);
            stream.write_all(format!("{head}\r\nHost: 127.0.0.1\r\n\r\n").as_bytes()).unwrap();
            let (answer, _) = answered(stream);
            let head = answer.split_once("\r\n\r\n").expect("a head").0.to_ascii_lowercase();
            assert!(!head.contains("keep-alive"), "{slug}: {head}");
        }
    }
}

/// What a call asks for is done once all of it is there, and not at all when it breaks off.
#[tokio::test(flavor = "multi_thread")]
async fn control_does_nothing_of_half_a_call() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let state = async || {
        let mut state = Vec::new();
        for path in ["/sandboxes", "/sandboxes/default/snapshots", "/sandboxes/default/faults"] {
            state.push(send(app.control(Method::GET, path)).await.body);
        }
        state
    };
    let frozen =
        send(app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "frozen": true })));
    assert_eq!(frozen.await.status, 200);
    let kept = send(app.control(Method::PUT, "/sandboxes/default/snapshots/kept"));
    assert_eq!(kept.await.status, 201);
    let before = state().await;
    for (call, body) in [
        ("POST /sandboxes", r#"{"name":"half"}"#),
        ("POST /sandboxes/default/reset", "{}"),
        ("PUT /sandboxes/half/scenario", "name: half"),
        ("PATCH /sandboxes/default/clock", r#"{"advance":"1h"}"#),
        ("POST /sandboxes/default/faults", r#"{"server":"weavy","then":{"status":500}}"#),
        ("PUT /sandboxes/default/snapshots/half", ""),
        ("DELETE /sandboxes/default/snapshots/kept", ""),
    ] {
        let chunk = format!("{:x}\r\n{body}", body.len() + 5);
        let length = format!("Content-Length: {}\r\n\r\n{body}", body.len() + 5);
        for rest in [length, format!("Transfer-Encoding: chunked\r\n\r\n{chunk}")] {
            let mut stream = connect(&process, "control");
            stream.write_all(format!("{call} HTTP/1.1\r\nHost: 127.0.0.1\r\n{rest}").as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let (answer, _) = answered(stream);
            assert!(!answer.starts_with("HTTP/1.1 2"), "{call}: {answer}");
            assert_eq!(state().await, before, "{call}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lengths_that_nobody_has_are_refused() {
    let process = Process::start::<&str>(&[]);
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        // As a body that is too large, which Comarch XT answers with 400.
        let too_large = if slug == "comarch-xt" { 400 } else { 413 };
        for (length, status) in [
            ("18446744073709551615", too_large),
            ("18446744073709551616", too_large),
            ("99999999999999999999999999", too_large),
            ("-1", 400),
            ("1e3", 400),
        ] {
            let mut stream = connect(&process, slug);
            let head = format!("POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let (answer, _) = answered(stream);
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{slug}: {length}: {answer:?}");
        }
    }
    process.terminate();
    let (code, said) = process.output();
    assert_eq!(code, Some(0));
    assert!(!said.contains("panic"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_reset_and_talk_garbage() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        for effect in ["reset", "garbage"] {
            let rule = json!({ "server": sim.slug, "when": { "times": 1 }, "then": { effect: true } });
            let added = send(app.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
            assert_eq!(added.status, 201, "{}", added.body);
            let mut stream = connect(&process, sim.slug);
            stream.write_all(b"GET /x HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            let (answer, was_reset) = answered(stream);
            match effect {
                "reset" => assert!(was_reset && answer.is_empty(), "{}: {answer:?}", sim.slug),
                _ => assert!(!answer.is_empty() && !answer.starts_with("HTTP"), "{}: {answer:?}", sim.slug),
            }
            let entry = app.journal("default").await.pop().expect("an entry");
            assert_eq!((&entry["status"], &entry["handled_status"]), (&Value::Null, &Value::Null), "{entry}");
            assert!(entry["fault"].is_string(), "{entry}");
        }
        assert_eq!(client.count().await, before, "{}: nothing is done", sim.slug);
    }
}

/// One process a folder; the lock goes with the process, however that ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_folder_belongs_to_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let second = refused(&kept_in(folder.path()));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!((second.status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("another Erpsatz"), "{said}");
    process.kill();
    drop(Process::start(&kept_in(folder.path())));
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_others_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["notes", "lost+found", "notes.removed", "empty"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
        if name != "empty" {
            std::fs::write(folder.path().join(name).join("mine.txt"), "mine").unwrap();
        }
    }
    std::fs::write(folder.path().join("file"), "mine").unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    let sandboxes = send(app.control(Method::GET, "/sandboxes")).await.json();
    assert_eq!(sandboxes["total"], 1, "{sandboxes}");
    let taken = send(app.control(Method::POST, "/sandboxes").json(&json!({ "name": "notes" }))).await;
    assert_eq!(taken.status, 409, "{}", taken.body);
    assert_eq!(
        send(app.control(Method::POST, "/sandboxes").json(&json!({ "name": "empty" }))).await.status,
        201
    );
    process.kill();
    drop(Process::start(&kept_in(folder.path())));
    for name in ["notes", "lost+found", "notes.removed"] {
        assert_eq!(files(&folder.path().join(name)), ["mine.txt"], "{name}");
    }
}

#[test]
fn localhost_is_both_loopbacks() {
    let process = Process::spawn(serve::<&str>(&[]).args(["--host", "localhost"]));
    let port = |slug: &str| process.address(slug).rsplit(':').next().unwrap().parse::<u16>().unwrap();
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        assert!(TcpStream::connect(("127.0.0.1", port(slug))).is_ok(), "{slug}");
        if std::net::TcpListener::bind("[::1]:0").is_ok() {
            assert!(TcpStream::connect(("::1", port(slug))).is_ok(), "{slug}");
        }
    }
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        for host in ["[::1]", "::1"] {
            let process = Process::spawn(serve::<&str>(&[]).args(["--host", host]));
            assert!(process.address("control").starts_with("[::1]:"), "{host}");
        }
    }
}
