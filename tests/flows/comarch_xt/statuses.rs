//! Status codes and error bodies (fact sheet 7), for every resource and verb.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::{BASE, Client, SLUG, assert_refused, invoice, keys, proforma};
use crate::support::{App, send};

/// Every resource that can be written, with its name in errors and a body that is good.
fn resources() -> [(&'static str, &'static str, Value); 6] {
    [
        ("products", "Product", json!({ "Name": "A", "UnitOfMeasurment": "Stk.", "Rate": 9 })),
        ("customers", "Customer", json!({ "Name": "A" })),
        ("paymenttypes", "PaymentType", json!({ "Name": "A", "Deadline": 1, "Type": 1 })),
        ("bankaccounts", "BankAccount", json!({ "AccountNumber": "1", "Symbol": "A", "ReportingPeriod": 1 })),
        ("invoices", "Invoice", invoice()),
        ("proformas", "Proforma", proforma()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_verb_of_every_resource() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for (resource, _, mut body) in resources() {
        let post = client.post(resource, body.clone()).await;
        assert_eq!(post.status, 200, "{resource}: {}", post.body);
        assert!(post.body.bytes().all(|byte| byte.is_ascii_digit()), "{resource}: {}", post.body);
        assert!(post.body.len() >= 6, "{resource}: {}", post.body);
        assert_eq!(post.header("content-type"), "application/json; charset=utf-8");
        assert!(post.header("location").is_empty());
        let path = format!("{resource}/{}", post.body);
        assert_eq!(client.read(&path).await["Id"].to_string(), post.body);
        body["Id"] = post.json();
        let put = client.put(resource, body).await;
        assert_eq!((put.status.as_u16(), put.body.as_str()), (204, ""), "{resource}");
        let delete = client.delete(&path).await;
        assert_eq!((delete.status.as_u16(), delete.body.as_str()), (204, ""), "{resource}");
        assert_eq!(client.get(&path).await.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_ids() {
    for (setting, status) in [("404", StatusCode::NOT_FOUND), ("400", StatusCode::BAD_REQUEST)] {
        let scenario =
            format!("name: x\nservers: {{ comarch-xt: {{ settings: {{ unknown_id_status: {setting} }} }} }}");
        let app = App::scenario(&scenario).await;
        let client = Client::of(&app).await;
        for (resource, entity, mut body) in resources() {
            let expected = format!(
                r#"{{"Message":"No row with the given identifier exists[{entity}#77]","Data":{{"EntityId":"77","EntityName":"{entity}"}},"Code":"EntityNotFoundException"}}"#
            );
            body["Id"] = 77.into();
            for answer in [
                client.get(&format!("{resource}/77")).await,
                client.put(resource, body).await,
                client.delete(&format!("{resource}/77")).await,
            ] {
                assert_eq!((answer.status, answer.body.as_str()), (status, expected.as_str()));
            }
            for odd in ["abc", "1.5", "99999999999999999999", "%20"] {
                assert_refused(&client.get(&format!("{resource}/{odd}")).await, "ArgumentException");
                assert_refused(&client.delete(&format!("{resource}/{odd}")).await, "ArgumentException");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_none() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let json = "application/json";
    for (resource, _, body) in resources() {
        let good = body.to_string();
        for (media, body) in [
            (json, ""),
            (json, "null"),
            (json, "[]"),
            (json, "{\"Name\":"),
            (json, "Name=A"),
            ("text/plain", good.as_str()),
            ("application/x-www-form-urlencoded", &good),
            ("", &good),
        ] {
            for method in [Method::POST, Method::PUT] {
                let request = client.request(method, resource);
                let request = if media.is_empty() { request } else { request.header("content-type", media) };
                assert_refused(&send(request.body(body.to_owned())).await, "ValidationException");
            }
        }
        let request =
            client.request(Method::POST, resource).header("content-type", "text/JSON; charset=utf-8");
        assert_eq!(send(request.body(format!("\u{feff}{good}"))).await.status, 200, "{resource}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_verbs_come_before_credentials() {
    let app = App::start().await;
    let plain = |method: Method, path: &str| send(app.request(SLUG, method, path));
    for path in [
        "/",
        "/api2",
        "/api2/public",
        "/api/public/products",
        "/api2/public/orders",
        "/api2/public/products/1/2",
    ] {
        let answer = plain(Method::GET, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(keys(&answer.json()), ["Message"], "{path}");
    }
    for (resource, _, _) in resources() {
        for method in [Method::PATCH, Method::HEAD, Method::OPTIONS] {
            let answer = plain(method.clone(), &format!("{BASE}/{resource}")).await;
            assert_eq!(answer.status, 405, "{method} {resource}");
            let expected = if resource == "proformas" { "GET, POST, PUT, DELETE" } else { "GET, POST, PUT" };
            assert_eq!(answer.header("allow"), expected);
        }
        let one = plain(Method::PUT, &format!("{BASE}/{resource}/1")).await;
        assert_eq!((one.status.as_u16(), one.header("allow")), (405, "GET, DELETE"), "{resource}");
        assert_eq!(keys(&one.json()), ["Message"]);
        for method in [Method::GET, Method::POST, Method::PUT] {
            let answer = plain(method.clone(), &format!("{BASE}/{resource}")).await;
            assert_eq!(answer.status, 401, "{method} {resource}");
        }
        assert_eq!(plain(Method::DELETE, &format!("{BASE}/{resource}/x")).await.status, 401, "{resource}");
    }
    let prefixed = plain(Method::GET, "/~t7/api2/public/orders").await.json();
    assert!(prefixed["Message"].as_str().unwrap().contains("'/~t7/api2/public/orders'"), "{prefixed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_speak_the_vendors_language() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for (resource, _, _) in resources() {
        let path = format!("{BASE}/{resource}");
        app.fault(json!({ "server": SLUG, "when": { "path": path, "times": 1 }, "then": { "status": 500 } }))
            .await;
        let answer = client.get(resource).await;
        assert_eq!(answer.status, 500, "{resource}");
        assert_eq!(answer.body, r#"{"Message":"An error has occurred."}"#);
        client.read(resource).await;
    }
    let limit = json!({ "server": SLUG, "when": { "path": format!("{BASE}/products") },
                        "then": { "rate_limit": { "limit": 1, "per": "PT1M" } } });
    app.fault(limit).await;
    client.read("products").await;
    let limited = client.get("products").await;
    assert_eq!((limited.status.as_u16(), keys(&limited.json())), (429, vec!["Message"]));
    assert!(!limited.header("retry-after").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_large_is_400() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let body = " ".repeat((32 << 20) + 1);
    let answer = send(client.request(Method::POST, "products").body(body)).await;
    assert_eq!((answer.status.as_u16(), keys(&answer.json())), (400, vec!["Message"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn sandboxes_do_not_see_each_other() {
    let app = App::start().await;
    let (one, two) = (Client::within(&app, "/~one").await, Client::within(&app, "/~two").await);
    let id = one.create("products", json!({ "Name": "A", "UnitOfMeasurment": "Stk.", "Rate": 9 })).await;
    assert_eq!(two.get(&format!("products/{id}")).await.status, 404);
    // A sandbox that has given no token knows none.
    let foreign = app.request(SLUG, Method::GET, &format!("/~three{BASE}/products"));
    let foreign = send(foreign.header("authorization", format!("Bearer {}", one.token))).await;
    assert_eq!(foreign.status, 401);
}
