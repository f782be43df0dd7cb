//! What a sandbox may have, and what is said beyond it.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::{App, send};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_has_no_endless_path() {
    let app = App::start().await;
    let path = format!("/{}", "*a".repeat(2048));
    let rule = json!({ "server": "weavy", "undocumented": true, "when": { "path": path }, "then": { "status": 500 } });
    let expectation = json!({ "request": { "server": "weavy", "path": path }, "times": { "exactly": 1 } });
    for (call_path, body) in
        [("faults", rule), ("expectations", expectation.clone()), ("verify", expectation)]
    {
        let path = format!("/sandboxes/default/{call_path}");
        let refused = call(&app, Method::POST, &path, Some(body), 400).await;
        assert!(refused.body.contains("4096") && refused.body.len() < 1000, "{call_path}: {}", refused.body);
    }
}
