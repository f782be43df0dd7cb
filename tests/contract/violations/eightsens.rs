//! 8sens: what its clients get wrong, and what they get right.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::{makes, makes_none};
use crate::support::{App, send};

const SLUG: &str = "8sens";
const KEY: &str = "ZghY887665YhGH";

fn login(app: &App) -> RequestBuilder {
    app.request(SLUG, Method::POST, "/v1/login/user")
        .header("api_key", KEY)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("login=CLIENTREST&password=clientrest")
}

async fn token(app: &App) -> String {
    let answer = send(login(app)).await;
    format!("Bearer {}", answer.json()["access_token"].as_str().expect("a token"))
}

fn request(app: &App, token: &str, method: &str, path: &str, body: &Value) -> RequestBuilder {
    let request = app.request(SLUG, method.parse().expect("a verb"), path);
    let request = request.header("api_key", KEY).header(AUTHORIZATION, token);
    if body.is_null() { request } else { request.json(body) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_is_one_violation() {
    let app = App::start().await;
    let token = token(&app).await;
    let client = |changes: Value| {
        let mut client = json!({ "cliRaisonSociale": "Fermette" });
        client.as_object_mut().expect("an object").extend(changes.as_object().expect("one").clone());
        client
    };
    for (method, path, body, expected) in [
        ("GET", "/v1/clients", Value::Null, "alias /v1/clients -> /v1/client"),
        (
            "GET",
            "/v1/articles/1001/stock",
            Value::Null,
            "alias /v1/articles/1001/stock -> /v1/article/1001/stock",
        ),
        ("GET", "/v1/client?itemsPerPage=5", Value::Null, "parameter itemsPerPage -> limit"),
        ("GET", "/v1/client?limit=all", Value::Null, "parameter limit -> integer"),
        ("GET", "/v1/clientt", Value::Null, "path /v1/clientt -> GET /v1/client"),
        ("DELETE", "/v1/client/28", Value::Null, "verb DELETE -> GET, PUT, PATCH /v1/client/{id}"),
        ("POST", "/v1/commande", json!({ "cliID": 28 }), "verb POST -> GET /v1/commande"),
        ("POST", "/v1/client", client(json!({ "cliMail": "a@b.example" })), "field cliMail -> cliEmail"),
        ("POST", "/v1/client", client(json!({ "cliTel": 612 })), "type cliTel -> text"),
        ("POST", "/v1/client", client(json!({ "cliType": "SOCIET" })), "value cliType -> SOCIETE"),
        (
            "POST",
            "/v1/devis",
            json!({ "cliID": 28, "lignes": [{ "artID": 1001, "quantit": 1 }] }),
            "field lignes[0].quantit -> quantite",
        ),
        (
            "POST",
            "/v1/devis",
            json!({ "cliID": 28, "lignes": [{ "artID": 1001 }] }),
            "required lignes[0].quantite -> lignes[0].quantite",
        ),
    ] {
        makes(&app, request(&app, &token, method, path, &body), expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_tokens_and_forms_stand_where_they_belong() {
    let app = App::start().await;
    let token = token(&app).await;
    let get = || app.request(SLUG, Method::GET, "/v1/client").header("api_key", KEY);
    let answer = makes(&app, get(), "required Authorization -> Authorization").await;
    assert_eq!(answer.json()["code"], "TOKEN_MISSING");
    let dashed = app.request(SLUG, Method::GET, "/v1/client").header("api-key", KEY);
    let answer = makes(&app, dashed.header(AUTHORIZATION, &token), "header api-key -> api_key").await;
    assert_eq!(answer.json()["code"], "API_KEY_MISSING");
    let json = app.request(SLUG, Method::POST, "/v1/login/user").header("api_key", KEY);
    let json = json.json(&json!({ "login": "CLIENTREST", "password": "clientrest" }));
    let expected = "content-type content-type -> application/x-www-form-urlencoded";
    assert_eq!(makes(&app, json, expected).await.status, 200);
    makes_none(&app, login(&app)).await;
    for name in ["access_token", "token"] {
        let bare = token.trim_start_matches("Bearer ");
        assert_eq!(makes_none(&app, get().header(name, bare)).await.status, 200, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_mode_refuses_it_in_the_vendors_envelope() {
    let app = App::scenario("name: x\nstrict: true").await;
    let token = token(&app).await;
    let before = app.records(SLUG, "client").await.len();
    for (path, body, status, code) in [
        ("/v1/client", json!({ "cliRaisonSociale": "A", "cliMail": "a" }), 422, "UNKNOWN_FIELD"),
        ("/v1/client", json!({ "cliRaisonSociale": "A", "cliTel": 612 }), 422, "VALIDATION"),
        ("/v1/client?dryRun=1", json!({ "cliRaisonSociale": "A" }), 400, "BAD_PARAMETER"),
        ("/v1/clients", json!({ "cliRaisonSociale": "A" }), 404, "ROUTE_NOT_FOUND"),
    ] {
        let answer = send(request(&app, &token, "POST", path, &body)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["code"]),
            (status, &json!(code)),
            "{}",
            answer.body
        );
    }
    assert_eq!(app.records(SLUG, "client").await.len(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_move_the_contract_with_them() {
    let settings = "path_names: { client: customer }, field_names: { cliTel: phone }, api_key_header: x-key, token_header: token";
    let app = App::start().await;
    let token = token(&app).await;
    let scenario = format!("name: x\nservers: {{ 8sens: {{ settings: {{ {settings} }} }} }}");
    app.load("default", &scenario).await;
    let fresh = app
        .request(SLUG, Method::POST, "/v1/login/user")
        .header("x-key", KEY)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body("login=CLIENTREST&password=clientrest");
    let fresh = makes_none(&app, fresh).await.json()["access_token"].as_str().expect("a token").to_owned();
    assert_ne!(fresh, token);
    let post = |body: Value| {
        let request = app.request(SLUG, Method::POST, "/v1/customer");
        request.header("x-key", KEY).header("token", &fresh).json(&body)
    };
    let named = json!({ "cliRaisonSociale": "A", "phone": "1" });
    assert_eq!(makes_none(&app, post(named)).await.status, 201);
    makes(&app, post(json!({ "cliRaisonSociale": "A", "phon": "1" })), "field phon -> phone").await;
}
