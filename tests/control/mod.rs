//! The control API: every route of docs/reference/control-api.md.

mod access;
mod attached;
mod clock;
mod data;
mod journal;
mod layers;
mod limits;
mod openapi;
mod paths;
mod peers;
mod refusals;
mod sandboxes;
mod settings;
mod streams;
mod why;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, App, send};

/// A call of the control API, checked for its status.
async fn call(app: &App, method: Method, path: &str, body: Option<Value>, status: u16) -> Answer {
    let request = app.control(method.clone(), path);
    let answer = send(match &body {
        Some(body) => request.json(body),
        None => request,
    })
    .await;
    assert_eq!(answer.status.as_u16(), status, "{method} {path} {body:?}: {}", answer.body);
    if status >= 400 {
        let error = answer.json();
        assert!(
            error["error"]["code"].is_string() && error["error"]["message"].is_string(),
            "{}",
            answer.body
        );
    }
    answer
}

async fn get(app: &App, path: &str) -> Value {
    call(app, Method::GET, path, None, 200).await.json()
}
