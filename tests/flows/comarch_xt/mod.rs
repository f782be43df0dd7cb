//! Comarch ERP XT, line by line of its fact sheet.

mod customers;
mod dictionaries;
mod documents;
mod history;
mod lifecycle;
mod master_data;
mod prints;
mod products;
mod query;
mod round_trip;
mod seed;
mod settings;
mod statuses;
mod strict;
mod token;
mod versions;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Answer, App, basic, send};

const SLUG: &str = "comarch-xt";
const BASE: &str = "/api2/public";

/// A client with its token, in one sandbox.
struct Client<'a> {
    app: &'a App,
    prefix: String,
    token: String,
}

impl<'a> Client<'a> {
    async fn of(app: &'a App) -> Self {
        Self::within(app, "").await
    }

    /// In the sandbox that `prefix` (`/~NAME`) names.
    async fn within(app: &'a App, prefix: &str) -> Self {
        let answer = send(token_request(app, prefix)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        Self { app, prefix: prefix.to_owned(), token }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let path = format!("{}{BASE}/{path}", self.prefix);
        self.app.request(SLUG, method, &path).header(AUTHORIZATION, format!("Bearer {}", self.token))
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// A `GET` that answers 200.
    async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// A `POST` that answers with the new id: a bare integer.
    async fn create(&self, path: &str, body: Value) -> i64 {
        let answer = self.post(path, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body.parse().unwrap()
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    /// A `PUT` that answers 204.
    async fn change(&self, path: &str, body: Value) {
        let answer = self.put(path, body).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.body);
        assert!(answer.body.is_empty());
    }

    async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Creates an invoice of one line for the first customer.
    async fn invoice(&self) -> i64 {
        self.create("invoices", invoice()).await
    }
}

/// The request for a token with the demo client's credentials.
fn token_request(app: &App, prefix: &str) -> RequestBuilder {
    app.request(SLUG, Method::POST, &format!("{prefix}{BASE}/token"))
        .header(AUTHORIZATION, basic("demo-client", "demo-secret"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
}

/// The sample of fact sheet 4.5.1, on the default data.
fn invoice() -> Value {
    json!({
        "PaymentStatus": 0, "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102,
        "SalesDate": "2024-03-01", "IssueDate": "2024-03-01",
        "Items": [{ "ProductId": 10_906_701, "Quantity": 3, "ProductCurrencyNetPrice": 40.00 }],
    })
}

fn proforma() -> Value {
    json!({
        "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102, "IssueDate": "2024-03-02",
        "Items": [{ "ProductId": 10_906_701, "Quantity": 6, "ProductCurrencyNetPrice": 38.50 }],
    })
}

fn keys(object: &Value) -> Vec<&str> {
    object.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A 400 with this `Code`.
fn assert_refused(answer: &Answer, code: &str) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    assert_eq!(answer.json()["Code"], code, "{}", answer.body);
    assert!(!answer.json()["Message"].as_str().unwrap().is_empty());
}
