//! One world at a time: what began in one changes nothing in the next. Hooks are bounded and lead to nobody of ours.

use std::net::TcpListener;

use erpsatz::registry;
use reqwest::Method;
use serde_json::{Value, json};

use crate::process::{Process, kept_in, serve};
use crate::support::samples::Client;
use crate::support::{App, send, try_send};

async fn arm(app: &App, rule: Value) {
    let added = send(app.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
    assert_eq!(added.status, 201, "{}", added.body);
}

/// A write waits; meanwhile the world ends, in each of the ways in which it can.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_of_an_ended_world_changes_nothing() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let snapshot = app.control(Method::PUT, "/sandboxes/default/snapshots/before");
    assert_eq!(send(snapshot).await.status, 201);
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        for (method, path, body) in [
            (Method::POST, "/sandboxes/default/reset", ""),
            (Method::PUT, "/sandboxes/default/scenario", "seed: 7"),
            (Method::POST, "/sandboxes/default/snapshots/late/restore", ""),
        ] {
            let client = Client::of(&app, sim.slug).await;
            let late = app.control(Method::PUT, "/sandboxes/default/snapshots/late");
            assert_eq!(send(late).await.status, 201);
            arm(&app, json!({ "server": sim.slug, "when": { "path": client.write_path() }, "then": { "delay": "10m" } }))
                .await;
            let hits = async || {
                let rules = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
                rules["items"][0]["hits"].as_u64().unwrap_or_default()
            };
            let end = async {
                while hits().await == 0 {
                    tokio::task::yield_now().await;
                }
                let ended = send(app.control(method.clone(), path).body(body)).await;
                assert!(ended.status.is_success(), "{path}: {}", ended.body);
            };
            let (written, ()) = tokio::join!(try_send(client.write(7)), end);
            assert!(written.is_err(), "{}: {path}: its connection is cut: {written:?}", sim.slug);
            let client = Client::of(&app, sim.slug).await;
            assert_eq!(client.count().await, before, "{}: {path}", sim.slug);
            let late = |entry: &&Value| entry["path"] == client.write_path();
            assert_eq!(app.journal("default").await.iter().filter(late).count(), 0, "{}: {path}", sim.slug);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_bounded_and_lead_to_nobody_of_ours() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let client = Client::of(&app, "weavy").await;
    let subscribe = async |url: String| {
        let body = json!({ "event": "NewCustomer", "hookUrl": url }).to_string();
        send(client.request(Method::POST, "/v1/entrypoints/DEMO/process/?c=EPT_WebhookSubscribe", body)).await
    };
    let port = |slug: &str| process.address(slug).rsplit(':').next().unwrap().to_owned();
    for slug in registry::ALL.iter().map(|sim| sim.slug).chain(["control"]) {
        for host in ["127.0.0.1", "localhost", "[::1]", "0.0.0.0"] {
            let url = format!("http://{host}:{}/sandboxes/victim/reset", port(slug));
            let refused = subscribe(url).await;
            assert_eq!(refused.status, 400, "{slug} {host}: {}", refused.body);
        }
    }
    // It is connected to and never accepts.
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = subscribe(format!("http://{}/hook", dead.local_addr().unwrap())).await;
    assert_eq!(taken.status, 200, "{}", taken.body);
    for n in 0..300 {
        assert!(send(client.write(n)).await.status.is_success());
    }
    let files = std::fs::read_dir(crate::proc::folder(process.id()).unwrap().join("fd")).unwrap().count();
    assert!(files < 200, "{files} open files");
    process.terminate();
    assert_eq!(process.wait().code(), Some(0));
}

/// One import raises more hooks than may wait for a receiver that never accepts: those beyond are dropped, and counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_hooks_wait() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let client = Client::of(&app, "weavy").await;
    let dead = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", dead.local_addr().unwrap());
    let body = json!({ "event": "NewCustomer", "hookUrl": url }).to_string();
    let subscribed =
        client.request(Method::POST, "/v1/entrypoints/DEMO/process/?c=EPT_WebhookSubscribe", body);
    assert_eq!(send(subscribed).await.status, 200);
    let rows: Vec<Value> = (0..1003).map(|n| json!({ "customer_ID": format!("H{n}") })).collect();
    let body = json!({ "entityName": "customer", "rows": rows }).to_string();
    let imported = send(client.request(Method::POST, "/v1/Data/DEMO/BulkImport", body)).await;
    assert_eq!(imported.status, 200, "{}", imported.body);
    process.terminate();
    let (_, said) = process.output();
    let dropped: Vec<_> = said.lines().filter(|line| line.contains("hooks were dropped")).collect();
    assert!(dropped.len() == 1 && dropped[0].contains("count=3"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_of_the_clock_sets_off_no_more_than_it_may() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let scenario = "name: often\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }\nsteps:\n  - { name: tick, at: 1s, repeat: true, do: [ { settings: { server: onlineerp, set: { robot: online } } } ] }\n";
    let load = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario);
    assert_eq!(send(load).await.status, 200);
    let advance = async |by: &str| {
        send(app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "advance": by }))).await
    };
    let refused = advance("10001s").await;
    assert!(refused.status == 400 && refused.body.contains("tick"), "{}", refused.body);
    let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
    assert_eq!(clock["now"], "2026-03-02T08:00:00Z", "it did not move");
    assert_eq!(advance("2000s").await.status, 200);
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    assert_eq!(report["steps"][0]["fired"], 2000, "{}", report["steps"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_kept_and_another_start_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    let client = Client::of(&app, "onlineerp").await;
    let before = client.count().await;
    for id in ["a", "b/ü"] {
        let path = format!("/sandboxes/default/snapshots/{}", id.replace('/', "%2F").replace('ü', "%C3%BC"));
        assert_eq!(send(app.control(Method::PUT, &path)).await.status, 201);
    }
    assert_eq!(
        send(app.control(Method::DELETE, "/sandboxes/default/snapshots/b%2F%C3%BC")).await.status,
        204
    );
    assert!(send(client.write(1)).await.status.is_success());
    process.kill();

    let same = Process::start(&kept_in(folder.path()));
    let app = same.app();
    let client = Client::of(&app, "onlineerp").await;
    assert_eq!(client.count().await, before + 1);
    let kept = send(app.control(Method::GET, "/sandboxes/default/snapshots")).await.json();
    assert_eq!((&kept["total"], &kept["items"][0]["id"]), (&1.into(), &"a".into()), "{kept}");
    assert_eq!(send(app.control(Method::POST, "/sandboxes/default/snapshots/a/restore")).await.status, 204);
    assert_eq!(client.count().await, before);
    same.terminate();
    let (_, said) = same.output();
    assert!(!said.contains("began with"), "{said}");

    let other =
        Process::spawn(serve(&kept_in(folder.path())).args(["--seed", "7", "--scenario", "safe-retry"]));
    other.terminate();
    let (_, said) = other.output();
    let lines: Vec<&str> = said.lines().filter(|line| line.contains("began with")).collect();
    assert!(lines.len() == 1 && lines[0].contains("safe-retry") && lines[0].contains("seed"), "{said}");
}

/// How often stderr says that a folder is gone.
fn said_gone(process: Process) -> usize {
    process.terminate();
    let (_, said) = process.output();
    assert!(!said.contains("No such file"), "{said}");
    said.lines().filter(|line| line.contains("is gone")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_that_goes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    let client = Client::of(&app, "onlineerp").await;
    assert!(send(client.write(1)).await.status.is_success());
    std::fs::remove_dir_all(folder.path().join("default")).unwrap();
    for n in 2..5 {
        assert_eq!(send(client.write(n)).await.status, 500);
        // A server whose database was not in use.
        let other = app.request("clavus", Method::GET, "/api/external/graphql?query=%7B__typename%7D");
        assert_eq!(send(other).await.status, 500);
    }
    for (method, path, body) in changes("default") {
        let answer = send(app.control(method.clone(), &path).body(body)).await;
        assert_eq!(answer.status, 500, "{method} {path}: {}", answer.body);
    }
    assert_eq!(said_gone(process), 1);
}

/// Calls of the control API that change a sandbox.
fn changes(sandbox: &str) -> Vec<(Method, String, &'static str)> {
    let rule = r#"{"server":"weavy","when":{"path":"/v1/Authenticate"},"then":{"status":500}}"#;
    [
        (Method::PATCH, "clock", r#"{"frozen":true}"#),
        (Method::POST, "faults", rule),
        (Method::POST, "reset", ""),
        (Method::PUT, "snapshots/s", ""),
        (Method::PUT, "scenario", r#"{"name":"default"}"#),
    ]
    .map(|(method, call, body)| (method, format!("/sandboxes/{sandbox}/{call}"), body))
    .into()
}

/// The whole folder goes, and another one takes its place: nothing is written there, and whoever starts in it is alone.
#[tokio::test(flavor = "multi_thread")]
async fn another_folder_of_the_same_name_is_not_written_to() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("data");
    let process = Process::start(&kept_in(&folder));
    let app = process.app();
    let clients = [Client::of(&app, "onlineerp").await, Client::of(&app, "weavy").await];
    assert_eq!(
        send(app.control(Method::POST, "/sandboxes").json(&json!({ "name": "mine" }))).await.status,
        201
    );
    std::fs::remove_dir_all(&folder).unwrap();
    let refused = async || {
        for client in &clients {
            assert_eq!(send(client.write(1)).await.status, 500, "{}", client.slug);
            assert_eq!(send(client.bare(Method::GET, "/~new/")).await.status, 500, "{}", client.slug);
        }
        let wish = json!({ "name": "another" });
        assert_eq!(send(app.control(Method::POST, "/sandboxes").json(&wish)).await.status, 500);
        for (method, path, body) in changes("default").into_iter().chain(changes("mine")) {
            let answer = send(app.control(method.clone(), &path).body(body)).await;
            assert_eq!(answer.status, 500, "{method} {path}: {}", answer.body);
        }
    };
    refused().await;
    assert!(!folder.exists(), "it does not come back");
    let other = Process::start(&kept_in(&folder));
    let others = other.app();
    let theirs = Client::of(&others, "onlineerp").await;
    assert!(send(theirs.write(2)).await.status.is_success());
    let count = theirs.count().await;
    let wish = json!({ "name": "mine" });
    assert_eq!(send(others.control(Method::POST, "/sandboxes").json(&wish)).await.status, 201);
    refused().await;
    // What it removes now is its own memory of it.
    assert_eq!(send(app.control(Method::DELETE, "/sandboxes/mine")).await.status, 204);
    assert!(folder.join("mine").is_dir());
    assert_eq!(said_gone(process), 1);
    assert_eq!(theirs.count().await, count);
    other.kill();
    let again = Process::start(&kept_in(&folder));
    assert_eq!(Client::of(&again.app(), "onlineerp").await.count().await, count);
    assert_eq!(send(again.app().control(Method::GET, "/sandboxes/mine")).await.status, 200);
}

/// A kill in the middle of a removal leaves a folder that the next start removes, whatever of ours is in it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_removal_left_goes_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    let client = Client::of(&app, "onlineerp").await;
    assert!(send(client.write(1)).await.status.is_success());
    process.terminate();
    assert_eq!(process.wait().code(), Some(0));
    assert!(folder.path().join("default/judge.json").exists(), "the judge is kept there too");
    let removed = folder.path().join("gone.removed");
    std::fs::rename(folder.path().join("default"), &removed).unwrap();
    drop(Process::start(&kept_in(folder.path())));
    assert!(!removed.exists());
}
