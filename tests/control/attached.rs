//! The library's own view of a running Erpsatz.

use erpsatz::{ControlError, Data, Erpsatz, NewSandbox};
use reqwest::Method;
use serde_json::json;

use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_test_in_rust_has_everything() {
    let app = App::start().await;
    let attached = Erpsatz::attach(app.control_url()).await.unwrap();
    let wish = NewSandbox { name: Some("t1".to_owned()), seed: Some(4), ..NewSandbox::default() };
    let erp = attached.sandbox_with(wish.clone()).await.unwrap();
    assert_eq!(erp.url("weavy").unwrap(), format!("{}/~t1", app.url("weavy")));
    assert_eq!(erp.https_url("weavy").unwrap(), erp.url("weavy").unwrap().replace("http://", "https://"));
    assert!(attached.ca_pem().await.unwrap().starts_with("-----BEGIN CERTIFICATE-----"));
    assert_eq!((erp.url("weavi"), erp.credential("weavy", "project")), (None, Some("DEMO")));
    match attached.sandbox_with(wish).await {
        Err(ControlError::Refused { status: 409, .. }) => {}
        other => panic!("{other:?}"),
    }

    erp.snapshot("before").await.unwrap();
    let fault = erp.add_fault(&json!({ "server": "onlineerp", "then": { "status": 500 } })).await.unwrap();
    assert_eq!((&fault["id"], &erp.faults().await.unwrap()["total"]), (&json!("fault-1"), &json!(1)));
    let other = json!({ "id": "other", "server": "weavy", "then": { "status": 500 } });
    erp.add_fault(&other).await.unwrap();
    erp.remove_fault("other").await.unwrap();
    assert_eq!(erp.faults().await.unwrap()["total"], 1);
    erp.clear_faults().await.unwrap();
    let frozen = erp.change_clock(&json!({ "advance": "PT1M", "frozen": true })).await.unwrap();
    assert_eq!(erp.clock().await.unwrap(), frozen);
    let products = erp.data("onlineerp", "Product");
    let total = products_are_written_and_read(&products).await;
    erp.act("onlineerp", "robot-offline", &json!({})).await.unwrap();
    erp.change_settings("comarch-xt", &json!({ "token_lifetime": 7 })).await.unwrap();
    erp.restore("before").await.unwrap();
    assert_ne!(erp.settings("comarch-xt").await.unwrap()["token_lifetime"], 7);
    assert_ne!(erp.data("onlineerp", "Product").list().await.unwrap()["total"].as_u64(), total);
    assert_eq!(erp.journal().await.unwrap()["total"], 0);
    erp.assert_passed().await;

    erp.load(&json!("robot-offline")).await.unwrap();
    erp.load(&json!({ "name": "own", "seed": 3 })).await.unwrap();
    let once =
        json!({ "request": { "server": "weavy", "path": "/v1/Authenticate" }, "times": { "exactly": 1 } });
    erp.expect(&once).await.unwrap();
    assert_eq!(erp.verify(&once).await.unwrap()["met"], false);
    assert_eq!(erp.report().await.unwrap()["ok"], false);
    let judged = tokio::spawn({
        let erp = erp.clone();
        async move { erp.assert_passed().await }
    });
    let said = judged.await.expect_err("it panics").into_panic();
    let said = said.downcast_ref::<String>().expect("a text").clone();
    assert!(said.contains("sandbox t1") && said.contains("never came"), "{said}");
    erp.reset().await.unwrap();
    erp.clone().delete().await.unwrap();
    erp.delete().await.unwrap();
    let lost = attached.sandbox().await.unwrap();
    attached.call(Method::DELETE, &format!("/sandboxes/{}", lost.name()), None).await.unwrap();
    assert!(matches!(lost.report().await, Err(ControlError::Lost { .. })));
    let anew = NewSandbox { name: Some(lost.name().to_owned()), ..NewSandbox::default() };
    let anew = attached.sandbox_with(anew).await.unwrap();
    assert!(anew.id() > lost.id());
    let said = lost.reset().await.unwrap_err().to_string();
    assert!(said.starts_with(&format!("the sandbox was lost: {}", lost.name())), "{said}");
    assert!(matches!(Erpsatz::attach("http://127.0.0.1:9").await, Err(ControlError::Unreachable(_))));
}

/// How many products there are then.
async fn products_are_written_and_read(products: &Data<'_>) -> Option<u64> {
    products.add(&json!({ "NoProduit": "NEW" })).await.unwrap();
    let total = products.list().await.unwrap()["total"].as_u64();
    products.put("NEW", &json!({ "Description": "Vis" })).await.unwrap();
    assert_eq!(products.get("NEW").await.unwrap()["Description"], "Vis");
    let elsewhere = products.clone().of_company("1");
    assert!(matches!(elsewhere.get("NEW").await, Err(ControlError::Refused { status: 404, .. })));
    elsewhere.add(&json!({ "NoProduit": "NEW" })).await.unwrap();
    elsewhere.delete("NEW").await.unwrap();
    assert_eq!(products.list().await.unwrap()["total"].as_u64(), total);
    total
}
