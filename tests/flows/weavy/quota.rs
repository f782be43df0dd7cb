//! The quota per client address (fact sheet 18).

use reqwest::Method;
use serde_json::json;

use super::{FROZEN, Weavy, refusal};
use crate::support::{App, send};

async fn with(quota: &str) -> App {
    App::scenario(&format!("{FROZEN}\nservers: {{ weavy: {{ settings: {quota} }} }}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_window_refuses_until_it_closes() {
    let app = with("{ quota: { enabled: true, per_second: 0, per_minute: 4, per_hour: 6 } }").await;
    let weavy = Weavy::of(&app).await;
    let get = async || weavy.get("Data/DEMO/symptom").await;
    app.advance("10s").await;
    for remaining in ["4", "3"] {
        let answer = get().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-rate-limit-limit"), "hour");
        assert_eq!(answer.header("x-rate-limit-remaining"), remaining, "the login counted too");
        assert_eq!(answer.header("x-rate-limit-reset"), "2026-03-02T09:00:00.0000000Z");
    }
    let unknown = send(app.request("weavy", Method::GET, "/nowhere")).await;
    assert_eq!(unknown.status, 404, "and so does a path that nothing has");
    assert_eq!(unknown.header("x-rate-limit-remaining"), "2");
    for path in ["/v1/Data/DEMO/symptom", "/nowhere", "/v1/Authenticate"] {
        let refused = send(app.request("weavy", Method::GET, path)).await;
        assert_eq!(refusal(&refused), (429, "API calls quota exceeded: maximum 4 per minute.".to_owned()));
        assert_eq!(refused.header("retry-after"), "50");
    }
    app.advance("49s").await;
    assert_eq!(get().await.status, 429);
    app.advance("1s").await;
    assert_eq!(get().await.header("x-rate-limit-remaining"), "1", "refused calls count for no window");
    assert_eq!(get().await.header("x-rate-limit-remaining"), "0");
    let hourly = get().await;
    assert_eq!(refusal(&hourly).1, "API calls quota exceeded: maximum 6 per hour.");
    assert_eq!(hourly.header("retry-after"), "3540");
    let windows = app.records("weavy", "quota").await;
    let hour = windows.iter().find(|window| window["period"] == "hour").unwrap();
    assert_eq!(
        (&hour["used"], &hour["remaining"], &hour["clientIp"]),
        (&json!(6), &json!(0), &json!("127.0.0.1"))
    );
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    assert_eq!(get().await.status, 401, "a reset opens the windows anew");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_full_windows_the_last_to_close_counts() {
    let app = with("{ quota: { enabled: true, per_second: 2, per_minute: 2, per_hour: 2 } }").await;
    let weavy = Weavy::of(&app).await;
    assert_eq!(weavy.get("Data/DEMO/planning").await.status, 200);
    let refused = weavy.get("Data/DEMO/planning").await;
    assert_eq!(refusal(&refused).1, "API calls quota exceeded: maximum 2 per hour.");
    let wait = refused.header("retry-after").to_owned();
    app.advance(&format!("{wait}s")).await;
    assert_eq!(weavy.get("Data/DEMO/planning").await.status, 200, "a client that waits as told comes in");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_switch_turns_the_usual_figures_on() {
    let app = with("{ quota: { enabled: true } }").await;
    let weavy = Weavy::of(&app).await;
    for _ in 0..19 {
        assert_eq!(weavy.get("Data/DEMO/planning").await.status, 200);
    }
    let refused = weavy.get("Data/DEMO/planning").await;
    assert_eq!(refusal(&refused).1, "API calls quota exceeded: maximum 20 per second.");
    app.advance("1s").await;
    assert_eq!(weavy.get("Data/DEMO/planning").await.header("x-rate-limit-remaining"), "19979");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_off_by_default_and_addresses_are_trusted_on_demand() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    assert_eq!(weavy.get("Data/DEMO/planning").await.header("x-rate-limit-limit"), "");
    let app = with("{ trust_forwarded_for: true, quota: { enabled: true, per_minute: 2 } }").await;
    let from = async |address: &str| {
        let request =
            app.request("weavy", Method::GET, "/v1/Data/DEMO/planning").header("x-forwarded-for", address);
        send(request).await.status.as_u16()
    };
    for (address, status) in
        [("10.0.0.1", 401), ("10.0.0.1, 10.9.9.9", 401), ("10.0.0.1", 429), ("10.0.0.2", 401)]
    {
        assert_eq!(from(address).await, status, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_that_cannot_be_followed_is_refused() {
    let app = App::start().await;
    for quota in ["{ per_day: 5 }", "{ per_minute: -1 }", "{ enabled: 1 }", "{ per_hour: many }"] {
        let scenario = format!("servers: {{ weavy: {{ settings: {{ quota: {quota} }} }} }}");
        let load = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario);
        assert_eq!(send(load).await.status, 400, "{quota}");
    }
}

/// A fault's 429 names the window that would close when it says, on or off.
#[tokio::test(flavor = "multi_thread")]
async fn a_fault_speaks_of_the_quota() {
    let app = App::start().await;
    for (then, said, wait) in [
        (json!({ "status": 429 }), "maximum 20 per second.", "1"),
        (json!({ "rate_limit": { "limit": 0, "per": "PT1M" } }), "maximum 600 per minute.", "60"),
        (json!({ "rate_limit": { "limit": 0, "per": "PT20H" } }), "maximum 20000 per hour.", "72000"),
    ] {
        let rule = json!({ "id": "f", "server": "weavy", "when": {}, "then": then });
        app.fault(rule).await;
        let refused = send(app.request("weavy", Method::GET, "/v1/Data/DEMO/symptom")).await;
        assert_eq!(refusal(&refused), (429, format!("API calls quota exceeded: {said}")));
        assert_eq!(refused.header("retry-after"), wait);
    }
}

/// Any header can name another address: those that called last are remembered, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn windows_of_addresses_are_bounded() {
    const MOST: usize = 30_000;
    let app = with("{ trust_forwarded_for: true, quota: { enabled: true, per_minute: 2 } }").await;
    let windows: Vec<_> = (0..MOST)
        .map(|n| {
            json!({ "window": format!("a{n} minute"), "clientIp": format!("a{n}"), "period": "minute", "maximum": 2, "used": 2,
                "remaining": 0, "startDateUTC": "2026-03-02T08:00:00Z", "resetDateUTC": "2026-03-02T08:01:00.0000000Z" })
        })
        .collect();
    let stored = app.control(Method::POST, "/sandboxes/default/data/weavy/quota").json(&windows);
    assert_eq!(send(stored).await.status, 201);
    app.advance("2m").await;
    let from = async |address: &str| {
        let request =
            app.request("weavy", Method::GET, "/v1/Data/DEMO/planning").header("x-forwarded-for", address);
        send(request).await.status.as_u16()
    };
    let count = async || {
        let found =
            send(app.control(Method::GET, "/sandboxes/default/data/weavy/quota?limit=0")).await.json();
        usize::try_from(found["total"].as_u64().expect("a total")).expect("a size")
    };
    for (address, status) in [("10.0.0.1", 401), ("10.0.0.1", 401), ("10.0.0.1", 429)] {
        assert_eq!(from(address).await, status, "the newest are not those that go");
        assert!(count().await <= MOST, "{} windows", count().await);
    }
    let before = count().await;
    let long = "1".repeat(65);
    assert_eq!((from(&long).await, from(&format!("{long}2")).await), (401, 401));
    assert_eq!(count().await, before + 3, "what is too long for an address counts for the peer");
}
