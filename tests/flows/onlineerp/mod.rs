//! OnlineERP, line by line of its fact sheet.

mod ageing;
mod documents;
mod matrix;
mod query;
mod seed_calls;
mod settings;
mod statuses;
mod stock;

use reqwest::Method;
use serde_json::Value;

use crate::support::{Answer, App, basic, send};

/// A call with the good licence to a company.
async fn call(app: &App, company: &str, method: Method, path: &str, body: Option<Value>) -> Answer {
    let request = app
        .request("onlineerp", method, &format!("/api/Entity/{path}"))
        .header("authorization", basic("DEMO-LICENCE", "demo-secret"))
        .header("COMPANY_ID", company);
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

async fn get(app: &App, path: &str) -> Answer {
    call(app, "0", Method::GET, path, None).await
}

async fn post(app: &App, path: &str, body: Value) -> Answer {
    call(app, "0", Method::POST, path, Some(body)).await
}

async fn put(app: &App, path: &str, body: Value) -> Answer {
    call(app, "0", Method::PUT, path, Some(body)).await
}
