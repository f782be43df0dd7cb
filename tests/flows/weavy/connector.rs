//! What the real connector of the sheet's sources does (C1).

use serde_json::{Value, json};

use super::Weavy;
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn the_connector_goes_through_its_round() {
    let app = App::scenario("clock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let body = json!({ "projectCode": "DEMO", "username": "api", "password": "api" });
    let login = send(app.request("weavy", reqwest::Method::POST, "/v1/Authenticate").json(&body)).await;
    assert_eq!(login.status, 200, "no scope, and `username` in lower case");
    let token = login.json()["authToken"].as_str().unwrap().to_owned();
    let weavy = Weavy { app: &app, token };

    let dictionary = weavy.get("Dictionary/DEMO/customercontact").await.json();
    let fields = dictionary["fields"].as_array().unwrap();
    assert!(fields.iter().any(|field| field["fieldName"] == "bouncedEmailDetected"));

    let created = weavy
        .post("Data/DEMO/customercontact", json!({ "customercontact_ID": "MTC1", "email": "m@x.example" }))
        .await;
    assert_eq!(created.status, 200);
    app.advance("1h").await;
    let changed = weavy
        .put("Data/DEMO/customercontact/MTC1", json!({ "customercontact_ID": "MTC1", "lastName": "Mautic" }))
        .await;
    assert_eq!(changed.status, 200);

    let window = |from: &str, to: &str| {
        json!({ "entityName": "customercontact", "limit": 100, "offset": 0,
            "returnFields": [{ "fieldName": "email" }, { "fieldName": "lastName" }],
            "filterFields": [
                { "filterKey": "srvDate", "fieldName": "srvDate", "operator": "GreaterThan", "filterValues": [from] },
                { "filterKey": "srvDate", "fieldName": "srvDate", "operator": "LessThan", "filterValues": [to] } ] })
    };
    let rows = weavy.select(window("2026-03-02 08:30:00", "2026-03-02 09:30:00")).await;
    let expected = json!([{ "srvExport": 1, "srvDateUTC": "2026-03-02T09:00:00", "srvAttrib": 0,
        "customercontact_ID": "MTC1", "email": "m@x.example", "lastName": "Mautic" }]);
    assert_eq!(Value::Array(rows), expected, "the code and the date come without being asked for");
    assert!(weavy.select(window("2026-03-02 07:30:00", "2026-03-02 09:00:00")).await.is_empty());

    let find = json!({ "entityName": "customercontact", "filterFields": [
        { "fieldName": "email", "operator": "equal", "filterValues": ["M@X.example"] } ] });
    assert_eq!(weavy.select(find).await.len(), 1, "the operator's name in lower case");
    assert_eq!(weavy.get("Data/DEMO/customercontact/UNKNOWN").await.status, 404);
    assert_eq!(weavy.put("Data/DEMO/customercontact/UNKNOWN", json!({ "lastName": "x" })).await.status, 404);
}
