//! Every code of section 7 of the fact sheet, each produced once.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use super::{KEY, SLUG, Shop, bare, credentials, login, refused, token};
use crate::support::{App, send};

/// The table of section 7.
const CODES: &[&str] = &[
    "BAD_JSON",
    "BAD_PARAMETER",
    "MISSING_FIELD",
    "API_KEY_MISSING",
    "API_KEY_INVALID",
    "INVALID_CREDENTIALS",
    "TOKEN_MISSING",
    "TOKEN_INVALID",
    "TOKEN_EXPIRED",
    "USER_DISABLED",
    "ADMIN_NOT_ALLOWED",
    "REST_NOT_ALLOWED",
    "LICENCE_INVALID",
    "CLIENT_DIVERS_READONLY",
    "ROUTE_NOT_FOUND",
    "NOT_FOUND",
    "METHOD_NOT_ALLOWED",
    "DUPLICATE_CODE",
    "DUPLICATE_REF",
    "ALREADY_TRANSFORMED",
    "ALREADY_CONVERTED",
    "DEVIS_LOCKED",
    "PAYLOAD_TOO_LARGE",
    "UNSUPPORTED_MEDIA_TYPE",
    "VALIDATION",
    "UNKNOWN_FIELD",
    "RACINE_NOT_ALLOWED",
    "CLIENT_UNKNOWN",
    "CLIENT_AND_PROSPECT",
    "CLIENT_DIVERS",
    "EMPTY_DOCUMENT",
    "ARTICLE_UNKNOWN",
    "ARTICLE_NOT_SELLABLE",
    "NOT_DISCOUNTABLE",
    "DISABLED",
    "INTERNAL",
    "SERVER_NOT_READY",
];

/// Calls of a shop that has logged in, in the default data; the first open quote of each kind is prepared by the test.
fn business(anonymous: &Value, empty: &Value) -> Vec<(Method, String, Value, u16, &'static str)> {
    let (anonymous, empty) =
        (format!("/v1/devis/{}", anonymous["devID"]), format!("/v1/devis/{}", empty["devID"]));
    let line = |line: Value| json!({ "lignes": [line] });
    vec![
        (Method::GET, "/v1/client?page=0".into(), Value::Null, 400, "BAD_PARAMETER"),
        (Method::POST, "/v1/client".into(), json!([]), 400, "BAD_JSON"),
        (Method::POST, "/v1/client".into(), json!({}), 400, "MISSING_FIELD"),
        (Method::PUT, "/v1/client/87".into(), json!({}), 403, "CLIENT_DIVERS_READONLY"),
        (Method::GET, "/v1/client/1".into(), Value::Null, 404, "NOT_FOUND"),
        (Method::GET, "/v1/facture".into(), Value::Null, 404, "ROUTE_NOT_FOUND"),
        (Method::DELETE, "/v1/client/30".into(), Value::Null, 405, "METHOD_NOT_ALLOWED"),
        (Method::PUT, "/v1/client/30".into(), json!({ "cliCode": "CLI00001" }), 409, "DUPLICATE_CODE"),
        (
            Method::PUT,
            "/v1/client/30".into(),
            json!({ "cliRefExterne": "BOUTIQUE-2001" }),
            409,
            "DUPLICATE_REF",
        ),
        (Method::POST, "/v1/prospect/12/client".into(), Value::Null, 409, "ALREADY_CONVERTED"),
        (Method::PUT, "/v1/client/30".into(), json!({ "cliEmail": "x" }), 422, "VALIDATION"),
        (Method::PUT, "/v1/client/30".into(), json!({ "racineID": 5 }), 422, "RACINE_NOT_ALLOWED"),
        (Method::POST, "/v1/devis".into(), json!({ "cliID": 1 }), 422, "CLIENT_UNKNOWN"),
        (Method::POST, "/v1/devis".into(), json!({ "cliID": 30, "pecID": 11 }), 422, "CLIENT_AND_PROSPECT"),
        (Method::POST, format!("{anonymous}/commande"), Value::Null, 422, "CLIENT_DIVERS"),
        (Method::POST, format!("{empty}/commande"), Value::Null, 422, "EMPTY_DOCUMENT"),
        (
            Method::POST,
            "/v1/devis".into(),
            line(json!({ "artID": 1, "quantite": 1 })),
            422,
            "ARTICLE_UNKNOWN",
        ),
        (
            Method::POST,
            "/v1/devis".into(),
            line(json!({ "artCode": "SVC-004", "quantite": 1 })),
            422,
            "ARTICLE_NOT_SELLABLE",
        ),
        (
            Method::POST,
            "/v1/devis".into(),
            line(json!({ "artCode": "LIV-001", "quantite": 1, "remisePct": 1 })),
            422,
            "NOT_DISCOUNTABLE",
        ),
        (Method::POST, "/v1/devis".into(), json!({ "cliID": 48 }), 422, "DISABLED"),
        (Method::DELETE, empty.clone(), Value::Null, 204, ""),
        (Method::DELETE, empty, Value::Null, 409, "DEVIS_LOCKED"),
        (Method::PUT, format!("{anonymous}/client"), json!({ "cliID": 30 }), 200, ""),
        (Method::POST, format!("{anonymous}/commande"), Value::Null, 201, ""),
        (Method::POST, format!("{anonymous}/commande"), Value::Null, 409, "ALREADY_TRANSFORMED"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_the_sheet_can_be_met() {
    let shop = Shop::open().await;
    let anonymous = shop.create("/v1/devis", json!({ "lignes": [{ "artID": 1001, "quantite": 1 }] })).await;
    let empty = shop.create("/v1/devis", json!({ "cliID": 30 })).await;
    let mut met: BTreeSet<&str> = BTreeSet::new();
    for (method, path, body, status, code) in business(&anonymous, &empty) {
        let answer = shop.call(method, &path, body).await;
        if code.is_empty() {
            assert_eq!(answer.status, status, "{path}: {}", answer.body);
        } else {
            refused(&answer, status, code);
            met.insert(code);
        }
    }
    met.extend(of_bodies(&shop).await);
    met.extend(of_entry(&shop).await);
    met.extend(of_settings().await);
    let report = send(shop.app.control(Method::GET, "/sandboxes/default/report")).await.json();
    let rules: BTreeSet<&str> = report["violations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| found["rule"].as_str().unwrap())
        .collect();
    let expected = ["body", "content-type", "parameter", "path", "required", "type", "verb"];
    assert_eq!(rules, expected.into());
    let expected: BTreeSet<&str> = CODES.iter().copied().collect();
    assert_eq!(met, expected);
}

async fn of_bodies(shop: &Shop) -> Vec<&'static str> {
    let post = |media: &str| shop.request(Method::POST, "/v1/client").header("content-type", media);
    refused(&send(post("text/xml").body("<a/>")).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let large = send(post("application/json").body(" ".repeat((1 << 20) + 1))).await;
    refused(&large, 413, "PAYLOAD_TOO_LARGE");
    shop.app.fault(json!({ "server": SLUG, "when": { "nth": 1 }, "then": { "status": 500 } })).await;
    refused(&shop.call(Method::GET, "/v1/client", Value::Null).await, 500, "INTERNAL");
    vec!["UNSUPPORTED_MEDIA_TYPE", "PAYLOAD_TOO_LARGE", "INTERNAL"]
}

async fn of_entry(shop: &Shop) -> Vec<&'static str> {
    let app = &shop.app;
    let get = || app.request(SLUG, Method::GET, "/v1/client");
    refused(&send(get()).await, 401, "API_KEY_MISSING");
    refused(&send(get().header("api_key", "x")).await, 401, "API_KEY_INVALID");
    refused(&send(get().header("api_key", KEY)).await, 401, "TOKEN_MISSING");
    refused(&send(get().header("api_key", KEY).header("token", "x")).await, 401, "TOKEN_INVALID");
    for (user, password, status, code) in [
        ("CLIENTREST", "x", 401, "INVALID_CREDENTIALS"),
        ("DESACTIVE", "desactive", 403, "USER_DISABLED"),
        ("ADMIN", "admin", 403, "ADMIN_NOT_ALLOWED"),
        ("SANSREST", "sansrest", 403, "REST_NOT_ALLOWED"),
    ] {
        refused(&send(login(app, &credentials(user, password))).await, status, code);
    }
    app.advance("PT2H").await;
    refused(&shop.call(Method::GET, "/v1/client", Value::Null).await, 401, "TOKEN_EXPIRED");
    vec![
        "API_KEY_MISSING",
        "API_KEY_INVALID",
        "TOKEN_MISSING",
        "TOKEN_INVALID",
        "TOKEN_EXPIRED",
        "INVALID_CREDENTIALS",
        "USER_DISABLED",
        "ADMIN_NOT_ALLOWED",
        "REST_NOT_ALLOWED",
    ]
}

async fn of_settings() -> Vec<&'static str> {
    let app = App::scenario(&super::scenario("{ rest_licence: false }")).await;
    refused(&send(login(&app, &credentials("CLIENTREST", "clientrest"))).await, 403, "LICENCE_INVALID");
    app.load("default", "name: strict\nstrict: true").await;
    let token = token(&app).await;
    let unknown = bare(&app, Method::POST, "/v1/client")
        .header("token", &token)
        .json(&json!({ "fax": 1, "cliRaisonSociale": "X" }));
    refused(&send(unknown).await, 422, "UNKNOWN_FIELD");
    assert_eq!(
        send(app.control(Method::DELETE, "/sandboxes/default/data/8sens/racine/129")).await.status,
        204
    );
    let create = bare(&app, Method::POST, "/v1/client").header("token", &token);
    refused(&send(create.json(&json!({ "cliRaisonSociale": "X" }))).await, 503, "SERVER_NOT_READY");
    vec!["LICENCE_INVALID", "UNKNOWN_FIELD", "SERVER_NOT_READY"]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_lists_every_code_of_refusals() {
    let app = App::start().await;
    let contract = send(app.control(Method::GET, "/servers/8sens/contract")).await.json();
    let code = &contract["components"]["schemas"]["Error"]["properties"]["code"];
    let listed = code["enum"].as_array().unwrap_or_else(|| panic!("no list: {code}"));
    for known in CODES {
        assert!(listed.contains(&json!(known)), "{known}: {listed:?}");
    }
}
