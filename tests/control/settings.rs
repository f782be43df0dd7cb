//! Switches at run time, states of Pact, and calls that mean every sandbox.

use reqwest::Method;
use serde_json::json;

use super::{call, get};
use crate::support::App;

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_read_and_changed_at_run_time() {
    let app = App::start().await;
    let path = "/sandboxes/default/settings/comarch-xt";
    let usual = get(&app, path).await;
    assert_eq!(usual["edition"], "de", "{usual}");
    let lifetime = usual["token_lifetime"].clone();
    let patch = async |path: &str, body, status| call(&app, Method::PATCH, path, Some(body), status).await;
    let changed = patch(path, json!({ "token_lifetime": 60 }), 200).await.json();
    assert_eq!((&changed["token_lifetime"], &changed["edition"]), (&json!(60), &json!("de")));
    assert_eq!(get(&app, path).await, changed);

    for (bad, said) in [
        (json!({ "token_lifetme": 60 }), "did you mean `token_lifetime`"),
        (json!({ "token_lifetime": 5, "edition": "fr" }), "must be one of"),
        (json!({ "token_lifetime": "long" }), "must be of kind"),
        (json!([1]), "a mapping is expected"),
    ] {
        let refused = patch(path, bad.clone(), 400).await;
        assert!(refused.body.contains(said), "{bad}: {}", refused.body);
    }
    assert_eq!(get(&app, path).await, changed, "a refused change leaves everything");

    assert_eq!(patch(path, json!({ "token_lifetime": null }), 200).await.json()["token_lifetime"], lifetime);
    let quota = "/sandboxes/default/settings/weavy";
    let usual = get(&app, quota).await["quota"].clone();
    patch(quota, json!({ "quota": { "enabled": true } }), 200).await;
    let changed = patch(quota, json!({ "quota": { "per_second": 3 } }), 200).await.json()["quota"].clone();
    assert_eq!((&changed["enabled"], &changed["per_second"]), (&json!(true), &json!(3)));
    assert_eq!(changed["per_minute"], usual["per_minute"], "what was not given stays");

    patch(path, json!({ "token_lifetime": 61 }), 200).await;
    call(&app, Method::POST, "/sandboxes/default/reset", None, 204).await;
    assert_eq!(get(&app, path).await["token_lifetime"], lifetime, "reset brings the scenario's back");
    call(&app, Method::GET, "/sandboxes/default/settings/nothing", None, 404).await;
    call(&app, Method::GET, "/sandboxes/nobody/settings/weavy", None, 404).await;
    call(&app, Method::PATCH, "/sandboxes/nobody/settings/weavy", Some(json!({})), 404).await;
}

/// What stands inside objects and lists is checked as what stands alone, by a call and in a scenario.
#[tokio::test(flavor = "multi_thread")]
async fn what_settings_hold_inside_is_checked() {
    let app = App::start().await;
    for (slug, setting, bad, said) in [
        ("weavy", "quota", json!({ "per_second": -1 }), "between 0 and"),
        ("weavy", "quota", json!({ "per_hour": 1_000_000_001 }), "between 0 and"),
        ("weavy", "quota", json!({ "enabled": "yes" }), "boolean"),
        ("weavy", "quota", json!({ "nope": 1 }), "unknown member `nope`"),
        ("weavy", "accounts", json!([{ "userName": 5 }]), "text"),
        ("weavy", "accounts", json!([{ "userName": "a", "companies": [5] }]), "text"),
        ("weavy", "accounts", json!([{ "userName": "a", "nope": 5 }]), "unknown member `nope`"),
        ("weavy", "routes", json!({ "bulk_imports": "/v1/{project}" }), "unknown member"),
        ("weavy", "routes", json!({ "bulk_import": "v1" }), "begins with a slash"),
        ("weavy", "entity_access", json!({ "customers": {} }), "unknown entity `customers`"),
        ("weavy", "entity_access", json!({ "customer": { "apiRead": 1 } }), "boolean"),
        ("onlineerp", "licences", json!([{ "code": 7 }]), "text"),
        ("onlineerp", "licences", json!([{ "companies": { "0": 7 } }]), "text"),
        ("comarch-xt", "clients", json!([{ "id": "a", "nope": 1 }]), "unknown member `nope`"),
        ("comarch-xt", "vat_countries", json!(["PL", 5]), "text"),
        ("comarch-xt", "edition_pl", json!({ "token_lifetime": -1 }), "unknown member"),
        ("comarch-xt", "edition_pl", json!({ "time_zone": "Mars/X" }), "time zone"),
        ("comarch-xt", "edition_pl", json!({ "rate_percentages": { "9": -50 } }), "between 0 and 100"),
    ] {
        let path = format!("/sandboxes/default/settings/{slug}");
        let before = get(&app, &path).await;
        let changed = call(&app, Method::PATCH, &path, Some(json!({ setting: bad })), 400).await;
        assert!(changed.body.contains(said), "{setting} {bad}: {}", changed.body);
        assert_eq!(get(&app, &path).await, before, "{setting} {bad}");
        let scenario = json!({ "name": "x", "servers": { slug: { "settings": { setting: bad } } } });
        call(&app, Method::PUT, "/sandboxes/default/scenario", Some(scenario), 400).await;
    }
    let good = json!({ "quota": { "per_hour": 7 }, "entity_access": { "Customer": { "apiRead": false } } });
    call(&app, Method::PATCH, "/sandboxes/default/settings/weavy", Some(good), 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sandboxes_are_reset_and_removed() {
    let app = App::start().await;
    let settings = |name: &str| format!("/sandboxes/{name}/settings/comarch-xt");
    let usual = get(&app, &settings("default")).await;
    for name in ["t1", "t2"] {
        call(&app, Method::POST, "/sandboxes", Some(json!({ "name": name })), 201).await;
    }
    for name in ["default", "t1", "t2"] {
        call(&app, Method::PATCH, &settings(name), Some(json!({ "token_lifetime": 7 })), 200).await;
    }
    call(&app, Method::POST, "/reset", None, 204).await;
    for name in ["default", "t1", "t2"] {
        assert_eq!(get(&app, &settings(name)).await, usual, "{name}");
    }
    call(&app, Method::DELETE, "/sandboxes", None, 204).await;
    let left = get(&app, "/sandboxes").await;
    assert_eq!((&left["total"], &left["items"][0]["name"]), (&json!(1), &json!("default")));
}

#[tokio::test(flavor = "multi_thread")]
async fn pact_changes_states() {
    let app = App::start().await;
    let scenario = json!({
        "name": "shop",
        "states": {
            "short tokens": [ { "settings": { "server": "comarch-xt", "set": { "token_lifetime": 9 } } }, { "advance": "PT1M" } ],
        },
    });
    call(&app, Method::PUT, "/sandboxes/p/scenario", Some(scenario), 200).await;
    let settings = "/sandboxes/p/settings/comarch-xt";
    let usual = get(&app, settings).await;
    let path = "/sandboxes/p/pact-states";
    let change = async |body, status| call(&app, Method::POST, path, Some(body), status).await;

    let setup =
        json!({ "state": "short tokens", "params": { "a": 1 }, "action": "setup", "consumer": "shop" });
    change(setup, 204).await;
    assert_eq!(get(&app, settings).await["token_lifetime"], 9);
    change(json!({ "state": "short tokens", "action": "teardown" }), 204).await;
    assert_eq!(get(&app, settings).await, usual);

    change(json!({ "state": "robot-offline" }), 204).await;
    assert_eq!(get(&app, "/sandboxes/p").await["scenario"], "robot-offline");
    change(json!({ "state": "robot-offline", "action": "teardown" }), 204).await;
    assert_eq!(get(&app, "/sandboxes/p").await["scenario"], "default");

    change(json!({ "state": "", "action": "setup" }), 204).await;
    let refused = change(json!({ "state": "robot-ofline", "action": "setup" }), 400).await;
    assert!(refused.body.contains("robot-offline"), "{}", refused.body);
    change(json!({ "state": "robot-offline", "action": "begin" }), 400).await;
    let broken =
        json!({ "states": { "x": [ { "settings": { "server": "weavy", "set": { "nothing": 1 } } } ] } });
    let refused = call(&app, Method::PUT, "/sandboxes/p/scenario", Some(broken), 400).await;
    assert!(refused.body.contains("state `x`: unknown setting"), "{}", refused.body);
}
