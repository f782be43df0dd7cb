//! Expectations: counts, order, never, conditions, and the nearest miss.

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, report};
use crate::support::App;

async fn met(app: &App) -> Vec<bool> {
    let report = report(app).await;
    let met = report["expectations"].as_array().unwrap().iter().map(|one| one["met"].as_bool().unwrap());
    let met: Vec<bool> = met.collect();
    assert_eq!(report["ok"], met.iter().all(|met| *met));
    met
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_orders_and_never() {
    let app = App::scenario(
        "
expect:
  - { undocumented: true, request: { server: onlineerp, path: /a } }
  - { undocumented: true, request: { server: onlineerp, path: /a }, times: { exactly: 2 } }
  - { undocumented: true, request: { server: onlineerp, path: /b }, times: { at_least: 1, at_most: 2 } }
  - { undocumented: true, request: { server: onlineerp, path: /c }, never: true }
  - { undocumented: true, request: { server: onlineerp, path: /a }, in_order: line }
  - { undocumented: true, request: { server: onlineerp, path: /b }, in_order: line }
  - { undocumented: true, request: { server: onlineerp, path: /d, query: { x: '1*' }, header: { x-a: b } } }
  - { request: { server: onlineerp, method: POST, body: { a.b: 2 } }, never: true }
",
    )
    .await;
    assert_eq!(met(&app).await, [false, false, false, true, false, false, false, true]);
    call(&app, Method::GET, "/b").await;
    assert_eq!(met(&app).await, [false, false, true, true, false, false, false, true], "not yet its turn");
    for path in ["/a", "/a", "/b", "/c"] {
        call(&app, Method::GET, path).await;
    }
    assert_eq!(met(&app).await, [true, true, true, false, true, true, false, true]);
    call(&app, Method::GET, "/d?x=2").await;
    let missed = report(&app).await["expectations"][6].clone();
    assert_eq!(missed["nearest"][0]["request"], "GET /d");
    assert!(missed["nearest"][0]["difference"].as_str().is_some_and(|what| what.contains("x-a")), "{missed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_and_faults_can_be_expected() {
    let app = App::scenario(
        "
faults: [ { id: f, server: onlineerp, when: { path: /api/Entity/Product }, then: { status: 500 } } ]
expect: [ { no_violations: true }, { all_faults_hit: true } ]
",
    )
    .await;
    assert_eq!(met(&app).await, [true, false]);
    call(&app, Method::GET, "/api/Entity/Product").await;
    assert_eq!(met(&app).await, [true, true]);
    call(&app, Method::DELETE, "/api/Entity/Customer").await;
    assert_eq!(met(&app).await, [false, true]);
    let violation = report(&app).await["violations"][0].clone();
    assert_eq!(
        (&violation["rule"], &violation["request"]),
        (&json!("verb"), &json!("DELETE /api/Entity/Customer"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfired_fault_alone_is_no_failure() {
    let app = App::scenario("faults: [ { server: onlineerp, then: { drop: true } } ]").await;
    let report = report(&app).await;
    assert_eq!((&report["ok"], &report["faults"][0]["hits"]), (&Value::Bool(true), &json!(0)));
}

/// A secret that a condition on records names, or that a record holds, is told nowhere.
#[tokio::test(flavor = "multi_thread")]
async fn secrets_of_records_are_told_nowhere() {
    let record = json!({ "server": "weavy", "entity": "account", "where": { "userName": "api", "password": "C4nary" } });
    let app = App::scenario(&format!("expect: [ {{ record: {record} }} ]")).await;
    let verify = app.control(Method::POST, "/sandboxes/default/verify").json(&json!({ "record": record }));
    let mut told = vec![crate::support::send(verify).await.body];
    for path in ["report", "expectations", "report?format=junit", "report?format=markdown"] {
        let shown = app.control(Method::GET, &format!("/sandboxes/default/{path}"));
        told.push(crate::support::send(shown).await.body);
    }
    for text in told {
        assert!(text.contains("account") && text.replace('\\', "").contains("***"), "{text}");
        assert!(!text.contains("C4nary") && !text.contains("is `api`, not"), "{text}");
    }
}
