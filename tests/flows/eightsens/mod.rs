//! 8sens REST.

mod articles;
mod back_office;
mod codes;
mod commandes;
mod conventions;
mod devis;
mod login;
mod parties;
mod seed;
mod session;
mod settings;
mod start;
mod stock;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, App, send};

const SLUG: &str = "8sens";
const KEY: &str = "ZghY887665YhGH";

/// A web shop that has logged in.
struct Shop {
    app: App,
    token: String,
}

impl Shop {
    /// With the default data.
    async fn open() -> Self {
        Self::enter(App::start().await).await
    }

    /// With settings of the server, as YAML: `{ ids_as_strings: true }`.
    async fn set(settings: &str) -> Self {
        Self::enter(App::scenario(&scenario(settings)).await).await
    }

    async fn enter(app: App) -> Self {
        let token = token(&app).await;
        Self { app, token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        bare(&self.app, method, path).header("access_token", &self.token)
    }

    async fn call(&self, method: Method, path: &str, body: Value) -> Answer {
        let request = self.request(method, path);
        send(if body.is_null() { request } else { request.json(&body) }).await
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.call(Method::GET, path, Value::Null).await;
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
        answer.json()
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, body).await
    }

    /// A `POST` that creates; gives the record.
    async fn create(&self, path: &str, body: Value) -> Value {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 201, "POST {path}: {}", answer.body);
        assert!(answer.header("location").starts_with("/v1/"), "POST {path}");
        answer.json()
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, body).await
    }

    /// A `PUT` that changes; gives the record.
    async fn change(&self, path: &str, body: Value) -> Value {
        let answer = self.put(path, body).await;
        assert_eq!(answer.status, 200, "PUT {path}: {}", answer.body);
        answer.json()
    }

    async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, Value::Null).await
    }

    /// Changes a record past the API.
    async fn edit(&self, entity: &str, key: i64, change: Value) {
        let path = format!("/sandboxes/default/data/8sens/{entity}/{key}");
        let answer = send(self.app.control(Method::PUT, &path).json(&change)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Adds a record past the API.
    async fn add(&self, entity: &str, record: Value) -> Value {
        let path = format!("/sandboxes/default/data/8sens/{entity}");
        let answer = send(self.app.control(Method::POST, &path).json(&record)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// A quote for client 30 with one line, open.
    async fn quote(&self) -> i64 {
        let body = json!({ "cliID": 30, "lignes": [{ "artID": 1001, "quantite": 1 }] });
        id(&self.create("/v1/devis", body).await, "devID")
    }
}

fn scenario(settings: &str) -> String {
    format!("name: set\nservers: {{ 8sens: {{ settings: {settings} }} }}")
}

/// A request with the API key alone.
fn bare(app: &App, method: Method, path: &str) -> RequestBuilder {
    app.request(SLUG, method, path).header("api_key", KEY)
}

fn credentials(login: &str, password: &str) -> String {
    format!("login={login}&password={password}")
}

/// A request to log in with a form.
fn login(app: &App, body: &str) -> RequestBuilder {
    let request = bare(app, Method::POST, "/v1/login/user");
    request.header("content-type", "application/x-www-form-urlencoded").body(body.to_owned())
}

/// A new token.
async fn token(app: &App) -> String {
    let answer = send(login(app, &credentials("CLIENTREST", "clientrest"))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

fn id(record: &Value, field: &str) -> i64 {
    record[field].as_i64().unwrap_or_else(|| panic!("{field} in {record}"))
}

/// The answer is this refusal, in the envelope of every refusal.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str) {
    let body = answer.json();
    assert_eq!((answer.status.as_u16(), &body["code"]), (status, &json!(code)), "{}", answer.body);
    assert_eq!(body["status"], status, "{}", answer.body);
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
}

/// The refusal, and the one field that its details name.
#[track_caller]
fn refused_on(answer: &Answer, status: u16, code: &str, field: &str) {
    refused(answer, status, code);
    assert_eq!(answer.json()["details"][0]["field"], field, "{}", answer.body);
}
