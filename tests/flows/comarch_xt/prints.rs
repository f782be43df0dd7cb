//! Prints: a JSON string with a data URI that holds a PDF (fact sheet 6).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Client, SLUG, assert_refused, proforma};
use crate::support::App;

/// The PDF as the C# client reads it: the string without its first 28 characters.
async fn pdf(client: &Client<'_>, path: &str) -> String {
    let answer = client.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let text: String = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(&text[..28], "data:application/pdf;base64,");
    String::from_utf8_lossy(&STANDARD.decode(&text[28..]).unwrap()).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_print_shows_the_document() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.invoice().await;
    let print = pdf(&client, &format!("invoices/{id}/print")).await;
    assert!(print.starts_with("%PDF-1."), "{print}");
    assert!(print.trim_end().ends_with("%%EOF"));
    assert_eq!(print.matches("/Type /Page\n").count(), 1, "one page");
    for text in
        ["Rechnung FS/24/3/1", "Muster GmbH", "10115 Berlin", "Tastatur K2", "120.00", "22.80", "142.80"]
    {
        assert!(print.contains(&format!("({text})")), "{text} in {print}");
    }
    let again = pdf(&client, &format!("invoices/{id}/print")).await;
    assert_eq!(print, again, "the same document gives the same bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_and_template() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let invoice = client.invoice().await;
    let proforma = client.create("proformas", proforma()).await;
    for version in ["", "v1.1/", "v1.2/", "v1.4/"] {
        for form in ["{resource}/print/{id}", "{resource}/{id}/print", "{resource}/{id}/print/"] {
            for (resource, id, template, title) in [
                ("invoices", invoice, 10_161_101, "(Rechnung "),
                ("invoices", invoice, 10_161_102, "(Invoice "),
                ("proformas", proforma, 10_161_103, "(Auftrag "),
            ] {
                let path = form.replace("{resource}", resource).replace("{id}", &id.to_string());
                pdf(&client, &format!("{version}{path}")).await;
                let chosen = pdf(&client, &format!("{version}{path}?customPrintId={template}")).await;
                assert!(chosen.contains(title), "{path} {template}");
            }
        }
    }
    app.act(SLUG, "confirm-invoice", json!({ "id": invoice })).await;
    pdf(&client, &format!("invoices/{invoice}/print")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_printed_is_400() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let unknown = client.get("invoices/1/print").await;
    assert_refused(&unknown, "EntityNotFoundException");
    assert_eq!(unknown.json()["Data"], json!({ "EntityId": "1", "EntityName": "Invoice" }));
    let id = client.invoice().await;
    let path = format!("invoices/{id}/print");
    let missing = client.get(&format!("{path}?customPrintId=1")).await;
    assert_refused(&missing, "EntityNotFoundException");
    assert_eq!(missing.json()["Data"]["EntityName"], "CustomPrint");
    let wrong_kind = client.get(&format!("{path}?customPrintId=10161103")).await;
    assert_refused(&wrong_kind, "EntityNotFoundException");
    assert_refused(&client.get(&format!("{path}?customPrintId=kurz")).await, "ArgumentException");
    assert_refused(&client.get("invoices/print/x").await, "ArgumentException");
    assert_eq!(client.post(&path, json!({})).await.status, 405);
    assert_eq!(client.get("products/10906701/print").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_document_stays_on_one_page() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = super::invoice();
    let line = body["Items"][0].clone();
    body["Items"] = vec![line; 40].into();
    let id = client.create("invoices", body).await;
    let print = pdf(&client, &format!("invoices/{id}/print")).await;
    assert_eq!(print.matches("/Type /Page\n").count(), 1);
    assert_eq!(print.matches("(Tastatur K2)").count(), 28);
    assert!(print.contains("(5712.00)"), "the total is that of all lines");
}
