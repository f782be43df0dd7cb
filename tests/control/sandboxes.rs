//! Sandboxes, snapshots, scenarios, faults, and who may call.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn what_runs() {
    let app = App::start().await;
    get(&app, "/healthz").await;
    let servers = get(&app, "/servers").await;
    assert_eq!(servers["total"], erpsatz::registry::ALL.len());
    assert_eq!(servers["items"][0]["url"], app.url("onlineerp"));
    let scenarios = get(&app, "/scenarios").await;
    assert!(scenarios["items"].as_array().unwrap().iter().any(|item| item["name"] == "default"));
    call(&app, Method::GET, "/nothing", None, 404).await;
    call(&app, Method::DELETE, "/servers", None, 405).await;
    let metrics = send(app.control(Method::GET, "/metrics")).await;
    assert!(metrics.body.contains("erpsatz_"), "{}", metrics.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_look_and_remove() {
    let app = App::start().await;
    let created =
        call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t1", "seed": 5 })), 201).await.json();
    assert_eq!(
        (&created["name"], &created["seed"], &created["scenario"]),
        (&json!("t1"), &json!(5), &json!("default"))
    );
    let made_up = call(&app, Method::POST, "/sandboxes", Some(json!({})), 201).await.json();
    assert!(made_up["name"].is_string());
    call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t1" })), 409).await;
    for name in ["", "T1", "a_b", "../x", &"x".repeat(64)] {
        call(&app, Method::POST, "/sandboxes", Some(json!({ "name": name })), 400).await;
    }
    call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t2", "colour": 1 })), 400).await;
    call(&app, Method::POST, "/sandboxes", Some(json!({ "name": "t2", "scenario": "nothing" })), 400).await;
    assert_eq!(get(&app, "/sandboxes").await["total"], 3);
    call(&app, Method::DELETE, "/sandboxes/t1", None, 204).await;
    call(&app, Method::DELETE, "/sandboxes/default", None, 409).await;
    for (method, path) in [
        (Method::GET, "/sandboxes/t1"),
        (Method::DELETE, "/sandboxes/t1"),
        (Method::POST, "/sandboxes/t1/reset"),
        (Method::GET, "/sandboxes/t1/clock"),
        (Method::GET, "/sandboxes/t1/journal"),
        (Method::GET, "/sandboxes/t1/faults"),
        (Method::PUT, "/sandboxes/t1/snapshots/s"),
        (Method::GET, "/sandboxes/t1/data/onlineerp/Product"),
        (Method::GET, "/sandboxes/t1/actions"),
    ] {
        call(&app, method, path, None, 404).await;
    }
    assert_eq!(get(&app, "/sandboxes").await["total"], 2, "a look creates nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_scenario_leaves_the_sandbox_as_it_was() {
    let app = App::start().await;
    let put = |sandbox: &'static str, text: &'static str| {
        send(app.control(Method::PUT, &format!("/sandboxes/{sandbox}/scenario")).body(text))
    };
    assert_eq!(
        put("made", "name: made\nseed: 3\nclock: { frozen: true }").await.status,
        200,
        "it makes the sandbox"
    );
    let before = get(&app, "/sandboxes/made").await;
    for (text, word) in [
        ("name: x\nsedd: 1", "sedd"),
        ("name: x\nservers: { onlinerp: {} }", "did you mean `onlineerp`"),
        ("name: x\nservers: { onlineerp: { settings: { robot: asleep } } }", "robot"),
        ("name: x\nservers: { onlineerp: { records: { Product: [ { PrixVente: x } ] } } }", "PrixVente"),
        ("name: x\nservers: { onlineerp: { records: { Produkt: [ { } ] } } }", "Product"),
        ("name: x\nservers: { onlineerp: { data: smal } }", "small"),
        ("name: x\nfaults: [ { server: onlineerp, then: { statis: 500 } } ]", "statis"),
        ("name: x\nfaults: [ { server: onlineerp, then: { status: 500, drop: true } } ]", "more than one"),
        ("name: x\nfaults: [ { server: onlineerp, when: { nth: 0 }, then: { status: 500 } } ]", "nth"),
        ("name: x\nextends: nothing", "nothing"),
        ("{", ""),
        ("", ""),
    ] {
        let refused = put("made", text).await;
        assert_eq!(refused.status, 400, "{text}: {}", refused.body);
        let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(word), "{text}: {message}");
        assert_eq!(get(&app, "/sandboxes/made").await, before);
    }
    assert_eq!(put("made", r#"{"name": "default"}"#).await.json()["scenario"], "default");
    assert_eq!(put("made", r#"{"name": "defaul"}"#).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn snapshots_are_kept_listed_and_forgotten() {
    let app = App::start().await;
    let snapshots = "/sandboxes/default/snapshots";
    call(&app, Method::PUT, &format!("{snapshots}/a"), None, 201).await;
    assert_eq!(get(&app, snapshots).await["total"], 1);
    call(&app, Method::POST, "/sandboxes/default/reset", None, 204).await;
    call(&app, Method::POST, &format!("{snapshots}/a/restore"), None, 204).await;
    call(&app, Method::POST, &format!("{snapshots}/b/restore"), None, 404).await;
    app.load("default", "name: other\nseed: 2").await;
    assert_eq!(get(&app, snapshots).await["total"], 0, "they go with a change of scenario");
    call(&app, Method::DELETE, &format!("{snapshots}/a"), None, 404).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_are_checked_listed_and_ended() {
    let app = App::start().await;
    let faults = "/sandboxes/default/faults";
    let rule =
        json!({ "server": "onlineerp", "when": { "path": "/api/*", "times": 2 }, "then": { "status": 500 } });
    let added = call(&app, Method::POST, faults, Some(rule), 201).await.json();
    let id = added["id"].as_str().expect("an id").to_owned();
    let shown = get(&app, &format!("{faults}/{id}")).await;
    assert_eq!((&shown["hits"], &shown["completed"]), (&json!(0), &json!(false)));
    for bad in [
        json!({ "server": "nothing", "then": { "drop": true } }),
        json!({ "server": "onlineerp", "then": {} }),
        json!({ "server": "onlineerp", "then": { "explode": true } }),
        json!({ "server": "onlineerp", "when": { "colour": 1 }, "then": { "drop": true } }),
        json!({ "server": "onlineerp", "when": { "rate": 2 }, "then": { "drop": true } }),
        json!({ "server": "onlineerp", "then": { "delay": "soon" } }),
        json!({ "server": "onlineerp", "then": { "status": 99 } }),
        json!({ "then": { "drop": true } }),
    ] {
        call(&app, Method::POST, faults, Some(bad), 400).await;
    }
    assert_eq!(get(&app, faults).await["total"], 1);
    call(&app, Method::DELETE, &format!("{faults}/{id}"), None, 204).await;
    call(&app, Method::DELETE, &format!("{faults}/{id}"), None, 404).await;
    call(&app, Method::DELETE, faults, None, 204).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn web_pages_of_others_are_kept_out() {
    let app = App::start().await;
    for (name, value, status) in [
        ("host", "evil.example", 403),
        ("host", "localhost", 200),
        ("origin", "http://evil.example", 403),
        ("origin", "null", 403),
    ] {
        let answer = send(app.control(Method::GET, "/sandboxes").header(name, value)).await;
        assert_eq!(answer.status.as_u16(), status, "{name}: {value}");
    }
    let preflight =
        send(app.control(Method::OPTIONS, "/sandboxes").header("origin", "http://evil.example")).await;
    assert_eq!(preflight.status, 403);
    assert_eq!(preflight.header("access-control-allow-origin"), "");
}
