//! What clients do wrong, and what the journal says of it: one mistake, one violation, with the right form.

mod clavus;
mod comarch_xt;
mod eightsens;
mod onlineerp;
mod weavy;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use crate::support::{Answer, App, send};

/// The violations of the last request, as `rule position -> nearest`.
pub(crate) async fn of_last(app: &App) -> Vec<String> {
    let entry = app.last().await;
    let show = |violation: &Value| {
        let text = |key: &str| violation[key].as_str().unwrap_or("-").to_owned();
        format!("{} {} -> {}", text("rule"), text("position"), text("nearest"))
    };
    entry["violations"].as_array().expect("violations").iter().map(show).collect()
}

/// Sends one request, which makes exactly this mistake.
pub(crate) async fn makes(app: &App, request: RequestBuilder, expected: &str) -> Answer {
    let answer = send(request).await;
    assert_eq!(of_last(app).await, [expected], "{} {}", answer.status, answer.body);
    answer
}

/// Sends one request, which is as documented.
pub(crate) async fn makes_none(app: &App, request: RequestBuilder) -> Answer {
    let answer = send(request).await;
    assert_eq!(of_last(app).await, [""; 0], "{} {}", answer.status, answer.body);
    answer
}

/// How many requests of the report are outside the contract.
pub(crate) async fn reported(app: &App) -> usize {
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    report["violations"].as_array().expect("a list").len()
}
