//! Strict mode: what the German pages do not say is refused (DECISIONS).

use serde_json::json;

use super::{Client, assert_refused};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn the_german_edition_is_what_its_pages_say() {
    let app = App::scenario("name: x\nstrict: true").await;
    let client = Client::of(&app).await;
    for path in ["v1.1/invoices", "v1.2/customers", "v1.4/proformas"] {
        assert_eq!(client.get(path).await.status, 404, "{path}");
    }
    for option in ["$filter=Id eq 1", "$orderby=Id", "$skip=0", "$top=1", "$fts='a'"] {
        assert_refused(&client.get(&format!("products?{option}")).await, "QueryException");
    }
    for resource in ["paymenttypes", "bankaccounts"] {
        client.read(resource).await;
        assert_eq!(client.post(resource, json!({})).await.header("allow"), "GET", "{resource}");
        let one = client.read(resource).await[0]["Id"].to_string();
        client.read(&format!("{resource}/{one}")).await;
        assert_eq!(client.delete(&format!("{resource}/{one}")).await.status, 405);
    }
    assert_eq!(client.delete("proformas").await.header("allow"), "GET, POST, PUT");
    client.invoice().await;
    client.read("products").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_polish_pages_say_more() {
    let app =
        App::scenario("name: x\nstrict: true\nservers: { comarch-xt: { settings: { edition: pl } } }").await;
    let client = Client::of(&app).await;
    client.read("v1.2/customers?$filter=Name eq 'a'&$top=1").await;
    client.create("paymenttypes", json!({ "Name": "A", "Deadline": 1, "Type": 1 })).await;
}
