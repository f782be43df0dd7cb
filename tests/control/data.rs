//! Records past the vendor's rules, and the back office.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn records_are_read_written_and_removed() {
    let app = App::start().await;
    let products = "/sandboxes/default/data/onlineerp/Product";
    let before = get(&app, products).await;
    assert_eq!(before["total"].as_u64(), before["items"].as_array().map(|items| items.len() as u64));
    let created =
        call(&app, Method::POST, products, Some(json!({ "NoProduit": "D-1", "QteEnMain": 7 })), 201)
            .await
            .json();
    assert_eq!(
        (&created["QteEnMain"], &created["_company"]),
        (&json!(7), &json!("0")),
        "read-only fields can be set"
    );
    let key = created["NoUniqueSystemeSource"].as_str().expect("a key").to_owned();
    let one = format!("{products}/{key}");
    let changed = call(&app, Method::PUT, &one, Some(json!({ "Description": "x", "_segmented": true })), 200)
        .await
        .json();
    assert_eq!((&changed["QteEnMain"], &changed["_segmented"]), (&json!(7), &json!(true)), "the others stay");
    assert_eq!(get(&app, &format!("{products}/D-1")).await["Description"], "x", "by business number too");
    call(&app, Method::DELETE, &one, None, 204).await;
    call(&app, Method::GET, &one, None, 404).await;
    call(&app, Method::POST, products, Some(json!({ "NoProduit": "BOLT-M8" })), 409).await;
    call(&app, Method::POST, products, Some(json!({ "PrixVente": "x" })), 400).await;
    call(&app, Method::GET, "/sandboxes/default/data/onlineerp/Produkt", None, 404).await;
    call(&app, Method::GET, "/sandboxes/default/data/onlinerp/Product", None, 404).await;
    assert_eq!(get(&app, products).await["total"], before["total"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn companies_have_their_own_records() {
    let app = App::start().await;
    let of = |company: &str| format!("/sandboxes/default/data/onlineerp/WorkOrder?company={company}");
    assert_eq!(get(&app, &of("0")).await["total"], 0);
    assert_eq!(get(&app, &of("4")).await["total"], 20);
    let created = call(&app, Method::POST, &of("4"), Some(json!({ "Description": "x" })), 201).await.json();
    assert_eq!(created["_company"], "4");
    assert_eq!(get(&app, &of("4")).await["total"], 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_array_is_created_whole_or_not_at_all() {
    let app = App::start().await;
    let products = "/sandboxes/default/data/onlineerp/Product";
    let before = get(&app, products).await["total"].clone();
    let half = json!([{ "NoProduit": "A-1" }, { "NoProduit": "A-1" }]);
    call(&app, Method::POST, products, Some(half), 409).await;
    assert_eq!(get(&app, products).await["total"], before);
    let both = json!([{ "NoProduit": "A-1" }, { "NoProduit": "A-2" }]);
    let created = call(&app, Method::POST, products, Some(both), 201).await.json();
    assert_eq!(created.as_array().map(Vec::len), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_listed_and_checked() {
    let app = App::start().await;
    let actions = get(&app, "/sandboxes/default/actions").await;
    let names: Vec<&str> =
        actions["items"].as_array().unwrap().iter().filter_map(|action| action["action"].as_str()).collect();
    for name in ["robot-offline", "robot-online", "lock-record", "unlock-record"] {
        assert!(names.contains(&name), "{name}");
    }
    let schema = &actions["items"][2]["parameters"];
    assert_eq!(schema["type"], "object", "{actions}");
    let lock = "/sandboxes/default/actions/onlineerp/lock-record";
    for (with, status) in [
        (json!({ "entity": "Product", "id": "BOLT-M8" }), 200),
        (json!({ "entity": "Product" }), 400),
        (json!({ "entity": "Product", "id": "BOLT-M8", "how": 1 }), 400),
        (json!({ "entity": "Product", "id": ["BOLT-M8"] }), 400),
        (json!({ "entity": "Product", "id": "nothing" }), 404),
    ] {
        call(&app, Method::POST, lock, Some(with), status).await;
    }
    call(&app, Method::POST, "/sandboxes/default/actions/onlineerp/lock", Some(json!({})), 404).await;
}
