//! HTTP around the operation: bodies, methods, media types, the playground (2.1, 2.3, 10.3, 10.6).

use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{PATH, refusal, signed};
use crate::support::{App, send};

const MISSING: &str = "POST body missing, invalid Content-Type, or JSON object has no keys.";
const NO_QUERY: &str = "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.";

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_ask_nothing_are_refused() {
    let app = App::start().await;
    for (media, body, message) in [
        ("application/json", "", MISSING),
        ("application/json", "{}", MISSING),
        ("application/json", "{ erpEnrAPI { getTeams { id } } }", MISSING),
        ("application/json", "\"x\"", MISSING),
        ("text/plain", r#"{"query":"{ __typename }"}"#, MISSING),
        ("application/json", r#"{"q":1}"#, NO_QUERY),
        ("application/json", r#"{"query":""}"#, NO_QUERY),
        ("application/json", r#"{"query":3}"#, "GraphQL queries must be strings."),
        ("application/json", r#"[{"query":"{ __typename }"}]"#, "Operation batching disabled."),
        (
            "application/json",
            r#"{"query":"{ __typename }","variables":"{}"}"#,
            "`variables` in a POST body should be provided as an object, not a recursively JSON-encoded string.",
        ),
        (
            "application/json",
            r#"{"query":"{ __typename }","variables":[]}"#,
            "`variables` in a POST body must be an object if provided.",
        ),
        (
            "application/json",
            r#"{"query":"{ __typename }","operationName":3}"#,
            "`operationName` in a POST body must be a string if provided.",
        ),
    ] {
        let answer = send(signed(&app, Method::POST, PATH).header("content-type", media).body(body)).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(refusal(&answer), (message.to_owned(), "BAD_REQUEST".to_owned()), "{body}");
        assert!(answer.json().get("data").is_none());
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
    let raw = signed(&app, Method::POST, PATH).header("content-type", "application/graphql");
    assert_eq!(send(raw.body("{ __typename }")).await.body, r#"{"data":{"__typename":"Query"}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_are_chosen_by_name() {
    let app = App::start().await;
    let two = "query A { __typename } query B { erpEnrAPI { __typename } }";
    for (name, status, body) in [
        (json!("A"), 200, r#"{"data":{"__typename":"Query"}}"#),
        (json!("B"), 200, r#"{"data":{"erpEnrAPI":{"__typename":"ErpEnrAPI"}}}"#),
        (
            json!(null),
            400,
            r#"{"errors":[{"message":"Must provide operation name if query contains multiple operations.","extensions":{"code":"OPERATION_RESOLUTION_FAILURE"}}]}"#,
        ),
        (
            json!("Z"),
            400,
            r#"{"errors":[{"message":"Unknown operation named \"Z\".","extensions":{"code":"OPERATION_RESOLUTION_FAILURE"}}]}"#,
        ),
    ] {
        let request = json!({ "query": two, "operationName": name });
        let answer = send(signed(&app, Method::POST, PATH).json(&request)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, body));
    }
}

/// The endpoint with parameters.
fn with_query(query: &[(&str, &str)]) -> String {
    let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs: Vec<String> = query.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
    format!("{PATH}?{}", pairs.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn get_serves_queries_only() {
    let app = App::start().await;
    let get = |query: &[(&str, &str)]| send(signed(&app, Method::GET, &with_query(query)));
    let answer = get(&[
        ("query", "query($n: Boolean!) { __typename @skip(if: $n) erpEnrAPI { __typename } }"),
        ("variables", r#"{"n":true}"#),
    ])
    .await;
    assert_eq!(answer.body, r#"{"data":{"erpEnrAPI":{"__typename":"ErpEnrAPI"}}}"#);
    let answer = get(&[("query", "mutation { upsertProspect { id } }")]).await;
    assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "POST"));
    let message = "GET requests only support query operations, not mutation operations";
    assert_eq!(refusal(&answer), (message.to_owned(), "BAD_REQUEST".to_owned()));
    for query in [&[][..], &[("variables", "{}")], &[("query", "")]] {
        let answer = get(query).await;
        assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (400, "BAD_REQUEST"));
    }
    let answer = get(&[("query", "{ __typename }"), ("variables", "{")]).await;
    assert_eq!(refusal(&answer).0, "The `variables` search parameter contains invalid JSON.");
    assert_eq!(app.records("clavus", "prospects").await.len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn path_and_method_come_before_the_key() {
    let app = App::start().await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD] {
        let answer = send(app.request("clavus", method.clone(), PATH)).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, "GET, POST"), "{method}");
    }
    let answer = send(app.request("clavus", Method::OPTIONS, PATH)).await;
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let allowed = "authorization,content-type,erpsatz-sandbox,erpsatz-sandbox-id";
    assert_eq!(answer.header("access-control-allow-headers"), allowed);
    assert_eq!(answer.header("access-control-allow-methods"), "GET,POST,OPTIONS");
    let answer = send(app.request("clavus", Method::GET, "/api/other")).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (404, r#"{"error":"Not Found"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_the_playground_without_a_key() {
    let app = App::start().await;
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let answer = send(app.request("clavus", Method::GET, PATH).header("accept", browser)).await;
    assert_eq!(answer.status, 200);
    assert!(answer.header("content-type").starts_with("text/html"));
    assert!(answer.body.contains("<title>GraphQL Playground</title>"));
    assert!(answer.body.contains(r#"{"Authorization": "Bearer "}"#));
    assert!(!answer.body.contains("//"), "the page loads nothing from elsewhere");
    // With a query it is a call like any other.
    let answer = send(
        app.request("clavus", Method::GET, &format!("{PATH}?query={{__typename}}")).header("accept", browser),
    )
    .await;
    assert_eq!(answer.status, 401);
    let judged: Vec<usize> = app
        .journal("default")
        .await
        .iter()
        .map(|entry| entry["violations"].as_array().expect("a list").len())
        .collect();
    assert_eq!(judged, [0, 1], "the page is no call without a key");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_media_type_is_for_those_who_ask() {
    let app = App::start().await;
    for (accept, media) in [
        ("*/*", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("application/json, application/graphql-response+json;q=0.9", "application/json; charset=utf-8"),
    ] {
        let request = signed(&app, Method::POST, PATH).header("accept", accept);
        let answer = send(request.json(&json!({ "query": "{ __typename }" }))).await;
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, media), "{accept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_origin_may_read_every_answer() {
    let app = App::start().await;
    let origin = |request: reqwest::RequestBuilder| request.header("origin", "http://localhost:3000");
    let query = json!({ "query": "{ __typename }" });
    let mut answers = Vec::new();
    for (status, request) in [
        (200, signed(&app, Method::POST, PATH).json(&query)),
        (400, signed(&app, Method::POST, PATH).json(&json!({ "query": "{" }))),
        (401, app.request("clavus", Method::POST, PATH).json(&query)),
        (405, signed(&app, Method::PUT, PATH)),
        (404, signed(&app, Method::GET, "/api/other")),
        (200, signed(&app, Method::POST, "/api/downloadFile").json(&json!({ "fileId": "devis-001" }))),
        (404, signed(&app, Method::POST, "/api/downloadFile").json(&json!({ "fileId": "nope" }))),
        (403, app.request("clavus", Method::GET, "/__s3/devis-001?X-Amz-Signature=no")),
        (204, app.request("clavus", Method::OPTIONS, "/__s3/devis-001")),
    ] {
        answers.push((status, send(origin(request)).await));
    }
    let fault = json!({ "server": "clavus", "then": { "status": 503 } });
    assert_eq!(send(app.control(Method::POST, "/sandboxes/default/faults").json(&fault)).await.status, 201);
    answers.push((503, send(origin(signed(&app, Method::POST, PATH).json(&query))).await));
    for (status, answer) in answers {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{status}: {}", answer.body);
        assert_eq!(answer.header("access-control-expose-headers"), "erpsatz-sandbox-id", "{status}");
    }
}

/// `echo -n '{ __typename }' | sha256sum`.
const HASH: &str = "7f56e67dd21ab3f30d1ff8b7bed08893f0a0db86449836189b361dd1e56ddb4b";

#[tokio::test(flavor = "multi_thread")]
async fn a_persisted_query_is_known_once_it_came_with_its_text() {
    let app = App::start().await;
    let persisted =
        |version: u64, hash: &str| json!({ "persistedQuery": { "version": version, "sha256Hash": hash } });
    let post = |body: serde_json::Value| send(signed(&app, Method::POST, PATH).json(&body));
    let alone = json!({ "extensions": persisted(1, HASH) });
    let unknown = r#"{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}"#;
    let answer = post(alone.clone()).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, unknown));
    assert_eq!(answer.header("cache-control"), "private, no-cache, must-revalidate");
    for (body, message) in [
        (json!({ "query": "{ a }", "extensions": persisted(1, HASH) }), "provided sha does not match query"),
        (json!({ "extensions": persisted(2, HASH) }), "Unsupported persisted query version"),
    ] {
        let answer = post(body).await;
        let expected = (message.to_owned(), "INTERNAL_SERVER_ERROR".to_owned());
        assert_eq!((answer.status.as_u16(), refusal(&answer)), (400, expected));
    }
    // Nothing was remembered yet.
    assert_eq!(post(alone.clone()).await.body, unknown);
    let known = r#"{"data":{"__typename":"Query"}}"#;
    let both = json!({ "query": "{ __typename }", "extensions": persisted(1, HASH) });
    assert_eq!(post(both).await.body, known);
    assert_eq!(post(alone.clone()).await.body, known);
    let extensions = persisted(1, HASH).to_string();
    let by_get = with_query(&[("extensions", &extensions)]);
    assert_eq!(send(signed(&app, Method::GET, &by_get)).await.body, known);
    assert_eq!(send(app.control(Method::POST, "/sandboxes/default/reset")).await.status, 204);
    assert_eq!(post(alone).await.body, unknown, "a reset forgets it");
}

/// The `n`th of as many documents as are wanted.
fn aliased(n: usize) -> String {
    format!("{{ a{n}: __typename }}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_documents_are_remembered() {
    let app = App::start().await;
    let ask = async |n: usize, text: Option<String>| {
        let hash: String = Sha256::digest(aliased(n)).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut body = json!({ "extensions": { "persistedQuery": { "version": 1, "sha256Hash": hash } } });
        if let Some(text) = text {
            body["query"] = text.into();
        }
        send(signed(&app, Method::POST, PATH).json(&body)).await.body.contains("PersistedQueryNotFound")
    };
    for n in 0..1001 {
        assert!(!ask(n, Some(aliased(n))).await);
    }
    assert!(ask(0, None).await, "the oldest is forgotten");
    assert!(!ask(1, None).await && !ask(1000, None).await);
}
