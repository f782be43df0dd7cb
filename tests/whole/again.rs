//! What neither heads nor bodies tell is the same when a run is played again: bodies that did not come whole, clients that
//! went away, silence. And it tells nobody.

use std::net::SocketAddr;
use std::time::Duration;

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

use super::replay::{control, packed, played, saved, unpacked};
use crate::support::{App, basic, send};

const LIMIT: usize = 2 << 20;

/// How a body is sent.
#[derive(Clone, Copy, Debug)]
enum Framing {
    Length,
    Chunks,
    /// A chunk whose length is no number.
    BadChunks,
    /// The first half of it, and then nothing more.
    HalfOfLength,
    HalfOfChunks,
}

async fn connected(app: &App) -> TcpStream {
    let url = app.url("onlineerp");
    let address: SocketAddr = url.trim_start_matches("http://").parse().expect("an address");
    TcpStream::connect(address).await.expect("a connection")
}

fn head(length: &str) -> Vec<u8> {
    let licence = basic("DEMO-LICENCE", "demo-secret");
    format!(
        "POST /api/Entity/Product HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCOMPANY_ID: 0\r\n\
         Authorization: {licence}\r\nContent-Type: application/json\r\n{length}\r\n\r\n"
    )
    .into_bytes()
}

fn chunk(body: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat()
}

fn framed(body: &[u8], framing: Framing) -> Vec<u8> {
    let length = head(&format!("Content-Length: {}", body.len()));
    let chunked = head("Transfer-Encoding: chunked");
    let (first, second) = body.split_at(body.len() / 2);
    let parts: Vec<Vec<u8>> = match framing {
        Framing::Length => vec![length, body.to_vec()],
        Framing::Chunks if body.is_empty() => vec![chunked, b"0\r\n\r\n".to_vec()],
        Framing::Chunks => vec![chunked, chunk(first), chunk(second), b"0\r\n\r\n".to_vec()],
        Framing::BadChunks => vec![chunked, chunk(second), b"zz\r\n".to_vec()],
        Framing::HalfOfLength => vec![length, first.to_vec()],
        Framing::HalfOfChunks => vec![chunked, chunk(second)],
    };
    parts.concat()
}

/// Sends bytes, ends its side, and reads what comes: the first line of the answer.
async fn sent(app: &App, bytes: &[u8]) -> String {
    let mut stream = connected(app).await;
    // A server that refuses need not read to the end.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned()
}

/// A product in so many bytes.
fn product(number: usize, size: usize) -> Vec<u8> {
    let mut body = format!(r#"{{"NoProduit":"SIZE-{number}","Description":"x"}}"#).into_bytes();
    body.resize(size, b' ');
    body
}

async fn same_again(app: &App) {
    let replayed = played(&saved(app, "default").await).await;
    let difference = replayed.difference.map(|difference| (difference.request.to_string(), difference.what));
    assert_eq!(difference, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_all_sizes_come_to_the_same_end() {
    let mut config = Config::default();
    config.options.max_body = LIMIT;
    let app = App::with(config).await;
    let framings =
        [Framing::Length, Framing::Chunks, Framing::BadChunks, Framing::HalfOfLength, Framing::HalfOfChunks];
    let mut seen = Vec::new();
    for (number, size) in [0, 1, 64 << 10, 1 << 20, LIMIT, LIMIT + 1, 2 * LIMIT].into_iter().enumerate() {
        for framing in framings {
            seen.push(sent(&app, &framed(&product(number, size), framing)).await);
        }
    }
    for status in ["HTTP/1.1 201", "HTTP/1.1 400", "HTTP/1.1 413"] {
        assert!(seen.iter().any(|line| line.starts_with(status)), "{status}: {seen:?}");
    }
    let asks = head(&format!("Expect: 100-continue\r\nContent-Length: {}", 2 * LIMIT));
    assert!(sent(&app, &asks).await.starts_with("HTTP/1.1 413"));
    same_again(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_bodies_under_faults_come_to_the_same_end() {
    let app = App::start().await;
    let all = [
        json!({ "drop": true }),
        json!({ "reset": true }),
        json!({ "garbage": true }),
        json!({ "lose_response": true }),
        json!({ "truncate": 0.5 }),
        json!({ "corrupt": true }),
        json!({ "drip": { "bytes": 64, "every": "1ms" } }),
        json!({ "status": 503 }),
        json!({ "rate_limit": { "limit": 1, "per": "PT1M" } }),
    ];
    for (number, then) in all.into_iter().enumerate() {
        let rule = app.fault(json!({ "server": "onlineerp", "then": then })).await;
        for framing in [Framing::Length, Framing::Chunks, Framing::HalfOfLength] {
            sent(&app, &framed(&product(number, 1 << 20), framing)).await;
        }
        let id = rule["id"].as_str().expect("an id");
        control(&app, Method::DELETE, &format!("/sandboxes/default/faults/{id}"), "").await;
    }
    same_again(&app).await;
}

/// Waits until the journal has so many entries.
async fn journaled(app: &App, count: usize) {
    while app.journal("default").await.len() < count {
        sleep(Duration::from_millis(5)).await;
    }
}

/// A client that did not wait for the answer, and asked again: the judge of the run that is played says the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_went_away_is_judged_again() {
    let app = App::start().await;
    let rule = json!({ "server": "onlineerp", "when": { "nth": 1 }, "then": { "delay": "500ms" } });
    app.fault(rule).await;
    let body = br#"{"NoProduit":"BOLT-M8","Quantitee":5}"#;
    let post = String::from_utf8(framed(body, Framing::Length)).expect("text");
    let post = post.replace("Entity/Product ", "Entity/ProductTrail ");
    let mut stream = connected(&app).await;
    stream.write_all(post.as_bytes()).await.expect("it is sent");
    // It goes only when the request is under way.
    let hit = || async {
        let rules = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
        rules["items"][0]["hits"] == 1
    };
    while !hit().await {
        sleep(Duration::from_millis(5)).await;
    }
    drop(stream);
    journaled(&app, 1).await;
    assert!(sent(&app, post.as_bytes()).await.starts_with("HTTP/1.1 2"));
    let said = |report: &Value| -> Vec<String> {
        let verdicts = report["verdicts"].as_array().expect("a list").iter();
        verdicts.map(|verdict| verdict["verdict"].as_str().expect("a name").to_owned()).collect()
    };
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    assert_eq!(said(&report), ["done_twice"]);
    let replayed = played(&saved(&app, "default").await).await;
    assert!(replayed.difference.is_none(), "{:?}", replayed.difference);
    assert_eq!(said(&replayed.report), ["done_twice"]);
}

/// A fault that is silent for days, one that delays for hours, and a robot that takes its time: nobody waits for them again.
#[tokio::test(flavor = "multi_thread")]
async fn silence_is_not_waited_for_again() {
    let app = App::start().await;
    let product = "/api/Entity/Product";
    for then in [json!({ "timeout": "P2D" }), json!({ "delay": "PT5H" })] {
        let rule = json!({ "server": "onlineerp", "when": { "path": product, "times": 1 }, "then": then });
        app.fault(rule).await;
        let mut stream = connected(&app).await;
        stream.write_all(&framed(b"{}", Framing::Length)).await.expect("it is sent");
        let hits = || async {
            let rules = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
            rules["items"].as_array().expect("a list").iter().all(|rule| rule["completed"] == true)
        };
        while !hits().await {
            sleep(Duration::from_millis(5)).await;
        }
    }
    let settings = json!({ "robot": "timeout", "robot_timeout_ms": 1 }).to_string();
    control(&app, Method::PATCH, "/sandboxes/default/settings/onlineerp", &settings).await;
    sent(&app, &framed(b"{}", Framing::Length)).await;
    // The request that is delayed is not answered: it is no part of the run.
    let bytes = saved(&app, "default").await;
    let patient = unpacked(&bytes);
    let slow = patient.replace("robot_timeout_ms\\\":1", "robot_timeout_ms\\\":900000");
    assert_ne!(patient, slow, "{patient}");
    let replayed = timeout(Duration::from_secs(120), played(&packed(&slow))).await;
    let replayed = replayed.expect("nobody waits");
    assert!(replayed.requests >= 2 && replayed.difference.is_none(), "{:?}", replayed.difference);
}

/// Hooks are delivered once: who plays a run again that somebody sent posts nothing to ports of this machine. One to a port
/// that was Erpsatz's own is refused as it was.
#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_not_sent_again() {
    let app = App::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let login = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)).await.json();
    let token = login["authToken"].as_str().expect("a token").to_owned();
    let post = |path: &str, body: Value| {
        app.request("weavy", Method::POST, &format!("/v1/{path}")).bearer_auth(&token).json(&body)
    };
    let subscribe = "entrypoints/DEMO/process/?c=EPT_WebhookSubscribe";
    let hook = |url: String| json!({ "event": "NewCustomer", "hookUrl": url });
    let own = format!("{}/hook", app.url("weavy"));
    assert_eq!(send(post(subscribe, hook(own))).await.status, 400);
    let done = send(post(subscribe, hook(format!("http://127.0.0.1:{port}/hook")))).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let customer = json!({ "customer_ID": "HOOKED", "name": "x" });
    assert_eq!(send(post("Data/DEMO/customer", customer)).await.status, 200);
    let told = timeout(Duration::from_secs(30), listener.accept()).await;
    drop(told.expect("the hook comes").expect("a connection"));
    same_again(&app).await;
    let again = timeout(Duration::from_millis(300), listener.accept()).await;
    assert!(again.is_err(), "it came again");
}
