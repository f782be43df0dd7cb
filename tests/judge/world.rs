//! The judge over reset, restore, an emptied journal and a restart; effects in the journal.

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};
use simhost::sandbox::sandboxes::Options;

use crate::support::{App, send, try_send};

async fn movement(app: &App, quantity: i64) {
    let request =
        app.request("onlineerp", Method::POST, "/api/Entity/ProductTrail").header("COMPANY_ID", "0");
    let body = json!({ "NoProduit": "BOLT-M8", "Quantitee": quantity });
    drop(try_send(request.basic_auth("DEMO-LICENCE", Some("demo-secret")).json(&body)).await);
}

async fn lose_the_first(app: &App) {
    app.fault(json!({
        "server": "onlineerp", "when": { "method": "POST", "nth": 1 }, "then": { "lose_response": true },
    }))
    .await;
}

async fn verdicts(app: &App) -> Vec<Value> {
    let report = send(app.control(Method::GET, "/sandboxes/default/report")).await.json();
    report["verdicts"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verdict_outlives_the_journal_and_ids_never_start_again() {
    let app = App::start().await;
    lose_the_first(&app).await;
    movement(&app, 1).await;
    send(app.control(Method::DELETE, "/sandboxes/default/journal")).await;
    movement(&app, 1).await;
    let said = verdicts(&app).await;
    assert_eq!((&said[0]["verdict"], &said[0]["requests"]), (&json!("done_twice"), &json!([1, 2])));
    assert_eq!((&said[0]["server"], &said[0]["severity"]), (&json!("onlineerp"), &json!("error")));
    assert!(said[0]["message"].is_string() && said[0]["advice"].is_string());
    for call in ["snapshots/s", "snapshots/s/restore"] {
        let method = if call.ends_with('e') { Method::POST } else { Method::PUT };
        let answer = send(app.control(method, &format!("/sandboxes/default/{call}"))).await;
        assert!(answer.status.is_success(), "{}", answer.body);
    }
    movement(&app, 2).await;
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    assert!(verdicts(&app).await.is_empty(), "the world begins anew");
    movement(&app, 3).await;
    assert_eq!(app.journal("default").await[0]["id"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_forgets_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let options = || Options { data_dir: Some(folder.path().to_owned()), ..Options::default() };
    let config = || Config { options: options(), ..Config::default() };
    let app = App::with(config()).await;
    lose_the_first(&app).await;
    movement(&app, 1).await;
    movement(&app, 2).await;
    app.stop().await;
    let app = App::with(config()).await;
    movement(&app, 1).await;
    let said = verdicts(&app).await;
    assert_eq!((&said[0]["verdict"], &said[0]["requests"]), (&json!("done_twice"), &json!([1, 3])));
    app.stop().await;
    let app = App::with(config()).await;
    assert_eq!(verdicts(&app).await, said);
}

/// The effects of a call to a server, as the journal has them.
async fn effects(app: &App, request: reqwest::RequestBuilder) -> Value {
    drop(try_send(request).await);
    app.journal("default").await.pop().unwrap()["effects"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn effects_stand_in_the_journal() {
    let app = App::start().await;
    let call = |method: Method, path: &str, body: Value| {
        let request = app.request("onlineerp", method, &format!("/api/Entity/{path}"));
        let request = request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("COMPANY_ID", "0");
        if body.is_null() { request } else { request.json(&body) }
    };
    let page =
        effects(&app, call(Method::GET, "Product?$top=5&$skip=5&$orderby=NoProduit", Value::Null)).await;
    let total = &page["delivered"][0]["total"];
    let list = json!({ "entity": "Product", "company": "0", "rows": 5, "total": total, "offset": 5 });
    assert_eq!(page, json!({ "delivered": [list] }));
    assert!(total.as_u64().unwrap() > 10);
    let one = json!({ "entity": "Product", "company": "0", "rows": 1, "total": 1, "offset": 0 });
    assert_eq!(
        effects(&app, call(Method::GET, "Product/BOLT-M8", Value::Null)).await,
        json!({ "delivered": [one] })
    );
    let same = send(call(Method::GET, "Product/BOLT-M8", Value::Null)).await.json();
    let key = &same["NoUniqueSystemeSource"];
    let product = json!({ "entity": "Product", "key": key, "company": "0" });
    let unchanged =
        effects(&app, call(Method::PUT, "Product/BOLT-M8", json!({ "Description": same["Description"] })));
    assert_eq!(unchanged.await, json!({ "unchanged": [product] }));
    let mut changed = product.clone();
    changed["fields"] = json!(["Description"]);
    let change = effects(&app, call(Method::PUT, "Product/BOLT-M8", json!({ "Description": "x" }))).await;
    assert_eq!(change, json!({ "changed": [changed] }));
    let batch =
        json!([{ "NoProduit": "BOLT-M8", "Quantitee": 1 }, { "NoProduit": "NOBODY", "Quantitee": 1 }]);
    let batch = effects(&app, call(Method::POST, "ProductTrail", batch)).await;
    assert_eq!(batch["created"][0]["entity"], "ProductTrail");
    assert_eq!(batch["changed"][0]["fields"], json!(["QteEnMain"]));
    let refused = &batch["refused"][0];
    assert_eq!((&refused["entity"], &refused["index"]), (&json!("ProductTrail"), &json!(1)));
    let refused =
        effects(&app, call(Method::POST, "Customer", json!({ "NoClient": "C0187", "NomClient": "x" }))).await;
    assert_eq!(refused["refused"][0]["key"], "C0187");
    assert!(refused.get("created").is_none() && refused["refused"][0]["reason"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_refused_again_is_one_fact() {
    let app = App::start().await;
    let batch = json!([
        { "NoProduit": "BOLT-M8", "Quantitee": 1 },
        { "NoProduit": "NO-1", "Quantitee": 1 },
        { "NoProduit": "NO-2", "Quantitee": 1 },
    ]);
    for (times, requests) in [(1, json!([1])), (2, json!([1, 2]))] {
        let request = app.request("onlineerp", Method::POST, "/api/Entity/ProductTrail");
        let request = request.header("COMPANY_ID", "0").basic_auth("DEMO-LICENCE", Some("demo-secret"));
        send(request.json(&batch)).await;
        let said = verdicts(&app).await;
        assert_eq!(said.len(), 1, "{times}: {said:?}");
        assert_eq!((&said[0]["verdict"], &said[0]["requests"]), (&json!("refusal_ignored"), &requests));
    }
}
