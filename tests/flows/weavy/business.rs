//! `WHK_*` webhooks, as the client of the fact sheet calls them (19.1 to 19.3).

use reqwest::Method;
use serde_json::{Value, json};

use super::FROZEN;
use crate::support::{App, send};

/// A call without credentials.
async fn call(app: &App, code: &str, body: Value) -> Value {
    let path = format!("/v1/entrypoints/DEMO/webhook/?c={code}");
    let answer = send(app.request("weavy", Method::POST, &path).json(&body)).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["result"].clone()
}

fn request(verb: &str, parameters: &Value) -> Value {
    json!({ "header": { "languageCode": "FR", "markForExport": 0, "webhookVersion": 2 },
        "action": { "verb": verb, "parameters": parameters }, "settings": {}, "data": {} })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_pages_through_what_is_to_be_exported_and_acknowledges_it() {
    let app =
        App::scenario(&format!("{FROZEN}\nservers: {{ weavy: {{ settings: {{ webhook_page_size: 3 }} }} }}"))
            .await;
    let mut seen = Vec::new();
    let mut page = 1;
    loop {
        let parameters = json!({ "pageNumber": page, "listType": "simple", "filters": { "srvExport": "1" }, "orderBy": "nameAsc" });
        let result = call(&app, "WHK_Customer", request("LIST", &parameters)).await;
        assert_eq!(result["common"], json!({ "resultCode": "0", "errorMessage": "" }));
        let data = result["response"]["data"].as_array().unwrap().clone();
        assert!(data.len() <= 3);
        seen.extend(data.into_iter().map(|it| it["customer"].clone()));
        if result["response"]["maxPageNumber"] == json!(page.to_string()) {
            break;
        }
        page += 1;
    }
    assert!(page > 1 && seen.len() > 3, "{seen:?}");
    let names: Vec<String> = seen.iter().map(|it| it["name"].as_str().unwrap().to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert!(seen.iter().all(|it| it["srvExport"] == "1" && it["codecustomer"] == it["customer_ID"]));
    let code = seen[0]["codecustomer"].clone();
    let mut body = request("PUT", &json!({}));
    body["data"] = json!({ "customer": { "codecustomer": code } });
    let done = call(&app, "WHK_Customer", body).await;
    let line = &done["results"][0]["response"]["data"][0];
    assert_eq!(line, &json!({ "action": "updated", "customer_ID": code, "codecustomer": code }));
    let one = call(&app, "WHK_Customer", request("GET", &json!({ "code": code }))).await;
    assert_eq!(one["response"]["data"][0]["customer"]["srvExport"], "0", "acknowledged");
}

#[tokio::test(flavor = "multi_thread")]
async fn business_objects_are_written_deleted_and_described() {
    let app = App::scenario(FROZEN).await;
    let mut body = request("PUT", &json!({}));
    body["data"] = json!({ "deal": [{ "label": "Projet", "isProject": "1", "creationDate": "2026-03-01 08:30:00" },
        { "codeDeal": "D-2", "label": "Deux", "isProject": "0", "customer_ID": "" }] });
    let done = call(&app, "WHK_Deal", body).await;
    let lines = done["results"][0]["response"].clone();
    assert_eq!((&lines["maxElementAtOnce"], &lines["data"][0]["action"]), (&json!("10"), &json!("inserted")));
    let code = lines["data"][0]["codedeal"].as_str().unwrap().to_owned();
    let deal = call(&app, "whk_deal", request("GET", &json!({ "code": code }))).await;
    let deal = &deal["response"]["data"][0]["deal"];
    assert_eq!((&deal["isProject"], &deal["creationDate"]), (&json!("1"), &json!("2026-03-01 08:30:00")));
    let gone = call(&app, "WHK_Deal", request("DELETE", &json!({ "code": code }))).await;
    assert_eq!(gone["common"]["resultCode"], "0");
    let again = call(&app, "WHK_Deal", request("DELETE", &json!({ "code": code }))).await;
    assert_eq!(again["common"]["resultCode"], "404", "{again}");
    let described = call(&app, "WHK_Request", request("DEFINITION", &json!({}))).await;
    let list = &described["response"]["fieldList"][0];
    assert_eq!(list["entityName"], "interventionrequest");
    let statuses = described["response"]["data"]["generictype_ID_status"].as_array().unwrap();
    assert!(
        statuses.iter().all(|it| it["code"].as_str().unwrap().starts_with("REQUEST_STATUS-")),
        "{statuses:?}"
    );
    assert_eq!(statuses.len(), 3);
    let customer =
        list["fields"].as_array().unwrap().iter().find(|it| it["fieldName"] == "customer_ID").unwrap();
    assert_eq!((&customer["fieldType"], &customer["canInsert"]), (&json!("foreignkey"), &json!("1")));
    // What is wrong is said in the answer, and changes nothing.
    let mut wrong = request("PUT", &json!({}));
    wrong["data"] = json!({ "deal": [{ "codedeal": "D-3" }, { "codedeal": "D-4", "customer_ID": "NOPE" }] });
    let refused = call(&app, "WHK_Deal", wrong).await;
    assert_eq!(refused["common"]["resultCode"], "400", "{refused}");
    assert!(refused["common"]["errorMessage"].as_str().unwrap().contains("NOPE"));
    for (verb, parameters) in [
        ("GET", json!({ "code": "D-3" })),
        ("GET", json!({})),
        ("SING", json!({})),
        ("LIST", json!({ "pageNumber": 0 })),
        ("LIST", json!({ "filters": { "nope": "1" } })),
    ] {
        let refused = call(&app, "WHK_Deal", request(verb, &parameters)).await;
        assert_ne!(refused["common"]["resultCode"], "0", "{verb} {parameters}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_company_in_the_path_has_its_own_records() {
    let app = App::start().await;
    let list = request("LIST", &json!({ "orderBy": "codecustomerDesc" }));
    let of = async |place: &str| {
        let path = format!("/v1/entrypoints/{place}/webhook?c=WHK_Customer");
        let answer = send(app.request("weavy", Method::POST, &path).json(&list)).await;
        answer.json()["result"]["response"]["data"].as_array().unwrap().clone()
    };
    assert_eq!(of("DEMO").await, of("C01").await);
    assert_ne!(of("DEMO").await, of("C02").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_has_the_values_of_lists_and_what_is_linked() {
    let app = App::start().await;
    let weavy = super::Weavy::of(&app).await;
    let defined = call(&app, "WHK_Customer", request("DEFINITION", &json!({}))).await["response"].clone();
    let types = json!([
        { "code": "CUSTOMER_TYPE-CLIENT", "label": "Client" },
        { "code": "CUSTOMER_TYPE-PROSPECT", "label": "Prospect" },
        { "code": "CUSTOMER_TYPE-SUSPECT", "label": "Suspect" },
    ]);
    assert_eq!(defined["data"]["generictype_ID_customerType"], types);
    assert!(defined["data"]["generictype_ID_country"].as_array().is_some_and(|it| it.len() == 5));
    let related = defined["fieldList"][0]["related"].as_array().unwrap();
    assert!(
        related.contains(&json!({ "entityName": "customercontact", "fieldName": "customer_ID" })),
        "{related:?}"
    );
    // A value that is logically deleted is none any more; of a list that nothing names there are none.
    assert_eq!(weavy.delete("Data/DEMO/generictype/CUSTOMER_TYPE-SUSPECT").await.status, 200);
    let again = call(&app, "WHK_Customer", request("DEFINITION", &json!({}))).await;
    assert_eq!(again["response"]["data"]["generictype_ID_customerType"].as_array().map(Vec::len), Some(2));
    let settings = "name: x\nservers: { weavy: { settings: { value_lists: { customer.country: BRAND } } } }";
    app.load("default", settings).await;
    let own = call(&app, "WHK_Customer", request("DEFINITION", &json!({}))).await;
    let data = own["response"]["data"].as_object().unwrap();
    assert_eq!(data.keys().collect::<Vec<_>>(), ["generictype_ID_country"]);
    assert!(data["generictype_ID_country"][0]["code"].as_str().unwrap().starts_with("BRAND-"));
}
