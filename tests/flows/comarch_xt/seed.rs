//! The seed document, line by line: what the fact sheet has from "API - Allgemeine Informationen".

use reqwest::Method;
use serde_json::{Value, json};

use super::{BASE, Client, SLUG, invoice, keys, proforma};
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

/// The token of the page and of its clients: what comes back is all of it, and `expires` is no `expires_in`.
#[tokio::test(flavor = "multi_thread")]
async fn the_token_sample() {
    let app = App::start().await;
    let answer = send(super::token_request(&app, "")).await;
    let token = answer.json();
    assert_eq!((answer.status.as_u16(), keys(&token)), (200, vec!["access_token", "token_type", "expires"]));
    assert_eq!((&token["token_type"], &token["expires"]), (&json!("bearer"), &json!(600)));
    assert_eq!(token["access_token"].as_str().map(str::len), Some(32));
    let products = app.request(SLUG, Method::GET, &format!("{BASE}/products"));
    let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
    assert_eq!(send(products.header("authorization", bearer)).await.status, 200);
}

/// A record as the German pages sample it, with its keys in their order and its amounts with their decimals.
async fn shows(client: &Client<'_>, path: &str, sample: &str) {
    let mut expected: Value = serde_json::from_str(sample).unwrap();
    let shown = client.read(path).await;
    // Ids of parts are drawn from counters.
    for (of, id) in [("Address", "Id"), ("Items", "Id")] {
        let given = shown[of].get(0).unwrap_or(&shown[of])[id].clone();
        match expected.get_mut(of) {
            Some(Value::Array(items)) if !items.is_empty() => items[0][id] = given,
            Some(Value::Object(part)) => drop(part.insert(id.to_owned(), given)),
            _ => {}
        }
    }
    assert_eq!(shown.to_string(), expected.to_string(), "{path}");
}

#[tokio::test(flavor = "multi_thread")]
async fn product_samples() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    shows(
        &client,
        "products/10906701",
        r#"{"$id":"1","Name":"Tastatur K2","Description":"kabelgebunden, deutsches Layout","ProductCode":"P/000001",
            "UnitOfMeasurment":"Stk.","Rate":9,"SaleNetPrice":40.0,"SaleGrossPrice":47.6,"Id":10906701}"#,
    )
    .await;
    let id = client
        .create(
            "products",
            json!({ "Name": "Maus M1", "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleNetPrice": 20.00 }),
        )
        .await;
    let code = client.read(&format!("products/{id}")).await["ProductCode"].clone();
    let sample = |name: &str, net: &str, gross: &str| {
        format!(
            r#"{{"$id":"1","Name":"{name}","Description":"","ProductCode":{code},"UnitOfMeasurment":"Stk.","Rate":9,
                "SaleNetPrice":{net},"SaleGrossPrice":{gross},"Id":{id}}}"#
        )
    };
    shows(&client, &format!("products/{id}"), &sample("Maus M1", "20.0", "23.8")).await;
    let change = json!({ "Id": id, "Name": "Maus M1 schwarz", "UnitOfMeasurment": "Stk.", "Rate": 9, "SaleGrossPrice": 25.00 });
    client.change("products", change).await;
    shows(&client, &format!("products/{id}"), &sample("Maus M1 schwarz", "21.01", "25.0")).await;
    // Of both prices the net one counts; a list shows the scale of its amounts, and numbers its objects.
    let both = json!({ "Name": "x", "UnitOfMeasurement": "Stk.", "Rate": 9, "SaleNetPrice": 40, "SaleGrossPrice": 99 });
    let id = client.create("products", both).await;
    let list = client.read(&format!("products/?$filter=Id eq {id} or Id eq 10906701&$orderby=Id desc")).await;
    assert_eq!(
        (list[0]["SaleGrossPrice"].to_string(), list[1]["SaleNetPrice"].to_string()),
        ("47.60".into(), "40.00".into())
    );
    assert_eq!((&list[0]["$id"], &list[1]["$id"]), (&json!("1"), &json!("2")));
    assert_eq!(client.delete(&format!("products/{id}")).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_of_customers_and_what_pays() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let sample = json!({
        "Name": "Muster GmbH", "CustomerTaxNumber": "DE123456789", "CustomerCode": "K/000042X", "Mail": "info@muster.example",
        "PhoneNumber": "0301234567", "CustomerType": 1, "CustomerKind": 1,
        "Address": { "Street": "Hauptstr.", "BuildingNumber": "5", "FlatNumber": "", "PostalCode": "10115", "City": "Berlin" },
    });
    let id = client.create("customers", sample).await;
    let shown = format!(
        r#"{{"$id":"1","Name":"Muster GmbH","CustomerTaxNumber":"DE123456789","CustomerCode":"K/000042X",
            "Mail":"info@muster.example","PhoneNumber":"0301234567","CustomerType":1,"Address":{{"$id":"2","Street":"Hauptstr.",
            "BuildingNumber":"5","FlatNumber":"","PostalCode":"10115","City":"Berlin","Id":0}},"Id":{id},"CustomerKind":1}}"#
    );
    shows(&client, &format!("customers/{id}"), &shown).await;
    let named: Value = client.read("customers?$filter=Mail eq 'info@muster.example'").await;
    assert_eq!(named[0]["Id"], id);
    assert_eq!(client.read("customers/nip/DE123456789").await["Name"], "Muster GmbH");
    let small = client.create(
        "customers",
        json!({ "Name": "Muster GmbH", "CustomerType": 1, "Address": { "City": "Berlin" } }),
    );
    let small = client.read(&format!("customers/{}", small.await)).await;
    assert_eq!(
        (&small["Address"]["City"], &small["Address"]["Street"], &small["Mail"]),
        (&json!("Berlin"), &json!(""), &json!(""))
    );
    assert!(small["CustomerCode"].as_str().unwrap().starts_with("K/0000"));
    // Cash is the primary method; a transfer has seven days.
    let methods = client.read("paymenttypes").await;
    for (place, sample) in [
        (0, r#"{"$id":"1","Name":"Bar","Primary":true,"Deadline":0,"Type":0,"Id":10260101}"#),
        (1, r#"{"$id":"2","Name":"Überweisung","Primary":false,"Deadline":7,"Type":1,"Id":10260102}"#),
        (2, r#"{"$id":"3","Name":"Karte","Primary":false,"Deadline":0,"Type":2,"Id":10260103}"#),
    ] {
        assert_eq!(methods[place].to_string(), sample);
    }
    let method = json!({ "Name": "Nachnahme", "Primary": false, "Deadline": 21, "Type": 2 });
    let id = client.create("paymenttypes", method.clone()).await;
    let mut change = method;
    change["Id"] = id.into();
    client.change("paymenttypes", change).await;
    assert_eq!(client.delete(&format!("paymenttypes/{id}")).await.status, 204);
    shows(
        &client,
        "bankaccounts/10176501",
        r#"{"$id":"1","AccountNumber":"DE44500105175407324931","BankName":"Musterbank","Symbol":"MB1","ReportingPeriod":3,
            "Primary":true,"Id":10176501}"#,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn document_samples() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.create("invoices", invoice()).await;
    let shown = format!(
        r#"{{"$id":"1","PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"BankAccountId":null,
            "SalesDate":"2024-03-01T00:00:00+01:00","Items":[{{"$id":"2","ProductId":10906701,"Quantity":3.0000,
            "ProductCurrencyNetPrice":40.00,"ProductDescription":"","Id":0}}],"IssueDate":"2024-03-01T00:00:00+01:00",
            "Number":"FS/24/3/1","Status":0,"Id":{id}}}"#
    );
    shows(&client, &format!("invoices/{id}"), &shown).await;
    assert_eq!(client.read("invoices/number/FS/24/3/1").await["Id"], id);
    let first = client.create("proformas", proforma()).await;
    let shown = format!(
        r#"{{"$id":"1","PurchasingPartyId":529801,"PaymentTypeId":10260102,"BankAccountId":null,"Items":[{{"$id":"2",
            "ProductId":10906701,"Quantity":6.0000,"ProductCurrencyNetPrice":38.50,"ProductDescription":"","Id":0}}],
            "IssueDate":"2024-03-02T00:00:00+01:00","Number":"PF/24/3/1","Status":0,"Id":{first}}}"#
    );
    shows(&client, &format!("proformas/{first}"), &shown).await;
    // A document without lines is allowed.
    let second =
        json!({ "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_101, "IssueDate": "2024-03-03" });
    let second = client.create("proformas", second).await;
    let list = client.read(&format!("proformas?$filter=Id ge {first}")).await;
    assert_eq!(
        (&list[1]["$id"], &list[1]["Items"], &list[1]["Id"]),
        (&json!("3"), &json!([]), &json!(second))
    );
    let print = client.get(&format!("invoices/{id}/print")).await;
    assert!(print.body.starts_with("\"data:application/pdf;base64,JVBERi0"), "{:.60}", print.body);
    assert_eq!(
        client.read("customprints").await[0].to_string(),
        r#"{"Name":"Rechnung kurz","Language":"DE","Type":0,"Id":10161101}"#
    );
    assert_eq!(
        client.get("invoices/18369999").await.body,
        r#"{"Message":"No row with the given identifier exists[Invoice#18369999]","Data":{"EntityId":"18369999","EntityName":"Invoice"},"Code":"EntityNotFoundException"}"#
    );
}

/// The last of the page's statuses: what the server could not do.
#[tokio::test(flavor = "multi_thread")]
async fn an_injected_failure_is_500_in_the_vendors_envelope() {
    let app = App::scenario("name: x\nfaults: [{ server: comarch-xt, when: { path: /api2/public/products }, then: { status: 500 } }]").await;
    let client = Client::of(&app).await;
    let failed = client.get("products").await;
    assert_eq!((failed.status.as_u16(), &failed.json()["Message"]), (500, &json!("An error has occurred.")));
}
