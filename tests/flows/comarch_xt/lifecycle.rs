//! From the buffer to what is final: confirming, converting, paying (fact sheet 5).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, SLUG, assert_refused, invoice, proforma};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_invoice_can_only_be_read_and_printed() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.invoice().await;
    let changed = app.act(SLUG, "confirm-invoice", json!({ "id": id })).await;
    assert_eq!((&changed["Status"], &changed["Number"]), (&json!(1), &json!("FS/24/3/1")));
    let path = format!("invoices/{id}");
    assert_eq!(client.read(&path).await["Status"], 1);
    let mut body = invoice();
    body["Id"] = id.into();
    assert_refused(&client.put("invoices", body).await, "DocumentConfirmedException");
    assert_refused(&client.delete(&path).await, "DocumentConfirmedException");
    assert_eq!(client.get(&format!("{path}/print")).await.status, 200);
    let again = "/sandboxes/default/actions/comarch-xt/confirm-invoice";
    assert_eq!(send(app.control(Method::POST, again).json(&json!({ "id": id }))).await.status, 409);
    assert_eq!(send(app.control(Method::POST, again).json(&json!({ "id": 1 }))).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_confirm_call_of_the_versioned_paths() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for version in ["v1.2", "v1.4"] {
        let id = client.invoice().await;
        let path = format!("{version}/invoices/confirm");
        client.change(&path, json!({ "Id": id })).await;
        assert_eq!(client.read(&format!("invoices/{id}")).await["Status"], 1, "{version}");
        assert_refused(&client.put(&path, json!({ "Id": id })).await, "DocumentConfirmedException");
        assert_refused(&client.put(&path, json!({})).await, "ValidationException");
        assert_eq!(client.put(&path, json!({ "Id": 1 })).await.status, 404);
        let get = client.get(&path).await;
        assert_eq!((get.status.as_u16(), get.header("allow")), (405, "PUT"));
    }
    for path in ["invoices/confirm", "v1.1/invoices/confirm", "v1.2/proformas/confirm"] {
        assert_eq!(client.put(path, json!({ "Id": 1 })).await.status, 405, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_converted_proforma_names_its_invoice() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("proformas", proforma()).await;
    let open = client.read("proformas?$filter=InvoiceDocIdNum eq null").await.as_array().unwrap().len();
    let changed = app.act(SLUG, "convert-proforma", json!({ "id": id })).await;
    let path = format!("proformas/{id}");
    assert_eq!(client.read(&path).await["Status"], 1);
    let invoice = client.read(&format!("invoices/{}", changed["InvoiceDocIdNum"])).await;
    assert_eq!(invoice["Status"], 0, "in the buffer");
    assert_eq!(invoice["PurchasingPartyId"], 529_801);
    assert_eq!(invoice["Items"][0]["ProductCurrencyNetPrice"].to_string(), "38.50");
    assert!(invoice["Number"].as_str().unwrap().starts_with("FS/"));
    let still = client.read("proformas?$filter=InvoiceDocIdNum eq null").await.as_array().unwrap().len();
    assert_eq!(still, open - 1);
    let mut body = proforma();
    body["Id"] = id.into();
    assert_refused(&client.put("proformas", body).await, "DocumentConfirmedException");
    assert_refused(&client.delete(&path).await, "DocumentConfirmedException");
    let bulk = client.request(Method::DELETE, "proformas").json(&json!({ "IdCollection": [id] }));
    assert_refused(&send(bulk).await, "DocumentConfirmedException");
}

/// An invoice that waits in the buffer can be deleted; the proforma that it came of is then open again.
#[tokio::test(flavor = "multi_thread")]
async fn a_proforma_is_open_again_when_its_invoice_goes() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("proformas", proforma()).await;
    let state = async || {
        let all = app.records(SLUG, "proformas").await;
        let found = all.into_iter().find(|it| it["Id"] == id).expect("the proforma");
        (found["Status"].clone(), found["InvoiceDocIdNum"].clone())
    };
    let before = state().await;
    for _ in 0..2 {
        let changed = app.act(SLUG, "convert-proforma", json!({ "id": id })).await;
        assert_eq!(state().await, (json!(1), changed["InvoiceDocIdNum"].clone()));
        let deleted = client.delete(&format!("invoices/{}", changed["InvoiceDocIdNum"])).await;
        assert_eq!(deleted.status, 204, "{}", deleted.body);
        assert_eq!(state().await, before);
    }
    let mut body = proforma();
    body["Id"] = id.into();
    client.change("proformas", body).await;
}

/// So it is when a person deletes the invoice in the application.
#[tokio::test(flavor = "multi_thread")]
async fn a_proforma_is_open_again_when_control_or_a_step_deletes_its_invoice() {
    let app = App::scenario(
        "name: x
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
steps:
  - at: 1h
    do:
      - insert: { server: comarch-xt, entity: invoices, records: [{ Id: 18399999, PurchasingPartyId: 529801, PaymentTypeId: 10260101 }] }
      - insert: { server: comarch-xt, entity: proformas, records: [{ Id: 2799999, PurchasingPartyId: 529801, PaymentTypeId: 10260101, Status: 1, InvoiceDocIdNum: 18399999 }] }
  - { at: 2h, do: [{ delete: { server: comarch-xt, entity: invoices, key: '18399999' } }] }",
    )
    .await;
    let client = Client::of(&app).await;
    let id = client.create("proformas", proforma()).await;
    let made = app.act(SLUG, "convert-proforma", json!({ "id": id })).await["InvoiceDocIdNum"].clone();
    let url = format!("/sandboxes/default/data/{SLUG}/invoices/{made}");
    assert_eq!(send(app.control(Method::DELETE, &url)).await.status, 204);
    let clock = app.control(Method::PATCH, "/sandboxes/default/clock");
    assert_eq!(send(clock.json(&json!({ "advance": "PT3H" }))).await.status, 200);
    let client = Client::of(&app).await;
    for id in [id, 2_799_999] {
        let shown = client.read(&format!("v1.4/proformas/{id}")).await;
        assert_eq!((&shown["Status"], &shown["InvoiceDocIdNum"]), (&json!(0), &Value::Null), "{id}");
    }
    let history = app.records(SLUG, "history").await;
    let reopened = history.iter().filter(|it| it["Change"] == "reopened");
    assert!(reopened.clone().all(|it| it["Application"] == "Comarch ERP XT"));
    assert_eq!(reopened.count(), 2);
}

/// What a person writes in the application, or a scenario has, is the firm's day as well.
#[tokio::test(flavor = "multi_thread")]
async fn control_and_scenarios_turn_instants_into_the_firms_days() {
    let app = App::scenario(
        "name: x
servers:
  comarch-xt:
    records:
      invoices: [{ Id: 18399999, PurchasingPartyId: 529801, PaymentTypeId: 10260101, IssueDate: 2024-06-30T22:30:00Z }]",
    )
    .await;
    let client = Client::of(&app).await;
    assert_eq!(client.read("invoices/18399999").await["IssueDate"], "2024-07-01T00:00:00+02:00");
    let url = format!("/sandboxes/default/data/{SLUG}/invoices");
    let mut body = invoice();
    for (instant, day) in [
        ("2024-06-30T22:30:00Z", "2024-07-01"),
        ("2024-07-01T00:30:00+02:00", "2024-07-01"),
        ("2024-06-30T23:30:00", "2024-06-30"),
        ("2024-06-30", "2024-06-30"),
    ] {
        body["IssueDate"] = instant.into();
        let made = send(app.control(Method::POST, &url).json(&body)).await.json();
        assert_eq!(made["IssueDate"], day, "{instant}");
        assert_eq!(
            made["Number"].as_str().map(|number| &number[..7]),
            Some(&*format!("FS/24/{}", &day[6..7]))
        );
        let key = format!("{url}/{}", made["Id"]);
        let changed = send(app.control(Method::PUT, &key).json(&json!({ "SalesDate": instant }))).await;
        assert_eq!(changed.json()["SalesDate"], day, "{instant}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn part_payments_come_from_the_application() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    // 3 times 40.00 and 19 %: 142.80.
    let id = client.invoice().await;
    for (amount, status) in [("100", 2), ("42.79", 2), ("0.01", 1)] {
        let paid = app.act(SLUG, "record-payment", json!({ "id": id, "amount": amount })).await;
        assert_eq!(paid["PaymentStatus"], status, "{amount}");
        assert_eq!(client.read(&format!("invoices/{id}")).await["PaymentStatus"], status);
    }
    let other = client.invoice().await;
    assert_eq!(app.act(SLUG, "record-payment", json!({ "id": other })).await["PaymentStatus"], 1);
    let action = "/sandboxes/default/actions/comarch-xt/record-payment";
    let nothing = json!({ "id": other, "amount": 0 });
    assert_eq!(send(app.control(Method::POST, action).json(&nothing)).await.status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_default_data_has_every_state() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    for (resource, count) in [
        ("products", 80),
        ("customers", 50),
        ("paymenttypes", 5),
        ("bankaccounts", 2),
        ("invoices", 150),
        ("proformas", 30),
        ("customprints", 3),
    ] {
        assert_eq!(client.read(resource).await.as_array().unwrap().len(), count, "{resource}");
    }
    for filter in
        ["Status eq 0", "Status eq 1", "PaymentStatus eq 0", "PaymentStatus eq 1", "PaymentStatus eq 2"]
    {
        let found = client.read(&format!("invoices?$filter={filter}")).await;
        assert!(!found.as_array().unwrap().is_empty(), "{filter}");
    }
    let part_paid = client.read("invoices?$filter=PaymentStatus eq 2 and Status eq 0").await;
    assert_eq!(part_paid, json!([]));
    for filter in ["CustomerKind eq 1", "CustomerKind eq 2", "CustomerKind eq 3", "CustomerType eq 0"] {
        let found = client.read(&format!("customers?$filter={filter}")).await;
        assert!(!found.as_array().unwrap().is_empty(), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_api_completes_documents() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let body = json!({
        "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102, "IssueDate": "2024-03-01", "Status": 1,
        "PaymentStatus": 2, "Items": [{ "ProductId": 10_906_701, "Quantity": 2, "ProductCurrencyNetPrice": 10 }],
    });
    let url = "/sandboxes/default/data/comarch-xt/invoices";
    let made = send(app.control(Method::POST, url).json(&body)).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let made = made.json();
    assert_eq!(made["GrossTotal"].to_string(), "23.80");
    assert_eq!(made["PaymentDeadline"], "2024-03-08", "seven days after the issue");
    let key = format!("{url}/{}", made["Id"]);
    let items =
        json!({ "Items": [{ "ProductId": 10_906_701, "Quantity": 1, "ProductCurrencyNetPrice": 10 }] });
    assert_eq!(send(app.control(Method::PUT, &key).json(&items)).await.status, 200);
    let enormous =
        json!({ "Items": [{ "ProductId": 10_906_701, "Quantity": 1e27, "ProductCurrencyNetPrice": 1e27 }] });
    assert_eq!(send(app.control(Method::PUT, &key).json(&enormous)).await.status, 400);
    let total =
        json!({ "Items": [{ "ProductId": 10_906_701, "Quantity": 1e9, "ProductCurrencyNetPrice": 1e9 }] });
    let refused = send(app.control(Method::PUT, &key).json(&total)).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    let shown = client.read(&format!("v1.4/invoices/{}", made["Id"])).await;
    assert_eq!(shown["GrossTotal"].to_string(), "11.90");
    assert!(shown["Items"][0]["Id"].is_i64());
}
