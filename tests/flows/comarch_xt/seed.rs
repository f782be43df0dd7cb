//! The seed document, line by line: what the fact sheet has from "API - Allgemeine Informationen".

use reqwest::Method;
use serde_json::{Value, json};

use super::{BASE, Client, SLUG, invoice, proforma};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn resources_verbs_and_statuses_of_the_page() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    // Seven resources, none with a version in its path.
    for resource in
        ["products", "customers", "paymenttypes", "bankaccounts", "invoices", "proformas", "customprints"]
    {
        assert!(client.read(resource).await.is_array(), "{resource}");
        let patched = send(client.request(Method::PATCH, resource).json(&json!({}))).await;
        assert_eq!(patched.status, 405, "{resource}");
    }
    let product = json!({ "Name": "Maus M1", "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleNetPrice": 20.00 });
    for (resource, body) in [
        ("products", product),
        ("customers", json!({ "Name": "Muster GmbH", "CustomerType": 1 })),
        ("invoices", invoice()),
        ("proformas", proforma()),
    ] {
        // 200 for GET and POST; PUT goes to the collection, its Id in the body; 204 has no body.
        let id = client.create(resource, body.clone()).await;
        assert_eq!(client.get(&format!("{resource}/{id}")).await.status, 200);
        let mut change = body;
        change["Id"] = id.into();
        client.change(resource, change).await;
        let gone = client.delete(&format!("{resource}/{id}")).await;
        assert_eq!((gone.status.as_u16(), gone.body.as_str()), (204, ""), "{resource}");
        assert_eq!(client.get(&format!("{resource}/{id}")).await.status, 404, "{resource}");
        assert_eq!(client.post(resource, json!({})).await.status, 400, "{resource}");
    }
    let stranger = app.request(SLUG, Method::GET, &format!("{BASE}/products"));
    assert_eq!(send(stranger).await.status, 401);
    app.act(SLUG, "block-account", json!({})).await;
    assert_eq!(client.get("products").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_through_the_api_is_in_the_history_with_the_applications_name() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("customers", json!({ "Name": "Kunde" })).await;
    let history = app.records(SLUG, "history").await;
    let entry: &Value = history.last().expect("an entry");
    assert_eq!((&entry["EntityId"], &entry["Application"]), (&json!(id), &json!("demo-client")));
}
