//! Lessons at Comarch ERP XT.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Told::{Missed, Verdict};
use super::{lesson, status};
use crate::support::{Answer, App, send};

const MUSTER: &str = "DE123456789";

/// A client that has its token.
struct Client<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Client<'a> {
    async fn of(app: &'a App) -> Self {
        let request = app.request("comarch-xt", Method::POST, "/api2/public/token");
        let request = request.basic_auth("demo-client", Some("demo-secret"));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = send(request.body("grant_type=client_credentials")).await;
        Self { app, token: answer.json()["access_token"].as_str().expect("a token").to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request("comarch-xt", method, &format!("/api2/public/{path}")).bearer_auth(&self.token)
    }

    async fn read(&self, path: &str) -> Value {
        let answer = send(self.request(Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Creates a record; its id.
    async fn create(&self, path: &str, body: Value) -> String {
        let answer = send(self.request(Method::POST, path).json(&body)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }
}

fn invoice() -> Value {
    json!({
        "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102,
        "Items": [{ "ProductId": 10_906_701, "Quantity": 1, "ProductCurrencyNetPrice": 40.00 }],
    })
}

#[tokio::test]
async fn duplicate_customer() {
    let good = async |app: &App| {
        let found = Client::of(app).await.read(&format!("customers/nip/{MUSTER}")).await;
        assert_eq!(found["Name"], "Muster GmbH");
    };
    let bad = async |app: &App| {
        let again = json!({ "Name": "Muster GmbH", "CustomerTaxNumber": MUSTER, "CustomerType": 1 });
        Client::of(app).await.create("customers", again).await;
    };
    lesson("duplicate-customer", good, bad, &[Missed("GET"), Missed("never")]).await;
}

#[tokio::test]
async fn confirmed_invoice_refuses_edits() {
    let change = || {
        let mut body = invoice();
        body["Id"] = 18_399_001.into();
        body
    };
    let good = async |app: &App| {
        let client = Client::of(app).await;
        assert_eq!(client.read("invoices/18399001").await["Status"], 0);
        assert!(client.put("invoices", change()).await.status.is_client_error());
        assert_eq!(client.read("invoices/18399001").await["Status"], 1);
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        client.read("invoices/18399001").await;
        for _ in 0..3 {
            assert!(client.put("invoices", change()).await.status.is_client_error());
        }
    };
    lesson("confirmed-invoice-refuses-edits", good, bad, &[Missed("GET"), Missed("PUT")]).await;
}

#[tokio::test]
async fn month_end_numbering() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        for number in ["FS/26/12/1", "FS/27/1/1"] {
            let id = client.create("invoices", invoice()).await;
            assert_eq!(client.read(&format!("invoices/{id}")).await["Number"], number);
        }
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        let id = client.create("invoices", invoice()).await;
        client.create("invoices", invoice()).await;
        let number = client.read(&format!("invoices/{id}")).await["Number"].as_str().unwrap().to_owned();
        let (series, count) = number.rsplit_once('/').unwrap();
        let guessed = format!("{series}/{}", count.parse::<u32>().unwrap() + 1);
        let answer = send(client.request(Method::GET, &format!("invoices/number/{guessed}"))).await;
        assert_eq!(answer.status, 404, "{guessed}: {}", answer.body);
    };
    lesson("month-end-numbering", good, bad, &[Missed("never")]).await;
}

#[tokio::test]
async fn whole_put() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        let mut customer = client.read("customers/529801").await;
        customer["PhoneNumber"] = "030 9".into();
        assert_eq!(client.put("customers", customer).await.status, 204);
        assert_eq!(client.read("customers/529801").await["CustomerTaxNumber"], MUSTER);
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        let change =
            json!({ "Id": 529_801, "Name": "Muster GmbH", "CustomerType": 1, "PhoneNumber": "030 9" });
        assert_eq!(client.put("customers", change).await.status, 204);
        assert_eq!(client.read("customers/529801").await["CustomerTaxNumber"], "", "it is gone");
    };
    lesson("whole-put", good, bad, &[Missed(MUSTER)]).await;
}

#[tokio::test]
async fn hanging_call() {
    let limited =
        |client: &Client<'_>| client.request(Method::GET, "products").timeout(Duration::from_millis(500));
    let good = async |app: &App| {
        let client = Client::of(app).await;
        assert_eq!(status(limited(&client)).await, None);
        for skip in [0, 50, 100] {
            client.read(&format!("products?$orderby=Id&$top=50&$skip={skip}")).await;
        }
    };
    let bad = async |app: &App| assert_eq!(status(limited(&Client::of(app).await)).await, None);
    lesson("hanging-call", good, bad, &[Missed("at least 2 times")]).await;
}

#[tokio::test]
async fn token_expires_mid_sync() {
    let page = |skip: usize| format!("products?$orderby=Id&$top=200&$skip={skip}");
    let good = async |app: &App| {
        let (mut client, mut products) = (Client::of(app).await, Vec::new());
        loop {
            let answer = send(client.request(Method::GET, &page(products.len()))).await;
            match answer.status.as_u16() {
                401 => client = Client::of(app).await,
                500 => {}
                _ => {
                    let read = answer.json().as_array().expect("products").clone();
                    products.extend(read.iter().cloned());
                    if read.len() < 200 {
                        break;
                    }
                }
            }
        }
        assert_eq!(products.len(), 580, "80 of the data and 500 generated");
    };
    let gives_up = async |app: &App| {
        let client = Client::of(app).await;
        assert_eq!(status(client.request(Method::GET, &page(0))).await, Some(200));
        assert_eq!(status(client.request(Method::GET, &page(200))).await, Some(500));
    };
    lesson("token-expires-mid-sync", good, gives_up, &[Missed("token: exactly 2")]).await;
    let asks_each_time = async |app: &App| {
        for skip in [0, 100, 200, 200, 300, 400, 500] {
            let client = Client::of(app).await;
            status(client.request(Method::GET, &page(skip))).await;
        }
    };
    let told = [Missed("token: exactly 2"), Verdict("token_on_every_call")];
    lesson("token-expires-mid-sync", good, asks_each_time, &told).await;
}
