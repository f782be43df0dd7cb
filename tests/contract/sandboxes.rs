//! Sandboxes share nothing, repeat exactly, and come back whole.

use reqwest::Method;
use serde_json::json;

use super::{app_of_all, everyone};
use crate::support::samples::Client;
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn two_sandboxes_written_in_parallel_share_nothing() {
    let app = app_of_all().await;
    for sim in everyone() {
        let left = Client::within(&app, sim.slug, "/~left").await;
        let right = Client::within(&app, sim.slug, "/~right").await;
        let before = right.count().await;
        let writes =
            (0..16).map(|n| tokio::spawn(send(if n % 4 == 0 { right.write(n) } else { left.write(n) })));
        for write in writes.collect::<Vec<_>>() {
            let answer = write.await.expect("an answer");
            assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
        }
        assert_eq!((left.count().await - before, right.count().await - before), (12, 4), "{}", sim.slug);
        let journal = app.journal("left").await;
        let writes =
            journal.iter().filter(|entry| entry["server"] == sim.slug && entry["path"] == left.write_path());
        assert_eq!(writes.filter(|entry| !entry["body"].is_null()).count(), 12, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_names_a_sandbox_and_the_prefix_beats_it() {
    let app = app_of_all().await;
    for sim in everyone() {
        let by_prefix = Client::within(&app, sim.slug, "/~prefixed").await;
        send(by_prefix.write(1).header("Erpsatz-Sandbox", "ignored")).await;
        let named = send(app.control(Method::GET, "/sandboxes/ignored")).await;
        assert_eq!(named.status, 404, "{}", sim.slug);
        let plain = Client::of(&app, sim.slug).await;
        send(plain.bare(Method::GET, "/x").header("Erpsatz-Sandbox", "by-header")).await;
        assert_eq!(send(app.control(Method::GET, "/sandboxes/by-header")).await.status, 200, "{}", sim.slug);
        assert_eq!(send(app.control(Method::DELETE, "/sandboxes/by-header")).await.status, 204);
        let bad = send(plain.bare(Method::GET, "/x").header("Erpsatz-Sandbox", "No_Name")).await;
        assert_eq!(bad.status, 400, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn same_seed_same_clock_same_requests_same_bytes() {
    let app = app_of_all().await;
    let scenario =
        json!({ "name": "fixed", "seed": 7, "clock": { "start": "2026-03-02T08:00:00Z", "frozen": true } });
    for sim in everyone() {
        let mut runs = Vec::new();
        for name in ["first", "second"] {
            let sandbox = json!({ "name": format!("{name}-{}", sim.slug), "scenario": scenario });
            assert_eq!(send(app.control(Method::POST, "/sandboxes").json(&sandbox)).await.status, 201);
            let client = Client::within(&app, sim.slug, &format!("/~{name}-{}", sim.slug)).await;
            let mut answers = Vec::new();
            for n in 0..5 {
                answers.push(send(client.write(n)).await.body);
            }
            let last = send(client.read()).await;
            assert_eq!(last.header("date"), "Mon, 02 Mar 2026 08:00:00 GMT", "{}", sim.slug);
            answers.push(last.body);
            runs.push(answers.join("\n").replace(&format!("/~{name}-"), "/~"));
        }
        assert_eq!(runs[0], runs[1], "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_and_restore_bring_everything_back() {
    let app = app_of_all().await;
    app.load("default", "name: fixed\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    for sim in everyone() {
        let fresh = read_fresh(&app, sim.slug).await;
        let client = Client::of(&app, sim.slug).await;
        send(client.write(1)).await;
        app.fault(json!({ "id": "f", "server": sim.slug, "then": { "delay": "1ms" } })).await;
        app.advance("PT1H").await;
        let kept = send(app.control(Method::PUT, "/sandboxes/default/snapshots/s1")).await;
        assert_eq!(kept.status, 201, "{}", kept.body);
        let at_snapshot = read_fresh(&app, sim.slug).await;

        send(client.write(2)).await;
        app.advance("PT1H").await;
        send(app.control(Method::DELETE, "/sandboxes/default/faults")).await;
        let restored = send(app.control(Method::POST, "/sandboxes/default/snapshots/s1/restore")).await;
        assert_eq!(restored.status, 204, "{}", restored.body);
        assert_eq!(read_fresh(&app, sim.slug).await, at_snapshot, "{}", sim.slug);
        let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
        assert_eq!(clock["now"], "2026-03-02T09:00:00Z", "{}", sim.slug);
        let faults = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
        assert_eq!(faults["total"], 1, "{}", sim.slug);

        assert_eq!(send(app.control(Method::POST, "/sandboxes/default/reset")).await.status, 204);
        assert!(app.journal("default").await.is_empty(), "{}", sim.slug);
        assert_eq!(read_fresh(&app, sim.slug).await, fresh, "{}", sim.slug);
        let faults = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
        assert_eq!(faults["total"], 0, "{}", sim.slug);
        assert_eq!(send(app.control(Method::DELETE, "/sandboxes/default/snapshots/s1")).await.status, 204);
    }
}

/// What the sample read shows to a client that has just signed in.
async fn read_fresh(app: &App, slug: &'static str) -> String {
    send(Client::of(app, slug).await.read()).await.body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_idle_longest_goes() {
    let mut config = erpsatz::Config::default();
    config.options.max_sandboxes = 3;
    let app = App::with(config).await;
    for name in ["a", "b", "c", "a", "d"] {
        send(app.request("onlineerp", Method::GET, &format!("/~{name}/api"))).await;
    }
    let list = send(app.control(Method::GET, "/sandboxes")).await.json();
    let names: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["a", "c", "d", "default"]);
}
