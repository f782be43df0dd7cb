//! Lessons at OnlineERP.

use reqwest::Method;
use serde_json::{Value, json};

use super::Told::{Missed, Verdict};
use super::{lesson, status};
use crate::support::{App, send};

/// A call to company `company`; the status, none when the connection was cut.
async fn ask(app: &App, method: Method, path: &str, company: &str, body: Option<Value>) -> Option<u16> {
    let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
    let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("COMPANY_ID", company);
    status(if let Some(body) = body { request.json(&body) } else { request }).await
}

async fn get(app: &App, path: &str) -> Option<u16> {
    ask(app, Method::GET, path, "0", None).await
}

async fn post(app: &App, entity: &str, company: &str, body: Value) -> Option<u16> {
    ask(app, Method::POST, entity, company, Some(body)).await
}

/// What a client does until it succeeds, `tries` times at most.
async fn until_done(app: &App, path: &str, tries: usize) {
    for _ in 0..tries {
        if get(app, path).await == Some(200) {
            return;
        }
    }
}

fn invoice() -> Value {
    json!({ "Référence": "WEB-1", "InfoClientFacturerA": { "NoClient": "C0187" }, "LigneFacture": [{ "strNoProduit": "BOLT-M8" }] })
}

fn product() -> Value {
    json!({ "NoProduit": "NEW", "Description": "x" })
}

#[tokio::test]
async fn robot_offline() {
    let good = async |app: &App| until_done(app, "Product", 3).await;
    let bad = async |app: &App| assert_eq!(get(app, "Product").await, Some(503));
    lesson("robot-offline", good, bad, &[Missed("at least 2 times")]).await;
}

#[tokio::test]
async fn everything_down() {
    let good = async |app: &App| until_done(app, "Product", 3).await;
    let bad = async |app: &App| until_done(app, "Product", 20).await;
    lesson("everything-down", good, bad, &[Missed("at most 5 times")]).await;
}

#[tokio::test]
async fn lost_invoice_response() {
    let good = async |app: &App| {
        assert_eq!(post(app, "CustomerInvoice", "0", invoice()).await, None);
        get(app, "CustomerInvoice?$filter=Référence eq 'WEB-1'").await;
    };
    let bad = async |app: &App| {
        for _ in 0..2 {
            post(app, "CustomerInvoice", "0", invoice()).await;
        }
    };
    lesson("lost-invoice-response", good, bad, &[Missed("exactly once"), Verdict("done_twice")]).await;
}

#[tokio::test]
async fn unsupported_verb() {
    let good = async |app: &App| assert_eq!(ask(app, Method::GET, "Product", "1", None).await, Some(200));
    let bad = async |app: &App| assert_eq!(post(app, "Product", "1", product()).await, Some(405));
    lesson("unsupported-verb", good, bad, &[Missed("never")]).await;
}

#[tokio::test]
async fn wrong_company() {
    let good = async |app: &App| assert_eq!(post(app, "Product", "7", product()).await, Some(201));
    let bad = async |app: &App| assert_eq!(post(app, "Product", "0", product()).await, Some(201));
    lesson("wrong-company", good, bad, &[Missed("never")]).await;
}

#[tokio::test]
async fn truncated_page() {
    let good = async |app: &App| {
        for skip in [0, 20, 40, 60] {
            until_done(app, &format!("Product?$orderby=NoProduit&$top=20&$skip={skip}"), 2).await;
        }
    };
    let bad = async |app: &App| {
        for skip in [0, 20, 40] {
            get(app, &format!("Product?$orderby=NoProduit&$top=20&$skip={skip}")).await;
        }
    };
    lesson("truncated-page", good, bad, &[Missed("exactly 2 times")]).await;
}

#[tokio::test]
async fn concurrent_edit() {
    let change = async |app: &App| {
        let body = json!({ "Description": "x" });
        ask(app, Method::PUT, "Product/BOLT-M8", "0", Some(body)).await
    };
    let good = async |app: &App| {
        assert_eq!(change(app).await, Some(422));
        assert_eq!(change(app).await, Some(200), "a minute has passed");
    };
    let bad = async |app: &App| assert_eq!(change(app).await, Some(422));
    lesson("concurrent-edit", good, bad, &[Missed("exactly 2 times")]).await;
}

#[tokio::test]
async fn partial_batch() {
    let batch =
        || json!([{ "NoProduit": "BOLT-M8", "Quantitee": 1 }, { "NoProduit": "RONDELLE", "Quantitee": 1 }]);
    let good = async |app: &App| {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/ProductTrail");
        let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("COMPANY_ID", "0");
        let answer = send(request.json(&batch())).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let items = answer.json();
        assert!(items[0]["Quantitee"] == 1 && items[1]["Message"].is_string(), "{items}");
        get(app, "Product/RONDELLE").await;
    };
    let bad = async |app: &App| {
        for _ in 0..2 {
            assert_eq!(post(app, "ProductTrail", "0", batch()).await, Some(200));
        }
    };
    lesson("partial-batch", good, bad, &[Missed("exactly once")]).await;
}

#[tokio::test]
async fn catalogue_of_100000() {
    let page = |skip: usize| format!("Product?$top=1000&$skip={skip}");
    let good = async |app: &App| {
        let mut read = 0;
        loop {
            let request = app.request("onlineerp", Method::GET, &format!("/api/Entity/{}", page(read)));
            let answer = send(request.basic_auth("DEMO-LICENCE", Some("demo-secret"))).await;
            // Counted without a tree: the catalogue is large.
            let products = answer.body.matches("\"NoProduit\":").count();
            read += products;
            if products < 1000 {
                break;
            }
        }
        assert_eq!(read, 100_000);
    };
    let bad = async |app: &App| assert_eq!(get(app, &page(0)).await, Some(200));
    let told = [Missed("at least 100 times"), Verdict("list_not_finished")];
    lesson("catalogue-of-100000", good, bad, &told).await;
}
