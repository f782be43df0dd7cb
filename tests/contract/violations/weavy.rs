//! Divalto weavy.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{expect_one, reported, violations};
use crate::support::{App, send};

const LOGIN: &str = r#"{ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" }"#;

async fn token(app: &App) -> String {
    let login = app.request("weavy", Method::POST, "/v1/Authenticate");
    let answer = send(login.header(CONTENT_TYPE, "application/json").body(LOGIN)).await;
    answer.json()["authToken"].as_str().expect("a token").to_owned()
}

/// A signed-in request; with a body, unless it is null.
fn request(app: &App, token: &str, method: &Method, path: &str, body: &Value) -> RequestBuilder {
    let request = app.request("weavy", method.clone(), &format!("/v1/{path}")).bearer_auth(token);
    if body.is_null() { request } else { request.json(body) }
}

/// Verb, path, body, and the one violation: rule, position, nearest.
type Mistake = (Method, &'static str, Value, &'static str, &'static str, Value);

/// What the simulator takes all the same: only strict mode refuses it.
fn lenient() -> Vec<Mistake> {
    let select = |part: Value| {
        let mut body = json!({ "entityName": "product" });
        body.as_object_mut().unwrap().extend(part.as_object().unwrap().clone());
        body
    };
    let filter = |field: &str, operator: &str| {
        select(
            json!({ "filterFields": [{ "fieldName": field, "operator": operator, "filterValues": ["x"] }] }),
        )
    };
    vec![
        (Method::GET, "Data/DEMO/customer?top=5", Value::Null, "parameter", "top", Value::Null),
        (Method::GET, "Data/DEMO/customer?ofset=5", Value::Null, "parameter", "ofset", json!("offset")),
        (
            Method::GET,
            "Data/DEMO/customer?srvExport=1",
            Value::Null,
            "alias",
            "srvExport",
            json!("serverExport"),
        ),
        (Method::POST, "Data/DEMO/Select", select(json!({ "limits": 5 })), "field", "limits", json!("limit")),
        (
            Method::POST,
            "Data/DEMO/Select",
            select(json!({ "serverExport": 1 })),
            "alias",
            "serverExport",
            json!("srvExport"),
        ),
        (
            Method::POST,
            "Data/DEMO/Select",
            select(json!({ "limit": "5" })),
            "type",
            "limit",
            json!("integer"),
        ),
        (
            Method::POST,
            "Data/DEMO/customer",
            json!({ "CodeCustomer": "N1" }),
            "alias",
            "CodeCustomer",
            json!("customer_ID"),
        ),
        (Method::POST, "Data/DEMO/customer", json!({ "blocked": "1" }), "type", "blocked", json!("boolean")),
        (
            Method::PUT,
            "Data/DEMO/customercontact/K0000001",
            json!({ "gpsLatitude": "43.5" }),
            "type",
            "gpsLatitude",
            json!("decimal"),
        ),
        // What the simulator refuses as well, in its own words.
        (Method::POST, "Data/DEMO/customer", json!({ "nam": "x" }), "field", "nam", json!("name")),
        (Method::POST, "Data/DEMO/customer", json!({ "name": 5 }), "type", "name", json!("text")),
        (
            Method::DELETE,
            "Data/DEMO/customer/C0000003?deletemode=Soft",
            Value::Null,
            "parameter",
            "deleteMode",
            Value::Null,
        ),
        (
            Method::POST,
            "Data/DEMO/DataSet?deleteMode=3&serverExport=1",
            json!({ "customer": { "customer_ID": "N2" } }),
            "parameter",
            "deleteMode",
            Value::Null,
        ),
        (
            Method::POST,
            "Data/DEMO/DataSet?deleteMode=0&serverExport=1",
            json!({ "custommer": { "customer_ID": "N2" } }),
            "field",
            "custommer",
            json!("customer"),
        ),
        (
            Method::POST,
            "Data/DEMO/Select",
            json!({ "entityName": "produkt" }),
            "value",
            "entityName",
            json!("product"),
        ),
        (
            Method::POST,
            "Data/DEMO/Select",
            filter("descripton", "Equal"),
            "value",
            "filterFields[0].fieldName",
            json!("description"),
        ),
        (
            Method::POST,
            "Data/DEMO/Select",
            filter("description", "Equals"),
            "value",
            "filterFields[0].operator",
            json!("Equal"),
        ),
        (
            Method::POST,
            "Data/DEMO/BulkImport",
            json!({ "entityName": "customer", "rows": [{ "customer_ID": "N3", "citty": "Lyon" }] }),
            "field",
            "rows[0].citty",
            json!("city"),
        ),
        (
            Method::POST,
            "EntryPoints/DEMO/process?c=EPT_WebhookSubscribe",
            json!({ "event": "NewCustommer", "hookUrl": "http://127.0.0.1:9/" }),
            "value",
            "event",
            json!("NewCustomer"),
        ),
    ]
}

/// What every mode answers alike, in the simulator's own words.
fn refused() -> Vec<Mistake> {
    let set = || json!({ "customer": { "customer_ID": "N2", "name": "x" } });
    vec![
        (
            Method::POST,
            "Data/DEMO/DataSet?serverExport=1",
            set(),
            "required",
            "deleteMode",
            json!("deleteMode"),
        ),
        (
            Method::POST,
            "Data/DEMO/DataSet?deleteMode=0",
            set(),
            "required",
            "serverExport",
            json!("serverExport"),
        ),
        (
            Method::POST,
            "Data/DEMO/BulkImport",
            json!({ "entityName": "customer", "rows": [{ "name": "x" }] }),
            "required",
            "rows[0].customer_ID",
            json!("rows[0].customer_ID"),
        ),
        (Method::POST, "Data/DEMO/Select", Value::Null, "required", "body", json!("body")),
        (
            Method::GET,
            "Data/DEMO/Select",
            Value::Null,
            "verb",
            "GET",
            json!("POST /v1/Data/{project}/Select"),
        ),
        (
            Method::PATCH,
            "Data/DEMO/customer/C0000001",
            Value::Null,
            "verb",
            "PATCH",
            json!("GET, PUT, DELETE /v1/Data/{project}/{entity}/{code}"),
        ),
        (
            Method::PUT,
            "Data/DEMO/customer",
            json!({}),
            "verb",
            "PUT",
            json!("GET, POST /v1/Data/{project}/{entity}"),
        ),
        (
            Method::GET,
            "Data/DEMO/custommer",
            Value::Null,
            "path",
            "/v1/Data/DEMO/custommer",
            json!("GET /v1/Data/{project}/customer"),
        ),
        (
            Method::GET,
            "Datas/DEMO/customer",
            Value::Null,
            "path",
            "/v1/Datas/DEMO/customer",
            json!("GET /v1/Data/{project}/{entity}"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    let token = token(&app).await;
    let mistakes: Vec<Mistake> = lenient().into_iter().chain(refused()).collect();
    let count = mistakes.len();
    for (method, path, body, rule, position, nearest) in mistakes {
        expect_one(&app, request(&app, &token, &method, path, &body), rule, position, nearest).await;
    }
    assert_eq!(reported(&app).await, count);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_request_are_checked_too() {
    let app = App::start().await;
    let token = token(&app).await;
    let get = || app.request("weavy", Method::GET, "/v1/Data/DEMO/customer");
    let bare = get().header(AUTHORIZATION, &token);
    assert_eq!(
        expect_one(&app, bare, "header", "Authorization", json!("Authorization: Bearer …")).await,
        401
    );
    let other = get().header("Token", &token);
    assert_eq!(expect_one(&app, other, "header", "token", json!("Authorization")).await, 401);
    let post = || app.request("weavy", Method::POST, "/v1/Data/DEMO/customer").bearer_auth(&token);
    let plain = post().header(CONTENT_TYPE, "text/plain").body("{}");
    assert_eq!(expect_one(&app, plain, "content-type", "content-type", json!("application/json")).await, 415);
    let broken = post().header(CONTENT_TYPE, "application/json").body("{");
    assert_eq!(expect_one(&app, broken, "body", "body", Value::Null).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pages_and_clients_write_is_within_the_contract() {
    let app = App::start().await;
    let token = token(&app).await;
    assert_eq!(violations(&app).await, []);
    let filters = json!([
        { "filterKey": "k", "fieldName": "srvDate", "operator": "equal", "filterValues": ["2026-01-01 00:00:00"] },
        { "filterKey": "k", "fieldName": "saleMultiple", "ifNullValue": 1, "operator": "LessThan", "filterValues": [5] },
    ]);
    let part = json!({ "interventionpart_ID": "I-9-1", "intervention_ID": "I-9" });
    let set = json!({ "intervention": { "intervention_ID": "I-9", "startDate": "2026-05-02 08:30:00",
        "interventionpart": [part], "interventionequipment": [] } });
    for (method, path, body) in [
        (Method::GET, "data/DEMO/Customer/?limit=5&Offset=2&srvAttrib=1&serverExport=1", Value::Null),
        (Method::POST, "Data/DEMO/Select", json!({ "EntityName": "Product", "filterFields": filters })),
        (Method::POST, "Data/DEMO/DataSet?deleteMode=0&serverExport=1&companyCode=C01", set),
        (Method::PUT, "Data/DEMO/customer/C0000001", json!({ "customer_ID": "C0000001", "comment": null })),
        (Method::DELETE, "Data/DEMO/customer/C0000001?deleteMode=logical", Value::Null),
        (Method::DELETE, "Data/DEMO/customer/C0000002", Value::Null),
        (Method::POST, "Tasks/DEMO", json!(["EVT_EXPORT"])),
        (
            Method::PUT,
            "Data/DEMO/DeleteDataSet",
            json!({ "deleteMode": "Physical", "deletes": { "customer": ["N"] } }),
        ),
    ] {
        let answer = send(request(&app, &token, &method, path, &body)).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
        assert_eq!(violations(&app).await, [], "{method} {path}");
    }
    assert_eq!(reported(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_and_changes_nothing() {
    let app = App::scenario("strict: true").await;
    let token = token(&app).await;
    let before = app.records("weavy", "customer").await;
    for (method, path, body, rule, position, nearest) in lenient() {
        let answer = send(request(&app, &token, &method, path, &body)).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let detail = &answer.json()["details"][0];
        assert_eq!(detail["fieldName"], position, "{method} {path}: {}", answer.body);
        let message = detail["message"].as_str().unwrap();
        assert!(nearest.as_str().is_none_or(|nearest| message.contains(nearest)), "{message}");
        assert_eq!(violations(&app).await, [(rule.to_owned(), position.to_owned(), nearest)]);
    }
    assert_eq!(app.records("weavy", "customer").await, before);
}
