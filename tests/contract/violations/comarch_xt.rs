//! Comarch ERP XT: what its clients get wrong, and what they get right.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{makes, makes_none};
use crate::support::{App, basic, send};

const SLUG: &str = "comarch-xt";

/// A request with its token, and with a body unless that is null.
struct Client<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Client<'a> {
    async fn of(app: &'a App) -> Self {
        let token = send(token_request(app)).await.json()["access_token"].as_str().unwrap().to_owned();
        Self { app, token }
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> RequestBuilder {
        let path = format!("/api2/public/{path}");
        let request = self.app.request(SLUG, method.parse().unwrap(), &path);
        let request = request.header(AUTHORIZATION, format!("Bearer {}", self.token));
        if body.is_null() { request } else { request.json(body) }
    }
}

fn token_request(app: &App) -> RequestBuilder {
    app.request(SLUG, Method::POST, "/api2/public/token")
        .header(AUTHORIZATION, basic("demo-client", "demo-secret"))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
}

fn product(changes: &Value) -> Value {
    let mut product =
        json!({ "Name": "Maus M1", "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleNetPrice": 20.0 });
    for (name, value) in changes.as_object().unwrap() {
        product[name] = value.clone();
    }
    product.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    product
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let line = json!({ "ProductId": 10_906_701, "Quantity": 1, "ProductCurrencyPrice": 1 });
    let invoice = json!({ "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102, "Items": [line] });
    let renamed = product(&json!({ "UnitOfMeasurment": null, "UnitOfMeasurement": "Stk." }));
    for (method, path, body, rule, position, nearest) in [
        ("PUT", "products/12", product(&json!({ "Id": 12 })), "verb", "PUT", "PUT /api2/public/products"),
        ("DELETE", "products", Value::Null, "verb", "DELETE", "DELETE /api2/public/products/{id}"),
        ("PATCH", "products", product(&json!({})), "verb", "PATCH", "GET, POST, PUT /api2/public/products"),
        ("GET", "product", Value::Null, "path", "/api2/public/product", "GET /api2/public/products"),
        ("GET", "products?$filter=Name == 'Maus'", Value::Null, "parameter", "$filter:6", "eq"),
        ("GET", "products?$filter=Nmae eq 'Maus'", Value::Null, "parameter", "$filter:1", "Name"),
        ("GET", "products?$limit=5", Value::Null, "parameter", "$limit", "$top"),
        ("GET", "products?pageSize=5", Value::Null, "parameter", "pageSize", "$top"),
        ("GET", "products?$top=all", Value::Null, "parameter", "$top", "integer"),
        ("POST", "products", renamed, "alias", "UnitOfMeasurement", "UnitOfMeasurment"),
        (
            "POST",
            "products",
            product(&json!({ "Descripton": "klein" })),
            "field",
            "Descripton",
            "Description",
        ),
        ("POST", "products", product(&json!({ "SaleNetPrice": "20" })), "type", "SaleNetPrice", "decimal"),
        ("POST", "products", product(&json!({ "Name": null })), "required", "Name", "Name"),
        ("POST", "products", product(&json!({ "Rate": 5 })), "value", "Rate", "-"),
        ("PUT", "products", product(&json!({})), "required", "Id", "Id"),
        ("POST", "invoices", invoice, "field", "Items[0].ProductCurrencyPrice", "ProductCurrencyNetPrice"),
    ] {
        let expected = format!("{rule} {position} -> {nearest}");
        makes(&app, client.request(method, path, &body), &expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_without_its_token_misses_a_header() {
    let app = App::start().await;
    let request = app.request(SLUG, Method::GET, "/api2/public/products");
    let answer = makes(&app, request, "required Authorization -> Authorization").await;
    assert_eq!(answer.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_endpoint_takes_a_form() {
    let app = App::start().await;
    let json = app
        .request(SLUG, Method::POST, "/api2/public/token")
        .header(AUTHORIZATION, basic("demo-client", "demo-secret"))
        .json(&json!({ "grant_type": "client_credentials" }));
    let expected = "content-type content-type -> application/x-www-form-urlencoded";
    let answer = makes(&app, json, expected).await;
    assert_eq!(answer.json()["error"], "invalid_request");
    let with_credentials = "grant_type=client_credentials&client_id=demo-client&client_secret=demo-secret";
    makes_none(&app, token_request(&app).body(with_credentials)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_careful_clients_send_is_documented() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for path in [
        "products?&$orderby= Name desc , Id &$top=5&$skip=0&$fts='maus'",
        "products/?$filter=(ProductCode eq 'P/000007' or not Name eq 'x') and SaleGrossPrice gt 5",
        "invoices?$filter=IssueDate ge datetime'2024-01-20'",
        // The German answer hides the field, conditions do not (fact sheet 4.6).
        "proformas?$filter=InvoiceDocIdNum eq null",
        "v1.2/customers/?nip=DE123456789",
        "v1.2/invoices//18369620",
        "invoices/number/FS/26/1/19",
        "v1.4/invoices/18369620/print?customPrintId=10161101",
    ] {
        assert_eq!(makes_none(&app, client.request("GET", path, &Value::Null)).await.status, 200, "{path}");
    }
    for path in ["products", "customers", "v1.2/customers", "invoices", "v1.4/invoices", "v1.2/proformas"] {
        // What a client has read it may send back, with everything that only the server fills.
        let id = if path.ends_with("products") {
            10_906_701
        } else if path.ends_with("customers") {
            529_801
        } else if path.ends_with("invoices") {
            18_369_620
        } else {
            2_721_213
        };
        let read = send(client.request("GET", &format!("{path}/{id}"), &Value::Null)).await.json();
        let answer = makes_none(&app, client.request("PUT", path, &read)).await;
        assert_eq!(answer.status, 204, "{path}: {}", answer.body);
    }
    let sent = product(&json!({ "Id": 0, "$id": "1" }));
    makes_none(&app, client.request("POST", "products", &sent)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_it_in_the_vendors_envelope() {
    let app = App::scenario("name: x\nstrict: true").await;
    let client = Client::of(&app).await;
    let before = app.records(SLUG, "products").await.len();
    let renamed = product(&json!({ "UnitOfMeasurment": null, "UnitOfMeasurement": "Stk." }));
    for (path, body, code, said) in [
        ("products", renamed, "ValidationException", "UnitOfMeasurment"),
        ("products", product(&json!({ "Descripton": "klein" })), "ValidationException", "Descripton"),
        ("products", product(&json!({ "SaleNetPrice": "20" })), "ValidationException", "SaleNetPrice"),
        ("products?dryRun=true", product(&json!({})), "QueryException", "dryRun"),
    ] {
        let answer = send(client.request("POST", path, &body)).await;
        assert_eq!((answer.status.as_u16(), &answer.json()["Code"]), (400, &json!(code)), "{}", answer.body);
        assert!(answer.json()["Message"].as_str().unwrap().contains(said), "{}", answer.body);
    }
    assert_eq!(app.records(SLUG, "products").await.len(), before);
    assert_eq!(send(client.request("POST", "products", &product(&json!({})))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_move_the_contract_with_them() {
    let settings = "servers: { comarch-xt: { settings: { edition: pl, put_mode: partial, master_data_read_only: true } } }";
    let app = App::scenario(&format!("name: x\n{settings}")).await;
    let client = Client::of(&app).await;
    let sent = product(&json!({ "ItemCode": "26.20" }));
    makes_none(&app, client.request("POST", "products", &sent)).await;
    let sent = json!({ "Id": 10_906_701, "Name": "Maus" });
    makes_none(&app, client.request("PUT", "products", &sent)).await;
    let sent = json!({ "Name": "Scheck", "Deadline": 1, "Type": 1 });
    let expected = "verb POST -> GET /api2/public/paymenttypes";
    makes(&app, client.request("POST", "paymenttypes", &sent), expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assumed_facts_are_named() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    send(client.request("GET", "v1.3/invoices/18369620/print", &Value::Null)).await;
    let entry = app.journal("default").await.pop().unwrap();
    assert_eq!(entry["assumptions"][0]["kind"], "operation", "{entry}");
    assert_eq!(entry["assumptions"][0]["name"], "GET /api2/public/v1.3/invoices/{id}/print");
    send(client.request("GET", "products/10906701", &Value::Null)).await;
    let entry = app.journal("default").await.pop().unwrap();
    assert!(entry["assumptions"].as_array().is_none_or(Vec::is_empty), "{entry}");
}
