//! What clients get wrong: each mistake is one violation, at its place and with the nearest right form; in strict mode
//! it is refused in the vendor's words and changes nothing.

mod clavus;
mod weavy;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::{App, send};

/// What the last request violated: rule, position and nearest form of each.
async fn violations(app: &App) -> Vec<(String, String, Value)> {
    let journal = app.journal("default").await;
    let last = journal.last().expect("an entry");
    let text = |violation: &Value, name: &str| violation[name].as_str().expect("a text").to_owned();
    let violations = last["violations"].as_array().into_iter().flatten();
    violations
        .map(|one| {
            assert!(!text(one, "message").is_empty(), "{one}");
            (text(one, "rule"), text(one, "position"), one["nearest"].clone())
        })
        .collect()
}

/// Sends a request whose one mistake is this.
async fn expect_one(app: &App, request: RequestBuilder, rule: &str, position: &str, nearest: Value) -> u16 {
    let answer = send(request).await;
    let found = violations(app).await;
    assert_eq!(found, [(rule.to_owned(), position.to_owned(), nearest)], "{} {}", answer.status, answer.body);
    answer.status.as_u16()
}

/// How many requests of the report are outside the contract.
async fn reported(app: &App) -> usize {
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    report["violations"].as_array().expect("a list").len()
}
