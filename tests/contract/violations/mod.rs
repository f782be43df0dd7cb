//! What clients do wrong, and what the journal says of it: one mistake, one violation, with the right form.

mod clavus;
mod onlineerp;
mod weavy;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::{App, send};

/// The violations of the last request, as `rule position -> nearest`.
pub(crate) async fn of_last(app: &App) -> Vec<String> {
    let journal = app.journal("default").await;
    let entry = journal.last().expect("an entry");
    let show = |violation: &Value| {
        let text = |key: &str| violation[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} -> {}", text("rule"), text("position"), text("nearest"))
    };
    entry["violations"].as_array().expect("violations").iter().map(show).collect()
}

/// Sends one request, which makes exactly this mistake.
pub(crate) async fn makes(app: &App, request: RequestBuilder, expected: &str) {
    let answer = send(request).await;
    assert_eq!(of_last(app).await, [expected], "{} {}", answer.status, answer.body);
}

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
