//! Documents that mean harm: an error, never a 500, and the next request is answered at once.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;

use super::{PATH, ask, data, refusal, signed};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn hostile_documents_are_refused_fast() {
    let app = App::start().await;
    let aliases: String = (0..10_000).map(|n| format!("a{n}: erpEnrAPI {{ __typename }} ")).collect();
    let same = "getTeams { id } ".repeat(10_000);
    let deep = format!("{}{}", "{ a ".repeat(1000), "}".repeat(1000));
    let list = format!("{{ a(b: {}{}) }}", "[".repeat(1000), "]".repeat(1000));
    let kind = format!("query($a: {}Int{}) {{ a }}", "[".repeat(10_000), "]".repeat(10_000));
    let cycle =
        "{ getTeams { ...A } } fragment A on Team { id ...B } fragment B on Team { name ...A }".to_owned();
    let chain: String = (0..5_000).map(|n| format!("fragment F{n} on Team {{ ...F{} }} ", n + 1)).collect();
    let back: String =
        (0..5_000).rev().map(|n| format!("fragment F{n} on Team {{ ...F{} }} ", n + 1)).collect();
    let bomb: String =
        (0..40).map(|n| format!("fragment F{n} on Team {{ id ...F{} ...F{} }} ", n + 1, n + 1)).collect();
    let errors = "nope ".repeat(4_000);
    for (name, query) in [
        ("aliases", format!("{{ {aliases} }}")),
        ("one field", format!("{{ {same} }}")),
        ("depth", deep),
        ("list", list),
        ("type", kind),
        ("cycle", cycle),
        ("chain", format!("{{ getTeams {{ ...F0 }} }} {chain} fragment F5000 on Team {{ id }}")),
        ("chain from its end", format!("fragment F5000 on Team {{ id }} {back} {{ getTeams {{ ...F0 }} }}")),
        ("bomb", format!("{{ getTeams {{ ...F0 }} }} {bomb} fragment F40 on Team {{ id }}")),
        ("errors", format!("{{ {errors} }}")),
    ] {
        let began = now();
        let answer = ask(&app, &query).await;
        assert_eq!(answer.status, 400, "{name}: {}", answer.body);
        assert!(answer.json()["errors"].as_array().expect("errors").len() <= 101, "{name}");
        assert!(began.elapsed() < Duration::from_secs(2), "{name}: {:?}", began.elapsed());
        assert_eq!(data(&app, "{ __typename }").await, json!({ "__typename": "Query" }), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_too_large_or_too_deep_are_refused() {
    let app = App::start().await;
    let query = format!(
        "{{ erpEnrAPI {{ getFolders(page: 1, itemParPage: 1, search: \"{}\") {{ totalCount }} }} }}",
        "a".repeat(5 << 20)
    );
    let answer = ask(&app, &query).await;
    assert_eq!((answer.status.as_u16(), refusal(&answer).1.as_str()), (413, "BAD_REQUEST"));
    let nested = format!(
        "{{\"query\":\"{{ __typename }}\",\"variables\":{}{}}}",
        "{\"a\":".repeat(1000),
        "}".repeat(1000)
    );
    let request = signed(&app, Method::POST, PATH).header("content-type", "application/json");
    assert_eq!(send(request.body(nested)).await.status, 400);
    // What fits is searched, however long.
    let query = query.replace(&"a".repeat(5 << 20), &"a ".repeat(100_000));
    assert_eq!(ask(&app, &query).await.status, 200);
    data(&app, "{ __typename }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_settings_with_clear_errors() {
    let app = App::scenario("name: l\nservers: { clavus: { settings: { max_depth: 3, max_complexity: 4, max_aliases: 1, max_body_bytes: 200 } } }").await;
    for (query, message) in [
        ("{ erpEnrAPI { getTeams { id } } }", None),
        (
            "{ erpEnrAPI { getFolders(page: 1, itemParPage: 1) { results { id } } } }",
            Some("Query depth limit of 3 exceeded."),
        ),
        ("{ a: __typename b: __typename }", Some("Query alias limit of 1 exceeded.")),
        ("{ getTeams { id name color description } }", Some("Query complexity limit of 4 fields exceeded.")),
        (
            "{ getTeams { ...F } } fragment F on Team { id name color description }",
            Some("Query complexity limit of 4 fields exceeded."),
        ),
    ] {
        let answer = ask(&app, query).await;
        match message {
            None => assert_eq!(answer.status, 200, "{}", answer.body),
            Some(message) => {
                let expected = (message.to_owned(), "GRAPHQL_VALIDATION_FAILED".to_owned());
                assert_eq!((answer.status.as_u16(), refusal(&answer)), (400, expected));
            }
        }
    }
    assert_eq!(ask(&app, &format!("{{ __typename }} #{}", "x".repeat(200))).await.status, 413);
}

#[expect(clippy::disallowed_methods, reason = "real time is measured")]
fn now() -> Instant {
    Instant::now()
}
