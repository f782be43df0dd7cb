//! Clavus: what the GraphQL engine finds is in the journal as rules, too.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{expect_one, reported, violations};
use crate::support::{App, send};

const ENDPOINT: &str = "/api/external/graphql";

fn post(app: &App, body: &Value) -> RequestBuilder {
    app.request("clavus", Method::POST, ENDPOINT).bearer_auth("demo-key").json(body)
}

/// A document, its variables, and the one violation: rule, position, nearest.
type Mistake = (&'static str, Value, &'static str, &'static str, Value);

fn refused() -> Vec<Mistake> {
    let none = || Value::Null;
    vec![
        (
            "{ erpEnrAPI { getColumns(page: 1, itemsPerPage: 5) { id } } }",
            none(),
            "parameter",
            "1:35",
            json!("itemParPage"),
        ),
        (
            "{ erpEnrAPI { getColumns(page: 1, itemParPage: 5, search: \"x\") { id } } }",
            none(),
            "parameter",
            "1:51",
            none(),
        ),
        ("{ erpEnrAPI { getColumns(page: 1) { id } } }", none(), "required", "1:15", json!("itemParPage")),
        (
            "{ erpEnrAPI { getColumns(page: 1, itemParPage: 5) { id labels } } }",
            none(),
            "field",
            "1:56",
            json!("label"),
        ),
        (
            "{ erpEnrAPI { getColums(page: 1, itemParPage: 5) { id } } }",
            none(),
            "field",
            "1:15",
            json!("getColumns"),
        ),
        (
            "{ erpEnrAPI { getColumns(page: \"1\", itemParPage: 5) { id } } }",
            none(),
            "type",
            "1:32",
            json!("Int"),
        ),
        (
            "query ($p: Int!) { erpEnrAPI { getColumns(page: $p, itemParPage: 5) { id } } }",
            json!({ "p": "x" }),
            "type",
            "1:8",
            json!("Int"),
        ),
        (
            "query ($p: Int!) { erpEnrAPI { getColumns(page: $p, itemParPage: 5) { id } } }",
            json!({}),
            "required",
            "1:8",
            json!("$p"),
        ),
        (
            "query ($f: [FilterInput]) { erpEnrAPI { getFolders(page: 1, itemParPage: 5, filterColumns: $f) { totalCount } } }",
            json!({ "f": [{ "column": "commercial", "operator": "=", "values": "user1" }] }),
            "field",
            "1:8",
            json!("value"),
        ),
        ("mutation { upsertProspect(type: MORALE) { id } }", none(), "value", "1:33", json!("MORAL")),
        (
            "{ erpEnrAPI { getFolders(page: Int!, itemParPage: Int!) { totalCount } } }",
            none(),
            "body",
            "1:35",
            none(),
        ),
    ]
}

/// What is read all the same.
fn lenient() -> Vec<Mistake> {
    vec![
        ("{ getTeams { id } }", Value::Null, "alias", "1:3", json!("erpEnrAPI.getTeams")),
        ("{ erpEnrAPI { getUsers { firstname } } }", Value::Null, "alias", "1:26", json!("firstName")),
        (
            "{ erpEnrAPI { getFolders(page: 1, itemParPage: 5, filterColumns: [{ column: \"commercial\", operator: \"==\", value: \"user1\" }]) { totalCount } } }",
            Value::Null,
            "value",
            "1:66",
            json!("="),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    let mistakes: Vec<Mistake> = refused().into_iter().chain(lenient()).collect();
    let count = mistakes.len();
    for (query, variables, rule, position, nearest) in mistakes {
        let body = json!({ "query": query, "variables": variables });
        expect_one(&app, post(&app, &body), rule, position, nearest).await;
    }
    assert_eq!(reported(&app).await, count);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_http_around_it_is_checked_too() {
    let app = App::start().await;
    let query = json!({ "query": "{ erpEnrAPI { getTeams { id } } }" });
    let request = |method: Method, path: &str| app.request("clavus", method, path);
    let keyed = |name: &str| request(Method::POST, ENDPOINT).header(name, "Bearer demo-key").json(&query);
    for wrong in ["autorization", "x-api-key"] {
        assert_eq!(expect_one(&app, keyed(wrong), "header", wrong, json!("Authorization")).await, 401);
    }
    let bare = request(Method::POST, ENDPOINT).header(AUTHORIZATION, "demo-key").json(&query);
    assert_eq!(
        expect_one(&app, bare, "header", "Authorization", json!("Authorization: Bearer …")).await,
        401
    );
    let misspelt = post(&app, &json!({ "query": query["query"], "variabels": {} }));
    assert_eq!(expect_one(&app, misspelt, "field", "variabels", json!("variables")).await, 200);
    let raw = |media: &str, body: &'static str| {
        request(Method::POST, ENDPOINT).bearer_auth("demo-key").header(CONTENT_TYPE, media).body(body)
    };
    let plain = raw("application/graphql", "{ erpEnrAPI { getTeams { id } } }");
    assert_eq!(expect_one(&app, plain, "content-type", "content-type", json!("application/json")).await, 200);
    let curl = raw("application/json", "{ erpEnrAPI { getTeams { id } } }");
    assert_eq!(expect_one(&app, curl, "body", "body", Value::Null).await, 400, "the example of the page");
    let put = request(Method::PUT, ENDPOINT).bearer_auth("demo-key").json(&query);
    let both = json!("POST, GET /api/external/graphql");
    assert_eq!(expect_one(&app, put, "verb", "PUT", both).await, 405);
    let lost = request(Method::POST, "/api/external/graphq").bearer_auth("demo-key").json(&query);
    assert_eq!(
        expect_one(&app, lost, "path", "/api/external/graphq", json!("POST /api/external/graphql")).await,
        404
    );
    let file = request(Method::POST, "/api/downloadFile")
        .bearer_auth("demo-key")
        .json(&json!({ "file": "devis-001" }));
    send(file).await;
    let found = violations(&app).await;
    assert_eq!(found.len(), 2, "an unknown field and a missing one: {found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_pages_write_is_within_the_contract() {
    let app = App::start().await;
    let folders = "query ($p: Int!, $f: [FilterInput], $s: [SortByInput]) { erpEnrAPI { getFolders(page: $p, itemParPage: 25, \
        search: \"dupont\", columns: [\"commercial\"], filterColumns: $f, sortBy: $s) { totalCount results { id columns { id name value } } } } }";
    let filters = json!([{ "column": "commercial", "operator": "=", "value": "user1" }]);
    let variables = json!({ "p": 1, "f": filters, "s": [{ "column": "commercial", "direction": "desc" }] });
    let prospect = "mutation { upsertProspect(firstName: \"Jean\", type: PHYSIQUE, gps: [\"0.2\", \"1.2\"]) { id type } }";
    for body in [
        json!({ "query": folders, "variables": variables }),
        json!({ "query": prospect }),
        json!({ "query": "{ __schema { queryType { name } } erpEnrAPI { __typename getUsers(teamId: \"1\") { id firstName } } }" }),
    ] {
        let answer = send(post(&app, &body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["errors"]),
            (200, &Value::Null),
            "{}",
            answer.body
        );
        assert_eq!(violations(&app).await, [], "{body}");
    }
    let link = app.request("clavus", Method::POST, "/api/downloadFile").bearer_auth("demo-key");
    let link = send(link.json(&json!({ "fileId": "devis-001" }))).await.json()["data"]["s3Url"].clone();
    let path = link.as_str().unwrap().split_once("/__s3").unwrap().1.to_owned();
    assert_eq!(send(app.request("clavus", Method::GET, &format!("/__s3{path}"))).await.status, 200);
    assert_eq!(reported(&app).await, 0);
    let assumed: Vec<Value> = app.journal("default").await[1]["assumptions"].as_array().unwrap().clone();
    assert!(assumed.iter().any(|fact| fact["name"] == "ProspectTypeEnum.PHYSIQUE"), "{assumed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_and_changes_nothing() {
    let app = App::scenario("strict: true").await;
    for (query, _, _, position, _) in lenient() {
        let answer = send(post(&app, &json!({ "query": query }))).await;
        assert!(answer.json()["errors"][0]["message"].is_string(), "{}", answer.body);
        assert_eq!(violations(&app).await[0].1, position, "{query}");
    }
    let before = app.records("clavus", "prospects").await;
    let body = json!({ "query": "mutation { upsertProspect(firstName: \"x\") { id } }", "variabels": {} });
    let answer = send(post(&app, &body)).await;
    assert_eq!(answer.status, 400, "{}", answer.body);
    let error = &answer.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_REQUEST");
    assert!(error["message"].as_str().unwrap().contains("variables"), "{error}");
    assert_eq!(app.records("clavus", "prospects").await, before);
}
