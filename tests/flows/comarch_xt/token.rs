//! The token endpoint (fact sheet 3).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;

use super::{BASE, Client, SLUG, keys, token_request};
use crate::support::{App, basic, send};

const FROZEN: &str = "name: fixed\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }";

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_has_expires_and_never_expires_in() {
    let app = App::start().await;
    let answer = send(token_request(&app, "")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    let body = answer.json();
    assert_eq!(keys(&body), ["access_token", "token_type", "expires"]);
    assert_eq!((&body["token_type"], &body["expires"]), (&json!("bearer"), &json!(600)));
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(token.len(), 32);
    assert!(token[22..].bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_send_is_taken() {
    let app = App::start().await;
    let unpadded = format!("Basic {}", STANDARD_NO_PAD.encode("demo-client:demo-secret"));
    assert!(STANDARD.encode("demo-client:demo-secret").ends_with('='));
    let padded = basic("demo-client", "demo-secret");
    let form = "application/x-www-form-urlencoded";
    for (authorization, media, body) in [
        (unpadded.as_str(), form, "grant_type=client_credentials"),
        (&padded, "application/x-www-form-urlencoded; charset=UTF-8", "grant_type=client_credentials"),
        (&padded, form, "client_id=demo-client&client_secret=demo-secret&grant_type=client_credentials"),
        (&padded, form, "grant_type=client_credentials&scope=all"),
    ] {
        let request = app.request(SLUG, Method::POST, "/API2/Public//Token/");
        let request = request.header(AUTHORIZATION, authorization).header(CONTENT_TYPE, media);
        let answer = send(request.header("accept", form).body(body)).await;
        assert_eq!(answer.status, 200, "{authorization} {media} {body}: {}", answer.body);
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    }
}

/// RFC 6749 2.3.1 wants id and secret form-encoded; few clients do it. What is sent raw comes first.
#[tokio::test(flavor = "multi_thread")]
async fn form_encoded_credentials_are_taken_after_raw_ones() {
    let clients = "name: c\nservers: { comarch-xt: { settings: { clients: [\
        { id: 'a:b c', secret: 'p%+ä' }, { id: 'a%3Ab', secret: raw }, { id: 'a:b', secret: decoded } ] } } }";
    let app = App::scenario(clients).await;
    for (id, secret, status) in [
        ("a%3Ab+c", "p%25%2B%C3%A4", 200),
        ("a%3Ab%20c", "p%25%2B%C3%A4", 200),
        ("a%3Ab", "raw", 200),
        ("a%3Ab", "decoded", 200),
        ("a%3Ab", "raw2", 401),
        ("a%3Ab+c", "p%+ä", 401),
        ("a%3Ab%2", "raw", 401),
        ("%ff", "raw", 401),
    ] {
        let request = app.request(SLUG, Method::POST, &format!("{BASE}/token"));
        let request = request.header(AUTHORIZATION, basic(id, secret));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer = send(request.body("grant_type=client_credentials")).await;
        assert_eq!(answer.status, status, "{id} {secret}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_of_the_endpoint() {
    let app = App::start().await;
    let good = basic("demo-client", "demo-secret");
    let grant = "grant_type=client_credentials";
    let form = "application/x-www-form-urlencoded";
    let cases = [
        (Some(basic("demo-client", "wrong")), form, grant, 401, "invalid_client", "InvalidClient"),
        (Some(basic("nobody", "demo-secret")), form, grant, 401, "invalid_client", "InvalidClient"),
        (Some("Basic ???".to_owned()), form, grant, 401, "invalid_client", "InvalidClient"),
        (None, form, grant, 401, "invalid_client", "InvalidClient"),
        (Some(good.clone()), form, "", 400, "invalid_request", "InvalidRequest"),
        (Some(good.clone()), form, "grant_type=", 400, "invalid_request", "InvalidRequest"),
        (Some(good.clone()), "application/json", grant, 400, "invalid_request", "InvalidRequest"),
        (
            Some(good),
            form,
            "grant_type=password&username=a",
            400,
            "unsupported_grant_type",
            "UnsupportedGrantType",
        ),
    ];
    for (authorization, media, body, status, error, code) in cases {
        let request = app.request(SLUG, Method::POST, &format!("{BASE}/token")).header(CONTENT_TYPE, media);
        let request = match &authorization {
            Some(authorization) => request.header(AUTHORIZATION, authorization),
            None => request,
        };
        let answer = send(request.body(body)).await;
        assert_eq!(answer.status, status, "{authorization:?} {body}");
        let told = answer.json();
        assert_eq!(keys(&told), ["error", "error_description", "Message", "Code"]);
        assert_eq!((&told["error"], &told["Code"]), (&json!(error), &json!(code)));
        assert_eq!(told["error_description"], told["Message"]);
    }
    let other_verb = send(app.request(SLUG, Method::GET, &format!("{BASE}/token"))).await;
    assert_eq!((other_verb.status.as_u16(), other_verb.header("allow")), (405, "POST"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_lives_for_600_seconds_of_the_sandboxs_clock() {
    let app = App::scenario(FROZEN).await;
    let first = Client::of(&app).await;
    app.advance("PT5M").await;
    let second = Client::of(&app).await;
    assert_ne!(first.token, second.token);
    app.advance("PT299S").await;
    assert_eq!(first.get("products").await.status, 200, "at 599 s");
    app.advance("PT1S").await;
    let expired = first.get("products").await;
    assert_eq!(expired.status, 401, "at 600 s");
    assert_eq!(expired.body, r#"{"Message":"Authorization has been denied for this request."}"#);
    assert_eq!(second.get("products").await.status, 200, "several live at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn lifetime_and_number_of_tokens_are_settings() {
    let settings = "{ token_lifetime: 60, single_token: true }";
    let app =
        App::scenario(&format!("{FROZEN}\nservers: {{ comarch-xt: {{ settings: {settings} }} }}")).await;
    assert_eq!(send(token_request(&app, "")).await.json()["expires"], 60);
    let first = Client::of(&app).await;
    let second = Client::of(&app).await;
    assert_eq!(first.get("products").await.status, 401, "a newer one ended it");
    app.advance("PT59S").await;
    assert_eq!(second.get("products").await.status, 200);
    app.advance("PT1S").await;
    assert_eq!(second.get("products").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_good_bearer_header_counts() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    let denied = r#"{"Message":"Authorization has been denied for this request."}"#;
    let basic = basic("demo-client", "demo-secret");
    for authorization in ["", "Bearer", "Bearer unknown", basic.as_str(), client.token.as_str()] {
        let request = app.request(SLUG, Method::GET, &format!("{BASE}/products"));
        let answer = send(request.header(AUTHORIZATION, authorization)).await;
        assert_eq!((answer.status.as_u16(), answer.body.as_str()), (401, denied), "{authorization}");
    }
    let in_query = format!("{BASE}/products?access_token={}", client.token);
    assert_eq!(send(app.request(SLUG, Method::GET, &in_query)).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_account_gets_403_everywhere() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    app.act(SLUG, "block-account", json!({})).await;
    let token = send(token_request(&app, "")).await;
    assert_eq!(token.status, 403);
    assert_eq!(token.json()["error"], "access_denied");
    let call = client.get("products").await;
    assert_eq!(call.status, 403);
    assert_eq!(keys(&call.json()), ["Message"]);
    app.act(SLUG, "unblock-account", json!({})).await;
    assert_eq!(client.get("products").await.status, 200);
    for state in ["expired", "no_api_access"] {
        app.load(
            "default",
            &format!("name: x\nservers: {{ comarch-xt: {{ settings: {{ account: {state} }} }} }}"),
        )
        .await;
        assert_eq!(send(token_request(&app, "")).await.status, 403, "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_stay_out_of_the_journal() {
    let app = App::start().await;
    let client = Client::of(&app).await;
    client.read("products?$top=1").await;
    let journal = serde_json::to_string(&app.journal("default").await).unwrap();
    assert!(!journal.contains(&client.token), "the token");
    assert!(!journal.contains(&STANDARD.encode("demo-client:demo-secret")), "the secret");
    assert!(journal.contains("\"principal\":\"demo-client\""), "who it was");
}
