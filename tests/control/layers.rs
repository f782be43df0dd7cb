//! What every answer of the control API has, whatever was asked.

use reqwest::Method;

use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn browsers_guess_nothing_and_frame_nothing() {
    let app = App::start().await;
    for (path, status) in [("/healthz", 200), ("/", 200), ("/servers", 200), ("/nowhere", 404)] {
        let answer = send(app.control(Method::GET, path)).await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
        ] {
            assert_eq!(answer.header(header), value, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_has_a_number_or_keeps_its_own() {
    let app = App::start().await;
    let asked = |id: Option<&str>| {
        let request = app.control(Method::GET, "/healthz");
        send(match id {
            Some(id) => request.header("x-request-id", id),
            None => request,
        })
    };
    let (first, second) = (asked(None).await, asked(None).await);
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    assert!(first.header("x-request-id").parse::<u64>().is_ok());
    assert_eq!(asked(Some("mine")).await.header("x-request-id"), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_compressed_for_those_who_ask() {
    let app = App::start().await;
    let plain = send(app.control(Method::GET, "/sandboxes/default/actions")).await;
    assert_eq!(plain.header("content-encoding"), "");
    let request = app.control(Method::GET, "/sandboxes/default/actions").header("accept-encoding", "gzip");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    let body = answer.bytes().await.expect("a body");
    assert!(body.starts_with(&[0x1f, 0x8b]) && body.len() < plain.body.len() / 2);
}
