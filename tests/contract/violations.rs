//! Typical mistakes of clients: each is the one violation that it should be, with the nearest right form.

mod comarch_xt;

use reqwest::RequestBuilder;
use serde_json::Value;

use crate::support::{Answer, App, send};

/// Rule, position and nearest documented form of a violation.
type Expected<'a> = (&'a str, &'a str, Option<&'a str>);

/// Sends a request; gives the answer and what the journal has of it.
async fn recorded(app: &App, request: RequestBuilder) -> (Answer, Value) {
    let answer = send(request).await;
    let entries = app.journal("default").await;
    let last = entries.into_iter().max_by_key(|entry| entry["id"].as_u64()).expect("an entry");
    (answer, last)
}

/// Sends a request that is one violation and no more.
async fn assert_violation(app: &App, request: RequestBuilder, expected: Expected<'_>) -> Answer {
    let (answer, entry) = recorded(app, request).await;
    let found = entry["violations"].as_array().expect("violations");
    let found: Vec<Expected<'_>> = found
        .iter()
        .map(|violation| {
            let text = |name: &str| violation[name].as_str();
            (text("rule").unwrap_or_default(), text("position").unwrap_or_default(), text("nearest"))
        })
        .collect();
    assert_eq!(found, [expected], "{} {}", entry["method"], entry["path"]);
    answer
}

/// Sends a request that is as documented.
async fn assert_documented(app: &App, request: RequestBuilder) -> Answer {
    let (answer, entry) = recorded(app, request).await;
    let found = entry["violations"].as_array().map_or(0, Vec::len);
    assert_eq!(found, 0, "{} {}: {}", entry["method"], entry["path"], entry["violations"]);
    answer
}
