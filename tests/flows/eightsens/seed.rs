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

/// The settings screen of the page, with the values of its example.
#[tokio::test(flavor = "multi_thread")]
async fn the_settings_screen_of_the_page() {
    let app = App::start().await;
    let given = send(app.control(Method::GET, "/sandboxes/default/settings/8sens")).await.json();
    for (name, value) in [
        ("api_key", json!("ZghY887665YhGH")),
        ("user_id", json!(6)),
        ("inactivity_seconds", json!(900)),
        ("nature_devis", json!(1)),
        ("racine_devis", json!(125)),
        ("transfo_devis_commande", json!(2)),
        ("racine_commande", json!(126)),
        ("racine_client", json!(129)),
        ("client_divers", json!(87)),
        ("racine_prospect", json!(127)),
    ] {
        assert_eq!(given[name], value, "{name}");
    }
    for name in ["licence_number", "access_code"] {
        assert!(given[name].is_string(), "{name}");
    }
}

/// Two users of the page: one that runs the server, one that logs in; an administrator may not, nor who lacks the right.
#[tokio::test(flavor = "multi_thread")]
async fn the_two_users_of_the_page() {
    let app = App::start().await;
    let users = app.records(SLUG, "user").await;
    for (id, code) in [(6, "RUNREST"), (7, "CLIENTREST")] {
        let user = users.iter().find(|user| user["userID"] == id).expect("the user");
        assert_eq!(user["userCode"], code);
        assert_eq!((&user["userAutoriserRest"], &user["userAdmin"]), (&json!(true), &json!(false)), "{code}");
    }
    for (credentials, status) in [
        ("login=CLIENTREST&password=clientrest", 200),
        ("login=ADMIN&password=admin", 403),
        ("login=SANSREST&password=sansrest", 403),
        ("login=DESACTIVE&password=desactive", 403),
        ("login=SUPPRIME&password=supprime", 401),
    ] {
        assert_eq!(send(super::login(&app, credentials)).await.status, status, "{credentials}");
    }
}

/// The key is sent with every access, and a new token is asked for after 900 seconds without one.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_and_the_inactivity_of_the_page() {
    let app = App::scenario("name: x\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let token = super::token(&app).await;
    let without_key = app.request(SLUG, Method::GET, "/v1/article").header("access_token", &token);
    assert_eq!(send(without_key).await.status, 401);
    let with_both = async || {
        send(super::bare(&app, Method::GET, "/v1/article").header("access_token", &token)).await.status
    };
    app.advance("PT900S").await;
    assert_eq!(with_both().await, 200);
    app.advance("PT901S").await;
    assert_eq!(with_both().await, 401);
}

/// What the settings are for: a quote of the client divers until its customer is known, new customers and prospects in
/// their racines, and the order that the transformation makes of the quote.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_settings_of_the_page_bring_about() {
    let shop = super::Shop::open().await;
    let quote = shop.create("/v1/devis", json!({ "lignes": [{ "artID": 1001, "quantite": 1 }] })).await;
    assert_eq!((&quote["cliID"], &quote["clientDivers"]), (&json!(87), &json!(true)));
    assert_eq!((&quote["racineID"], &quote["natureID"]), (&json!(125), &json!(1)));
    let path = format!("/v1/devis/{}", quote["devID"]);
    super::refused(&shop.post(&format!("{path}/commande"), json!(null)).await, 422, "CLIENT_DIVERS");
    let client = shop.create("/v1/client", json!({ "cliRaisonSociale": "Atelier" })).await;
    assert_eq!(client["racineID"], 129);
    let prospect = shop.create("/v1/prospect", json!({ "pecRaisonSociale": "Piste" })).await;
    assert_eq!(prospect["racineID"], 127);
    let known = shop.change(&format!("{path}/client"), json!({ "cliID": client["cliID"] })).await;
    assert_eq!((&known["cliID"], &known["clientDivers"]), (&client["cliID"], &json!(false)));
    let order = shop.create(&format!("{path}/commande"), json!(null)).await;
    assert_eq!((&order["racineID"], &order["natureID"]), (&json!(126), &json!(2)));
    assert_eq!((&order["devID"], &order["totalTTC"]), (&quote["devID"], &quote["totalTTC"]));
}
