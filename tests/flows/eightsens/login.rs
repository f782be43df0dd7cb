//! Login and its refusals (fact sheet 4).

use std::process::Command;

use reqwest::Method;
use serde_json::{Value, json};

use super::{KEY, SLUG, Shop, bare, credentials, login, refused, refused_on, scenario};
use crate::support::{Answer, App, send};

fn is_token(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_curl_of_the_vendors_page_works_as_printed() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let app = App::start().await;
    let port = app.url(SLUG).rsplit(':').next().unwrap().to_owned();
    let printed = "curl -X POST --header 'Content-Type: application/x-www-form-urlencoded' \
                   --header 'Accept: application/json' --header 'api_key: ZghY887665YhGH' \
                   -d 'login=CLIENTREST&password=clientrest' 'http://localhost:8082/v1/login/user'";
    let command = format!("{} -sS", printed.replace("localhost:8082", &format!("127.0.0.1:{port}")));
    let run = move || Command::new("sh").args(["-c", &command]).output().unwrap();
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(is_token(answer["access_token"].as_str().unwrap()), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_gives_exactly_four_fields() {
    let app = App::start().await;
    let answer = send(login(&app, &credentials("CLIENTREST", "clientrest"))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    let body = answer.json();
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "paramRacineCliID", "paramRacinePecID", "g8CliCode"]);
    assert_eq!((&body["paramRacineCliID"], &body["paramRacinePecID"]), (&json!(129), &json!(127)));
    assert_eq!(body["g8CliCode"], "DEMO");
    assert!(is_token(body["access_token"].as_str().unwrap()));
    let again = send(login(&app, &credentials("CLIENTREST", "clientrest"))).await.json();
    assert_ne!(again["access_token"], body["access_token"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_licensed_server_shows_its_code_and_ids_may_be_texts() {
    let settings = "{ licence_number: C00123, access_code: secret, ids_as_strings: true }";
    let app = App::scenario(&scenario(settings)).await;
    let body = send(login(&app, &credentials("CLIENTREST", "clientrest"))).await.json();
    assert_eq!(body["g8CliCode"], "C00123");
    assert_eq!((&body["paramRacineCliID"], &body["paramRacinePecID"]), (&json!("129"), &json!("127")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_log_in() {
    let app = App::start().await;
    for (login_name, password, status, code) in [
        ("CLIENTREST", "clientrest", 200, ""),
        ("clientrest", "clientrest", 200, ""),
        ("RUNREST", "runrest", 200, ""),
        ("NOBODY", "clientrest", 401, "INVALID_CREDENTIALS"),
        ("CLIENTREST", "Clientrest", 401, "INVALID_CREDENTIALS"),
        ("SUPPRIME", "supprime", 401, "INVALID_CREDENTIALS"),
        ("DESACTIVE", "wrong", 401, "INVALID_CREDENTIALS"),
        ("DESACTIVE", "desactive", 403, "USER_DISABLED"),
        ("ADMIN", "admin", 403, "ADMIN_NOT_ALLOWED"),
        ("SANSREST", "sansrest", 403, "REST_NOT_ALLOWED"),
    ] {
        let answer = send(login(&app, &credentials(login_name, password))).await;
        if status == 200 {
            assert_eq!(answer.status, 200, "{login_name}: {}", answer.body);
        } else {
            refused(&answer, status, code);
        }
    }
    let bodies = [("NOBODY", "x"), ("CLIENTREST", "x"), ("SUPPRIME", "supprime")].map(|(user, password)| {
        let request = login(&app, &credentials(user, password));
        async { send(request).await.body }
    });
    let [unknown, wrong, deleted] = bodies;
    let (unknown, wrong, deleted) = (unknown.await, wrong.await, deleted.await);
    assert!(unknown == wrong && wrong == deleted, "{unknown} {wrong} {deleted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn switches_of_the_login() {
    let app = App::scenario(&scenario("{ refuse_runner_login: true }")).await;
    refused(&send(login(&app, &credentials("RUNREST", "runrest"))).await, 403, "REST_NOT_ALLOWED");
    app.load("default", &scenario("{ rest_licence: false }")).await;
    refused(&send(login(&app, &credentials("CLIENTREST", "clientrest"))).await, 403, "LICENCE_INVALID");
    refused(&send(login(&app, &credentials("ADMIN", "admin"))).await, 403, "ADMIN_NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_right_may_come_from_the_group() {
    let shop = Shop::open().await;
    shop.edit("user", 8, json!({ "userGroupe": { "groupeCode": "WEB", "groupeAutoriserRest": true } })).await;
    assert_eq!(send(login(&shop.app, &credentials("SANSREST", "sansrest"))).await.status, 200);
}

/// Each row breaks one check and every later one: the earlier refusal wins.
#[tokio::test(flavor = "multi_thread")]
async fn refusals_come_in_their_order() {
    let app = App::start().await;
    let path = "/v1/login/user";
    let form = "application/x-www-form-urlencoded";
    let with = |key: Option<&str>, media: Option<&str>, body: &str| {
        let mut request = app.request(SLUG, Method::POST, path).body(body.to_owned());
        if let Some(key) = key {
            request = request.header("api_key", key);
        }
        if let Some(media) = media {
            request = request.header("content-type", media);
        }
        send(request)
    };
    let put: Answer = send(app.request(SLUG, Method::PUT, path).body("x")).await;
    refused(&put, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(put.header("allow"), "POST, DELETE");
    refused(&with(None, Some("text/plain"), "").await, 401, "API_KEY_MISSING");
    refused(&with(Some(""), Some("text/plain"), "").await, 401, "API_KEY_MISSING");
    refused(&with(Some("zghy887665yhgh"), Some("text/plain"), "").await, 401, "API_KEY_INVALID");
    refused(&with(Some(KEY), Some("text/plain"), "").await, 415, "UNSUPPORTED_MEDIA_TYPE");
    refused(&with(Some(KEY), None, "").await, 415, "UNSUPPORTED_MEDIA_TYPE");
    let empty = with(Some(KEY), Some(form), "login=&password=").await;
    refused(&empty, 400, "MISSING_FIELD");
    assert_eq!(empty.json()["details"], json!([{ "field": "login" }, { "field": "password" }]));
    refused_on(&with(Some(KEY), Some(form), "password=x").await, 400, "MISSING_FIELD", "login");
    refused(&with(Some(KEY), Some(form), "login=CLIENTREST&password=x").await, 401, "INVALID_CREDENTIALS");
    let get = send(bare(&app, Method::GET, path)).await;
    refused(&get, 405, "METHOD_NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn how_the_form_is_read() {
    let app = App::start().await;
    for (body, status) in [
        ("login=CLIENTREST&password=clientrest&remember=1", 200),
        ("login=ADMIN&login=CLIENTREST&password=x&password=clientrest", 200),
        ("login=CLIENT%52EST&password=client%72est", 200),
        ("password=clientrest", 400),
    ] {
        assert_eq!(send(login(&app, body)).await.status, status, "{body}");
    }
    let in_query = bare(&app, Method::POST, "/v1/login/user?login=CLIENTREST&password=clientrest");
    let in_query = in_query.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    refused(&send(in_query).await, 400, "MISSING_FIELD");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_accepted_in_lenient_mode_only() {
    let app = App::start().await;
    let body = json!({ "login": "CLIENTREST", "password": "clientrest" });
    let request = || bare(&app, Method::POST, "/v1/login/user");
    assert_eq!(send(request().json(&body)).await.status, 200);
    let broken = request().header("content-type", "application/json").body("{");
    refused(&send(broken).await, 400, "BAD_JSON");
    app.load("default", "name: strict\nstrict: true").await;
    refused(&send(request().json(&body)).await, 415, "UNSUPPORTED_MEDIA_TYPE");
    assert_eq!(send(login(&app, &credentials("CLIENTREST", "clientrest"))).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_targets_of_a_login_do_not_exist() {
    let app = App::start().await;
    for path in ["/v1/login", "/v1/login/admin", "/v2/login/user", "/login/user", "/v1/login/user/7"] {
        refused(&send(app.request(SLUG, Method::POST, path)).await, 404, "ROUTE_NOT_FOUND");
    }
}
