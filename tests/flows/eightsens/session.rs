//! Sessions (fact sheet 5).

use reqwest::Method;
use serde_json::json;

use super::{KEY, SLUG, Shop, bare, credentials, login, refused, scenario, token};
use crate::support::{Answer, App, send};

async fn with_token(app: &App, name: &str, value: &str) -> Answer {
    send(bare(app, Method::GET, "/v1/racine").header(name, value)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_lives_900_seconds_after_its_last_request_and_not_901() {
    let frozen = "name: frozen\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }";
    let app = App::scenario(frozen).await;
    let token = token(&app).await;
    for seconds in ["PT900S", "PT900S", "PT899S"] {
        app.advance(seconds).await;
        assert_eq!(with_token(&app, "token", &token).await.status, 200, "{seconds}");
    }
    app.advance("PT901S").await;
    for _ in 0..2 {
        refused(&with_token(&app, "token", &token).await, 401, "TOKEN_EXPIRED");
    }
    let fresh = super::token(&app).await;
    assert_ne!(fresh, token);
    assert_eq!(with_token(&app, "token", &fresh).await.status, 200);
    refused(&with_token(&app, "token", &token).await, 401, "TOKEN_EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_restarted_by_refused_business_and_not_by_refused_credentials() {
    let app = App::scenario("name: frozen\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let token = token(&app).await;
    app.advance("PT600S").await;
    let missing = bare(&app, Method::GET, "/v1/client/999999").header("token", &token);
    refused(&send(missing).await, 404, "NOT_FOUND");
    app.advance("PT600S").await;
    assert_eq!(with_token(&app, "token", &token).await.status, 200);
    app.advance("PT600S").await;
    let wrong_key =
        app.request(SLUG, Method::GET, "/v1/racine").header("api_key", "no").header("token", &token);
    refused(&send(wrong_key).await, 401, "API_KEY_INVALID");
    app.advance("PT600S").await;
    refused(&with_token(&app, "token", &token).await, 401, "TOKEN_EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_clock_does_not_cut_the_last_second() {
    let shop = Shop::open().await;
    shop.app.advance("PT900S").await;
    shop.get("/v1/racine").await;
    shop.app.advance("PT901S").await;
    refused(&shop.call(Method::GET, "/v1/racine", json!(null)).await, 401, "TOKEN_EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_is_a_setting() {
    let shop = Shop::set("{ inactivity_seconds: 5 }").await;
    shop.app.advance("PT6S").await;
    refused(&shop.call(Method::GET, "/v1/racine", json!(null)).await, 401, "TOKEN_EXPIRED");
}

#[tokio::test(flavor = "multi_thread")]
async fn four_forms_of_the_token_and_a_lock_on_each() {
    let app = App::start().await;
    let forms = |token: &str| {
        [
            ("authorization", format!("Bearer {token}")),
            ("authorization", format!("bearer {token}")),
            ("authorization", token.to_owned()),
            ("access_token", token.to_owned()),
            ("token", token.to_owned()),
        ]
    };
    for allowed in ["any", "authorization", "access_token", "token"] {
        app.load("default", &scenario(&format!("{{ token_header: {allowed} }}"))).await;
        let token = token(&app).await;
        for (header, value) in forms(&token) {
            let answer = with_token(&app, header, &value).await;
            if allowed == "any" || allowed == header {
                assert_eq!(answer.status, 200, "{allowed}: {header}: {}", answer.body);
            } else {
                refused(&answer, 401, "TOKEN_MISSING");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_header_present_counts_and_the_query_never() {
    let app = App::start().await;
    let token = token(&app).await;
    let both =
        bare(&app, Method::GET, "/v1/racine").header("authorization", "Bearer no").header("token", &token);
    refused(&send(both).await, 401, "TOKEN_INVALID");
    let both = bare(&app, Method::GET, "/v1/racine").header("access_token", &token).header("token", "no");
    assert_eq!(send(both).await.status, 200);
    for query in ["access_token", "token", "api_key"] {
        let in_query = bare(&app, Method::GET, &format!("/v1/racine?{query}={token}"));
        refused(&send(in_query).await, 401, "TOKEN_MISSING");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_call_needs_key_and_token_in_the_order_of_the_checks() {
    let shop = Shop::open().await;
    let bad = |method: Method, path: &str| shop.app.request(SLUG, method, path).body("not json");
    refused(&send(bad(Method::GET, "/v1/factures")).await, 404, "ROUTE_NOT_FOUND");
    refused(&send(bad(Method::DELETE, "/v1/client")).await, 405, "METHOD_NOT_ALLOWED");
    refused(&send(bad(Method::POST, "/v1/client")).await, 401, "API_KEY_MISSING");
    refused(&send(bad(Method::POST, "/v1/client").header("api_key", "no")).await, 401, "API_KEY_INVALID");
    let keyed = || bad(Method::POST, "/v1/client").header("api_key", KEY);
    refused(&send(keyed()).await, 401, "TOKEN_MISSING");
    refused(&send(keyed().header("token", "0123")).await, 401, "TOKEN_INVALID");
    let signed = || keyed().header("token", &shop.token);
    refused(&send(signed()).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    refused(&send(signed().header("content-type", "application/json")).await, 400, "BAD_JSON");
    refused(&shop.post("/v1/client", json!({ "cliEmail": "x" })).await, 400, "MISSING_FIELD");
    let malformed = json!({ "cliRaisonSociale": "X", "cliEmail": "x" });
    refused(&shop.post("/v1/client", malformed).await, 422, "VALIDATION");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_logout_ends_one_session() {
    let shop = Shop::open().await;
    let other = token(&shop.app).await;
    let path = "/v1/login/user";
    refused(&send(shop.app.request(SLUG, Method::DELETE, path)).await, 401, "API_KEY_MISSING");
    refused(&send(bare(&shop.app, Method::DELETE, path)).await, 401, "TOKEN_MISSING");
    let answer = shop.delete(path).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (204, ""));
    refused(&shop.delete(path).await, 401, "TOKEN_INVALID");
    assert_eq!(with_token(&shop.app, "token", &other).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_sessions_live_unless_only_one_may() {
    let app = App::start().await;
    let first = token(&app).await;
    token(&app).await;
    assert_eq!(with_token(&app, "token", &first).await.status, 200);
    app.load("default", &scenario("{ single_session: true }")).await;
    let first = token(&app).await;
    let runner = send(login(&app, &credentials("RUNREST", "runrest"))).await.json();
    let second = token(&app).await;
    refused(&with_token(&app, "token", &first).await, 401, "TOKEN_INVALID");
    assert_eq!(with_token(&app, "token", &second).await.status, 200);
    let runner = runner["access_token"].as_str().unwrap();
    assert_eq!(with_token(&app, "token", runner).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_may_no_longer_enter_is_out_at_the_next_call() {
    for change in [
        json!({ "desactive": true }),
        json!({ "supprime": true }),
        json!({ "userAdmin": true }),
        json!({ "userAutoriserRest": false }),
    ] {
        let shop = Shop::open().await;
        shop.get("/v1/racine").await;
        shop.edit("user", 7, change).await;
        refused(&shop.call(Method::GET, "/v1/racine", json!(null)).await, 401, "TOKEN_INVALID");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_disabled_and_the_server_restarted_in_the_back_office() {
    let shop = Shop::open().await;
    shop.app.act(SLUG, "disable-user", json!({ "user": "clientrest" })).await;
    refused(&shop.call(Method::GET, "/v1/racine", json!(null)).await, 401, "TOKEN_INVALID");
    refused(&send(login(&shop.app, &credentials("CLIENTREST", "clientrest"))).await, 403, "USER_DISABLED");
    shop.app.act(SLUG, "enable-user", json!({ "user": "7" })).await;
    refused(&shop.call(Method::GET, "/v1/racine", json!(null)).await, 401, "TOKEN_INVALID");
    let fresh = token(&shop.app).await;
    assert_eq!(with_token(&shop.app, "token", &fresh).await.status, 200);
    shop.app.act(SLUG, "restart", json!({})).await;
    refused(&with_token(&shop.app, "token", &fresh).await, 401, "TOKEN_INVALID");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_was_routed_restarts_the_window() {
    let app = App::scenario("name: frozen\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let large = "x".repeat(33 * 1024 * 1024);
    for (method, path, body, status) in [
        (Method::GET, "/v1/factures", "", 404),
        (Method::DELETE, "/v1/client", "", 405),
        (Method::OPTIONS, "/v1/client", "", 204),
        (Method::POST, "/v1/client", large.as_str(), 413),
        // The vendor's own limit is 1 MiB.
        (Method::POST, "/v1/client", &large[..=(1 << 20)], 413),
        (Method::POST, "/v1/client", "{", 400),
    ] {
        let token = token(&app).await;
        app.advance("PT600S").await;
        let call = bare(&app, method.clone(), path).header("token", &token);
        let call = call.header("content-type", "application/json").body(body.to_owned());
        let answer = send(call).await;
        assert_eq!(answer.status.as_u16() / 100, status / 100, "{method} {path}: {}", answer.body);
        if status != 204 {
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        }
        app.advance("PT600S").await;
        let after = with_token(&app, "token", &token).await;
        if status == 400 {
            assert_eq!(after.status, 200, "what was routed counts, whatever comes of it");
        } else {
            refused(&after, 401, "TOKEN_EXPIRED");
        }
    }
}
