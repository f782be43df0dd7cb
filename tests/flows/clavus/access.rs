//! Keys (2.2, 10.2).

use reqwest::Method;
use serde_json::json;

use super::{PATH, refusal};
use crate::support::{Answer, App, send};

const UNAUTHORIZED: &str =
    r#"{"errors":[{"message":"Unauthorized","extensions":{"code":"UNAUTHENTICATED"}}]}"#;

async fn with_header(app: &App, value: Option<&str>, body: &str) -> Answer {
    let request = app.request("clavus", Method::POST, PATH).header("content-type", "application/json");
    let request = match value {
        Some(value) => request.header("authorization", value),
        None => request,
    };
    send(request.body(body.to_owned())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_key_gets_the_same_401_before_the_body_is_read() {
    let app = App::start().await;
    for value in [
        None,
        Some(""),
        Some("demo-key"),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer  demo-key"),
        Some("Bearer demo key"),
        Some("Bearer nobody"),
        Some("Bearer suspended-key"),
        Some("Basic demo-key"),
    ] {
        for body in [r#"{"query":"{ __schema { queryType { name } } }"}"#, r#"{"query":"{"}"#, "nonsense", ""]
        {
            let answer = with_header(&app, value, body).await;
            assert_eq!(
                (answer.status.as_u16(), answer.body.as_str()),
                (401, UNAUTHORIZED),
                "{value:?} {body}"
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
    for value in ["Bearer demo-key", "bearer demo-key", "BEARER demo-key", "  Bearer demo-key  "] {
        let answer = with_header(&app, Some(value), r#"{"query":"{ __typename }"}"#).await;
        assert_eq!(answer.body, r#"{"data":{"__typename":"Query"}}"#, "{value}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_have_a_state() {
    let app = App::start().await;
    let status =
        async || with_header(&app, Some("Bearer demo-key"), r#"{"query":"{ __typename }"}"#).await.status;
    assert_eq!(app.act("clavus", "suspend-key", json!({ "key": "demo-key" })).await["_state"], "suspended");
    assert_eq!(status().await, 401);
    app.act("clavus", "restore-key", json!({ "key": "demo-key" })).await;
    assert_eq!(status().await, 200);
    let path = "/sandboxes/default/data/clavus/keys/demo-key";
    let answer = send(app.control(Method::PUT, path).json(&json!({ "_state": "deleted" }))).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(status().await, 401);
    let unknown = app.control(Method::POST, "/sandboxes/default/actions/clavus/suspend-key");
    assert_eq!(send(unknown.json(&json!({ "key": "nobody" }))).await.status, 404);
    let key = json!({ "key": "with blank" });
    let refused = send(app.control(Method::POST, "/sandboxes/default/data/clavus/keys").json(&key)).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_bad_key_is_a_setting() {
    for status in [200, 400] {
        let app = App::scenario(&format!(
            "name: s\nservers: {{ clavus: {{ settings: {{ auth_error_status: {status} }} }} }}"
        ))
        .await;
        let answer = with_header(&app, None, "").await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (status, UNAUTHORIZED));
        // The REST companion documents its 401.
        let answer = send(app.request("clavus", Method::POST, "/api/downloadFile")).await;
        assert_eq!(answer.status, 401);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_of_a_key_can_be_limited() {
    let scenario = "name: r
clock: { start: 2026-03-02T08:00:10Z, frozen: true }
servers: { clavus: { settings: { rate_limit_per_minute: 2 } } }";
    let app = App::scenario(scenario).await;
    let call = async || with_header(&app, Some("Bearer demo-key"), r#"{"query":"{ __typename }"}"#).await;
    for left in ["1", "0"] {
        let answer = call().await;
        assert_eq!((answer.status.as_u16(), answer.header("x-ratelimit-remaining")), (200, left));
        assert_eq!(answer.header("x-ratelimit-limit"), "2");
        assert_eq!(answer.header("x-ratelimit-reset"), "1772438460");
    }
    let answer = call().await;
    assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (429, "TOO_MANY_REQUESTS"));
    assert_eq!(answer.header("x-ratelimit-remaining"), "0");
    app.advance("PT50S").await;
    assert_eq!(call().await.status, 200);
    // A fault's answer looks the same.
    app.fault(json!({ "server": "clavus", "when": {}, "then": { "status": 429 } })).await;
    let faked = call().await;
    assert_eq!((faked.status, &faked.body), (answer.status, &answer.body));
    assert_eq!((faked.header("x-ratelimit-limit"), faked.header("x-ratelimit-remaining")), ("2", "0"));
    assert_eq!(faked.header("x-ratelimit-reset"), "1772438461");
}

/// However many minutes a key asks in, it has one number.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_has_one_counter() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = erpsatz::Config::default();
    config.options.data_dir = Some(folder.path().to_owned());
    let app = App::with(config).await;
    app.load(
        "default",
        "name: r\nclock: { start: 2026-03-02T08:00:10Z, frozen: true }\nservers: { clavus: { settings: { rate_limit_per_minute: 2 } } }",
    )
    .await;
    for _ in 0..3 {
        for status in [200, 200, 429, 429] {
            let answer = with_header(&app, Some("Bearer demo-key"), r#"{"query":"{ __typename }"}"#).await;
            assert_eq!(answer.status, status);
        }
        app.advance("1m").await;
    }
    app.stop().await;
    let database = rusqlite::Connection::open(folder.path().join("default/clavus.sqlite")).unwrap();
    let counters: i64 = database
        .query_row("SELECT count(*) FROM _counters WHERE name LIKE 'requests/%'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(counters, 1);
}
