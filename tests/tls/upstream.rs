//! What a real service may do to a recorder: answers in every form, and none. What it says is passed on as it came, and
//! written down.

use std::io::Write as _;
use std::path::Path;

use erpsatz::{Config, Intercept, Record};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use simhost::sandbox::sandboxes::Options;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::intercept::proxy;
use super::record::entries;
use crate::support::App;

const HOST: &str = "app.erpxt.de";
const URL: &str = "http://app.erpxt.de/api2/public/products";

/// A service that reads a request and answers these bytes, connection after connection.
async fn service(answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                    let mut bytes = [0; 4096];
                    match stream.read(&mut bytes).await {
                        Ok(0) | Err(_) => return,
                        Ok(count) => head.extend_from_slice(&bytes[..count]),
                    }
                }
                let _ = stream.write_all(&answer).await;
            });
        }
    });
    port
}

async fn recorder(file: &Path, port: u16) -> App {
    let mut options = Options::default();
    options.reach.anywhere = true;
    let addresses = vec![(HOST.to_owned(), ([127, 0, 0, 1], port).into())];
    let record = Record { file: file.to_owned(), addresses, ..Record::default() };
    let intercept = Some(Intercept { record: Some(record), ..Intercept::default() });
    App::with(Config { intercept, options, ..Config::default() }).await
}

/// All that a client gets for these requests on one connection to the proxy.
async fn asked(app: &App, requests: &str) -> String {
    let mut stream = proxy(app).await;
    stream.write_all(requests.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    // A cut connection is an end, too.
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

fn request(method: &str, connection: &str, more: &str) -> String {
    format!("{method} {URL} HTTP/1.1\r\nHost: {HOST}\r\nConnection: {connection}\r\n{more}\r\n")
}

/// The client's view of a service's answer to one request, and what was written down.
async fn recorded(method: &str, answer: &[u8]) -> (String, Vec<Value>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.har");
    let app = recorder(&file, service(answer.to_vec()).await).await;
    let got = asked(&app, &request(method, "close", "")).await;
    (got, entries(&file))
}

fn body(answer: &str) -> &str {
    answer.split_once("\r\n\r\n").expect("a head").1
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_every_form_are_passed_on_and_written_down() {
    let chunked: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n1\r\n]\r\n0\r\n\r\n";
    let continued: &[u8] =
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nLocation: /x/1\r\nContent-Length: 2\r\n\r\n{}";
    let until_end: &[u8] = b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\":1}";
    let head: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n";
    for (method, answer, status, holds, text) in [
        ("GET", chunked, 200, "[1", "[1]"),
        ("GET", continued, 201, "{}", "{}"),
        ("GET", until_end, 200, "{\"a\":1}", "{\"a\":1}"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204, "", ""),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n", 304, "", ""),
        (
            "GET",
            b"HTTP/1.1 500 Whatever\r\nX-Odd: \xe9\r\nContent-Length: 4\r\n\r\noops",
            500,
            "oops",
            "oops",
        ),
        ("HEAD", head, 200, "", ""),
    ] {
        let (got, entries) = recorded(method, answer).await;
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{got}");
        assert!(body(&got).contains(holds) && body(&got).is_empty() == holds.is_empty(), "{got}");
        let response = &entries[0]["response"];
        assert_eq!((entries.len(), &response["status"]), (1, &status.into()), "{response}");
        assert_eq!(response["content"]["text"], text, "{response}");
        if method == "HEAD" {
            assert!(got.to_lowercase().contains("content-length: 7\r\n"), "{got}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_answer_is_passed_on_as_it_is_and_written_down_as_it_reads() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(br#"{"access_token":"a-secret-word","a":1}"#).unwrap();
    let packed = packed.finish().unwrap();
    let answer = |coding: &str, body: &[u8]| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let (got, entries) = recorded("GET", &answer("gzip", &packed)).await;
    assert!(got.contains("gzip"), "{got}");
    let text = entries[0]["response"]["content"]["text"].as_str().unwrap();
    assert!(text.contains("\"a\":1") && !text.contains("a-secret-word"), "{text}");
    // What cannot be undone is no empty body.
    let (_, entries) = recorded("GET", &answer("br", b"\x8b\x00\x80{}\x03")).await;
    let content = &entries[0]["response"]["content"];
    assert!(content.get("text").is_none() && content["size"] == 6, "{content}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_breaks_off_breaks_off_for_the_client_too() {
    for (answer, beginning) in [
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{\"a\":", "{\"a\":"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n", "{\"a\":"),
    ] {
        let (got, entries) = recorded("GET", answer.as_bytes()).await;
        assert!(got.starts_with("HTTP/1.1 200 ") && got.contains(beginning), "{got}");
        assert!(!got.contains("\r\n0\r\n"), "it does not look whole: {got}");
        let response = &entries[0]["response"];
        assert_eq!(response["status"], 200);
        let content = &response["content"];
        assert!(content.get("text").is_none() && content["size"].as_u64() > Some(0), "{content}");
    }
}

/// A host that says nothing, nonsense, or is not there: 502 with a sentence, and an entry without an answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_is_an_entry_without_an_answer() {
    for answer in ["", "HTTP/1.1 2", "SSH-2.0-x\r\n\r\n"] {
        let (got, entries) = recorded("GET", answer.as_bytes()).await;
        assert!(got.starts_with("HTTP/1.1 502 ") && body(&got).starts_with("erpsatz: "), "{got}");
        assert_eq!((entries.len(), &entries[0]["response"]["status"]), (1, &0.into()), "{}", entries[0]);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.har");
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let got = asked(&recorder(&file, gone).await, &request("GET", "close", "")).await;
    assert!(got.starts_with("HTTP/1.1 502 "), "{got}");
    assert_eq!(entries(&file)[0]["response"]["status"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_and_many_requests_on_one_connection() {
    let size = 20 << 20;
    let large = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n{}",
        "x".repeat(size)
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.har");
    let app = recorder(&file, service(large.into_bytes()).await).await;
    let got = asked(&app, &request("GET", "close", "")).await;
    assert_eq!(body(&got).len(), size);
    assert_eq!(entries(&file)[0]["response"]["content"]["text"].as_str().map(str::len), Some(size));

    let file = folder.path().join("small.har");
    let app =
        recorder(&file, service(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}".to_vec()).await).await;
    let many = request("GET", "keep-alive", "").repeat(20) + &request("GET", "close", "");
    let got = asked(&app, &many).await;
    assert_eq!((got.matches("HTTP/1.1 200 ").count(), entries(&file).len()), (21, 21));
}
