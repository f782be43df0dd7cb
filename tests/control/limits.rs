//! What a sandbox may have, and what is said beyond it.

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get};
use crate::support::{Answer, App, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_keeps_a_hundred_snapshots() {
    let app = App::start().await;
    let put = |n: usize| format!("/sandboxes/default/snapshots/s{n}");
    for n in 0..100 {
        call(&app, Method::PUT, &put(n), None, 201).await;
    }
    let refused = call(&app, Method::PUT, &put(100), None, 409).await;
    assert!(refused.body.contains("too_many_snapshots") && refused.body.contains("100"), "{}", refused.body);
    assert_eq!(get(&app, "/sandboxes/default/snapshots").await["total"], 100, "nothing went for it");
    call(&app, Method::PUT, &put(0), None, 201).await;
    call(&app, Method::DELETE, &put(7), None, 204).await;
    call(&app, Method::PUT, &put(100), None, 201).await;
    call(&app, Method::PUT, "/sandboxes/other/snapshots/s0", None, 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_has_a_thousand_fault_rules() {
    let app = App::start().await;
    let rule = |n: usize, status: u16| json!({ "id": format!("r{n}"), "server": "weavy", "when": { "path": "/v1/Authenticate" }, "then": { "status": status } });
    let faults = "/sandboxes/default/faults";
    for n in 0..1000 {
        call(&app, Method::POST, faults, Some(rule(n, 500)), 201).await;
    }
    let refused = call(&app, Method::POST, faults, Some(rule(1000, 500)), 409).await;
    assert!(refused.body.contains("too_many_faults") && refused.body.contains("1000"), "{}", refused.body);
    assert_eq!(get(&app, faults).await["total"], 1000);
    call(&app, Method::POST, faults, Some(rule(3, 503)), 201).await;
    assert_eq!(
        get(&app, "/sandboxes/default/faults/r3").await["then"]["status"],
        503,
        "another in its place"
    );
    call(&app, Method::DELETE, "/sandboxes/default/faults/r0", None, 204).await;
    call(&app, Method::POST, faults, Some(rule(1000, 500)), 201).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_has_a_thousand_expectations() {
    let app = App::start().await;
    let expectations = "/sandboxes/default/expectations";
    let one = json!({ "request": { "server": "weavy", "path": "/v1/*" }, "times": { "at_least": 1 } });
    call(&app, Method::POST, expectations, Some(json!(vec![one.clone(); 1000])), 201).await;
    let refused = call(&app, Method::POST, expectations, Some(one), 409).await;
    assert!(refused.body.contains("1000"), "{}", refused.body);
    assert_eq!(get(&app, expectations).await["total"], 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_lists_two_hundred_violations_and_counts_all() {
    let app = App::start().await;
    for _ in 0..203 {
        send(app.request("onlineerp", Method::GET, "/no/such/route")).await;
    }
    let report = get(&app, "/sandboxes/default/report").await;
    assert_eq!(report["violations"].as_array().map(Vec::len), Some(200));
    assert!(report.to_string().contains("203"), "{report}");
}

/// Every text of a condition, and every name, has a bound: it is held against every request.
#[tokio::test(flavor = "multi_thread")]
async fn a_condition_has_no_endless_text() {
    let app = App::start().await;
    let long = "*a".repeat(2049);
    for part in [
        json!({ "path": format!("/{long}") }),
        json!({ "method": long }),
        json!({ "header": { "X-Test": long } }),
        json!({ "header": { long.as_str(): "x" } }),
        json!({ "query": { "q": long } }),
        json!({ "query": { long.as_str(): "x" } }),
        json!({ "body": long }),
        json!({ "body": { "a.b": long } }),
        json!({ "body": { long.as_str(): 1 } }),
        json!({ "body": { "a": { "b": [long] } } }),
    ] {
        let mut request = part.clone();
        request["server"] = "weavy".into();
        let rule =
            json!({ "server": "weavy", "undocumented": true, "when": part, "then": { "status": 500 } });
        let expectation = json!({ "undocumented": true, "request": request, "times": { "exactly": 1 } });
        let step = json!({ "on": { "undocumented": true, "request": request }, "do": [] });
        refused(&app, rule, expectation, step).await;
    }
    let path = "/v1/Authenticate";
    refused(
        &app,
        json!({ "id": long, "server": "weavy", "when": { "path": path }, "then": { "status": 500 } }),
        json!({ "id": long, "request": { "server": "weavy", "path": path } }),
        json!({ "name": long, "at": "PT1M", "do": [] }),
    )
    .await;
    let order = json!({ "in_order": long, "request": { "server": "weavy", "path": path } });
    let record = json!({ "record": { "server": "weavy", "entity": "customer", "where": { "name": long } } });
    for expectation in [order, record] {
        is_too_long(
            &call(&app, Method::POST, "/sandboxes/default/expectations", Some(expectation), 400).await,
        );
    }
    is_too_long(&call(&app, Method::PUT, &format!("/sandboxes/default/snapshots/{long}"), None, 400).await);
    let many: serde_json::Map<String, Value> = (0..1001).map(|n| (format!("X-{n}"), json!("x"))).collect();
    let rule = json!({ "server": "weavy", "undocumented": true, "when": { "header": many }, "then": { "status": 500 } });
    let refused = call(&app, Method::POST, "/sandboxes/default/faults", Some(rule), 400).await;
    assert!(refused.body.contains("1000 at most"), "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn nth_names_a_thousand_at_most() {
    let app = App::start().await;
    for (most, status) in [(1000, 201), (1001, 400)] {
        let places: Vec<u32> = (1..=most).collect();
        let rule = json!({ "server": "weavy", "when": { "nth": places }, "then": { "status": 500 } });
        call(&app, Method::POST, "/sandboxes/default/faults", Some(rule), status).await;
    }
}

fn is_too_long(refused: &Answer) {
    assert!(refused.body.contains("4096 bytes at most") && refused.body.len() < 3000, "{}", refused.body);
}

/// By themselves, and in a scenario with line and column.
async fn refused(app: &App, rule: Value, expectation: Value, step: Value) {
    for (call_path, body) in [("faults", &rule), ("expectations", &expectation), ("verify", &expectation)] {
        let path = format!("/sandboxes/default/{call_path}");
        is_too_long(&call(app, Method::POST, &path, Some(body.clone()), 400).await);
    }
    for (key, item) in [("faults", rule), ("expect", expectation), ("steps", step)] {
        let text = format!("name: long\n{key}:\n  - {item}\n");
        if text.contains(&format!("{}\":", "*a".repeat(2049))) {
            // No key of YAML in one line is so long.
            continue;
        }
        let load = app.control(Method::PUT, "/sandboxes/default/scenario").body(text);
        let answer = send(load).await;
        assert_eq!(answer.status, 400, "{key}: {}", answer.body);
        is_too_long(&answer);
        assert!(answer.body.contains("line 3, column "), "{key}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_has_no_more_than_a_sandbox_keeps() {
    let app = App::start().await;
    let rule = "  - { server: weavy, when: { path: /v1/Authenticate }, then: { status: 500 } }\n";
    let expected = "  - { request: { server: weavy, path: /v1/Authenticate } }\n";
    let step = "  - { at: PT1M, do: [] }\n";
    for (key, item) in [("faults", rule), ("expect", expected), ("steps", step)] {
        let text = |count: usize| format!("name: many\n{key}:\n{}", item.repeat(count));
        let load = |count| send(app.control(Method::PUT, "/sandboxes/default/scenario").body(text(count)));
        let refused = load(1001).await;
        assert_eq!(refused.status, 400, "{key}");
        assert!(
            refused.body.contains("at most 1000") && refused.body.contains("line 2, column "),
            "{key}: {}",
            refused.body
        );
        assert_eq!(load(1000).await.status, 200, "{key}");
    }
}
