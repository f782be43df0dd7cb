//! Verdicts on the client that only the server can give.

use reqwest::Method;
use serde_json::json;

use super::{call, report};
use crate::support::samples::Client;
use crate::support::{App, send, try_send};

async fn verdicts(app: &App) -> Vec<String> {
    let report = report(app).await;
    report["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["verdict"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_repeated_after_a_lost_response() {
    let app = App::start().await;
    let movement = || {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/ProductTrail");
        request
            .basic_auth("DEMO-LICENCE", Some("demo-secret"))
            .json(&json!({ "NoProduit": "BOLT-M8", "Quantitee": 1 }))
    };
    let lost = json!({ "server": "onlineerp", "when": { "method": "POST", "nth": 1 }, "then": { "lose_response": true } });
    app.fault(lost).await;
    assert!(try_send(movement()).await.is_err());
    assert!(verdicts(&app).await.is_empty(), "a good client looks first");
    assert_eq!(send(movement()).await.status, 201);
    assert_eq!(verdicts(&app).await, ["duplicate_after_lost_response"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_wait() {
    let app = App::scenario("clock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    app.fault(json!({ "server": "onlineerp", "then": { "rate_limit": { "limit": 1, "per": "30s" } } })).await;
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product").await, 200);
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product").await, 429);
    app.advance("30s").await;
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product").await, 200);
    assert!(verdicts(&app).await.is_empty(), "this one waited");
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product").await, 429);
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product").await, 429);
    assert_eq!(verdicts(&app).await, ["ignored_retry_after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_one_page() {
    let app = App::start().await;
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product?$top=20").await, 200);
    assert_eq!(verdicts(&app).await, ["only_the_first_page"]);
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product?$top=20&$skip=20").await, 200);
    assert!(verdicts(&app).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_says_what_the_erp_ignores() {
    let app = App::start().await;
    let call = async |method: Method, path: &str, body: serde_json::Value| {
        let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
        send(request.basic_auth("DEMO-LICENCE", Some("demo-secret")).json(&body)).await
    };
    let mut product = call(Method::GET, "Product/BOLT-M8", json!({})).await.json();
    product["Description"] = "Boulon".into();
    let changed = call(Method::PUT, "Product/BOLT-M8", product.clone()).await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert!(verdicts(&app).await.is_empty(), "what the server said can be sent back: {}", report(&app).await);
    product["QteEnMain"] = 5000.into();
    assert_eq!(call(Method::PUT, "Product/BOLT-M8", product).await.status, 200);
    assert_eq!(verdicts(&app).await, ["sent_ignored_fields"]);
    let said = report(&app).await["verdicts"][0]["message"].as_str().unwrap().to_owned();
    assert!(said.contains("`QteEnMain`") && said.contains("only the server writes it"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_nobody_knows_is_named_with_the_one_that_was_meant() {
    let app = App::start().await;
    let client = Client::of(&app, "comarch-xt").await;
    let customer = r#"{ "Name": "Muster GmbH", "CustomerType": 1, "Mial": "rechnung@muster.example" }"#;
    let answer = send(client.request(Method::POST, "/api2/public/customers", customer.to_owned())).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(verdicts(&app).await, ["sent_ignored_fields"]);
    let said = report(&app).await["verdicts"][0]["message"].as_str().unwrap().to_owned();
    assert!(said.contains("`Mial`") && said.contains("`Mail`"), "{said}");
}
