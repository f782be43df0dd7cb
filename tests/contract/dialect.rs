//! Refusals come in the vendor's words, and bad input changes nothing.

use reqwest::Method;

use super::{app_of_all, everyone};
use crate::support::samples::Client;
use crate::support::{Answer, send};

/// A refusal of the vendor's: never 5xx, never empty, never the core's own words.
fn is_refusal(slug: &str, what: &str, answer: &Answer) {
    assert!(answer.status.is_client_error(), "{slug}, {what}: {} {}", answer.status, answer.body);
    assert!(!answer.body.is_empty(), "{slug}, {what}: no body");
    assert!(!answer.body.contains("SQLite"), "{slug}, {what}: {}", answer.body);
    assert!(answer.header("content-type").starts_with("application/json"), "{slug}, {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_refused() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let unknown = send(client.request(Method::GET, "/nowhere/at/all/or/anywhere", String::new())).await;
        is_refusal(sim.slug, "unknown path", &unknown);
        assert_eq!(unknown.status, 404, "{}", sim.slug);
        let verb = Method::from_bytes(b"BREW").unwrap();
        let method = send(client.request(verb, client.read_path(), String::new())).await;
        is_refusal(sim.slug, "unknown verb", &method);
        assert_eq!(method.status, 405, "{}", sim.slug);
        assert!(!method.header("allow").is_empty(), "{}: no Allow", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_in_without_credentials() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        for authorization in ["", "Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Basic \u{e9}", "Digest x"] {
            let read = client.bare(Method::GET, client.read_path()).header("authorization", authorization);
            let read = send(read).await;
            assert_eq!(read.status, 401, "{} {authorization}: {}", sim.slug, read.body);
            is_refusal(sim.slug, "no credentials", &read);
        }
        let write = send(client.bare(client.write_method(), client.write_path()).body("{}")).await;
        assert_eq!(write.status, 401, "{}", sim.slug);
        assert_eq!(client.count().await, before, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_bodies_change_nothing() {
    let app = app_of_all().await;
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    let bodies: [(&str, Vec<u8>); 7] = [
        ("half", b"{\"a\":".to_vec()),
        ("deep list", deep.into_bytes()),
        ("deep object", nested.into_bytes()),
        ("no UTF-8", b"{\"a\":\"\xff\xfe\"}".to_vec()),
        ("zero bytes", b"\0\0\0".to_vec()),
        ("a number", b"12".to_vec()),
        ("huge number", format!("{{\"a\":{}}}", "9".repeat(100_000)).into_bytes()),
    ];
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        for (what, body) in &bodies {
            let request = client.request(client.write_method(), client.write_path(), "x".to_owned());
            let answer = send(request.body(body.clone())).await;
            is_refusal(sim.slug, what, &answer);
        }
        assert_eq!(client.count().await, before, "{}", sim.slug);
        assert_eq!(send(client.read()).await.status, 200, "{} goes on", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        let before = client.count().await;
        let body = client.request(client.write_method(), client.write_path(), " ".repeat((32 << 20) + 1));
        let answer = send(body).await;
        is_refusal(sim.slug, "body", &answer);
        assert!([400, 413].contains(&answer.status.as_u16()), "{}: {}", sim.slug, answer.status);
        let headers = client.read().header("x-filler", "x".repeat(65 << 10));
        assert_eq!(send(headers).await.status, 431, "{}", sim.slug);
        let query = client.bare(Method::GET, &format!("{}?x={}", client.read_path(), "y".repeat(60_000)));
        assert!(send(query).await.status.as_u16() < 500, "{}", sim.slug);
        assert_eq!(client.count().await, before, "{}", sim.slug);
    }
}
