//! One record: create, read, update, delete, system fields, formats (fact sheet 4, 6.7, 8).

use serde_json::{Value, json};

use super::{FROZEN, Weavy, refusal};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_record_lives_and_dies() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let created = weavy.post("Data/DEMO/customer", json!({ "customer_ID": "A B/é", "name": "Neu" })).await;
    assert_eq!(created.status, 200, "200, never 201");
    let created = created.json();
    assert_eq!((&created["srvExport"], &created["srvAttrib"]), (&json!(1), &json!(0)));
    assert_eq!(created["srvDateUTC"], "2026-03-02T08:00:00");
    assert_eq!(created["city"], Value::Null);
    let path = "Data/DEMO/customer/A%20B%2F%C3%A9";
    assert_eq!(weavy.get(path).await.json(), created);
    assert_eq!(weavy.get("Data/DEMO/customer/a%20B%2F%C3%A9").await.status, 404, "codes are case-sensitive");

    let updated = weavy.put(path, json!({ "customer_ID": "A B/é", "city": "Lyon" })).await;
    assert_eq!((updated.status.as_u16(), &updated.json()["name"]), (200, &json!("Neu")));
    assert_eq!(
        updated.json()["srvDateUTC"],
        "2026-03-02T08:00:01",
        "strictly later, though the clock stands still"
    );
    assert_eq!(weavy.put(path, json!({ "city": null })).await.json()["city"], Value::Null);
    assert_eq!(refusal(&weavy.put(path, json!({ "customer_ID": "other" })).await).0, 400);
    assert_eq!(refusal(&weavy.put("Data/DEMO/customer/none", json!({})).await).0, 404);

    let gone = weavy.delete(path).await;
    assert_eq!((gone.status.as_u16(), gone.body.as_str()), (200, ""));
    assert_eq!(weavy.get(path).await.json()["srvAttrib"], 1, "a deleted record still shows itself");
    assert_eq!(weavy.delete(path).await.status, 404);
    assert_eq!(weavy.put(path, json!({ "city": "x" })).await.status, 404);
    let again =
        weavy.post("Data/DEMO/customer", json!({ "customer_ID": "A B/é", "name": "Again" })).await.json();
    assert_eq!(
        (&again["srvAttrib"], &again["city"]),
        (&json!(0), &Value::Null),
        "a new record takes its place"
    );
    assert_eq!(weavy.delete(&format!("{path}?deleteMode=physical")).await.status, 200);
    assert_eq!(weavy.get(path).await.status, 404);
    assert_eq!(weavy.delete(path).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_modes() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    for (mode, status) in
        [("0", 400), ("None", 400), ("3", 400), ("", 400), ("1", 200), ("Logical", 200), ("2", 200)]
    {
        let body = json!({ "symptom_ID": "S", "label": "x" });
        let created = weavy.post("Data/DEMO/symptom", body).await;
        assert!([200, 409].contains(&created.status.as_u16()));
        let answer = weavy.delete(&format!("Data/DEMO/symptom/S?deleteMode={mode}")).await;
        assert_eq!(answer.status, status, "{mode}: {}", answer.body);
    }
    let referenced = weavy.delete("Data/DEMO/customer/C0000001?deleteMode=Physical").await;
    assert_eq!(refusal(&referenced).0, 409);
    assert_eq!(weavy.record("customer", "C0000001").await["srvAttrib"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn export_status_follows_writes() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let date = async || weavy.record("product", "P00002").await["srvDateUTC"].clone();
    let before = date().await;
    for (options, body, export, moves) in [
        ("", json!({ "weight": 4 }), 1, true),
        ("?serverExport=0", json!({ "weight": 5 }), 0, true),
        ("?serverExport=0", json!({ "weight": 6, "srvExport": 1 }), 1, true),
        ("", json!({ "srvExport": 0 }), 0, false),
        ("", json!({ "weight": "6.0" }), 0, false),
        ("", json!({ "srvDateUTC": "2030-01-01T00:00:00", "srvAttrib": 1 }), 0, false),
        ("?srvExport=1", json!({}), 1, false),
    ] {
        let was = date().await;
        let answer = weavy.put(&format!("Data/DEMO/product/P00002{options}"), body.clone()).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["srvExport"]),
            (200, &json!(export)),
            "{options} {body}"
        );
        assert_eq!(date().await != was, moves, "{options} {body}");
    }
    assert!(date().await.as_str() > before.as_str());
    let bad = weavy.put("Data/DEMO/product/P00002?serverExport=2", json!({ "weight": 9 })).await;
    assert_eq!(refusal(&bad).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn values_come_in_many_forms_and_go_out_in_one() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    for (field, given, stored) in [
        ("isDraft", json!(1), json!(true)),
        ("isDraft", json!("0"), json!(false)),
        ("sentDate", json!("2024-05-02 08:30:00"), json!("2024-05-02T08:30:00")),
        ("sentDate", json!("2024-05-02"), json!("2024-05-02T00:00:00")),
        ("sentDate", json!("2024-05-02T08:30:00.1234567Z"), json!("2024-05-02T08:30:00")),
        ("body", json!("AAEC"), json!("AAEC")),
        ("subject", json!(null), json!(null)),
        ("generictype_ID_emailImportance", json!(""), json!(null)),
        ("SUBJECT", json!("é".repeat(255)), json!("é".repeat(255))),
    ] {
        let answer = weavy.put("Data/DEMO/email/M00001", json!({ field: given })).await;
        assert_eq!(answer.status, 200, "{field} {given}: {}", answer.body);
        let name = if field == "SUBJECT" { "subject" } else { field };
        assert_eq!(answer.json()[name], stored, "{field} {given}");
    }
    for (field, given) in [
        ("isDraft", json!(2)),
        ("isDraft", json!("yes")),
        ("sentDate", json!("02/05/2024")),
        ("sentDate", json!(5)),
        ("body", json!("not base64!")),
        ("subject", json!(true)),
        ("subject", json!("x".repeat(256))),
        ("generictype_ID_emailImportance", json!("NOPE")),
        ("nope", json!(1)),
    ] {
        let answer = weavy.put("Data/DEMO/email/M00001", json!({ field: given })).await;
        assert_eq!(refusal(&answer).0, 400, "{field} {given}");
        let detail = &answer.json()["details"][0];
        assert_eq!((&detail["entityName"], &detail["rowCode"]), (&json!("email"), &json!("M00001")));
        assert_eq!(detail["fieldName"], field);
        assert!(answer.json()["message"].as_str().unwrap().contains(field), "it names the field");
    }
    let number = weavy.put("Data/DEMO/product/P00001", json!({ "defaultPrice": "12.30" })).await;
    assert!(number.body.contains(r#""defaultPrice":12.30"#), "a numeric text is stored as a number");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_given_or_made() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let make =
        async |body: Value| weavy.post("Data/DEMO/opportunity", body).await.json()["opportunity_ID"].clone();
    assert_eq!(make(json!({ "label": "a" })).await, "1");
    assert_eq!(make(json!({ "opportunity_ID": "2" })).await, "2");
    assert_eq!(make(json!({ "opportunity_ID": "" })).await, "3", "used codes are skipped");
    assert_eq!(make(json!({ "CODEOPPORTUNITY": "X" })).await, "X", "the dictionary's name for the code");
    let twice = weavy.post("Data/DEMO/opportunity", json!({ "opportunity_ID": "X" })).await;
    assert_eq!(refusal(&twice).0, 409);
    let array = weavy.post("Data/DEMO/opportunity", json!([{ "label": "x" }])).await;
    assert_eq!(refusal(&array).0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_keys_lead_to_alive_records_of_the_company() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let points_to = async |code: &str, company: &str| {
        let path = format!("Data/DEMO/deal?companyCode={company}");
        weavy.post(&path, json!({ "customer_ID": code })).await.status.as_u16()
    };
    assert_eq!(points_to("C0000150", "C01").await, 200);
    assert_eq!(points_to("C0000150", "C02").await, 400, "the other company has no such customer");
    assert_eq!(weavy.delete("Data/DEMO/customer/C0000150").await.status, 200);
    assert_eq!(points_to("C0000150", "C01").await, 400, "it is deleted");
    let without_schema = json!({ "contract_ID": "S", "contractmodel_ID": "ANY" });
    assert_eq!(weavy.post("Data/DEMO/contract", without_schema).await.status, 200, "nothing is known of it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_inside_changes_the_date_too() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    let before = weavy.record("customer", "C0000002").await;
    assert_eq!(before["srvExport"], 0);
    let path = "/sandboxes/default/data/weavy/customer/C0000002";
    let change = app.control(reqwest::Method::PUT, path).json(&json!({ "city": "Elsewhere" }));
    assert_eq!(crate::support::send(change).await.status, 200);
    let after = weavy.record("customer", "C0000002").await;
    assert_eq!((&after["city"], &after["srvExport"]), (&json!("Elsewhere"), &json!(1)));
    assert!(after["srvDateUTC"].as_str() > before["srvDateUTC"].as_str());
}
