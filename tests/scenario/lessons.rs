//! Each built-in scenario, met by a good client and missed by a bad one.

use reqwest::Method;
use serde_json::{Value, json};

use super::report;
use crate::support::{App, send, try_send};

/// A client of OnlineERP; none when the connection was cut.
async fn ask(app: &App, method: Method, path: &str, company: &str, body: Option<Value>) -> Option<u16> {
    let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
    let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("COMPANY_ID", company);
    let request = if let Some(body) = body { request.json(&body) } else { request };
    try_send(request).await.ok().map(|answer| answer.status.as_u16())
}

async fn get(app: &App, path: &str) -> Option<u16> {
    ask(app, Method::GET, path, "0", None).await
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

async fn good(app: &App, scenario: &str) {
    match scenario {
        "robot-offline" | "everything-down" => until_done(app, "Product", 3).await,
        "lost-invoice-response" => {
            assert_eq!(ask(app, Method::POST, "CustomerInvoice", "0", Some(invoice())).await, None);
            get(app, "CustomerInvoice?$filter=Référence eq 'WEB-1'").await;
        }
        "unsupported-verb" => {
            ask(app, Method::GET, "Product", "1", None).await;
        }
        "wrong-company" => {
            ask(app, Method::POST, "Product", "7", Some(product())).await;
        }
        "truncated-page" => {
            for skip in [0, 20, 40] {
                until_done(app, &format!("Product?$top=20&$skip={skip}"), 2).await;
            }
        }
        "concurrent-edit" => {
            let change = json!({ "Description": "x" });
            assert_eq!(ask(app, Method::PUT, "Product/BOLT-M8", "0", Some(change.clone())).await, Some(422));
            app.advance("1m").await;
            assert_eq!(ask(app, Method::PUT, "Product/BOLT-M8", "0", Some(change)).await, Some(200));
        }
        "default" => {
            get(app, "Product").await;
        }
        other => panic!("no good client for {other}"),
    }
}

async fn bad(app: &App, scenario: &str) {
    match scenario {
        "robot-offline" => {
            get(app, "Product").await;
        }
        "lost-invoice-response" => {
            for _ in 0..2 {
                ask(app, Method::POST, "CustomerInvoice", "0", Some(invoice())).await;
            }
        }
        "unsupported-verb" => {
            ask(app, Method::POST, "Product", "1", Some(product())).await;
        }
        "wrong-company" => {
            ask(app, Method::POST, "Product", "0", Some(product())).await;
        }
        "truncated-page" => {
            for skip in [0, 20, 40] {
                get(app, &format!("Product?$top=20&$skip={skip}")).await;
            }
        }
        "concurrent-edit" => {
            ask(app, Method::PUT, "Product/BOLT-M8", "0", Some(json!({ "Description": "x" }))).await;
        }
        "everything-down" => until_done(app, "Product", 20).await,
        other => panic!("no bad client for {other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn good_clients_pass_and_bad_ones_do_not() {
    let app = App::start().await;
    let known = send(app.control(Method::GET, "/scenarios")).await.json();
    let names =
        known["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned());
    for name in names {
        app.load("default", &format!("{{ \"name\": \"{name}\" }}")).await;
        good(&app, &name).await;
        let judged = report(&app).await;
        assert_eq!(judged["ok"], true, "{name}, good client: {judged}");
        if name == "default" {
            continue;
        }
        send(app.control(Method::POST, "/sandboxes/default/reset")).await;
        bad(&app, &name).await;
        let judged = report(&app).await;
        assert_eq!(judged["ok"], false, "{name}, bad client: {judged}");
    }
}
