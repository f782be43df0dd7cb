//! The seed document, line by line: the set-up page and its one call.

use reqwest::Method;
use serde_json::{Value, json};

use super::SLUG;
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn the_login_of_the_page() {
    let app = App::start().await;
    let login = |body: &'static str| {
        app.request(SLUG, Method::POST, "/v1/login/user")
            .header("content-type", "application/x-www-form-urlencoded")
            .header("accept", "application/json")
            .header("api_key", "ZghY887665YhGH")
            .body(body)
    };
    let answer = send(login("login=CLIENTREST&password=clientrest")).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer: Value = answer.json();
    let names: Vec<&String> = answer.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "paramRacineCliID", "paramRacinePecID", "g8CliCode"]);
    assert_eq!((&answer["paramRacineCliID"], &answer["paramRacinePecID"]), (&json!(129), &json!(127)));
    let token = answer["access_token"].as_str().unwrap();
    let racine = app.request(SLUG, Method::GET, "/v1/racine").header("api_key", "ZghY887665YhGH");
    assert_eq!(send(racine.header("access_token", token)).await.status, 200);
    assert_eq!(send(login("login=CLIENTREST&password=wrong")).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_page_are_the_defaults() {
    let app = App::start().await;
    for (entity, key, id) in [
        ("nature", "natureID", 1),
        ("racine", "racineID", 125),
        ("racine", "racineID", 126),
        ("racine", "racineID", 127),
        ("racine", "racineID", 129),
        ("transfo", "transfoID", 2),
        ("client", "cliID", 87),
        ("user", "userID", 6),
    ] {
        let records = app.records(SLUG, entity).await;
        assert!(records.iter().any(|record| record[key] == id), "{entity} {id}");
    }
}
