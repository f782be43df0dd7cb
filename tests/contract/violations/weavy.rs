//! Divalto weavy.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};

use super::{makes, makes_none, of_last, reported};
use crate::support::{App, send};

const LOGIN: &str = r#"{ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" }"#;

async fn token(app: &App) -> String {
    let login = app.request("weavy", Method::POST, "/v1/Authenticate");
    let answer = send(login.header(CONTENT_TYPE, "application/json").body(LOGIN)).await;
    answer.json()["authToken"].as_str().expect("a token").to_owned()
}

/// A signed-in request; with a body, unless it is empty.
fn request(app: &App, token: &str, method: &str, path: &str, body: &'static str) -> RequestBuilder {
    let method = method.parse().expect("a verb");
    let request = app.request("weavy", method, &format!("/v1/{path}")).bearer_auth(token);
    if body.is_empty() { request } else { request.header(CONTENT_TYPE, "application/json").body(body) }
}

/// Verb, path, body, and the one violation.
type Mistake = (&'static str, &'static str, &'static str, &'static str);

const SELECT: &str = "Data/DEMO/Select";

/// What strict mode refuses in the gate; some of it is refused by the simulator as well.
const LENIENT: &[Mistake] = &[
    ("GET", "Data/DEMO/customer?top=5", "", "parameter top -> limit"),
    ("GET", "Data/DEMO/customer?ofset=5", "", "parameter ofset -> offset"),
    ("GET", "Data/DEMO/customer?srvExport=1", "", "alias srvExport -> serverExport"),
    ("POST", SELECT, r#"{ "entityName": "product", "limits": 5 }"#, "field limits -> limit"),
    ("POST", SELECT, r#"{ "entityName": "product", "serverExport": 1 }"#, "alias serverExport -> srvExport"),
    ("POST", SELECT, r#"{ "entityName": "product", "limit": "5" }"#, "type limit -> integer"),
    ("POST", SELECT, r#"{ "entityName": "produkt" }"#, "value entityName -> product"),
    (
        "POST",
        SELECT,
        r#"{ "entityName": "product", "filterFields": [{ "fieldName": "descripton", "operator": "Equal", "filterValues": ["x"] }] }"#,
        "value filterFields[0].fieldName -> description",
    ),
    (
        "POST",
        SELECT,
        r#"{ "entityName": "product", "filterFields": [{ "fieldName": "description", "operator": "Equals", "filterValues": ["x"] }] }"#,
        "value filterFields[0].operator -> Equal",
    ),
    ("POST", "Data/DEMO/customer", r#"{ "CodeCustomer": "N1" }"#, "alias CodeCustomer -> customer_ID"),
    ("POST", "Data/DEMO/customer", r#"{ "blocked": "1" }"#, "type blocked -> boolean"),
    ("POST", "Data/DEMO/customer", r#"{ "nam": "x" }"#, "field nam -> name"),
    ("POST", "Data/DEMO/customer", r#"{ "name": 5 }"#, "type name -> text"),
    (
        "PUT",
        "Data/DEMO/customercontact/K0000001",
        r#"{ "gpsLatitude": "43.5" }"#,
        "type gpsLatitude -> decimal",
    ),
    ("DELETE", "Data/DEMO/customer/C0000003?deletemode=Soft", "", "parameter deleteMode -> -"),
    (
        "POST",
        "Data/DEMO/DataSet?deleteMode=3&serverExport=1",
        r#"{ "customer": { "customer_ID": "N2" } }"#,
        "parameter deleteMode -> -",
    ),
    (
        "POST",
        "Data/DEMO/DataSet?deleteMode=0&serverExport=1",
        r#"{ "custommer": { "customer_ID": "N2" } }"#,
        "field custommer -> customer",
    ),
    (
        "POST",
        "Data/DEMO/BulkImport",
        r#"{ "entityName": "customer", "rows": [{ "customer_ID": "N3", "citty": "Lyon" }] }"#,
        "field rows[0].citty -> city",
    ),
    (
        "POST",
        "EntryPoints/DEMO/process?c=EPT_WebhookSubscribe",
        r#"{ "event": "NewCustommer", "hookUrl": "http://127.0.0.1:9/" }"#,
        "value event -> NewCustomer",
    ),
];

/// What every mode answers alike, in the simulator's own words.
const REFUSED: &[Mistake] = &[
    (
        "POST",
        "Data/DEMO/DataSet?serverExport=1",
        r#"{ "customer": { "customer_ID": "N2" } }"#,
        "required deleteMode -> deleteMode",
    ),
    (
        "POST",
        "Data/DEMO/DataSet?deleteMode=0",
        r#"{ "customer": { "customer_ID": "N2" } }"#,
        "required serverExport -> serverExport",
    ),
    (
        "POST",
        "Data/DEMO/BulkImport",
        r#"{ "entityName": "customer", "rows": [{ "name": "x" }] }"#,
        "required rows[0].customer_ID -> rows[0].customer_ID",
    ),
    ("POST", SELECT, "", "required body -> body"),
    ("POST", SELECT, "{", "body body -> -"),
    ("GET", SELECT, "", "verb GET -> POST /v1/Data/{project}/Select"),
    (
        "PATCH",
        "Data/DEMO/customer/C0000001",
        "",
        "verb PATCH -> GET, PUT, DELETE /v1/Data/{project}/{entity}/{code}",
    ),
    ("GET", "Data/DEMO/custommer", "", "path /v1/Data/DEMO/custommer -> GET /v1/Data/DEMO/customer"),
    ("POST", "Authentificate", LOGIN, "path /v1/Authentificate -> POST /v1/Authenticate"),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    let token = token(&app).await;
    for (method, path, body, expected) in LENIENT.iter().chain(REFUSED) {
        makes(&app, request(&app, &token, method, path, body), expected).await;
    }
    assert_eq!(reported(&app).await, LENIENT.len() + REFUSED.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_of_a_request_are_checked_too() {
    let app = App::start().await;
    let token = token(&app).await;
    let get = || app.request("weavy", Method::GET, "/v1/Data/DEMO/customer");
    let bare = get().header(AUTHORIZATION, &token);
    assert_eq!(makes(&app, bare, "header Authorization -> Authorization: Bearer …").await.status, 401);
    assert_eq!(makes(&app, get().header("Token", &token), "header token -> Authorization").await.status, 401);
    let post = app.request("weavy", Method::POST, "/v1/Data/DEMO/customer").bearer_auth(&token);
    let plain = post.header(CONTENT_TYPE, "text/plain").body("{}");
    let expected = "content-type content-type -> application/json";
    assert_eq!(makes(&app, plain, expected).await.status, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pages_and_clients_write_is_within_the_contract() {
    let app = App::start().await;
    let token = token(&app).await;
    assert_eq!(of_last(&app).await, [""; 0]);
    for (method, path, body) in [
        ("GET", "data/DEMO/Customer/?limit=5&Offset=2&srvAttrib=1&serverExport=1", ""),
        (
            "POST",
            SELECT,
            r#"{ "EntityName": "Product", "filterFields": [
                { "filterKey": "k", "fieldName": "srvDate", "operator": "equal", "filterValues": ["2026-01-01 00:00:00"] },
                { "filterKey": "k", "fieldName": "saleMultiple", "ifNullValue": 1, "operator": "LessThan", "filterValues": [5] }] }"#,
        ),
        (
            "POST",
            "Data/DEMO/DataSet?deleteMode=0&serverExport=1&companyCode=C01",
            r#"{ "intervention": { "intervention_ID": "I-9", "startDate": "2026-05-02 08:30:00", "interventionequipment": [],
                "interventionpart": [{ "interventionpart_ID": "I-9-1", "intervention_ID": "I-9" }] } }"#,
        ),
        ("PUT", "Data/DEMO/customer/C0000001", r#"{ "customer_ID": "C0000001", "comment": null }"#),
        ("DELETE", "Data/DEMO/customer/C0000001?deleteMode=logical", ""),
        ("DELETE", "Data/DEMO/customer/C0000002", ""),
        ("POST", "Tasks/DEMO", r#"["EVT_EXPORT"]"#),
        (
            "POST",
            "Data/DEMO/ServerExport",
            r#"{ "entityName": "customer", "srvExport": 0, "rows": [{ "rowCode": "C0000003", "srvDateUTC": "2026-01-03T09:14:26" }] }"#,
        ),
        (
            "PUT",
            "Data/DEMO/ServerExports",
            r#"[{ "entityName": "customer", "srvExport": 1, "rows": [{ "rowCode": "C0000003", "srvDateUTC": "2026-01-03T09:14:26" }] }]"#,
        ),
        (
            "PUT",
            "Data/DEMO/DeleteDataSet",
            r#"{ "deleteMode": "Physical", "deletes": { "customer": ["N"] } }"#,
        ),
    ] {
        let answer = makes_none(&app, request(&app, &token, method, path, body)).await;
        assert_eq!(answer.status, 200, "{method} {path}: {}", answer.body);
    }
    assert_eq!(reported(&app).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_and_changes_nothing() {
    let app = App::scenario("strict: true").await;
    let token = token(&app).await;
    let before = app.records("weavy", "customer").await;
    for (method, path, body, expected) in LENIENT {
        let answer = makes(&app, request(&app, &token, method, path, body), expected).await;
        assert_eq!(answer.status, 400, "{method} {path}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        let detail = &answer.json()["details"][0];
        let (place, nearest) = expected.split_once(" -> ").expect("a nearest form");
        assert_eq!(detail["fieldName"], place.split_once(' ').expect("a position").1, "{}", answer.body);
        let message = detail["message"].as_str().expect("a message");
        assert!(nearest == "-" || message.contains(nearest), "{message}");
    }
    assert_eq!(app.records("weavy", "customer").await, before);
}
