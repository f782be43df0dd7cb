//! Invoices and proformas of the unversioned API (fact sheet 4.5.1, 4.6, 5).

use reqwest::Method;
use serde_json::{Value, json};

use super::{Client, assert_refused, invoice, keys, proforma};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_as_in_the_sheet() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.invoice().await;
    let answer = client.get(&format!("invoices/{id}")).await;
    let expected = format!(
        concat!(
            r#"{{"$id":"1","PaymentStatus":0,"PurchasingPartyId":529801,"PaymentTypeId":10260102,"BankAccountId":null,"#,
            r#""SalesDate":"2024-03-01T00:00:00+01:00","Items":[{{"$id":"2","ProductId":10906701,"Quantity":3.0000,"#,
            r#""ProductCurrencyNetPrice":40.00,"ProductDescription":"","Id":{item}}}],"#,
            r#""IssueDate":"2024-03-01T00:00:00+01:00","Number":"FS/24/3/1","Status":0,"Id":{id}}}"#
        ),
        item = answer.json()["Items"][0]["Id"],
        id = id,
    );
    assert_eq!(answer.body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proforma_as_in_the_sheet() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let first = client.create("proformas", proforma()).await;
    let mut empty = proforma();
    empty["Items"] = json!([]);
    empty["IssueDate"] = "2024-03-03T10:00:00+01:00".into();
    let second = client.create("proformas", empty).await;
    let list = client.read(&format!("proformas?$filter=Id ge {first}")).await;
    let expected = [
        "$id",
        "PurchasingPartyId",
        "PaymentTypeId",
        "BankAccountId",
        "Items",
        "IssueDate",
        "Number",
        "Status",
        "Id",
    ];
    assert_eq!(keys(&list[0]), expected);
    assert_eq!(
        (&list[0]["$id"], &list[0]["Items"][0]["$id"], &list[1]["$id"]),
        (&json!("1"), &json!("2"), &json!("3"))
    );
    assert_eq!((&list[0]["Number"], &list[1]["Number"]), (&json!("PF/24/3/1"), &json!("PF/24/3/2")));
    assert_eq!(list[1]["Items"], json!([]));
    assert_eq!(list[1]["IssueDate"], "2024-03-03T00:00:00+01:00");
    assert_eq!(list[1]["Id"], second);
}

#[tokio::test(flavor = "multi_thread")]
async fn dates_default_to_today_where_the_firm_is() {
    // Half past eleven at night in UTC is the next day in Berlin.
    let app = App::scenario("name: x\nclock: { start: 2026-06-30T22:30:00Z, frozen: true }").await;
    let client = Client::of(&app).await;
    let body = json!({ "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_102, "IssueDate": null });
    let id = client.create("invoices", body).await;
    let invoice = client.read(&format!("invoices/{id}")).await;
    assert_eq!(invoice["IssueDate"], "2026-07-01T00:00:00+02:00");
    assert_eq!(invoice["SalesDate"], "2026-07-01T00:00:00+02:00");
    assert_eq!(invoice["Number"], "FS/26/7/1");
    assert_eq!(invoice["Items"], json!([]), "a document without lines is allowed");
    assert_eq!(invoice["PaymentStatus"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_document_needs() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let line = |changes: Value| {
        let mut line = json!({ "ProductId": 10_906_701, "Quantity": 1, "ProductCurrencyNetPrice": 1 });
        line.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        json!({ "Items": [line] })
    };
    let cases = [
        (json!({ "PurchasingPartyId": null }), "ValidationException"),
        (json!({ "PaymentTypeId": null }), "ValidationException"),
        (json!({ "PurchasingPartyId": 1 }), "EntityNotFoundException"),
        (json!({ "PaymentTypeId": 1 }), "EntityNotFoundException"),
        (json!({ "BankAccountId": 1 }), "EntityNotFoundException"),
        (line(json!({ "ProductId": 1 })), "EntityNotFoundException"),
        (json!({ "IssueDate": "2024-02-30" }), "ValidationException"),
        (json!({ "IssueDate": "01.03.2024" }), "ValidationException"),
        (json!({ "Items": {} }), "ValidationException"),
        (json!({ "Items": [1] }), "ValidationException"),
        (line(json!({ "ProductId": null })), "ValidationException"),
        (line(json!({ "Quantity": null })), "ValidationException"),
        (line(json!({ "ProductCurrencyNetPrice": null })), "ValidationException"),
        (line(json!({ "Quantity": 0 })), "ValidationException"),
        (line(json!({ "Quantity": -1 })), "ValidationException"),
        (line(json!({ "Quantity": 0.00001 })), "ValidationException"),
        (line(json!({ "Quantity": 1e27 })), "ValidationException"),
        (line(json!({ "ProductCurrencyNetPrice": -0.01 })), "ValidationException"),
    ];
    for resource in ["invoices", "proformas"] {
        let before = app.records("comarch-xt", resource).await.len();
        for (changes, code) in &cases {
            let mut body = if resource == "invoices" { invoice() } else { proforma() };
            body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            assert_refused(&client.post(resource, body).await, code);
        }
        assert_eq!(app.records("comarch-xt", resource).await.len(), before);
    }
    for status in [json!(2), json!(3), json!("bezahlt")] {
        let mut body = invoice();
        body["PaymentStatus"] = status;
        assert_refused(&client.post("invoices", body).await, "ValidationException");
    }
    let answer =
        client.post("invoices", json!({ "PurchasingPartyId": 1, "PaymentTypeId": 10_260_102 })).await;
    assert_eq!(answer.json()["Data"], json!({ "EntityId": "1", "EntityName": "Customer" }));
    assert_eq!(client.create("invoices", invoice()).await, 18_369_651, "refused ones took no id");
    let number = client.read("invoices/18369651").await["Number"].clone();
    assert_eq!(number, "FS/24/3/1", "nor a number");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_accepted() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = invoice();
    body["PaymentStatus"] = 1.into();
    body["SalesDate"] = "2030-01-01".into();
    // A supplier, a price of zero, four decimals, and what only the server sets.
    body["PurchasingPartyId"] = 529_843.into();
    body["Id"] = 0.into();
    body["Status"] = 1.into();
    body["Number"] = "X/1".into();
    body["Items"] = json!([
        { "Id": 5, "productid": 10_906_701, "QUANTITY": "1.23456", "ProductCurrencyNetPrice": 0, "ProductDescription": null },
    ]);
    let id = client.create("invoices/", body).await;
    let invoice = client.read(&format!("INVOICES//{id}/")).await;
    assert_eq!((&invoice["Status"], &invoice["PaymentStatus"]), (&json!(0), &json!(1)));
    assert_eq!(invoice["Number"], "FS/24/3/1");
    let line = &invoice["Items"][0];
    assert_eq!(line["Quantity"].to_string(), "1.2346");
    assert_eq!(line["ProductDescription"], "");
    assert!(line["Id"].as_i64().unwrap() > 27_761_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn references_need_not_exist_when_the_setting_says_so() {
    let app =
        App::scenario("name: x\nservers: { comarch-xt: { settings: { check_references: false } } }").await;
    let client = Client::of(&app).await;
    let mut body = invoice();
    body["PurchasingPartyId"] = 1.into();
    client.create("invoices", body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_put_replaces_lines_and_keeps_number_and_dates() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let mut body = invoice();
    body["BankAccountId"] = 10_176_501.into();
    body["PaymentStatus"] = 1.into();
    let id = client.create("invoices", body).await;
    let path = format!("invoices/{id}");
    let before = client.read(&path).await;
    client
        .change("invoices", json!({ "Id": id, "PurchasingPartyId": 529_802, "PaymentTypeId": 10_260_101 }))
        .await;
    let after = client.read(&path).await;
    assert_eq!(after["PurchasingPartyId"], 529_802);
    assert_eq!((&after["BankAccountId"], &after["PaymentStatus"]), (&Value::Null, &json!(0)), "reset");
    for kept in ["Number", "Status", "IssueDate", "SalesDate", "Items"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    let lines = json!([
        { "ProductId": 10_906_702, "Quantity": 1, "ProductCurrencyNetPrice": 2 },
        { "ProductId": 10_906_703, "Quantity": 2, "ProductCurrencyNetPrice": 3 },
    ]);
    let whole = json!({
        "Id": id, "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_101, "IssueDate": "2025-12-24", "Items": lines,
    });
    client.change("invoices", whole).await;
    let after = client.read(&path).await;
    assert_eq!(after["Number"], "FS/24/3/1", "the number stays when the month changes");
    assert_eq!(after["IssueDate"], "2025-12-24T00:00:00+01:00");
    assert_eq!(after["Items"].as_array().unwrap().len(), 2);
    assert!(after["Items"][0]["Id"].as_i64() > before["Items"][0]["Id"].as_i64(), "new lines, new ids");
    let empty = json!({ "Id": id, "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_101, "Items": [] });
    client.change("invoices", empty).await;
    assert_eq!(client.read(&path).await["Items"], json!([]));
    for refused in [
        json!({ "Id": id, "PaymentTypeId": 10_260_101 }),
        json!({ "Id": id, "PurchasingPartyId": 529_801, "PaymentTypeId": 10_260_101, "PaymentStatus": 2 }),
    ] {
        assert_refused(&client.put("invoices", refused).await, "ValidationException");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_count_by_month_and_are_never_used_again() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let on = |day: &str| {
        let mut body = invoice();
        body["IssueDate"] = day.into();
        body
    };
    let mut numbers = Vec::new();
    for day in ["2027-11-30", "2027-11-01", "2027-12-01", "2005-02-01"] {
        let id = client.create("invoices", on(day)).await;
        numbers.push(client.read(&format!("invoices/{id}")).await["Number"].clone());
    }
    assert_eq!(numbers, ["FS/27/11/1", "FS/27/11/2", "FS/27/12/1", "FS/05/2/1"]);
    let id = client.create("invoices", on("2027-11-05")).await;
    assert_eq!(client.delete(&format!("invoices/{id}")).await.status, 204);
    let id = client.create("invoices", on("2027-11-05")).await;
    assert_eq!(client.read(&format!("invoices/{id}")).await["Number"], "FS/27/11/4");
    // Seed data counts too, also when its last invoice goes.
    let seeded = app.records("comarch-xt", "invoices").await;
    let seeded = seeded.iter().rev().find(|it| it["Number"].as_str().unwrap().starts_with("FS/26/")).unwrap();
    let (month, count) = seeded["Number"].as_str().unwrap().rsplit_once('/').unwrap();
    let gone = format!("/sandboxes/default/data/comarch-xt/invoices/{}", seeded["Id"]);
    assert_eq!(send(app.control(Method::DELETE, &gone)).await.status, 204);
    let id = client.create("invoices", on(seeded["IssueDate"].as_str().unwrap())).await;
    let next = format!("{month}/{}", count.parse::<u32>().unwrap() + 1);
    assert_eq!(client.read(&format!("invoices/{id}")).await["Number"], next);
}

#[tokio::test(flavor = "multi_thread")]
async fn prefixes_are_settings() {
    let app = App::scenario(
        "name: x\nservers: { comarch-xt: { settings: { number_prefixes: { invoices: RE } } } }",
    )
    .await;
    let client = Client::of(&app).await;
    let id = client.invoice().await;
    assert_eq!(client.read(&format!("invoices/{id}")).await["Number"], "RE/24/3/1");
    let id = client.create("proformas", proforma()).await;
    assert_eq!(client.read(&format!("proformas/{id}")).await["Number"], "PF/24/3/1");
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_by_number_take_the_rest_of_the_path() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let id = client.invoice().await;
    for path in [
        "invoices/number/FS/24/3/1",
        "invoices/Number/fs/24/3/1/",
        "invoices/number/FS%2F24%2F3%2F1",
        "v1.1/invoices/number/FS/24/3/1",
        "v1.2/invoices/?number=FS/24/3/1",
        "v1.4/invoices?number=FS%2F24%2F3%2F1",
    ] {
        assert_eq!(client.read(path).await["Id"], id, "{path}");
    }
    let proforma = client.create("proformas", proforma()).await;
    assert_eq!(client.read("proformas/number/PF/24/3/1").await["Id"], proforma);
    let absent = client.get("invoices/number/FS/24/3/99").await;
    assert_eq!(absent.status, 404);
    assert_eq!(absent.json()["Data"], json!({ "EntityId": "FS/24/3/99", "EntityName": "Invoice" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_are_numbered_without_gaps() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let (good, mut bad) = (invoice(), invoice());
    bad["PaymentTypeId"] = 1.into();
    let mut waiting = tokio::task::JoinSet::new();
    for place in 0..220 {
        let is_bad = place % 11 == 0;
        let request = client.request(Method::POST, "invoices").json(if is_bad { &bad } else { &good });
        waiting.spawn(async move { (is_bad, send(request).await) });
    }
    let answers = waiting.join_all().await;
    for (is_bad, answer) in &answers {
        assert_eq!(answer.status, if *is_bad { 400 } else { 200 }, "{}", answer.body);
    }
    let made = client.read("invoices?$filter=IssueDate eq datetime'2024-03-01'").await;
    let mut counts: Vec<u32> = made
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["Number"].as_str().unwrap().strip_prefix("FS/24/3/").unwrap().parse().unwrap())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=200).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn several_proformas_in_one_call() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let ids = [client.create("proformas", proforma()).await, client.create("proformas", proforma()).await];
    let delete =
        |ids: Value| client.request(Method::DELETE, "proformas").json(&json!({ "IdCollection": ids }));
    let unknown = send(delete(json!([ids[0], 1]))).await;
    assert_eq!(unknown.status, 404);
    client.read(&format!("proformas/{}", ids[0])).await;
    for bad in [json!([]), json!(["x"]), json!(7), Value::Null] {
        assert_refused(&send(delete(bad)).await, "ValidationException");
    }
    assert_eq!(send(delete(json!(ids))).await.status, 204);
    for id in ids {
        assert_eq!(client.get(&format!("proformas/{id}")).await.status, 404);
    }
}
