//! Which requests a fault rule means: spans of simulated time, and places in a row of requests.

use reqwest::Method;
use serde_json::json;

use super::{call, report};
use crate::support::{App, send};

const PRODUCTS: &str = "/api/Entity/Product";

async fn statuses(app: &App, count: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..count {
        statuses.push(call(app, Method::GET, PRODUCTS).await);
    }
    statuses
}

/// `from` counts, `to` does not; either may be missing; both are instants or times since the start.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_holds_between_two_times() {
    for (between, expected) in [
        ("{ from: PT10M, to: PT20M }", [200, 503, 503, 200, 200]),
        ("{ from: 2026-03-02T08:10:00Z, to: 2026-03-02T08:20:00Z }", [200, 503, 503, 200, 200]),
        ("{ from: 15m }", [200, 200, 503, 503, 503]),
        ("{ to: 10m }", [503, 200, 200, 200, 200]),
    ] {
        let scenario = format!(
            "
clock: {{ start: 2026-03-02T08:00:00Z, frozen: true }}
faults:
  - {{ server: onlineerp, when: {{ between: {between} }}, then: {{ status: 503 }} }}
"
        );
        let app = App::scenario(&scenario).await;
        let mut seen = Vec::new();
        // At 0, 10, 15, 20 and 25 minutes.
        for step in ["10m", "5m", "5m", "5m", "0s"] {
            seen.extend(statuses(&app, 1).await);
            app.advance(step).await;
        }
        assert_eq!(seen, expected, "{between}");
    }
}

/// `nth` is one place or several, counted among the requests that match the rest.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_means_the_nth_requests() {
    for (nth, expected) in [("2", [200, 503, 200, 200]), ("[1, 3]", [503, 200, 503, 200])] {
        let app = App::scenario(&format!(
            "
faults:
  - {{ id: some, server: onlineerp, when: {{ method: GET, path: /api/Entity/Product, nth: {nth} }}, then: {{ status: 503 }} }}
"
        ))
        .await;
        assert_eq!(call(&app, Method::GET, "/api/Entity/Customer").await, 200, "it is not counted");
        assert_eq!(statuses(&app, 4).await, expected, "{nth}");
        let rule = send(app.control(Method::GET, "/sandboxes/default/faults/some")).await.json();
        assert_eq!(
            (&rule["hits"], &rule["completed"]),
            (&json!(expected.iter().filter(|s| **s == 503).count()), &json!(true))
        );
    }
    let app = App::start().await;
    for nth in [json!(0), json!([]), json!([1, 0]), json!("2"), json!(-1)] {
        let rule = json!({ "server": "onlineerp", "when": { "nth": nth }, "then": { "drop": true } });
        let refused = send(app.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
        assert!(refused.status == 400 && refused.body.contains("`nth`"), "{nth}: {}", refused.body);
    }
}

/// Headers whatever the case of their names, parameters decoded; `*` stands for anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_means_headers_and_parameters() {
    let app = App::scenario(
        "
faults:
  - { server: onlineerp, when: { header: { X-Run: 'a*' }, query: { $filter: '*a b*' } }, then: { status: 503 } }
",
    )
    .await;
    let status = async |header: &str, query: &str| {
        let request = app.request("onlineerp", Method::GET, &format!("{PRODUCTS}?{query}"));
        send(request.basic_auth("DEMO-LICENCE", Some("demo-secret")).header("x-run", header))
            .await
            .status
            .as_u16()
    };
    assert_eq!(status("abc", "$filter=Description%20eq%20'a+b'").await, 503);
    assert_ne!(status("bc", "$filter=Description%20eq%20'a+b'").await, 503, "another header");
    assert_ne!(status("abc", "$filter=Description%20eq%20'c'").await, 503, "another value");
}

/// A path that nobody documents is a mistake, unless a fault or a step says that it is meant.
#[tokio::test(flavor = "multi_thread")]
async fn undocumented_paths_must_be_meant() {
    let app = App::start().await;
    for (entry, status) in [
        ("faults: [ { server: onlineerp, when: { path: /x }, then: { status: 418 }, MEANT } ]", 418),
        (
            "faults: [ { id: on, server: onlineerp, then: { status: 418 } } ]
steps: [ { at: 0s, do: [ { faults: { off: [on] } } ] }, { on: { request: { server: onlineerp, path: /x }, MEANT }, do: [ { faults: { on: [on] } } ] } ]",
            404,
        ),
    ] {
        let with = |meant: &str| format!("name: x\n{}\n", entry.replace(", MEANT", meant));
        let put = |text: String| app.control(Method::PUT, "/sandboxes/default/scenario").body(text);
        let refused = send(put(with(""))).await;
        assert!(refused.status == 400 && refused.body.contains("`/x`"), "{}", refused.body);
        let taken = send(put(with(", undocumented: true"))).await;
        assert!(taken.status.is_success(), "{}", taken.body);
        assert_eq!(call(&app, Method::GET, "/x").await, status, "{entry}");
        assert_eq!(call(&app, Method::GET, "/x").await, 418, "{entry}");
    }
}

/// A record that the vendor only marks as deleted is none.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_marked_as_deleted_is_not_there() {
    let app = App::start().await;
    let is_there = |times| {
        let record = json!({ "server": "weavy", "entity": "customer", "where": { "customer_ID": "C0000001" }, "times": { "exactly": times } });
        app.control(Method::POST, "/sandboxes/default/verify").json(&json!({ "record": record }))
    };
    assert_eq!(send(is_there(1)).await.json()["met"], true);
    let login = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    let login = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&login)).await;
    let token = login.json()["authToken"].as_str().expect("a token").to_owned();
    let gone = app.request("weavy", Method::DELETE, "/v1/Data/DEMO/customer/C0000001").bearer_auth(token);
    assert_eq!(send(gone).await.status, 200);
    assert_eq!(send(is_there(0)).await.json()["met"], true);
}

/// Records are expected in a company, or in the first.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_expected_in_a_company() {
    let app = App::scenario(
        "
expect:
  - record: { server: onlineerp, entity: Product, company: '2', where: { NoProduit: ONLY-2 } }
  - record: { server: onlineerp, entity: Product, where: { NoProduit: ONLY-2 } }
",
    )
    .await;
    let path = "/sandboxes/default/data/onlineerp/Product?company=2";
    assert_eq!(
        send(app.control(Method::POST, path).json(&json!({ "NoProduit": "ONLY-2" }))).await.status,
        201
    );
    let expectations = report(&app).await["expectations"].clone();
    assert_eq!((&expectations[0]["met"], &expectations[1]["met"]), (&json!(true), &json!(false)));
}
