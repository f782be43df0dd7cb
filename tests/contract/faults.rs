//! Every fault on every simulator.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};

use super::{app_of_all, everyone};
use crate::support::samples::Client;
use crate::support::{App, send, try_send};

/// Puts the only fault of `slug` in force: on everything, unless `when` says otherwise.
async fn only(app: &App, slug: &str, when: Value, then: Value) {
    send(app.control(Method::DELETE, "/sandboxes/default/faults")).await;
    app.fault(json!({ "server": slug, "when": when, "then": then })).await;
}

async fn hits(app: &App) -> (u64, Value) {
    let faults = send(app.control(Method::GET, "/sandboxes/default/faults")).await.json();
    let fault = &faults["items"][0];
    (fault["hits"].as_u64().expect("hits"), fault["completed"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_comes_in_the_vendors_envelope_or_as_scripted() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        only(&app, sim.slug, json!({ "nth": 2 }), json!({ "status": 503 })).await;
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
        let injected = send(client.read()).await;
        assert_eq!(injected.status, 503, "{}", sim.slug);
        assert!(injected.json().is_object(), "{}: {}", sim.slug, injected.body);
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
        assert_eq!(hits(&app).await, (1, json!(true)), "{}", sim.slug);

        let then = json!({ "status": 418, "body": { "tea": true }, "headers": { "X-Pot": "1" } });
        only(&app, sim.slug, json!({ "times": 1 }), then).await;
        let scripted = send(client.read()).await;
        assert_eq!((scripted.status.as_u16(), scripted.header("x-pot")), (418, "1"), "{}", sim.slug);
        assert_eq!(scripted.json(), json!({ "tea": true }), "{}", sim.slug);
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_request_does_nothing_and_a_lost_response_everything() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        only(&app, sim.slug, json!({}), json!({ "drop": true })).await;
        assert!(try_send(client.write(1)).await.is_err(), "{}: the client sees a cut", sim.slug);
        assert_eq!(client.count().await, before, "{}: nothing was done", sim.slug);

        only(&app, sim.slug, json!({}), json!({ "lose_response": true })).await;
        assert!(try_send(client.write(2)).await.is_err(), "{}: the client sees a cut", sim.slug);
        assert_eq!(client.count().await, before + 1, "{}: the record is there", sim.slug);

        let journal = app.journal("default").await;
        let statuses = |entry: &Value| (entry["handled_status"].clone(), entry["status"].clone());
        let [.., dropped, lost] = &journal[..] else { panic!("two entries") };
        assert_eq!(statuses(dropped), (Value::Null, Value::Null), "{}", sim.slug);
        assert!(lost["handled_status"].as_u64().is_some_and(|status| status < 300), "{}", sim.slug);
        assert_eq!(lost["status"], Value::Null, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_are_truncated_corrupted_and_dripped() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let whole = send(client.read()).await.body;

        only(&app, sim.slug, json!({}), json!({ "truncate": 0.5 })).await;
        let cut = client.read().send().await.expect("the head comes");
        assert_eq!(cut.status(), 200, "{}", sim.slug);
        assert!(cut.bytes().await.is_err(), "{}: the body does not", sim.slug);

        only(&app, sim.slug, json!({}), json!({ "corrupt": true })).await;
        let broken = send(client.read()).await;
        assert_eq!(broken.body.len(), whole.len(), "{}", sim.slug);
        assert!(serde_json::from_str::<Value>(&broken.body).is_err(), "{}", sim.slug);

        let bytes = whole.len().div_ceil(3);
        only(&app, sim.slug, json!({}), json!({ "drip": { "bytes": bytes, "every": "60ms" } })).await;
        let began = Instant::now();
        let slow = send(client.read()).await;
        assert_eq!(slow.body.len(), whole.len(), "{}", sim.slug);
        assert!(began.elapsed() >= Duration::from_millis(100), "{}: {:?}", sim.slug, began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delays_and_timeouts_hold_up_nobody_else() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        only(&app, sim.slug, json!({ "times": 1 }), json!({ "delay": "700ms" })).await;
        let began = Instant::now();
        let slow = tokio::spawn(send(client.read()));
        while hits(&app).await.0 == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
        assert!(!slow.is_finished(), "{}: the quick one overtakes the slow one", sim.slug);
        assert_eq!(slow.await.expect("an answer").status, 200, "{}", sim.slug);
        assert!(began.elapsed() >= Duration::from_millis(700), "{}", sim.slug);

        only(&app, sim.slug, json!({ "times": 1 }), json!({ "timeout": "100ms" })).await;
        let began = Instant::now();
        assert!(try_send(client.read()).await.is_err(), "{}", sim.slug);
        assert!(began.elapsed() >= Duration::from_millis(100), "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_limit_counts_simulated_time() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        only(&app, sim.slug, json!({}), json!({ "rate_limit": { "limit": 3, "per": "PT1M" } })).await;
        for _ in 0..3 {
            assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
        }
        let refused = send(client.read()).await;
        assert_eq!(refused.status, 429, "{}", sim.slug);
        let wait: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{}: {wait}", sim.slug);
        app.advance(&format!("{wait}s")).await;
        assert_eq!(send(client.read()).await.status, 200, "{}", sim.slug);
        assert_eq!(hits(&app).await, (1, Value::Null), "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_request_is_hit_once_among_64() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        only(&app, sim.slug, json!({ "nth": 2 }), json!({ "status": 500 })).await;
        let requests = (0..64).map(|_| tokio::spawn(send(client.read())));
        let mut injected = 0;
        for request in requests.collect::<Vec<_>>() {
            injected += u32::from(request.await.expect("an answer").status == 500);
        }
        assert_eq!(injected, 1, "{}", sim.slug);
    }
}

/// A status that the vendor has words for is said in them.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_speaks_as_the_vendor_does_of_that_status() {
    let app = App::start().await;
    for sim in erpsatz::registry::ALL {
        let mut said = Vec::new();
        for status in [418, 404, 405] {
            let rule = json!({ "server": sim.slug, "when": { "times": 1 }, "then": { "status": status } });
            app.fault(rule).await;
            let answer = send(app.request(sim.slug, Method::GET, "/x")).await;
            assert_eq!(answer.status, status, "{}", sim.slug);
            said.push(answer.body.replace(char::is_numeric, ""));
        }
        assert!(said[1] != said[0] && said[2] != said[0] && said[1] != said[2], "{}: {said:?}", sim.slug);
    }
    app.fault(json!({ "server": "weavy", "when": { "times": 1 }, "then": { "status": 403 } })).await;
    let answer = send(app.request("weavy", Method::GET, "/x")).await;
    assert!(answer.body.contains("The token does not open"), "{}", answer.body);
}
