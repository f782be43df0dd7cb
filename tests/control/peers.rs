//! Several replicas behind one front: one of them is asked, and all of them are meant.

use std::net::TcpListener;

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};

use super::{call, get};
use crate::support::{App, send};

/// A port that nobody listens on now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    listener.local_addr().expect("an address").port()
}

/// Three replicas that all have the same list, which has themselves, and the URL of one that is gone.
async fn replicas(token: Option<&str>) -> (Vec<App>, String) {
    let ports: Vec<u16> = (0..4).map(|_| free_port()).collect();
    let peers: Vec<String> = ports.iter().map(|port| format!("http://127.0.0.1:{port}")).collect();
    let mut apps = Vec::new();
    for port in &ports[..3] {
        let control_token = token.map(str::to_owned);
        let config = Config { control_port: *port, peers: peers.clone(), control_token, ..Config::default() };
        apps.push(App::with(config).await);
    }
    (apps, peers[3].clone())
}

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_asked_and_all_are_meant() {
    let (apps, gone) = replicas(None).await;
    let [a, b, c] = &apps[..] else { panic!("three") };
    for (app, name) in [(a, "at-a"), (b, "at-b"), (c, "at-c"), (a, "twice")] {
        call(app, Method::POST, "/sandboxes", Some(json!({ "name": name })), 201).await;
    }
    let younger = call(c, Method::POST, "/sandboxes", Some(json!({ "name": "twice" })), 201).await.json();
    let list = get(b, "/sandboxes").await;
    assert_eq!(names(&list), ["at-a", "at-b", "at-c", "default", "twice"]);
    assert_eq!((&list["total"], &list["unreachable"]), (&json!(5), &json!([gone])));
    assert_eq!(list["items"][4]["id"], younger["id"], "the younger life counts");
    call(a, Method::GET, "/sandboxes/twice", None, 404).await;
    call(c, Method::GET, "/sandboxes/twice", None, 200).await;
    let url = format!("{}/~at-a", b.url("onlineerp"));
    assert_eq!(list["items"][0]["servers"][0]["url"], url, "as whoever asks reaches them");

    // What was asked for elsewhere fails the run that is told here; each replica's own `default` is left out.
    let expectation =
        json!({ "request": { "server": "weavy", "path": "/v1/Authenticate", "method": "POST" } });
    call(c, Method::POST, "/sandboxes/at-c/expectations", Some(expectation), 201).await;
    send(c.request("weavy", Method::GET, "/~at-c/nothing")).await;
    let run = get(a, "/report").await;
    let items: Vec<_> = run["items"].as_array().unwrap().iter().map(|item| item["sandbox"].clone()).collect();
    assert_eq!(items.iter().filter(|name| *name == "at-c").count(), 1, "{items:?}");
    assert!(!items.contains(&json!("default")), "{items:?}");
    assert_eq!(
        (&run["ok"], &run["failed"], &run["totals"]["missed"]),
        (&json!(false), &json!(true), &json!(1))
    );
    let junit = send(a.control(Method::GET, "/report?format=junit")).await;
    assert!(junit.body.contains("at-c"), "{}", junit.body);

    call(b, Method::POST, "/reset", None, 204).await;
    assert_eq!(c.journal("at-c").await.len(), 0, "all are reset");
    call(b, Method::DELETE, "/sandboxes", None, 204).await;
    for app in &apps {
        assert_eq!(names(&get(app, "/sandboxes").await), ["default"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_sandbox_has_the_name_that_it_was_spread_by() {
    let (apps, _) = replicas(None).await;
    let make = |body: Value, header: &str| {
        let request = apps[0].control(Method::POST, "/sandboxes").json(&body);
        send(if header.is_empty() { request } else { request.header("Erpsatz-Sandbox", header) })
    };
    let nameless = make(json!({}), "").await;
    assert_eq!(nameless.status, 400, "{}", nameless.body);
    let uuid = "0b6f0c9e-5b0c-4a86-9d53-64a8b6ad6c52";
    let made = make(json!({}), uuid).await;
    assert_eq!((made.status.as_u16(), &made.json()["name"]), (201, &json!(uuid)));
    assert_eq!(made.header("erpsatz-sandbox-id"), made.json()["id"]);
    assert_eq!(make(json!({ "name": "same" }), "same").await.status, 201);
    assert_eq!(make(json!({ "name": "one" }), "other").await.status, 400, "it would be on another replica");
    assert_eq!(make(json!({}), "No Name").await.status, 400);
    let alone = App::start().await;
    let made = send(alone.control(Method::POST, "/sandboxes").header("Erpsatz-Sandbox", uuid)).await;
    assert_eq!((made.status.as_u16(), &made.json()["name"]), (201, &json!(uuid)), "alone too");
    assert_eq!(call(&alone, Method::POST, "/sandboxes", None, 201).await.json()["name"], "sandbox-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_ask_each_other_with_their_own_token() {
    let (apps, _) = replicas(Some("of-all")).await;
    let ask = |method: Method, path: &str| apps[0].control(method, path).bearer_auth("of-all");
    let made =
        send(apps[2].control(Method::POST, "/sandboxes").bearer_auth("of-all").json(&json!({ "name": "x" })));
    assert_eq!(made.await.status, 201);
    assert_eq!(names(&send(ask(Method::GET, "/sandboxes")).await.json()), ["default", "x"]);
    let other = Config {
        control_token: Some("another".to_owned()),
        peers: vec![apps[0].control_url().to_owned()],
        ..Config::default()
    };
    let other = App::with(other).await;
    for (method, path) in [(Method::GET, "/sandboxes"), (Method::GET, "/report"), (Method::POST, "/reset")] {
        let refused = send(other.control(method, path).bearer_auth("another")).await;
        assert_eq!(refused.status, 502, "{path}: {}", refused.body);
        let said = refused.json()["error"]["message"].to_string();
        assert!(said.contains(apps[0].control_url()) && said.contains("401"), "{said}");
    }
}

/// A front is reached by a name of its own.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_token_may_use_any_host() {
    let token = Config { control_token: Some("t0ken".to_owned()), ..Config::default() };
    let app = App::with(token).await;
    let with = |path: &str, token: &str, header: (&'static str, &str)| {
        send(app.control(Method::GET, path).bearer_auth(token).header(header.0, header.1.to_owned()))
    };
    assert_eq!(with("/sandboxes", "t0ken", ("host", "erp.example")).await.status, 200);
    assert_eq!(with("/sandboxes", "t0ke", ("host", "erp.example")).await.status, 403);
    assert_eq!(with("/sandboxes", "t0ken", ("origin", "http://evil.example")).await.status, 403);
    assert_eq!(with("/healthz", "", ("host", "erp.example")).await.status, 200);
    assert_eq!(with("/", "", ("host", "erp.example")).await.status, 403);
    // Without a token nothing tells a page's requests from anybody's.
    let open = App::start().await;
    assert_eq!(send(open.control(Method::GET, "/sandboxes").header("host", "erp.example")).await.status, 403);
    assert_eq!(send(open.control(Method::GET, "/healthz").header("host", "erp.example")).await.status, 200);
}
