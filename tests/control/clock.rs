//! Simulated time.

use erpsatz::registry;
use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::samples::Client;
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

/// From the year 1 to 9998: dates of the vendors have four digits, and are added to.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_has_bounds() {
    let app = App::start().await;
    let bounds = "between 0001-01-01T00:00:00Z and 9998-12-31T23:59:59Z";
    let beyond = [
        "0000-12-31T23:59:59Z",
        "-009999-12-31T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "+262143-01-01T00:00:00Z",
    ];
    for start in beyond {
        let wish = json!({ "name": "none", "clock": { "start": start } });
        let refused = call(&app, Method::POST, "/sandboxes", Some(wish), 400).await;
        assert!(refused.body.contains(bounds), "{start}: {}", refused.body);
        let text = format!("name: far\nclock: {{ start: {start}, frozen: true }}");
        let refused = send(app.control(Method::PUT, "/sandboxes/default/scenario").body(text)).await;
        assert_eq!(refused.status, 400, "{start}");
        assert!(
            refused.body.contains(bounds) && refused.body.contains("line 2"),
            "{start}: {}",
            refused.body
        );
    }
    let path = "/sandboxes/last/clock";
    for (name, start) in [("first", "0001-01-01T00:00:00Z"), ("last", "9998-12-31T23:59:58Z")] {
        let wish = json!({ "name": name, "clock": { "start": start, "frozen": true } });
        call(&app, Method::POST, "/sandboxes", Some(wish), 201).await;
        for sim in registry::ALL {
            let client = Client::within(&app, sim.slug, &format!("/~{name}")).await;
            for request in [client.read(), client.write(1), client.read()] {
                let answer = send(request).await;
                assert!(answer.status.as_u16() < 500, "{start} {}: {}", sim.slug, answer.body);
            }
        }
    }
    for change in [
        json!({ "advance": "2s" }),
        json!({ "advance": "PT2562047788015215H" }),
        json!({ "set": "9999-12-30T22:00:00Z" }),
        json!({ "set": "9999-12-31T23:59:59Z" }),
        json!({ "set": "+262143-01-01T00:00:00Z" }),
    ] {
        let refused = call(&app, Method::PATCH, path, Some(change.clone()), 400).await;
        assert!(refused.body.contains(bounds), "{change}: {}", refused.body);
        assert_eq!(get(&app, path).await["now"], "9998-12-31T23:59:58Z", "{change}");
    }
    call(&app, Method::PATCH, path, Some(json!({ "advance": "1s" })), 200).await;
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
