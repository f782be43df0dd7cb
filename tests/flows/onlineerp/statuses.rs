//! One case for each line of the table of statuses (fact sheet 7).

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get, post, put};
use crate::support::{App, send};

fn message(answer: &crate::support::Answer) -> String {
    answer.json()["Message"].as_str().unwrap_or_else(|| panic!("no Message: {}", answer.body)).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn not_found() {
    let app = App::start().await;
    for (company, path) in [
        ("9", "Product"),
        ("x", "Product"),
        ("", "Product"),
        ("0", "Nothing"),
        ("0", "GLAccount"),
        ("0", "Product/nothing"),
        ("0", "Product/%ff"),
        ("0", "Product//"),
        ("0", "Product/1042/more"),
    ] {
        let answer = call(&app, company, Method::GET, path, None).await;
        assert_eq!(answer.status, 404, "{company} {path}: {}", answer.body);
        message(&answer);
    }
    assert_eq!(call(&app, " 0 ", Method::GET, "Product", None).await.status, 200, "the company is trimmed");
    assert_eq!(put(&app, "Product/nothing", json!({ "Description": "x" })).await.status, 404);
    assert_eq!(
        put(&app, "Product", json!({ "NoProduit": "nothing", "Description": "x" })).await.status,
        404,
        "no upsert"
    );
    for path in ["/", "/api", "/api/Entity", "/api/Entity/", "/api/Else/Product"] {
        let request =
            app.request("onlineerp", Method::GET, path).basic_auth("DEMO-LICENCE", Some("demo-secret"));
        assert_eq!(send(request).await.status, 404, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_name_the_field() {
    let app = App::start().await;
    let invoice =
        |client: Value, lines: Value| json!({ "InfoClientFacturerA": client, "LigneFacture": lines });
    let client = json!({ "NoClient": "C0187" });
    for (entity, body, field) in [
        ("Product", json!({}), "NoProduit"),
        ("Product", json!({ "NoProduit": "", "Description": "x" }), "NoProduit"),
        ("Product", json!({ "NoProduit": "X" }), "Description"),
        ("Product", json!({ "NoProduit": "X", "Description": "x", "PrixVente": "beaucoup" }), "PrixVente"),
        ("Product", json!({ "NoProduit": "X", "Description": "x", "EstActif": "oui" }), "EstActif"),
        (
            "Product",
            json!({ "NoProduit": "X", "Description": "x", "GroupeProduit": "QUINC" }),
            "GroupeProduit",
        ),
        ("Customer", json!({ "NoClient": "X" }), "NomClient"),
        ("CustomerInvoice", invoice(json!({}), json!([{}])), "InfoClientFacturerA.NoClient"),
        ("CustomerInvoice", invoice(client.clone(), json!([])), "LigneFacture"),
        ("CustomerInvoice", json!({ "InfoClientFacturerA": client }), "LigneFacture"),
        (
            "CustomerInvoice",
            invoice(client.clone(), json!([{ "QteFacture": "x" }])),
            "LigneFacture[0].QteFacture",
        ),
        (
            "SupplierInvoice",
            json!({ "NoFournisseur": "F-220", "NoFacture": "1", "DateFacture": "2026-01-20" }),
            "LigneFacture",
        ),
        (
            "SupplierInvoice",
            json!({ "NoFournisseur": "F-220", "NoFacture": "1", "DateFacture": "20/01/2026", "LigneFacture": [{}] }),
            "DateFacture",
        ),
        (
            "SupplierInvoice",
            json!({ "NoFacture": "1", "DateFacture": "2026-01-20", "LigneFacture": [{ "NoCompteGL": "5100", "PrixFinal": 1 }] }),
            "NoFournisseur",
        ),
        (
            "SupplierInvoice",
            json!({ "NoFournisseur": "F-220", "NoFacture": "1", "DateFacture": "2026-01-20", "LigneFacture": [{ "NoCompteGL": "5100" }] }),
            "LigneFacture[0].PrixFinal",
        ),
        (
            "SupplierOrder",
            json!({ "NoFournisseur": "F-220", "LigneCommande": [{ "strNoProduit": "TOLE-4X8" }] }),
            "LigneCommande[0].QteCommande",
        ),
        ("GLJournalEntry", json!({ "Description": "x", "LigneEcriture": [] }), "DateEcriture"),
    ] {
        let answer = post(&app, entity, body.clone()).await;
        assert_eq!(answer.status, 400, "{entity} {body}: {}", answer.body);
        message(&answer);
        assert!(
            answer.json()["ModelState"][field].is_array(),
            "{entity} {body} should name {field}: {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_named_and_never_changed() {
    let app = App::start().await;
    assert_eq!(put(&app, "Product", json!({ "Description": "x" })).await.status, 400, "no key");
    let renamed = put(&app, "Product/BOLT-M8", json!({ "NoProduit": "BOLT-M9" })).await;
    assert_eq!(renamed.status, 400, "a key cannot change");
    assert_eq!(put(&app, "Product/BOLT-M8", json!({ "Description": "" })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_conflict_or_fail_the_precondition() {
    let app = App::start().await;
    let invoice = json!({ "NoFournisseur": "F-220", "NoFacture": "A-90417", "DateFacture": "2026-01-20",
        "LigneFacture": [{ "NoCompteGL": "5100", "PrixFinal": 1 }] });
    let once = |only: &'static str| {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/SupplierInvoice");
        let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).json(&invoice);
        send(if only.is_empty() { request } else { request.header("If-None-Match", only) })
    };
    assert_eq!(once("*").await.status, 201);
    assert_eq!(once("").await.status, 409);
    assert_eq!(once("\"etag\"").await.status, 409, "any other value is ignored");
    assert_eq!(once("*").await.status, 412);
    let mut other = invoice.clone();
    other["NoFournisseur"] = "F-310".into();
    assert_eq!(post(&app, "SupplierInvoice", other).await.status, 201, "numbers are unique per supplier");
    assert_eq!(
        post(&app, "Product", json!({ "NoProduit": "BOLT-M8", "Description": "x" })).await.status,
        409
    );
    assert_eq!(post(&app, "Customer", json!({ "NoClient": "C0187", "NomClient": "x" })).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn media_types_and_broken_json() {
    let app = App::start().await;
    let before = app.records("onlineerp", "Product").await.len();
    let raw = |media: &'static str, body: &'static [u8]| {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/Product");
        let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).body(body);
        send(if media.is_empty() { request } else { request.header("content-type", media) })
    };
    let good = br#"{"NoProduit":"MEDIA","Description":"x"}"#;
    for media in ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""] {
        assert_eq!(raw(media, good).await.status, 415, "{media}");
    }
    for body in
        [&b""[..], b"{", b"[", b"\"x\"", b"null", b"12", b"{\"a\":1}}", b"{\"a\":\"\xff\"}", b"/* no end"]
    {
        let answer = raw("application/json", body).await;
        assert_eq!(answer.status, 400, "{}", String::from_utf8_lossy(body));
        message(&answer);
    }
    assert_eq!(app.records("onlineerp", "Product").await.len(), before);
    assert_eq!(raw("Application/JSON; charset=utf-8", good).await.status, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_erp_refuses_what_does_not_exist() {
    let app = App::start().await;
    let invoice = |client: &str, product: &str| json!({ "InfoClientFacturerA": { "NoClient": client }, "LigneFacture": [{ "strNoProduit": product }] });
    let count = app.records("onlineerp", "CustomerInvoice").await.len();
    for (entity, body) in [
        ("CustomerInvoice", invoice("NOBODY", "BOLT-M8")),
        ("CustomerInvoice", invoice("C0187", "NOTHING")),
        (
            "SupplierInvoice",
            json!({ "NoFournisseur": "NOBODY", "NoFacture": "1", "DateFacture": "2026-01-20",
            "LigneFacture": [{ "NoCompteGL": "5100", "PrixFinal": 1 }] }),
        ),
        (
            "SupplierOrder",
            json!({ "NoFournisseur": "F-220", "LigneCommande": [{ "strNoProduit": "NOTHING", "QteCommande": 1 }] }),
        ),
    ] {
        let answer = post(&app, entity, body).await;
        assert_eq!(answer.status, 422, "{entity}: {}", answer.body);
        message(&answer);
    }
    assert_eq!(app.records("onlineerp", "CustomerInvoice").await.len(), count, "nothing of it was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_record_is_refused() {
    let app = App::start().await;
    app.act("onlineerp", "lock-record", json!({ "entity": "Product", "id": "BOLT-M8" })).await;
    let change = json!({ "Description": "x" });
    assert_eq!(put(&app, "Product/BOLT-M8", change.clone()).await.status, 422);
    assert_eq!(
        post(&app, "ProductTrail", json!({ "NoProduit": "BOLT-M8", "Quantitee": 1 })).await.status,
        422
    );
    assert_eq!(get(&app, "Product/BOLT-M8").await.status, 200, "it can be read");
    app.act("onlineerp", "unlock-record", json!({ "entity": "Product", "id": "BOLT-M8" })).await;
    assert_eq!(put(&app, "Product/BOLT-M8", change).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn robots_go_offline_and_time_out() {
    let app = App::start().await;
    app.act("onlineerp", "robot-offline", json!({})).await;
    assert_eq!(get(&app, "Product").await.status, 503);
    app.act("onlineerp", "robot-online", json!({})).await;
    assert_eq!(get(&app, "Product").await.status, 200);
    app.load("default", "servers: { onlineerp: { settings: { robot: timeout, robot_timeout_ms: 20 } } }")
        .await;
    assert_eq!(get(&app, "Product").await.status, 504);
    app.fault(json!({ "server": "onlineerp", "then": { "status": 500 } })).await;
    let failed = get(&app, "Product").await;
    assert_eq!(failed.status, 500);
    message(&failed);
}
