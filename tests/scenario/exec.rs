//! Determinism of a whole run.

use reqwest::Method;
use serde_json::{Value, json};

use super::call;
use crate::support::App;

/// The journal without what real time decides.
fn steady(journal: Vec<Value>) -> Vec<Value> {
    let without = |mut entry: Value| {
        entry["duration_us"] = Value::Null;
        entry["headers"]["host"] = Value::Null;
        entry
    };
    journal.into_iter().map(without).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn same_scenario_same_seed_same_requests_same_journal() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let app = App::scenario(
            "
seed: 9
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults: [ { server: onlineerp, when: { rate: 0.5 }, then: { status: 503 } } ]
steps: [ { on: { request: { server: onlineerp }, count: 2 }, do: [ { advance: 5m } ] } ]
",
        )
        .await;
        for n in 0..12 {
            call(&app, Method::GET, &format!("/api/Entity/Product?$top={n}")).await;
        }
        runs.push(steady(app.journal("default").await));
    }
    assert_eq!(runs[0], runs[1]);
    let injected = runs[0].iter().filter(|entry| entry["status"] == json!(503)).count();
    assert!((1..12).contains(&injected), "the rate strikes some: {injected}");
}
