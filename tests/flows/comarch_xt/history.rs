//! The history of changes, with the application's name (fact sheet 3.1 and 5).

use serde_json::{Value, json};

use super::{Client, SLUG, invoice, proforma};
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
    body["PaymentTypeId"] = 10_260_101.into();
    body["IssueDate"] = "2024-03-04".into();
    body.as_object_mut().unwrap().remove("Items");
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
        ("Invoice", id, "changed", "Webshop"),
        ("Invoice", id, "paid", "Comarch ERP XT"),
        ("Invoice", id, "confirmed", "Comarch ERP XT"),
        ("Customer", customer, "deleted", "Webshop"),
    ];
    let expected: Vec<(Value, Value, Value, Value)> =
        expected.into_iter().map(|(a, b, c, d)| (a.into(), b.into(), c.into(), d.into())).collect();
    assert_eq!(seen, expected);
    fields_that_changed(&app.records(SLUG, "history").await);
}

/// What the entries of that life say of its fields.
fn fields_that_changed(history: &[Value]) {
    assert_eq!((&history[0]["Fields"], &history[6]["Fields"]), (&json!([]), &json!([])), "made and deleted");
    // Replaced lines are new ones.
    assert_eq!(history[2]["Fields"].as_array().unwrap().len(), 1, "{}", history[2]);
    assert_eq!(history[2]["Fields"][0]["Field"], "Items");
    let changed =
        |field: &str, before: &str, after: &str| json!({ "Field": field, "Before": before, "After": after });
    let fields = history[3]["Fields"].as_array().unwrap();
    assert!(fields.contains(&changed("PaymentTypeId", "10260102", "10260101")), "{fields:?}");
    assert!(fields.contains(&changed("IssueDate", "2024-03-01", "2024-03-04")), "{fields:?}");
    assert!(fields.iter().all(|it| it["Field"] != "Items"), "untouched lines: {fields:?}");
    assert_eq!(history[4]["Fields"], json!([changed("PaymentStatus", "0", "2")]));
    assert_eq!(history[5]["Fields"], json!([changed("Status", "0", "1")]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proforma_that_is_open_again_says_so() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("proformas", proforma()).await;
    let made = app.act(SLUG, "convert-proforma", json!({ "id": id })).await["InvoiceDocIdNum"].clone();
    assert_eq!(client.delete(&format!("invoices/{made}")).await.status, 204);
    assert_eq!(client.read(&format!("proformas/{id}")).await["Status"], 0);
    assert_eq!(client.delete(&format!("proformas/{id}")).await.status, 204, "it can go too");
    let history = app.records(SLUG, "history").await;
    let reopened = history.iter().find(|it| it["Change"] == "reopened").expect("an entry");
    assert_eq!((&reopened["EntityName"], &reopened["EntityId"]), (&json!("Proforma"), &json!(id)));
    assert_eq!(reopened["Fields"][0], json!({ "Field": "Status", "Before": "1", "After": "0" }));
}
