//! What the journal can be asked.

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get};
use crate::support::{App, send};

fn ids(journal: &Value) -> Vec<u64> {
    journal["entries"].as_array().unwrap().iter().map(|entry| entry["id"].as_u64().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_and_limits() {
    let app = App::start().await;
    for path in ["/api/a", "/api/b", "/api/a", "/x"] {
        send(app.request("onlineerp", Method::GET, path)).await;
    }
    send(app.request("onlineerp", Method::POST, "/api/a")).await;
    let journal = "/sandboxes/default/journal";
    for (query, expected) in [
        ("", vec![1, 2, 3, 4, 5]),
        ("?path=/api/a", vec![1, 3, 5]),
        ("?path=/api/*&method=get", vec![1, 2, 3]),
        ("?status=401&limit=2", vec![4, 5]),
        ("?status=200", vec![]),
        ("?server=onlineerp&since=3", vec![4, 5]),
        ("?limit=0", vec![]),
    ] {
        assert_eq!(ids(&get(&app, &format!("{journal}{query}")).await), expected, "{query}");
    }
    let limited = get(&app, &format!("{journal}?limit=2")).await;
    assert_eq!((&limited["total"], &limited["dropped"]), (&json!(5), &json!(0)), "total counts what matches");
    for query in ["?limit=x", "?status=x", "?since=-1", "?colour=red"] {
        call(&app, Method::GET, &format!("{journal}{query}"), None, 400).await;
    }
    call(&app, Method::DELETE, &format!("{journal}?path=/x"), None, 204).await;
    assert_eq!(ids(&get(&app, journal).await), [1, 2, 3, 5]);
    call(&app, Method::DELETE, journal, None, 204).await;
    assert_eq!(get(&app, journal).await["total"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_oldest_go_first() {
    let mut config = Config::default();
    config.options.journal.entries = 3;
    config.options.journal.bytes = 20_000;
    let app = App::with(config).await;
    for _ in 0..5 {
        send(app.request("onlineerp", Method::GET, "/x")).await;
    }
    let journal = get(&app, "/sandboxes/default/journal").await;
    assert_eq!((ids(&journal), &journal["dropped"]), (vec![3, 4, 5], &json!(2)));
    send(app.request("onlineerp", Method::POST, "/x").body("y".repeat(20_000))).await;
    let journal = get(&app, "/sandboxes/default/journal").await;
    assert_eq!(ids(&journal), Vec::<u64>::new(), "one that is larger than all there is room for");
    assert_eq!(journal["dropped"], 6);
}
