//! Divalto weavy.

mod accounts;
mod batches;
mod business;
mod concurrency;
mod connector;
mod dataset;
mod entry;
mod fetch;
mod hooks;
mod hooks_tls;
mod limits;
mod outbox;
mod quota;
mod records;
mod seed;
mod select;
mod settings;
mod validation;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, App, send};

/// A signed-in client of the project `DEMO`.
#[derive(Clone)]
struct Weavy<'a> {
    app: &'a App,
    token: String,
}

/// A clock that stands still, so that dates can be compared.
const FROZEN: &str = "clock: { start: 2026-03-02T08:00:00Z, frozen: true }";

/// The answer to a login with these credentials.
async fn login(app: &App, user: &str, password: &str) -> Answer {
    let body = json!({ "scope": "API", "projectCode": "DEMO", "userName": user, "password": password });
    send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&body)).await
}

impl<'a> Weavy<'a> {
    async fn of(app: &'a App) -> Self {
        let answer = login(app, "api", "api").await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self { app, token: answer.json()["authToken"].as_str().expect("a token").to_owned() }
    }

    /// A request to `/v1/{path}`.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request("weavy", method, &format!("/v1/{path}")).bearer_auth(&self.token)
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(method, path);
        send(if body.is_null() { request } else { request.json(&body) }).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, Value::Null).await
    }

    /// The rows that a Select finds.
    async fn select(&self, body: Value) -> Vec<Value> {
        let answer = self.post("Data/DEMO/Select", body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json().as_array().expect("a list").clone()
    }

    /// The record of that code.
    async fn record(&self, entity: &str, code: &str) -> Value {
        let answer = self.get(&format!("Data/DEMO/{entity}/{code}")).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// What a fetch of every entity answers, deleted records included: nothing may change unseen.
    async fn everything(&self) -> String {
        let mut all = String::new();
        for entity in self.get("Dictionary/DEMO").await.json().as_array().expect("entities") {
            let entity = entity["entityName"].as_str().expect("a name");
            for attrib in [0, 1] {
                let path = format!("Data/DEMO/{entity}?srvAttrib={attrib}");
                all.push_str(&self.get(&path).await.body);
            }
        }
        all
    }
}

/// The status and message of a refusal, whose body is the vendor's.
fn refusal(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{}", answer.body);
    let message = answer.json()["message"].as_str().expect("a message").to_owned();
    assert!(!message.is_empty());
    (answer.status.as_u16(), message)
}

/// The codes of rows.
fn codes(rows: &[Value], field: &str) -> Vec<String> {
    rows.iter().map(|row| row[field].as_str().expect("a code").to_owned()).collect()
}
