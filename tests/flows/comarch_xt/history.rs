//! The history of changes, with the application's name (fact sheet 3.1 and 5).

use serde_json::{Value, json};

use super::{Client, SLUG, invoice};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_noted() {
    let app = App::scenario(
        "name: x
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
servers: { comarch-xt: { settings: { clients: [{ id: demo-client, secret: demo-secret, application: Webshop }] } } }",
    )
    .await;
    let client = Client::of(&app).await;
    assert!(app.records(SLUG, "history").await.is_empty(), "seed data has none");
    let customer = client.create("customers", json!({ "Name": "Kunde" })).await;
    let id = client.invoice().await;
    let mut body = invoice();
    body["Id"] = id.into();
    client.change("invoices", body.clone()).await;
    body["PaymentTypeId"] = 1.into();
    assert_eq!(client.put("invoices", body).await.status, 400, "a refused change is none");
    app.act(SLUG, "record-payment", json!({ "id": id, "amount": 1 })).await;
    app.act(SLUG, "confirm-invoice", json!({ "id": id })).await;
    assert_eq!(client.delete(&format!("customers/{customer}")).await.status, 204);
    let seen: Vec<(Value, Value, Value, Value)> = app
        .records(SLUG, "history")
        .await
        .into_iter()
        .map(|it| {
            assert_eq!(it["At"], "2026-03-02T08:00:00Z");
            assert!(it["Id"].is_i64());
            (
                it["EntityName"].clone(),
                it["EntityId"].clone(),
                it["Change"].clone(),
                it["Application"].clone(),
            )
        })
        .collect();
    let expected = [
        ("Customer", customer, "created", "Webshop"),
        ("Invoice", id, "created", "Webshop"),
        ("Invoice", id, "changed", "Webshop"),
        ("Invoice", id, "paid", "Comarch ERP XT"),
        ("Invoice", id, "confirmed", "Comarch ERP XT"),
        ("Customer", customer, "deleted", "Webshop"),
    ];
    let expected: Vec<(Value, Value, Value, Value)> =
        expected.into_iter().map(|(a, b, c, d)| (a.into(), b.into(), c.into(), d.into())).collect();
    assert_eq!(seen, expected);
}
