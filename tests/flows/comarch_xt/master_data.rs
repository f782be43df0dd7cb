//! Payment methods, bank accounts, print templates (fact sheet 4.3, 4.4, 4.7).

use reqwest::Method;
use serde_json::json;

use super::{Client, assert_refused, keys};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn payment_methods() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let list = client.read("paymenttypes").await;
    assert_eq!(list.as_array().unwrap().len(), 5);
    assert_eq!(keys(&list[0]), ["$id", "Name", "Primary", "Deadline", "Type", "Id"]);
    let good = json!({ "Name": "Nachnahme", "Primary": false, "Deadline": 21, "Type": 2 });
    for (field, value) in [
        ("Name", json!("")),
        ("Deadline", json!(null)),
        ("Deadline", json!(-1)),
        ("Deadline", json!(367)),
        ("Type", json!(null)),
        ("Type", json!(3)),
        ("Primary", json!("ja")),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_refused(&client.post("paymenttypes", body).await, "ValidationException");
    }
    let id = client.create("paymenttypes", good).await;
    for deadline in [0, 366] {
        let body = json!({ "Id": id, "Name": "Lastschrift", "Deadline": deadline, "Type": 1 });
        client.change("paymenttypes", body).await;
        assert_eq!(client.read(&format!("paymenttypes/{id}")).await["Deadline"], deadline);
    }
    assert_refused(
        &client.put("paymenttypes", json!({ "Id": id, "Name": "x" })).await,
        "ValidationException",
    );
    assert_eq!(client.delete(&format!("paymenttypes/{id}")).await.status, 204);
    assert_refused(&client.delete("paymenttypes/10260102").await, "EntityInUseException");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_payment_method_is_the_primary_one() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let body = json!({ "Name": "Neu", "Primary": true, "Deadline": 3, "Type": 1 });
    let id = client.create("paymenttypes", body).await;
    let primary = client.read("paymenttypes?$filter=Primary eq true").await;
    assert_eq!(primary.as_array().unwrap().len(), 1);
    assert_eq!(primary[0]["Id"], id);
    assert_refused(&client.delete(&format!("paymenttypes/{id}")).await, "ValidationException");
    let back = json!({ "Id": 10_260_101, "Name": "Bar", "Primary": true, "Deadline": 0, "Type": 0 });
    client.change("paymenttypes", back).await;
    assert_eq!(client.read(&format!("paymenttypes/{id}")).await["Primary"], false);
    assert_eq!(client.delete(&format!("paymenttypes/{id}")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn bank_accounts() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let list = client.read("bankaccounts").await;
    assert_eq!(
        keys(&list[0]),
        ["$id", "AccountNumber", "BankName", "Symbol", "ReportingPeriod", "Primary", "Id"]
    );
    let good = json!({ "AccountNumber": "DE1", "Symbol": "N", "ReportingPeriod": 1, "Primary": true });
    for (field, value) in [
        ("AccountNumber", json!(null)),
        ("Symbol", json!("")),
        ("ReportingPeriod", json!(null)),
        ("ReportingPeriod", json!(0)),
        ("ReportingPeriod", json!(5)),
    ] {
        let mut body = good.clone();
        body[field] = value;
        assert_refused(&client.post("bankaccounts", body).await, "ValidationException");
    }
    let id = client.create("bankaccounts", good).await;
    let primary = client.read("bankaccounts?$filter=Primary eq true").await;
    assert_eq!(primary[0]["Id"], id);
    assert_eq!(primary.as_array().unwrap().len(), 1);
    let body = json!({ "Id": id, "AccountNumber": "DE2", "Symbol": "N", "ReportingPeriod": 4 });
    client.change("bankaccounts", body).await;
    let account = client.read(&format!("bankaccounts/{id}")).await;
    assert_eq!((&account["AccountNumber"], &account["Primary"]), (&json!("DE2"), &json!(false)));
    assert_eq!(client.delete(&format!("bankaccounts/{id}")).await.status, 204);
    let mut invoice = super::invoice();
    invoice["BankAccountId"] = 10_176_501.into();
    client.create("invoices", invoice).await;
    assert_refused(&client.delete("bankaccounts/10176501").await, "EntityInUseException");
}

#[tokio::test(flavor = "multi_thread")]
async fn print_templates_are_read_only() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let list = client.read("customprints").await;
    assert_eq!(list.as_array().unwrap().len(), 3);
    assert_eq!(keys(&list[0]), ["Name", "Language", "Type", "Id"], "no $id here");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD, Method::OPTIONS] {
        let answer = send(client.request(method.clone(), "customprints").json(&json!({}))).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET"), "{method}");
    }
    assert_eq!(client.get("customprints/10161101").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn master_data_can_be_read_only() {
    let app =
        App::scenario("name: x\nservers: { comarch-xt: { settings: { master_data_read_only: true } } }")
            .await;
    let client = Client::of(&app).await;
    for resource in ["paymenttypes", "bankaccounts"] {
        client.read(resource).await;
        let post = client.post(resource, json!({})).await;
        assert_eq!((post.status.as_u16(), post.header("allow")), (405, "GET"), "{resource}");
        let first = client.read(resource).await[0]["Id"].to_string();
        assert_eq!(client.delete(&format!("{resource}/{first}")).await.status, 405);
    }
    assert_eq!(client.post("products", json!({})).await.status, 400);
}
