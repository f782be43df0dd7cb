//! What the C# client of the sheet's sources does, call by call (fact sheet 1.3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use reqwest::header::AUTHORIZATION;
use serde_json::json;

use super::{BASE, Client, SLUG, token_request};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn customer_product_invoice_print() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    // It always sends both prices and the ids and states that only the server sets.
    let product = json!({
        "Id": 0, "Name": "Kabel", "Description": "", "ItemCode": "", "ProductCode": null, "UnitOfMeasurment": "Stk.",
        "Rate": 9, "SaleNetPrice": 0.0, "SaleGrossPrice": 11.9, "Quantity": 0.0, "ProductType": 1,
    });
    let product = client.post("products", product).await.body.parse::<i64>().unwrap();
    let customer = json!({
        "Id": 0, "Name": "Kunde", "CountryCode": "", "CustomerTaxNumber": "DE55", "Mail": "kunde@kunde.example",
        "CustomerType": 1, "CustomerStatus": 0, "Address": { "Id": 0, "Street": "Weg", "City": "Bonn" },
    });
    let customer = client.post("v1.2/customers/", customer).await.body.parse::<i64>().unwrap();
    assert_eq!(client.read("v1.2/customers/?nip=DE55").await["Id"], customer);
    let line = json!({ "Id": 0, "ProductId": product, "Quantity": 2.0, "ProductCurrencyPrice": 10.0, "VatRateId": 0 });
    let mut invoice = json!({
        "Id": 0, "Status": 0, "Number": null, "PaymentStatus": 0, "PurchasingPartyId": customer,
        "ReceivingPartyId": null, "PaymentTypeId": 10_260_102, "BankAccountId": null, "SalesDate": "2024-03-01",
        "IssueDate": "2024-03-01", "InvoiceType": 0, "IsOSSProcedure": false, "Items": [line],
    });
    let id = client.post("v1.2/invoices", invoice.clone()).await.body.parse::<i64>().unwrap();
    invoice["Id"] = id.into();
    invoice["PaymentStatus"] = 1.into();
    let put = client.put("v1.2/invoices", invoice).await;
    assert_eq!((put.status.as_u16(), put.body.len()), (204, 0));
    let read = client.read(&format!("v1.2/invoices//{id}")).await;
    assert_eq!((&read["PaymentStatus"], &read["Number"]), (&json!(1), &json!("FS/24/3/1")));
    let print = client.get(&format!("v1.2/invoices/{id}/print?customPrintId=10161101")).await;
    let print: String = serde_json::from_str(&print.body).unwrap();
    assert!(STANDARD.decode(&print[28..]).unwrap().starts_with(b"%PDF"));
    for path in
        [format!("v1.2/invoices/{id}"), format!("v1.2/customers/{customer}"), format!("products/{product}")]
    {
        assert_eq!(client.delete(&path).await.status, 204, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_client_refreshes_once() {
    let app = App::scenario("name: x\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let client = Client::of(&app).await;
    client.read("products?$top=1&$skip=0").await;
    app.advance("PT601S").await;
    assert_eq!(client.get("products?$top=1&$skip=1").await.status, 401);
    let token = send(token_request(&app, "")).await.json()["access_token"].as_str().unwrap().to_owned();
    let retried = app.request(SLUG, Method::GET, &format!("{BASE}/products?$top=1&$skip=1"));
    let retried = send(retried.header(AUTHORIZATION, format!("Bearer {token}"))).await;
    assert_eq!(retried.status, 200);
    let asked = app.journal("default").await;
    let asked = asked.iter().filter(|entry| entry["path"] == format!("{BASE}/token")).count();
    assert_eq!(asked, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_and_requests_give_the_same_bytes() {
    let fixed = "name: x\nseed: 7\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }";
    let mut seen = Vec::new();
    for _ in 0..2 {
        let app = App::scenario(fixed).await;
        let client = Client::of(&app).await;
        let id = client.invoice().await;
        let answers =
            [client.get(&format!("invoices/{id}")).await, client.get(&format!("invoices/{id}/print")).await];
        seen.push((client.token.clone(), answers.map(|answer| answer.body)));
    }
    assert_eq!(seen[0], seen[1]);
}
