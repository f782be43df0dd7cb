//! What expectations can say: statuses, absence, numbers, time, records, verdicts; at run time too; and what they cannot.

use reqwest::Method;
use serde_json::{Value, json};

use super::{call, report};
use crate::support::{App, send};

const PRODUCTS: &str = "/api/Entity/Product";

async fn met(app: &App) -> Vec<bool> {
    let report = report(app).await;
    report["expectations"].as_array().unwrap().iter().map(|one| one["met"].as_bool().unwrap()).collect()
}

async fn add(app: &App, expectation: Value) -> (u16, Value) {
    let request = app.control(Method::POST, "/sandboxes/default/expectations").json(&expectation);
    let answer = send(request).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn statuses_absence_numbers_and_time() {
    let app = App::scenario(
        "
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
expect:
  - request: { server: onlineerp, method: GET, path: /api/Entity/Product, status: 4xx }
  - request: { server: onlineerp, method: GET, path: /api/Entity/Product, status: [200, 204] }
  - request: { server: onlineerp, path: /api/Entity/Product, query: { $skip: null, $top: { at_least: 5, less_than: 10 } } }
  - request: { server: onlineerp, path: /api/Entity/Product, header: { X-Trace: null } }
    times: { exactly: 2 }
  - request: { server: onlineerp, path: /api/Entity/Product, between: { from: 10m, to: 20m } }
",
    )
    .await;
    let anonymous = app.request("onlineerp", Method::GET, PRODUCTS).header("X-Trace", "1");
    assert_eq!(send(anonymous).await.status, 401);
    assert_eq!(met(&app).await, [true, false, false, false, false]);
    call(&app, Method::GET, &format!("{PRODUCTS}?$top=10")).await;
    assert_eq!(met(&app).await, [true, true, false, false, false]);
    app.advance("10m").await;
    call(&app, Method::GET, &format!("{PRODUCTS}?$top=9")).await;
    assert_eq!(met(&app).await, [true, true, true, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn records_in_the_end_and_verdicts() {
    let app = App::scenario(
        "
expect:
  - record: { server: onlineerp, entity: Product, where: { NoProduit: BOLT-M8 }, times: { exactly: 1 } }
  - record: { server: onlineerp, entity: Product, where: { NoProduit: NEW }, times: { exactly: 1 } }
  - no_verdicts: { except: [list_not_finished] }
",
    )
    .await;
    assert_eq!(met(&app).await, [true, false, true]);
    let missed = report(&app).await["expectations"][1].clone();
    assert!(missed["nearest"][0]["difference"].as_str().is_some_and(|what| what.starts_with("NoProduit is")));
    let path = "/sandboxes/default/data/onlineerp/Product";
    assert_eq!(send(app.control(Method::POST, path).json(&json!({ "NoProduit": "NEW" }))).await.status, 201);
    assert_eq!(met(&app).await, [true, true, true]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_sandbox_takes_expectations() {
    let app = App::start().await;
    call(&app, Method::GET, PRODUCTS).await;
    let read = json!({ "request": { "server": "onlineerp", "path": PRODUCTS } });
    let (status, added) = add(&app, json!([read, { "no_violations": true }])).await;
    assert_eq!((status, &added["total"]), (201, &json!(2)), "{added}");
    assert_eq!(met(&app).await, [false, true], "what was before does not count");
    let verify = app.control(Method::POST, "/sandboxes/default/verify").json(&read);
    let verified = send(verify).await.json();
    assert_eq!(
        (&verified["met"], &verified["count"]),
        (&json!(true), &json!(1)),
        "the journal has it: {verified}"
    );
    call(&app, Method::GET, PRODUCTS).await;
    assert_eq!(met(&app).await, [true, true]);
    let id = added["items"][1]["id"].as_str().unwrap();
    let path = format!("/sandboxes/default/expectations/{id}");
    assert_eq!(send(app.control(Method::GET, &path)).await.json()["met"], true);
    assert_eq!(send(app.control(Method::DELETE, &path)).await.status, 204);
    assert_eq!(send(app.control(Method::GET, &path)).await.status, 404);
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    let list = send(app.control(Method::GET, "/sandboxes/default/expectations")).await.json();
    assert_eq!(list["total"], 0, "they go with reset: {list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_operation_takes_is_refused_with_the_nearest() {
    let app = App::start().await;
    for (request, nearest) in [
        (
            json!({ "server": "onlineerp", "method": "GET", "path": "/api/Entity/Produkt" }),
            "/api/Entity/Product",
        ),
        (json!({ "server": "comarch-xt", "method": "DELETE", "path": "/api2/public/token" }), "POST"),
        (json!({ "server": "weavy", "path": "/v2/*" }), "/v1/"),
    ] {
        let (status, refused) = add(&app, json!({ "request": request })).await;
        let message = refused["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(status == 400 && message.contains(nearest), "{request}: {status} {message}");
        let (status, taken) = add(&app, json!({ "request": request, "undocumented": true })).await;
        assert_eq!(status, 201, "{taken}");
        let (status, warned) = add(&app, json!({ "request": request, "never": true })).await;
        assert!(status == 201 && warned["items"][0]["warning"].is_string(), "{warned}");
    }
    let rule =
        json!({ "server": "onlineerp", "when": { "path": "/api/Entity/Produkt" }, "then": { "drop": true } });
    let refused = send(app.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
    assert_eq!(refused.status, 400, "{}", refused.body);
    for wrong in [
        json!({ "request": { "server": "onlineerp", "status": "9xx" } }),
        json!({ "no_verdicts": ["done_twise"] }),
        json!({ "record": { "server": "onlineerp", "entity": "Produkt" } }),
        json!({ "record": { "server": "comarch-xt", "entity": "products", "where": { "Nam": "x" } } }),
    ] {
        assert_eq!(add(&app, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_on_names_that_nobody_documents_are_warned_of() {
    let app = App::start().await;
    let product = |method: &str, part: &str, name: &str| {
        json!({ "request": {
        "server": "onlineerp", "method": method, "path": "/api/Entity/Product", part: { name: 1 },
    } })
    };
    for (expected, warning) in [
        (product("POST", "body", "PrixVnte"), "did you mean `PrixVente`"),
        (product("GET", "query", "$tpo"), "did you mean `$top`"),
        (
            json!({ "request": { "server": "8sens", "body": { "lignes.artiD": 1, "lignes.xyz": 1 } } }),
            "`xyz`",
        ),
        (
            json!({ "record": { "server": "onlineerp", "entity": "Product", "where": { "Zone": 1 } } }),
            "`Zone`",
        ),
    ] {
        let (status, taken) = add(&app, expected.clone()).await;
        let said = taken["items"][0]["warning"].as_str().unwrap_or_default();
        assert!(status == 201 && said.contains(warning), "{expected}: {status} {taken}");
    }
    for expected in [
        product("POST", "body", "PrixVente"),
        product("GET", "query", "$filter"),
        json!({ "request": { "server": "comarch-xt", "path": "*token", "body": { "grant_type": "x" } } }),
        json!({ "request": { "server": "clavus", "body": { "query": "*upsertProspect*", "variables.id": null } } }),
        json!({ "undocumented": true, "request": { "server": "weavy", "query": { "zone": 1 } } }),
    ] {
        let (status, taken) = add(&app, expected.clone()).await;
        assert!(status == 201 && taken["items"][0]["warning"].is_null(), "{expected}: {status} {taken}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_miss_says_what_was_sent_without_secrets() {
    let app = App::scenario(
        "
expect:
  - { request: { server: comarch-xt, method: POST, body: { grant_type: password } } }
  - { request: { server: comarch-xt, method: POST, body: { client_secret: other } } }
",
    )
    .await;
    let form = "grant_type=client_credentials&client_secret=hidden";
    let token = app.request("comarch-xt", Method::POST, "/api2/public/token").body(form);
    send(token.header("content-type", "application/x-www-form-urlencoded")).await;
    let report = report(&app).await;
    let told =
        |place: usize| report["expectations"][place]["nearest"][0]["difference"].as_str().unwrap().to_owned();
    assert_eq!(told(0), "body field grant_type is `client_credentials`, not password");
    assert!(!report["expectations"].to_string().contains("hidden"), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_name_the_erp_and_bodies_of_reads() {
    let app = App::start().await;
    let read =
        app.request("onlineerp", Method::GET, PRODUCTS).basic_auth("DEMO-LICENCE", Some("demo-secret"));
    send(read.header("COMPANY_ID", "0").body("{}")).await;
    let write =
        app.request("onlineerp", Method::POST, PRODUCTS).basic_auth("DEMO-LICENCE", Some("demo-secret"));
    send(write.header("COMPANY_ID", "1").json(&json!({ "NoProduit": "X" }))).await;
    let violations = report(&app).await["violations"].to_string();
    assert!(violations.contains("GET /api/Entity/Product takes no body"), "{violations}");
    assert!(violations.contains("Product takes no POST at QuickBooks Online, company 1"), "{violations}");
}
