//! Login, tokens, paths, verbs, the order of checks (fact sheet 2, 3, 20).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};

use super::{FROZEN, Weavy, login, refusal};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_a_signed_token_by_the_clock() {
    let app = App::scenario(FROZEN).await;
    let answer = login(&app, "api", "api").await;
    let body = answer.json();
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["authToken", "expiresIn", "generatedTimeUTC", "passwordExpiryUTC"]);
    assert_eq!(body["expiresIn"], 43200);
    assert_eq!(body["generatedTimeUTC"], "2026-03-02T08:00:00.0000000Z");
    assert_eq!(body["passwordExpiryUTC"], Value::Null);
    let token = body["authToken"].as_str().unwrap();
    let parts: Vec<Value> = token
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    assert_eq!(parts[0], json!({ "typ": "JWT", "alg": "HS256" }));
    let iat = 1_772_438_400;
    let claims = json!({ "sub": "api", "project": "DEMO", "company": "C01", "iat": iat, "exp": iat + 43200 });
    assert_eq!(parts[1], claims);
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_refused_for_one_reason_each() {
    let app = App::start().await;
    let full = json!({ "scope": "API", "projectCode": "DEMO", "userName": "api", "password": "api" });
    for (change, status) in [
        (json!({ "password": "wrong" }), 401),
        (json!({ "userName": "nobody" }), 401),
        (json!({ "projectCode": "OTHER" }), 401),
        (json!({ "scope": "WEB" }), 400),
        (json!({ "scope": null }), 200),
        (json!({ "projectCode": null }), 400),
        (json!({ "userName": null }), 400),
        (json!({ "password": null }), 400),
        (json!({ "password": 1 }), 400),
    ] {
        let mut body = full.clone();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&body)).await;
        assert_eq!(answer.status, status, "{change}: {}", answer.body);
    }
    let login = |body: &'static str| {
        app.request("weavy", Method::POST, "/V1/authenticate/")
            .header("content-type", "application/json")
            .body(body)
    };
    assert_eq!(send(login("{")).await.status, 400);
    assert_eq!(send(login("[]")).await.status, 400);
    let any_case = r#"{"PROJECTCODE":"DEMO","username":"API","Password":"api"}"#;
    assert_eq!(send(login(any_case)).await.status, 200, "names of properties and users in any case");
    let plain = app.request("weavy", Method::POST, "/v1/Authenticate").body("{}");
    assert_eq!(refusal(&send(plain).await).0, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_refused_with_a_challenge() {
    let app = App::scenario(FROZEN).await;
    let weavy = Weavy::of(&app).await;
    let path = "/v1/Data/DEMO/customer?limit=1";
    let (head, signature) = weavy.token.rsplit_once('.').unwrap();
    let forged = format!("{head}.{}", signature.chars().rev().collect::<String>());
    for header in [
        String::new(),
        "Bearer".to_owned(),
        "Bearer x.y.z".to_owned(),
        format!("Basic {}", weavy.token),
        format!("Bearer {forged}"),
    ] {
        let answer = send(app.request("weavy", Method::GET, path).header("authorization", &header)).await;
        assert_eq!(refusal(&answer).0, 401, "{header}");
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{header}");
    }
    assert_eq!(weavy.get("Data/DEMO/customer?limit=1").await.status, 200);
    app.advance("PT11H59M59S").await;
    assert_eq!(weavy.get("Data/DEMO/customer?limit=1").await.status, 200, "a second before its end");
    app.advance("PT1S").await;
    assert_eq!(weavy.get("Data/DEMO/customer?limit=1").await.status, 401, "at its end");
    let again = Weavy::of(&app).await;
    assert_eq!(again.get("Data/DEMO/customer?limit=1").await.status, 200);
    send(app.control(Method::POST, "/sandboxes/default/reset")).await;
    assert_eq!(again.get("Data/DEMO/customer?limit=1").await.status, 401, "a reset forgets tokens");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_account_is_out_at_once() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    app.act("weavy", "disable-account", json!({ "userName": "api" })).await;
    assert_eq!(weavy.get("Data/DEMO/customer").await.status, 401);
    assert_eq!(login(&app, "api", "api").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_password_does_not_open() {
    let account = "{ userName: api, password: api, passwordExpiryUTC: '2026-03-02T09:00:00' }";
    let app = App::scenario(&format!(
        "{FROZEN}\nservers: {{ weavy: {{ settings: {{ accounts: [{account}] }} }} }}"
    ))
    .await;
    let body = login(&app, "api", "api").await.json();
    assert_eq!(body["passwordExpiryUTC"], "2026-03-02T09:00:00.0000000Z");
    app.advance("PT1H").await;
    assert_eq!(login(&app, "api", "api").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_come_in_the_stated_order() {
    let app = App::scenario(
        "servers: { weavy: { settings: { entity_access: { customer: { apiInsert: false } } } } }",
    )
    .await;
    let weavy = Weavy::of(&app).await;
    let bare = |method: Method, path: &str| app.request("weavy", method, path).body("{");
    // Each row is wrong in everything from its own fault on.
    for (request, status) in [
        (bare(Method::POST, "/v1/Nowhere/OTHER/nope"), 404),
        (bare(Method::PATCH, "/v1/Data/OTHER/nope"), 405),
        (bare(Method::POST, "/v1/Data/OTHER/nope"), 401),
        (weavy.request(Method::POST, "Data/OTHER/nope").body("{"), 403),
        (weavy.request(Method::POST, "Data/DEMO/nope").body("{"), 404),
        (weavy.request(Method::POST, "Data/DEMO/customer").body("{"), 403),
        (weavy.request(Method::POST, "Data/DEMO/product").body("{"), 415),
        (
            weavy
                .request(Method::POST, "Data/DEMO/product")
                .header("content-type", "application/json")
                .body("{"),
            400,
        ),
    ] {
        let answer = send(request).await;
        assert_eq!(refusal(&answer).0, status, "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fixed_segments_have_any_case_and_reserved_words_win() {
    let app = App::start().await;
    let weavy = Weavy::of(&app).await;
    for path in ["data/DEMO/CUSTOMER?limit=1", "DATA/DEMO/customer/?limit=1", "dictionary/DEMO/Customer"] {
        assert_eq!(weavy.get(path).await.status, 200, "{path}");
    }
    for (method, path, allow) in [
        (Method::GET, "Data/DEMO/select", "POST"),
        (Method::GET, "Data/DEMO/BulkImport", "POST, PUT"),
        (Method::DELETE, "Data/DEMO/customer", "GET, POST"),
        (Method::HEAD, "Data/DEMO/customer", "GET, POST"),
        (Method::OPTIONS, "Data/DEMO/customer", "GET, POST"),
        (Method::POST, "Data/DEMO/customer/C0000001", "DELETE, GET, PUT"),
        (Method::PATCH, "Data/DEMO/customer/mergeData", "DELETE, GET, POST, PUT"),
    ] {
        let answer = weavy.call(method.clone(), path, Value::Null).await;
        assert_eq!((answer.status.as_u16(), answer.header("allow")), (405, allow), "{method} {path}");
    }
    for path in
        ["Data/DEMO", "Data//customer", "Data/DEMO/customer//", "Data/DEMO/customer/a/b", "Data/DEMO/%ff"]
    {
        assert_eq!(weavy.get(path).await.status, 404, "{path}");
    }
}
