//! Scenario files: what happens by itself, what is expected, and the report.

mod consistency;
mod exec;
mod expectations;
mod files;
mod forms;
mod generate;
mod lessons;
mod rules;
mod settings;
mod steps;

use reqwest::Method;
use serde_json::Value;

use crate::support::{App, send};

async fn report(app: &App) -> Value {
    send(app.control(Method::GET, "/sandboxes/default/report")).await.json()
}

/// A signed-in call to OnlineERP; the status.
async fn call(app: &App, method: Method, path: &str) -> u16 {
    let request = app.request("onlineerp", method, path).basic_auth("DEMO-LICENCE", Some("demo-secret"));
    send(request).await.status.as_u16()
}
