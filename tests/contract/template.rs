//! The template of a vendor (`examples/vendor-template`): what it shows works. The checks that run on every simulator run
//! on it too.

use erpsatz::{Config, Erpsatz};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::app_of_all;
use crate::support::{Answer, App, send};

async fn call(app: &App, method: Method, path: &str, body: Value) -> Answer {
    let request = app.request("helpdesk", method, path).header("x-api-key", "demo-key");
    send(if body.is_null() { request } else { request.json(&body) }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_lives_and_ends() {
    let app = app_of_all().await;
    let opened = json!({ "customer": "C-0002", "subject": "New", "state": "closed" });
    let opened = call(&app, Method::POST, "/api/tickets", opened).await;
    assert_eq!((opened.status, opened.header("location")), (StatusCode::CREATED, "/api/tickets/T-0004"));
    assert_eq!(opened.json()["state"], "open", "what the server fills is not the client's to say");
    let close = || call(&app, Method::POST, "/api/tickets/T-0004/close", Value::Null);
    assert_eq!(close().await.status, 409, "nobody has answered");
    app.act("helpdesk", "answer-ticket", json!({ "number": "T-0004", "answer": "Done." })).await;
    let closed = close().await;
    assert_eq!((closed.status.as_u16(), &closed.json()["state"]), (200, &json!("closed")));
    let changed = call(&app, Method::PATCH, "/api/tickets/T-0004", json!({ "priority": 1 })).await;
    assert_eq!(changed.status, 409, "closed for good");
    app.load("default", "name: lax\nservers: { helpdesk: { settings: { close_needs_answer: false } } }")
        .await;
    let closed = call(&app, Method::POST, "/api/tickets/T-0001/close", Value::Null).await;
    assert_eq!(closed.status, 200, "{}", closed.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_keep_to_what_the_profile_says() {
    let app = app_of_all().await;
    for (priority, words) in [(0, "must be at least 1"), (6, "must be at most 5")] {
        let body = json!({ "customer": "C-0001", "subject": "x", "priority": priority });
        let refused = call(&app, Method::POST, "/api/tickets", body).await;
        let said = refused.json()["fields"]["priority"].as_str().unwrap_or_default().to_owned();
        assert_eq!(refused.status, 400);
        assert!(said.contains(words), "{said}");
        let violation = &app.last().await["violations"][0];
        assert_eq!((&violation["rule"], &violation["position"]), (&json!("type"), &json!("priority")));
    }
    let contract = send(app.control(Method::GET, "/servers/helpdesk/contract")).await.json();
    let priority = &contract["components"]["schemas"]["TicketCreate"]["properties"]["priority"];
    assert_eq!((&priority["minimum"], &priority["maximum"]), (&json!(1), &json!(5)));
    let created = &contract["paths"]["/api/tickets"]["post"]["responses"]["201"];
    assert_eq!(created["headers"]["Location"]["required"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_and_verbs_come_from_its_rows() {
    let app = app_of_all().await;
    let put = call(&app, Method::PUT, "/api/tickets/T-0001", json!({})).await;
    assert_eq!((put.status.as_u16(), put.header("allow")), (405, "GET, PATCH"));
    assert_eq!(call(&app, Method::GET, "/api/Tickets", Value::Null).await.status, 404);
    let head = call(&app, Method::HEAD, "/api/tickets/", Value::Null).await;
    assert_eq!((head.status.as_u16(), head.body.as_str()), (200, ""));
    assert_ne!(head.header("content-length"), "0");
}

/// What is said of the template's data with this in a file of it, in the place of what is there.
async fn said_of(file: &str, text: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("helpdesk/small");
    std::fs::create_dir_all(&small).expect("a folder");
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/vendor-template/seed-data/helpdesk/small");
    for name in ["customer.json", "ticket.json"] {
        let own = std::fs::read_to_string(format!("{own}/{name}")).expect("a file");
        std::fs::write(small.join(name), if name == file { text } else { &own }).expect("a file");
    }
    let seed_data = Some(folder.path().to_owned());
    let config = Config { more: vec![&vendor_template::SIMULATOR], seed_data, ..Config::default() };
    let started = Erpsatz::start_with(config).await;
    started.err().map(|why| why.to_string()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_that_cannot_be_read_the_parser_speaks_first() {
    let said = said_of("customer.json", "[\n  { \"name\": \"Harbour\",\n    \"email\" \"x\" }\n]").await;
    let first = said.lines().next().unwrap_or_default();
    assert!(first.contains("customer.json:3:13: this is no JSON: expected `:`"), "{said}");
    assert_eq!(said.lines().count(), 1, "what refers to its records is as good as it was: {said}");
}
