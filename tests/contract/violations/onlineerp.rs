use reqwest::Method;
use serde_json::{Value, json};

use super::{makes, of_last};
use crate::support::{App, basic, send};

fn signed(app: &App, method: Method, path: &str) -> reqwest::RequestBuilder {
    let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
    request.header("authorization", basic("DEMO-LICENCE", "demo-secret"))
}

fn product(with: &Value) -> Value {
    let mut product = json!({ "NoProduit": "V-1", "Description": "Vis" });
    product.as_object_mut().expect("an object").extend(with.as_object().expect("an object").clone());
    product
}

#[tokio::test]
async fn a_careful_client_makes_none() {
    let app = App::start().await;
    for path in [
        "Product",
        "Product/",
        "product?$filter=NoProduit%20eq%20'BOLT-M12'&$select=NoProduit,GroupeProduit.CodeGroupe&$top=1&$skip=0",
        "Customer?$orderby=NomClient%20desc&%24select=NomClient",
        "Product/1001?$expand=ExtendedProperties",
    ] {
        let answer = send(signed(&app, Method::GET, path)).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(of_last(&app).await.is_empty(), "{path}: {:?}", of_last(&app).await);
    }
    let answer =
        send(signed(&app, Method::POST, "Product").json(&product(&json!({ "PrixVente": 1.25 })))).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert!(of_last(&app).await.is_empty());
}

#[tokio::test]
async fn each_mistake_is_named_with_the_right_form() {
    let app = App::start().await;
    let get = |path: &str| signed(&app, Method::GET, path);
    makes(&app, get("Product?$filter=NoProduit%20==%20'A'"), "parameter $filter:11 -> eq").await;
    makes(&app, get("Product?$filter=NoProduct%20eq%20'A'"), "parameter $filter:1 -> NoProduit").await;
    makes(&app, get("Product?$topp=1"), "parameter $topp -> $top").await;
    makes(&app, get("Product?$top=many"), "parameter $top -> integer").await;
    makes(&app, get("Producs"), "path /api/Entity/Producs -> GET /api/Entity/Product").await;
    makes(&app, get("Product").header("company-id", "0"), "header company-id -> COMPANY_ID").await;
    let change = signed(&app, Method::PUT, "CustomerInvoice/5001").json(&json!({}));
    makes(&app, change, "verb PUT -> GET /api/Entity/CustomerInvoice/{id}").await;
    let post = |with: Value| signed(&app, Method::POST, "Product").json(&product(&with));
    makes(&app, post(json!({ "PrixVent": 1 })), "field PrixVent -> PrixVente").await;
    makes(&app, post(json!({ "PrixVente": "1.25", "NoProduit": "V-2" })), "type PrixVente -> decimal").await;
    let lines =
        json!({ "InfoClientFacturerA": { "NoClient": "C0101" }, "LigneFacture": [{ "QteFature": 1 }] });
    let invoice = signed(&app, Method::POST, "CustomerInvoice").json(&lines);
    makes(&app, invoice, "field LigneFacture[0].QteFature -> QteFacture").await;
    let nameless = signed(&app, Method::POST, "Customer").json(&json!({ "NoClient": "V-3" }));
    makes(&app, nameless, "required NomClient -> NomClient").await;
    let alias = json!({ "NoProduit": "BOLT-M12", "Quantitee": 1, "Reference": "R" });
    makes(&app, signed(&app, Method::POST, "ProductTrail").json(&alias), "alias Reference -> Référence")
        .await;
    let text = signed(&app, Method::POST, "Product").header("content-type", "text/plain").body("{}");
    makes(&app, text, "content-type content-type -> application/json").await;
    let broken = signed(&app, Method::POST, "Product").header("content-type", "application/json").body("{");
    makes(&app, broken, "body body -> -").await;
}

#[tokio::test]
async fn strict_mode_refuses_in_the_vendors_words_and_changes_nothing() {
    let app = App::scenario("name: strict\nstrict: true").await;
    let before = app.records("onlineerp", "Product").await.len();
    let answer = send(signed(&app, Method::POST, "Product").json(&product(&json!({ "PrixVent": 1 })))).await;
    assert_eq!(answer.status, 400);
    let why = answer.json()["ModelState"]["PrixVent"][0].as_str().expect("a sentence").to_owned();
    assert!(why.contains("« PrixVente »"), "{why}");
    assert_eq!(app.records("onlineerp", "Product").await.len(), before);
    // Who is not known learns nothing of the contract.
    let unknown = app.request("onlineerp", Method::GET, "/api/Entity/Product?$topp=1");
    assert_eq!(send(unknown).await.status, 401);
}

#[tokio::test]
async fn what_was_assumed_is_in_journal_and_report() {
    let app = App::start().await;
    send(signed(&app, Method::GET, "Customer?$top=1")).await;
    send(signed(&app, Method::GET, "Customer?$top=2")).await;
    let assumed = json!({ "kind": "operation", "name": "GET /api/Entity/Customer" });
    let named = |facts: &Value| {
        let facts = facts.as_array().expect("facts").clone();
        facts.into_iter().find(|fact| fact["kind"] == assumed["kind"] && fact["name"] == assumed["name"])
    };
    assert!(named(&app.journal("default").await[0]["assumptions"]).is_some());
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    let fact = named(&report["assumptions"]).expect("the operation");
    assert_eq!((fact["server"].as_str(), fact["requests"].as_u64()), (Some("onlineerp"), Some(2)));
}
