//! Server-sent events: the journal as it grows, and what happens in all sandboxes.

use erpsatz::Config;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::{call, get};
use crate::support::samples::Client;
use crate::support::{App, send};

/// What has come of a stream and was not read yet.
struct Stream {
    response: Response,
    text: String,
}

/// One event: its name, its id and its data.
type Event = (String, String, Value);

impl Stream {
    async fn open(app: &App, path: &str, last_event_id: Option<&str>) -> Self {
        let mut request = app.control(Method::GET, path);
        if let Some(id) = last_event_id {
            request = request.header("Last-Event-ID", id);
        }
        let response = request.send().await.expect("it is answered");
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; nothing when the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                let of = |name: &str| {
                    let line = block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
                    line.unwrap_or_default().trim_start().to_owned()
                };
                if of("data").is_empty() {
                    continue;
                }
                return Some((of("event"), of("id"), serde_json::from_str(&of("data")).expect("JSON")));
            }
            match self.response.chunk().await {
                Ok(Some(chunk)) => self.text.push_str(std::str::from_utf8(&chunk).expect("UTF-8")),
                Ok(None) | Err(_) => return None,
            }
        }
    }

    async fn entry(&mut self) -> u64 {
        let (name, id, data) = self.next().await.expect("an event");
        assert_eq!((name.as_str(), id), ("entry", data["id"].to_string()));
        data["id"].as_u64().expect("an id")
    }
}

async fn ask(app: &App, path: &str) {
    send(app.request("onlineerp", Method::GET, path)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_is_streamed_from_now_on() {
    let app = App::start().await;
    ask(&app, "/before").await;
    let stream = "/sandboxes/default/journal/stream";
    let mut all = Stream::open(&app, stream, None).await;
    let mut some = Stream::open(&app, &format!("{stream}?path=/b"), None).await;
    ask(&app, "/a").await;
    ask(&app, "/b").await;
    assert_eq!((all.entry().await, all.entry().await), (2, 3));
    assert_eq!(some.entry().await, 3, "filters are the journal's");
    call(&app, Method::POST, "/sandboxes/default/reset", None, 204).await;
    ask(&app, "/c").await;
    let (_, _, after) = all.next().await.expect("it goes on through a reset");
    assert_eq!(after["path"], "/c");
    call(&app, Method::GET, &format!("{stream}?limit=3"), None, 400).await;
    call(&app, Method::GET, "/sandboxes/nobody/journal/stream", None, 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_resumes_and_says_what_is_gone() {
    let mut config = Config::default();
    config.options.journal.entries = 3;
    let app = App::with(config).await;
    for _ in 0..5 {
        ask(&app, "/x").await;
    }
    let stream = "/sandboxes/default/journal/stream";
    let mut whole = Stream::open(&app, stream, Some("3")).await;
    assert_eq!((whole.entry().await, whole.entry().await), (4, 5));
    let mut torn = Stream::open(&app, stream, Some("1")).await;
    assert_eq!(torn.next().await.expect("a gap").0, "gap");
    assert_eq!((torn.entry().await, torn.entry().await), (3, 4));
    let bad = send(app.control(Method::GET, stream).header("Last-Event-ID", "x")).await;
    assert_eq!(bad.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_sandbox() {
    let app = App::start().await;
    call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t1" })), 201).await;
    let mut stream = Stream::open(&app, "/sandboxes/t1/journal/stream", None).await;
    ask(&app, "/~t1/x").await;
    assert_eq!(stream.entry().await, 1);
    call(&app, Method::DELETE, "/sandboxes/t1", None, 204).await;
    assert_eq!(stream.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_without_values() {
    let app = App::start().await;
    let mut every = Stream::open(&app, "/events", None).await;
    let mut one = Stream::open(&app, "/events?sandbox=t1&entries=true", None).await;
    call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t1" })), 201).await;
    let sandbox = "/sandboxes/t1";
    call(&app, Method::PATCH, &format!("{sandbox}/clock"), Some(json!({ "frozen": true })), 200).await;
    let rule = json!({ "server": "onlineerp", "id": "f", "when": {}, "then": { "status": 503 } });
    call(&app, Method::POST, &format!("{sandbox}/faults"), Some(rule), 201).await;
    ask(&app, "/~t1/x").await;
    ask(&app, "/y").await;
    call(&app, Method::DELETE, &format!("{sandbox}/faults/f"), None, 204).await;
    let product = json!({ "NoProduit": "secret" });
    call(&app, Method::POST, &format!("{sandbox}/data/onlineerp/Product"), Some(product), 201).await;
    call(&app, Method::PUT, &format!("{sandbox}/snapshots/s"), None, 201).await;
    call(&app, Method::POST, &format!("{sandbox}/snapshots/s/restore"), None, 204).await;
    call(&app, Method::POST, &format!("{sandbox}/actions/onlineerp/robot-offline"), None, 200).await;
    let scenario = json!({ "name": "default" });
    call(&app, Method::PUT, &format!("{sandbox}/scenario"), Some(scenario), 200).await;
    call(&app, Method::DELETE, sandbox, None, 204).await;
    let expected = [
        ("sandbox", "created", Value::Null),
        ("clock", "changed", Value::Null),
        ("fault", "added", json!("f")),
        ("fault", "hit", json!("f")),
        ("entry", "", Value::Null),
        ("fault", "removed", json!("f")),
        ("data", "changed", json!("onlineerp/Product")),
        ("snapshot", "taken", json!("s")),
        ("snapshot", "restored", json!("s")),
        ("action", "ran", json!("onlineerp/robot-offline")),
        ("data", "changed", json!("onlineerp")),
        ("scenario", "loaded", Value::Null),
        ("sandbox", "deleted", Value::Null),
    ];
    for (topic, what, id) in expected {
        let (name, _, data) = one.next().await.expect("an event");
        assert_eq!(name, topic, "{data}");
        if topic == "entry" {
            assert_eq!((&data["path"], &data["sandbox"]), (&json!("/x"), &json!("t1")));
            continue;
        }
        assert_eq!(data["what"], what);
        assert_eq!(data["id"], id);
        let keys: Vec<&String> = data.as_object().expect("an object").keys().collect();
        assert!(keys.iter().all(|key| ["sandbox", "what", "id"].contains(&key.as_str())), "{data}");
        let (same, _, again) = every.next().await.expect("an event");
        assert_eq!((same.as_str(), again), (topic, data), "all sandboxes, without entries");
    }
    call(&app, Method::GET, "/events?entries=perhaps", None, 400).await;
    call(&app, Method::GET, "/events?sandbx=t1", None, 400).await;
    call(&app, Method::GET, "/events?sandbox=T_1", None, 400).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_write_is_told() {
    let app = App::start().await;
    let mut stream = Stream::open(&app, "/events", None).await;
    let client = Client::of(&app, "onlineerp").await;
    assert!(send(client.read()).await.status.is_success());
    assert!(send(client.write(1)).await.status.is_success());
    let (name, _, data) = stream.next().await.expect("an event");
    let told = json!({ "sandbox": "default", "what": "changed", "id": "onlineerp/Product" });
    assert_eq!((name.as_str(), data), ("data", told), "reading is no change");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_do_not_hold_up_a_stop() {
    let app = App::start().await;
    let mut stream = Stream::open(&app, "/events", None).await;
    app.stop().await;
    assert_eq!(stream.next().await, None);
}

/// More is told than the sockets' buffers and the events' limit hold together: the reader misses some, and is let go.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_is_too_slow_is_dropped_and_holds_nothing_up() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let app = App::start().await;
    let host = app.control_url().trim_start_matches("http://").to_owned();
    let mut reader = tokio::net::TcpStream::connect(&host).await.expect("it listens");
    let ask = format!("GET /events?entries=true HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    reader.write_all(ask.as_bytes()).await.expect("it is heard");
    let mut begun = [0; 12];
    reader.read_exact(&mut begun).await.expect("an answer");
    assert_eq!(&begun, b"HTTP/1.1 200");
    let body = "x".repeat(16 * 1024);
    for _ in 0..3 * simhost::sandbox::events::MAX_BEHIND / 2 {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/Nothing").body(body.clone());
        assert_eq!(send(request).await.status, 401);
    }
    let mut rest = Vec::new();
    reader.read_to_end(&mut rest).await.expect("it was let go");
    assert!(rest.ends_with(b"0\r\n\r\n"), "after a whole event");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_counted_paged_and_searched() {
    let app = App::start().await;
    let data = "/sandboxes/default/data";
    let overview = get(&app, data).await;
    let count = |list: &Value, entity: &str| {
        let items = list["items"].as_array().expect("items");
        items.iter().find(|item| item["entity"] == entity).expect("the entity")["count"].clone()
    };
    let products = get(&app, &format!("{data}/onlineerp/Product")).await;
    assert_eq!(count(&overview, "Product"), products["total"]);
    let one = get(&app, &format!("{data}/onlineerp?company=4")).await;
    assert_eq!(count(&one, "WorkOrder"), 20);
    assert!(one["items"].as_array().expect("items").iter().all(|item| item["server"] == "onlineerp"));
    let list = |query: &str| format!("{data}/onlineerp/Product?{query}");
    let page = get(&app, &list("limit=2&offset=3")).await;
    assert_eq!(page["items"].as_array(), products["items"].as_array().map(|all| all[3..5].to_vec()).as_ref());
    assert_eq!(page["total"], products["total"]);
    let none = get(&app, &list("limit=0")).await;
    assert_eq!((&none["items"], &none["total"]), (&json!([]), &products["total"]));
    for (q, least) in [("bolt-m8", 1), ("QUINC", 1), ("%25", 0), ("no such text", 0)] {
        let found = get(&app, &list(&format!("q={q}"))).await;
        let total = found["total"].as_u64().expect("a total");
        assert!(total >= least && total < 60, "{q}: {total}");
        let items = found["items"].as_array().expect("items");
        let holds =
            |item: &&Value| item.to_string().to_lowercase().contains(&q.replace("%25", "%").to_lowercase());
        assert_eq!(items.iter().filter(holds).count(), items.len(), "{q}");
    }
    for bad in ["limit=x", "limit=-1", "offset=x", "colour=red"] {
        call(&app, Method::GET, &list(bad), None, 400).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn scenarios_can_be_read() {
    let app = App::start().await;
    let known = send(app.control(Method::GET, "/scenarios/robot-offline")).await;
    assert!(known.body.contains("name: robot-offline"), "{}", known.body);
    call(&app, Method::GET, "/scenarios/robot", None, 404).await;
    app.load("default", &known.body).await;
    let in_force = send(app.control(Method::GET, "/sandboxes/default/scenario")).await;
    assert!(in_force.body.contains("robot-offline"), "{}", in_force.body);
    app.load("t2", &in_force.body).await;
}
