//! Sandboxes share nothing, repeat exactly, and come back whole.

use erpsatz::{Config, registry};
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
async fn a_label_of_the_host_names_a_sandbox() {
    let hosts = vec!["erp.test".to_owned()];
    let app = App::with(Config { control_hosts: hosts, ..Config::default() }).await;
    for sim in registry::ALL {
        let plain = Client::of(&app, sim.slug).await;
        for (path, host, header, expected) in [
            ("/x", "by-label.localhost:8083", "", "by-label"),
            ("/x", "By-Label.LOCALHOST", "ignored", "by-label"),
            ("/x", "deep.erp.test", "ignored", "deep"),
            ("/~by-path/x", "ignored.localhost", "ignored", "by-path"),
            ("/x", "erp.test", "by-header", "by-header"),
            ("/x", "t42.elsewhere.test", "by-header", "by-header"),
        ] {
            let mut request = plain.bare(Method::GET, path).header("host", host);
            if !header.is_empty() {
                request = request.header("Erpsatz-Sandbox", header);
            }
            assert!(send(request).await.status.is_client_error(), "{}", sim.slug);
            let entry = app.journal(expected).await.pop().unwrap_or_else(|| panic!("{} {host}", sim.slug));
            assert_eq!((&entry["path"], &entry["server"]), (&"/x".into(), &sim.slug.into()), "{host}");
            assert_eq!(
                send(app.control(Method::DELETE, &format!("/sandboxes/{expected}"))).await.status,
                204
            );
        }
        let bad = send(plain.bare(Method::GET, "/x").header("host", "no_name.localhost")).await;
        assert_eq!(bad.status, 400, "{}", sim.slug);
        assert_eq!(send(app.control(Method::GET, "/sandboxes/ignored")).await.status, 404, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_can_be_required() {
    let mut config = Config::default();
    config.options.require_sandbox = true;
    let app = App::with(config).await;
    for sim in registry::ALL {
        let path = sim.base_path;
        let refused = send(app.request(sim.slug, Method::GET, path)).await;
        assert_eq!(refused.status, 400, "{}", sim.slug);
        assert!(refused.body.contains("Erpsatz-Sandbox"), "{}: {}", sim.slug, refused.body);
        // As the vendor's own: a type that its other refusals have.
        let other = send(app.request(sim.slug, Method::GET, &format!("/~default{path}/no/such"))).await;
        assert_eq!(refused.header("content-type"), other.header("content-type"), "{}", sim.slug);
        for (path, header) in
            [(format!("/~default{path}"), ""), (format!("/~t42{path}"), ""), (path.to_owned(), "t42")]
        {
            let mut request = app.request(sim.slug, Method::GET, &path);
            if !header.is_empty() {
                request = request.header("Erpsatz-Sandbox", header);
            }
            let answer = send(request).await;
            assert!(!answer.body.contains("names no sandbox"), "{} {path}: {}", sim.slug, answer.body);
        }
        let preflight = app.request(sim.slug, Method::OPTIONS, path).header("origin", "http://app.test");
        let preflight = send(preflight.header("access-control-request-method", "POST")).await;
        assert!(!preflight.body.contains("names no sandbox"), "{}: {}", sim.slug, preflight.body);
    }
    let entries = app.journal("default").await;
    assert!(entries.iter().all(|entry| entry["status"] != 400), "nothing is done for one that is refused");
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
