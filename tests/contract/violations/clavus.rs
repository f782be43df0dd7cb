//! Clavus: what the GraphQL engine finds is in the journal as rules, too.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{makes, makes_none, of_last, reported};
use crate::support::{App, send};

const ENDPOINT: &str = "/api/external/graphql";

fn post(app: &App, body: &Value) -> RequestBuilder {
    app.request("clavus", Method::POST, ENDPOINT).bearer_auth("demo-key").json(body)
}

fn asked(query: &str, variables: &str) -> Value {
    let variables: Value = serde_json::from_str(variables).expect("JSON");
    json!({ "query": query, "variables": variables })
}

/// A document, its variables, and the one violation.
type Mistake = (&'static str, &'static str, &'static str);

const BY_PAGE: &str = "query ($p: Int!) { erpEnrAPI { getColumns(page: $p, itemParPage: 5) { id } } }";
const FILTERED: &str = "query ($f: [FilterInput]) { erpEnrAPI { getFolders(page: 1, itemParPage: 5, \
    filterColumns: $f) { totalCount } } }";

const REFUSED: &[Mistake] = &[
    (
        "{ erpEnrAPI { getColumns(page: 1, itemsPerPage: 5) { id } } }",
        "null",
        "parameter 1:35 -> itemParPage",
    ),
    (
        "{ erpEnrAPI { getColumns(page: 1, itemParPage: 5, search: \"x\") { id } } }",
        "null",
        "parameter 1:51 -> -",
    ),
    ("{ erpEnrAPI { getColumns(page: 1) { id } } }", "null", "required 1:15 -> itemParPage"),
    ("{ erpEnrAPI { getColumns(page: 1, itemParPage: 5) { id labels } } }", "null", "field 1:56 -> label"),
    ("{ erpEnrAPI { getColums(page: 1, itemParPage: 5) { id } } }", "null", "field 1:15 -> getColumns"),
    ("{ erpEnrAPI { getColumns(page: \"1\", itemParPage: 5) { id } } }", "null", "type 1:32 -> Int"),
    (BY_PAGE, r#"{ "p": "x" }"#, "type 1:8 -> Int"),
    (BY_PAGE, "{}", "required 1:8 -> $p"),
    (
        FILTERED,
        r#"{ "f": [{ "column": "commercial", "operator": "=", "values": "user1" }] }"#,
        "field 1:8 -> value",
    ),
    ("mutation { upsertProspect(type: MORALE) { id } }", "null", "value 1:33 -> MORAL"),
    ("{ erpEnrAPI { getFolders(page: Int!, itemParPage: Int!) { totalCount } } }", "null", "body 1:35 -> -"),
];

/// What is read all the same.
const LENIENT: &[Mistake] = &[
    ("{ getTeams { id } }", "null", "alias 1:3 -> erpEnrAPI.getTeams"),
    ("{ erpEnrAPI { getUsers { firstname } } }", "null", "alias 1:26 -> firstName"),
    (
        FILTERED,
        r#"{ "f": [{ "column": "commercial", "operator": "==", "value": "user1" }] }"#,
        "value 1:92 -> =",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    for (query, variables, expected) in REFUSED.iter().chain(LENIENT) {
        makes(&app, post(&app, &asked(query, variables)), expected).await;
    }
    assert_eq!(reported(&app).await, REFUSED.len() + LENIENT.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_http_around_it_is_checked_too() {
    let app = App::start().await;
    let query = json!({ "query": "{ erpEnrAPI { getTeams { id } } }" });
    let request = |method: Method, path: &str| app.request("clavus", method, path);
    for wrong in ["autorization", "x-api-key"] {
        let keyed = request(Method::POST, ENDPOINT).header(wrong, "Bearer demo-key").json(&query);
        let expected = format!("header {wrong} -> Authorization");
        assert_eq!(makes(&app, keyed, &expected).await.status, 401);
    }
    let bare = request(Method::POST, ENDPOINT).header(AUTHORIZATION, "demo-key").json(&query);
    assert_eq!(makes(&app, bare, "header Authorization -> Authorization: Bearer …").await.status, 401);
    let misspelt = post(&app, &json!({ "query": query["query"], "variabels": {} }));
    assert_eq!(makes(&app, misspelt, "field variabels -> variables").await.status, 200);
    let raw = |media: &str| {
        let request = request(Method::POST, ENDPOINT).bearer_auth("demo-key").header(CONTENT_TYPE, media);
        request.body("{ erpEnrAPI { getTeams { id } } }")
    };
    let expected = "content-type content-type -> application/json";
    assert_eq!(makes(&app, raw("application/graphql"), expected).await.status, 200);
    // The example of the vendor's page.
    assert_eq!(makes(&app, raw("application/json"), "body body -> -").await.status, 400);
    let put = request(Method::PUT, ENDPOINT).bearer_auth("demo-key").json(&query);
    assert_eq!(makes(&app, put, "verb PUT -> POST, GET /api/external/graphql").await.status, 405);
    let lost = request(Method::POST, "/api/external/graphq").bearer_auth("demo-key").json(&query);
    let expected = "path /api/external/graphq -> POST /api/external/graphql";
    assert_eq!(makes(&app, lost, expected).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pages_write_is_within_the_contract() {
    let app = App::start().await;
    let folders = "query ($p: Int!, $f: [FilterInput], $s: [SortByInput]) { erpEnrAPI { getFolders(page: $p, \
        itemParPage: 25, search: \"dupont\", columns: [\"commercial\"], filterColumns: $f, sortBy: $s) { totalCount \
        results { id columns { id name value } } } } }";
    let variables = r#"{ "p": 1, "f": [{ "column": "commercial", "operator": "=", "value": "user1" }],
        "s": [{ "column": "commercial", "direction": "desc" }] }"#;
    let prospect =
        "mutation { upsertProspect(firstName: \"Jean\", type: PHYSIQUE, gps: [\"0.2\", \"1.2\"]) { id } }";
    let schema =
        "{ __schema { queryType { name } } erpEnrAPI { __typename getUsers(teamId: \"1\") { id } } }";
    for body in [asked(folders, variables), asked(prospect, "null"), asked(schema, "{}")] {
        let answer = makes_none(&app, post(&app, &body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["errors"]),
            (200, &Value::Null),
            "{}",
            answer.body
        );
    }
    let link = app.request("clavus", Method::POST, "/api/downloadFile").bearer_auth("demo-key");
    let link = makes_none(&app, link.json(&json!({ "fileId": "devis-001" }))).await.json();
    let path =
        link["data"]["s3Url"].as_str().expect("a link").split_once("/__s3").expect("a path").1.to_owned();
    let file = app.request("clavus", Method::GET, &format!("/__s3{path}"));
    assert_eq!(makes_none(&app, file).await.status, 200);
    assert_eq!(reported(&app).await, 0);
    let assumed = app.journal("default").await[1]["assumptions"].clone();
    let assumed: Vec<&Value> = assumed.as_array().expect("a list").iter().map(|fact| &fact["name"]).collect();
    assert_eq!(assumed, ["ProspectTypeEnum.PHYSIQUE"], "the prospect's");
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_and_changes_nothing() {
    let app = App::scenario("strict: true").await;
    for (query, variables, expected) in LENIENT {
        let answer = send(post(&app, &asked(query, variables))).await;
        assert!(answer.json()["errors"][0]["message"].is_string(), "{}", answer.body);
        let place = expected.split(' ').nth(1).expect("a position");
        assert!(of_last(&app).await[0].contains(place), "{query}");
    }
    let before = app.records("clavus", "prospects").await;
    let body = json!({ "query": "mutation { upsertProspect(firstName: \"x\") { id } }", "variabels": {} });
    let answer = makes(&app, post(&app, &body), "field variabels -> variables").await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_REQUEST");
    assert!(error["message"].as_str().expect("a message").contains("variables"), "{error}");
    assert_eq!(app.records("clavus", "prospects").await, before);
}
