//! Clients that get in one another's way.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::Weavy;
use crate::support::App;

/// Twenty clients send conflicting data sets and merges of the same customers.
#[tokio::test(flavor = "multi_thread")]
async fn no_update_is_lost_and_no_effect_is_half() {
    let app: &'static App = Box::leak(Box::new(App::start().await));
    let weavy = Weavy::of(app).await;
    for n in 0..4 {
        assert_eq!(
            weavy.post("Data/DEMO/customer", json!({ "customer_ID": format!("R{n}") })).await.status,
            200
        );
    }
    let clients = (0..20).map(|client| {
        let weavy = weavy.clone();
        tokio::spawn(async move {
            let mut added = Vec::new();
            for round in 0..5 {
                let (mine, other) = ((client + round) % 4, (client + round + 1) % 4);
                let code = format!("T{client}-{round}");
                let document = json!({ "customer": { "customer_ID": format!("R{mine}"), "comment": code,
                    "deal": [{ "deal_ID": code, "label": "kept" }] } });
                let answer = weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", document).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
                added.push(code.clone());
                if round % 2 == 0 {
                    let merge =
                        json!({ "sourceRowCode": format!("R{mine}"), "targetRowCode": format!("R{other}") });
                    let merged = weavy.post("data/DEMO/customer/mergeData", merge).await;
                    assert!([200, 404].contains(&merged.status.as_u16()), "{}", merged.body);
                }
                let broken = json!({ "customer": { "customer_ID": format!("R{other}"), "comment": "half",
                    "deal": [{ "deal_ID": format!("BAD{client}"), "generictype_ID_status": "NOPE" }] } });
                let answer = weavy.post("Data/DEMO/DataSet?deleteMode=0&serverExport=0", broken).await;
                assert_eq!(answer.status, 400);
            }
            added
        })
    });
    let mut expected = HashSet::new();
    for client in clients.collect::<Vec<_>>() {
        expected.extend(client.await.expect("no panic"));
    }
    let deals = weavy
        .select(json!({ "entityName": "deal", "filterFields": [
        { "fieldName": "deal_ID", "operator": "StartWith", "filterValues": ["T"] } ] }))
        .await;
    let found: HashSet<String> =
        deals.iter().map(|deal| deal["deal_ID"].as_str().unwrap().to_owned()).collect();
    assert_eq!(found, expected, "no update is lost");
    for deal in &deals {
        let customer = weavy.record("customer", deal["customer_ID"].as_str().unwrap()).await;
        assert_eq!(customer["srvAttrib"], 0, "{deal} refers to a deleted customer");
    }
    let half = weavy
        .select(json!({ "entityName": "customer", "filterFields": [
        { "fieldName": "comment", "operator": "Equal", "filterValues": ["half"] } ] }))
        .await;
    assert_eq!(half, Vec::<Value>::new(), "no effect is half");
}
