//! Simulated time.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::{App, send};

/// A test may stand in the past; only moving back is refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_may_start_in_the_past() {
    let app = App::start().await;
    for (name, start) in [("old", "2001-02-03T04:05:06Z"), ("older", "1969-12-31T23:59:59Z")] {
        let wish = json!({ "name": name, "clock": { "start": start, "frozen": true } });
        let made = call(&app, Method::POST, "/sandboxes", Some(wish), 201).await.json();
        assert_eq!(made["clock"], json!({ "now": start, "frozen": true }));
        let path = format!("/sandboxes/{name}/clock");
        call(&app, Method::PATCH, &path, Some(json!({ "advance": "1h" })), 200).await;
        call(&app, Method::PATCH, &path, Some(json!({ "set": start })), 400).await;
        call(&app, Method::POST, &format!("/sandboxes/{name}/reset"), None, 204).await;
        assert_eq!(get(&app, &path).await["now"], start, "a reset begins there again");
    }
    let text = "name: past\nclock: { start: 1999-12-31T00:00:00Z, frozen: true }";
    app.load("default", text).await;
    assert_eq!(get(&app, "/sandboxes/default/clock").await["now"], "1999-12-31T00:00:00Z");
    for clock in [json!({ "start": "yesterday" }), json!({ "begin": "2001-02-03T04:05:06Z" }), json!(7)] {
        let wish = json!({ "name": "none", "clock": clock });
        let refused = send(app.control(Method::POST, "/sandboxes").json(&wish)).await;
        assert_eq!(refused.status, 400, "{wish}: {}", refused.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_keys_apply_in_order_or_not_at_all() {
    let app = App::start().await;
    let path = "/sandboxes/default/clock";
    let change = json!({ "frozen": true, "advance": "PT15M", "set": "2100-01-01T00:00:00Z" });
    let shown = call(&app, Method::PATCH, path, Some(change), 200).await.json();
    assert_eq!(shown, json!({ "now": "2100-01-01T00:15:00Z", "frozen": true }));
    for (bad, why) in [
        (json!({ "set": "2099-01-01T00:00:00Z" }), "back"),
        (json!({ "advance": "soon" }), "duration"),
        (json!({ "advance": "-PT1M" }), "negative"),
        (json!({ "forward": "1m" }), "unknown key"),
        (json!({ "set": "tomorrow" }), "no instant"),
        (json!({}), "nothing"),
        (json!({ "advance": "1m", "set": "2000-01-01T00:00:00Z" }), "half"),
    ] {
        call(&app, Method::PATCH, path, Some(bad), 400).await;
        assert_eq!(get(&app, path).await["now"], "2100-01-01T00:15:00Z", "{why}: the clock stands");
    }
    let resumed = call(&app, Method::PATCH, path, Some(json!({ "frozen": false })), 200).await.json();
    assert_eq!(resumed["frozen"], false);
    assert!(resumed["now"].as_str().is_some_and(|now| now.starts_with("2100-01-01T00:15:00")));
}
