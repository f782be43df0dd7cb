//! Steps: after a request, at a time, after one another.

use reqwest::Method;
use serde_json::json;

use super::{call, report};
use crate::support::{App, send};

const PRODUCTS: &str = "/api/Entity/Product";

#[tokio::test(flavor = "multi_thread")]
async fn requests_time_and_other_steps_set_steps_off() {
    let app = App::scenario(
        "
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults:
  - { id: broken, server: onlineerp, then: { status: 500 } }
steps:
  - { name: begin, at: 0s, do: [ { faults: { off: [broken] } } ] }
  - name: second
    on: { request: { server: onlineerp, path: /api/Entity/Product }, count: 2 }
    do:
      - advance: PT11M
      - insert: { server: onlineerp, entity: Product, records: [ { NoProduit: NEW } ] }
      - update: { server: onlineerp, entity: Product, key: BOLT-M8, set: { Description: changed } }
      - delete: { server: onlineerp, entity: Product, key: RONDELLE }
  - { after: second, do: [ { action: { server: onlineerp, name: robot-offline } } ] }
  - { at: 20m, do: [ { settings: { server: onlineerp, set: { robot: online } } } ] }
  - { name: hourly, at: 1h, repeat: true, do: [ { advance: 1s } ] }
",
    )
    .await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200, "the fault was switched off at the start");
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200, "the step comes after the request is handled");
    let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
    assert_eq!(clock["now"], "2026-03-02T08:11:00Z", "and before the answer goes out");
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 503);
    app.advance("9m").await;
    for (path, status) in [("/NEW", 200), ("/RONDELLE", 404)] {
        assert_eq!(call(&app, Method::GET, &format!("{PRODUCTS}{path}")).await, status, "{path}");
    }
    app.advance("2h").await;
    let steps = report(&app).await["steps"].clone();
    let fired: Vec<_> =
        steps.as_array().unwrap().iter().map(|step| step["fired"].as_u64().unwrap()).collect();
    assert_eq!(fired, [1, 1, 1, 1, 2], "{steps}");
    assert!(steps.as_array().unwrap().iter().all(|step| step["error"].is_null()), "{steps}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_in_the_report_and_the_rest_goes_on() {
    let app = App::scenario(
        "
steps:
  - name: bad
    on: { request: { server: onlineerp, path: /api/Entity/Product } }
    do: [ { delete: { server: onlineerp, entity: Product, key: NOTHING } }, { advance: 1h } ]
  - { after: bad, do: [ { action: { server: onlineerp, name: robot-offline } } ] }
",
    )
    .await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200);
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 503);
    let steps = report(&app).await["steps"].clone();
    assert!(steps[0]["error"].as_str().is_some_and(|error| error.contains("NOTHING")), "{steps}");
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_are_part_of_snapshots_and_reset() {
    let app = App::scenario(
        "
steps:
  - on: { request: { server: onlineerp, path: /api/Entity/Product }, count: 2 }
    do: [ { action: { server: onlineerp, name: robot-offline } } ]
",
    )
    .await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200);
    send(app.control(Method::PUT, "/sandboxes/default/snapshots/s")).await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200);
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 503);
    send(app.control(Method::POST, "/sandboxes/default/snapshots/s/restore")).await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200);
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 503, "the second again");
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    assert_eq!(report(&app).await["steps"][0]["fired"], json!(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_step_does_a_call_does_at_once() {
    let app = App::scenario(
        "
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults: [ { id: broken, server: onlineerp, then: { status: 500 } } ]
steps: [ { at: 1h, do: [ { delete: { server: onlineerp, entity: Product, key: RONDELLE } } ] } ]
",
    )
    .await;
    let enact = async |actions: serde_json::Value| {
        send(app.control(Method::POST, "/sandboxes/default/steps").json(&json!({ "do": actions }))).await
    };
    let done = enact(json!([{ "faults": { "off": ["broken"] } }, { "advance": "1h" }])).await;
    assert_eq!(done.status, 204, "{}", done.body);
    assert_eq!(call(&app, Method::GET, "/api/Entity/Product/RONDELLE").await, 404, "what falls due is done");
    let set = json!([{ "settings": { "server": "onlineerp", "set": { "robot": "offline" } } }]);
    assert_eq!(enact(set).await.status, 204);
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 503);
    let refused = enact(json!([{ "advance": "1h" }, { "faults": { "on": ["brokn"] } }])).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.body.contains("action 2") && refused.body.contains("did you mean `broken`"),
        "{}",
        refused.body
    );
    let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
    assert_eq!(clock["now"], "2026-03-02T09:00:00Z", "a mistake changes nothing");
}

/// Steps that set each other off without end: what was asked for is answered, and the server goes on.
#[tokio::test(flavor = "multi_thread")]
async fn steps_without_end_are_ended() {
    let app = App::scenario(
        "
steps:
  - { name: ping, on: { request: { server: onlineerp, path: /api/Entity/Product } }, do: [] }
  - { name: pong, after: ping, repeat: true, do: [] }
  - { name: ping, after: pong, repeat: true, do: [] }
",
    )
    .await;
    assert_eq!(call(&app, Method::GET, PRODUCTS).await, 200);
    let steps = report(&app).await["steps"].clone();
    let fired: u64 = steps.as_array().unwrap().iter().map(|step| step["fired"].as_u64().unwrap()).sum();
    assert!((1_000..=10_000).contains(&fired), "{fired}");
    assert_eq!(call(&app, Method::GET, "/api/Entity/Customer").await, 200, "the server goes on");
}

/// An action of a step takes its parameters from `with`; records of a step stand in the company that it names.
#[tokio::test(flavor = "multi_thread")]
async fn steps_give_parameters_and_companies() {
    let app = App::start().await;
    let actions = send(app.control(Method::GET, "/sandboxes/default/actions")).await.json();
    let with_parameters = |action: &&serde_json::Value| {
        action["parameters"]["required"].as_array().is_some_and(|required| !required.is_empty())
    };
    let action = actions["items"].as_array().unwrap().iter().find(with_parameters).expect("one takes some");
    let (server, name) = (&action["server"], &action["action"]);
    let enact = async |step: serde_json::Value| {
        send(app.control(Method::POST, "/sandboxes/default/steps").json(&json!({ "do": [step] }))).await
    };
    let missing = enact(json!({ "action": { "server": server, "name": name } })).await;
    assert!(missing.status == 400 && missing.body.contains("is missing"), "{}", missing.body);
    let unknown =
        enact(json!({ "action": { "server": server, "name": name, "with": { "frobnicate": 1 } } })).await;
    assert!(unknown.status == 400 && unknown.body.contains("frobnicate"), "{}", unknown.body);

    let records = json!([{ "NoProduit": "ONLY-2" }]);
    let insert = json!({ "insert": { "server": "onlineerp", "entity": "Product", "company": "2", "records": records } });
    let inserted = enact(insert).await;
    assert!(inserted.status.is_success(), "{}", inserted.body);
    for (company, status) in [("2", 200), ("1", 404)] {
        let path = format!("/sandboxes/default/data/onlineerp/Product/ONLY-2?company={company}");
        assert_eq!(send(app.control(Method::GET, &path)).await.status, status, "company {company}");
    }
}

const EVERY_SECOND: &str = "
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
steps:
  - name: tick
    at: 1s
    repeat: true
    do: []
states:
  far: [ { advance: PT12000S } ]
";

/// However the clock is moved, a jump that sets off too many steps is refused, and nothing has happened.
#[tokio::test(flavor = "multi_thread")]
async fn no_jump_sets_off_too_many_steps() {
    let app = App::scenario(EVERY_SECOND).await;
    let state = async || {
        let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.body;
        (clock, report(&app).await["steps"].clone())
    };
    let before = state().await;
    let jump = json!({ "do": [{ "advance": "PT12000S" }] });
    let halves = json!({ "do": [{ "advance": "PT6000S" }, { "advance": "PT6000S" }] });
    let far = json!({ "state": "far", "action": "setup" });
    for (method, call, body) in [
        (Method::PATCH, "clock", json!({ "advance": "PT12000S" })),
        (Method::POST, "steps", jump),
        (Method::POST, "steps", halves),
        (Method::POST, "pact-states", far),
    ] {
        let path = format!("/sandboxes/default/{call}");
        let refused = send(app.control(method, &path).json(&body)).await;
        assert_eq!(refused.status, 400, "{call}: {}", refused.body);
        assert!(refused.body.contains("`tick` would fire 12000 times"), "{call}: {}", refused.body);
        assert_eq!(state().await, before, "{call}");
    }
    let all = json!({ "advance": "PT10000S" });
    let done = send(app.control(Method::PATCH, "/sandboxes/default/clock").json(&all)).await;
    assert_eq!(done.status, 200, "{}", done.body);
    let steps = report(&app).await["steps"].clone();
    assert_eq!((&steps[0]["fired"], &steps[0]["error"]), (&json!(10_000), &json!(null)), "{steps}");
}

/// What a running clock brings cannot be refused: what was left out is not counted, and the report says it for good.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_left_out_is_said_for_good() {
    let app = App::scenario(
        "
steps:
  - { name: ping, on: { request: { server: onlineerp, path: /api/Entity/Product } }, do: [] }
  - { name: pong, after: ping, repeat: true, do: [] }
  - { name: ping, after: pong, repeat: true, do: [] }
  - { name: lone, on: { request: { server: onlineerp, path: /api/Entity/Customer } }, repeat: true, do: [] }
",
    )
    .await;
    call(&app, Method::GET, PRODUCTS).await;
    call(&app, Method::GET, "/api/Entity/Customer").await;
    let steps = report(&app).await["steps"].clone();
    let fired: Vec<u64> =
        steps.as_array().unwrap().iter().map(|step| step["fired"].as_u64().unwrap()).collect();
    assert_eq!(fired.iter().sum::<u64>(), 10_001, "{steps}");
    let stopped = steps.as_array().unwrap().iter().filter(|step| {
        step["error"].as_str().is_some_and(|why| why.contains("was stopped") && why.contains("1 of this one"))
    });
    assert_eq!(stopped.count(), 1, "{steps}");
}
