//! Switches, strict mode, and profiles that users correct.

use std::io::Write as _;

use erpsatz::Config;
use reqwest::Method;
use serde_json::json;

use super::{Weavy, refusal};
use crate::support::{App, send};

async fn with(settings: &str) -> App {
    App::scenario(&format!("servers: {{ weavy: {{ settings: {settings} }} }}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_can_be_closed() {
    let app = with(
        "{ entity_access: { supplier: { apiRead: false }, symptom: { apiUpdate: false }, planning: { apiRead: false, apiInsert: false, apiUpdate: false } } }",
    )
    .await;
    let weavy = Weavy::of(&app).await;
    let bulk =
        json!({ "entityName": "symptom", "rows": [{ "symptom_ID": "N1" }, { "symptom_ID": "BRUIT" }] });
    for (answer, status) in [
        (weavy.get("Data/DEMO/supplier").await, 403),
        (weavy.get("Data/DEMO/supplier/F001").await, 403),
        (weavy.post("Data/DEMO/Select", json!({ "entityName": "supplier" })).await, 403),
        (weavy.get("Data/DEMO/symptom").await, 200),
        (weavy.put("Data/DEMO/symptom/BRUIT", json!({ "label": "x" })).await, 403),
        (weavy.delete("Data/DEMO/symptom/BRUIT").await, 403),
        (weavy.post("Data/DEMO/BulkImport", bulk).await, 403),
        (weavy.get("Data/DEMO/symptom/N1").await, 404),
        (weavy.get("Dictionary/DEMO/supplier").await, 200),
        (weavy.get("Dictionary/DEMO/planning").await, 403),
    ] {
        assert_eq!(answer.status, status, "{}", answer.body);
    }
    assert_eq!(weavy.get("Dictionary/DEMO").await.json().as_array().unwrap().len(), 44);
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_of_writing() {
    let app =
        with("{ strict_foreign_keys: true, ignore_unknown_fields: true, dataset_logical_delete: true }")
            .await;
    let weavy = Weavy::of(&app).await;
    let key = json!({ "contract_ID": "S", "contractmodel_ID": "ANY" });
    assert_eq!(refusal(&weavy.post("Data/DEMO/contract", key).await).0, 400);
    assert_eq!(weavy.put("Data/DEMO/symptom/BRUIT", json!({ "nope": 1 })).await.status, 200);
    let body = json!({ "equipmentkind": { "equipmentkind_ID": "K", "equipmenttype": [{ "equipmenttype_ID": "T" }] } });
    let path = "Data/DEMO/DataSet?deleteMode=1&serverExport=0";
    assert_eq!(weavy.post(path, body).await.status, 200);
    let emptied = json!({ "equipmentkind": { "equipmentkind_ID": "K", "equipmenttype": [] } });
    assert_eq!(weavy.post(path, emptied).await.json()["deletedRow"], 1);
    assert_eq!(weavy.record("equipmenttype", "T").await["srvAttrib"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn assumed_routes_can_be_renamed() {
    let app = with("{ routes: { bulk_import: '/v1/Data/{project}/Import/Rows' } }").await;
    let weavy = Weavy::of(&app).await;
    let body = json!({ "entityName": "symptom", "rows": [] });
    assert_eq!(weavy.post("data/DEMO/import/ROWS", body.clone()).await.status, 200);
    assert_eq!(weavy.post("Data/DEMO/BulkImport", body).await.status, 404, "now the name of an entity");
    for routes in
        ["{ bulk_imports: '/v1/{project}' }", "{ select: '/v1/{project}' }", "{ tasks: '/v1/Tasks' }"]
    {
        let scenario = format!("servers: {{ weavy: {{ settings: {{ routes: {routes} }} }} }}");
        let load = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario);
        assert_eq!(send(load).await.status, 400, "{routes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_what_no_source_shows() {
    let app = App::scenario("strict: true").await;
    let weavy = Weavy::of(&app).await;
    let no_scope = json!({ "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = app.request("weavy", Method::POST, "/v1/Authenticate").json(&no_scope);
    assert_eq!(send(login).await.status, 400);
    assert_eq!(weavy.get("Data/DEMO/product?top=5").await.status, 400);
    for (operator, status) in [("Equal", 200), ("StartWith", 200), ("Contain", 400), ("IsNull", 400)] {
        let filter = json!([{ "fieldName": "description", "operator": operator, "filterValues": ["x"] }]);
        let body = json!({ "entityName": "product", "filterFields": filter });
        assert_eq!(weavy.post("Data/DEMO/Select", body).await.status, status, "{operator}");
    }
    assert_eq!(weavy.put("Data/DEMO/customer/C0000001", json!({ "blocked": "1" })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_adds_entities_and_fields() {
    let mut file = tempfile::Builder::new().suffix(".yaml").tempfile().unwrap();
    let profile = r#"
entities:
  final_machine:
    about: "Machines on lease."
    evidence: client
    fields:
      label: { kind: text, max_length: 20, required: true, evidence: client }
      customer_ID_payer: { kind: text, max_length: 255, evidence: client }
  customer:
    fields:
      final_segment: { kind: integer, evidence: client }
labels:
  final_machine: { EN: Machine, FR: Machine, DE: Maschine }
"#;
    file.write_all(profile.as_bytes()).unwrap();
    let profiles = [("weavy".to_owned(), file.path().to_owned())].into_iter().collect();
    let app = App::with(Config { profiles, ..Config::default() }).await;
    let weavy = Weavy::of(&app).await;
    let described = weavy.get("Dictionary/DEMO/final_machine").await.json();
    let fields: Vec<&str> = described["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| field["fieldName"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["CodeFinal_machine", "label", "customer_ID_payer"]);
    assert_eq!(described["fields"][2]["fieldType"], "text(foreignkey)");
    let machine = |payer: &str| json!({ "final_machine_ID": "M1", "label": "x", "customer_ID_payer": payer });
    assert_eq!(refusal(&weavy.post("Data/DEMO/final_machine", machine("NOPE")).await).0, 400);
    assert_eq!(weavy.post("Data/DEMO/final_machine", machine("C0000001")).await.status, 200);
    let nameless = json!({ "final_machine_ID": "M2" });
    assert_eq!(refusal(&weavy.post("Data/DEMO/final_machine", nameless).await).0, 400, "a mandatory field");
    let segment = weavy.put("Data/DEMO/customer/C0000001", json!({ "final_segment": "7" })).await;
    assert_eq!(segment.json()["final_segment"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_project_its_key_and_the_life_of_tokens_are_settings() {
    let app = App::scenario(
        "clock: { start: 2026-03-02T08:00:00Z, frozen: true }\nservers: { weavy: { settings: \
        { project: OTHER, token_key: 'another key for tests', token_lifetime: 60 } } }",
    )
    .await;
    let login = |project: &str| {
        let body = json!({ "scope": "API", "projectCode": project, "userName": "api", "password": "api" });
        send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&body))
    };
    assert!(login("DEMO").await.status.is_client_error());
    let token = login("OTHER").await.json()["authToken"].as_str().expect("a token").to_owned();
    let weavy = Weavy { app: &app, token };
    assert_eq!(weavy.get("Data/OTHER/customer").await.status, 200);
    // A token that the usual key signed opens nothing here.
    let usual = App::start().await;
    let foreign = Weavy { app: &app, token: Weavy::of(&usual).await.token };
    assert_eq!(foreign.get("Data/OTHER/customer").await.status, 401);
    app.advance("61s").await;
    assert_eq!(weavy.get("Data/OTHER/customer").await.status, 401);
}
