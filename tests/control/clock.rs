//! Simulated time.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::App;

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
