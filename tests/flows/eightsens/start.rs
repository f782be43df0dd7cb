//! What the server needs to start (fact sheet 2), and what happens when it goes later.

use std::time::Duration;

use erpsatz::{Config, Erpsatz};
use reqwest::Method;
use serde_json::{Value, json};

use super::{SLUG, Shop, credentials, login, refused, scenario};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn bad_settings_are_refused_with_one_clear_message() {
    let app = App::start().await;
    for (settings, said) in [
        ("{ user_id: 99 }", "setting `user_id`: there is no user 99"),
        ("{ user_id: 10 }", "setting `user_id`: there is no user 10"),
        ("{ user_id: 1 }", "user 1 is an administrator"),
        ("{ user_id: 8 }", "user 8 does not have the right Autoriser REST"),
        ("{ user_id: 9 }", "user 9 is disabled"),
        ("{ racine_devis: 999 }", "setting `racine_devis`: there is no racine 999"),
        ("{ racine_devis: 126 }", "setting `racine_devis`: 126 is of type CDE, not DEV"),
        ("{ racine_commande: 125 }", "setting `racine_commande`: 125 is of type DEV, not CDE"),
        ("{ racine_client: 127 }", "setting `racine_client`: 127 is of type PEC, not CLI"),
        ("{ racine_prospect: 129 }", "setting `racine_prospect`: 129 is of type CLI, not PEC"),
        ("{ nature_devis: 2 }", "setting `nature_devis`: 2 is of type CDE, not DEV"),
        ("{ nature_devis: 7 }", "setting `nature_devis`: there is no nature 7"),
        ("{ transfo_devis_commande: 1 }", "there is no transfo 1"),
        ("{ client_divers: 999 }", "setting `client_divers`: there is no client 999"),
        ("{ api_key: '' }", "setting `api_key` is empty"),
        ("{ inactivity_seconds: 0 }", "setting `inactivity_seconds` must be more than 0"),
        ("{ token_header: cookie }", "must be one of"),
        ("{ inactivity: 5 }", "did you mean `inactivity_seconds`?"),
    ] {
        let put = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario(settings));
        let answer = send(put).await;
        assert_eq!(answer.status, 400, "{settings}: {}", answer.body);
        let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(said), "{settings}: {message}");
    }
    assert_eq!(
        send(login(&app, &credentials("CLIENTREST", "clientrest"))).await.status,
        200,
        "nothing changed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn serve_does_not_start_with_bad_settings_or_a_taken_port() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bad.yaml");
    std::fs::write(&file, scenario("{ user_id: 1 }")).unwrap();
    let config = Config { scenario: file.display().to_string(), ..Config::default() };
    let line = Erpsatz::start_with(config).await.err().expect("it does not start").to_string();
    assert!(line.contains("user 1 is an administrator, who may not run the server"), "{line}");

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config::default();
    config.ports.insert(SLUG.to_owned(), taken.local_addr().unwrap().port());
    let line = Erpsatz::start_with(config).await.err().expect("it does not start").to_string();
    assert!(line.starts_with("8sens: port") && line.contains("taken"), "{line}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_says_that_it_is_launched() {
    let running = Erpsatz::start().await.unwrap();
    assert!(running.announcements().any(|line| line == "Serveur REST lancé"));
    tokio::time::timeout(Duration::from_secs(10), running.stop()).await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bare_erp_starts_and_an_empty_one_too() {
    let app = App::start().await;
    app.load("default", "name: bare\nservers: { 8sens: { data: bare } }").await;
    let shop = Shop::enter(app).await;
    assert_eq!(
        (&shop.get("/v1/client").await["total"], &shop.get("/v1/devis").await["total"]),
        (&json!(1), &json!(0))
    );
    let client = shop.create("/v1/client", json!({ "cliRaisonSociale": "Premier" })).await;
    assert_eq!(client["cliCode"], "WEB000001");
    let load =
        |text: &'static str| send(shop.app.control(Method::PUT, "/sandboxes/default/scenario").body(text));
    let empty = load("name: none\nservers: { 8sens: { data: none } }").await;
    assert_eq!(empty.status, 200, "an empty server is what was asked for: {}", empty.body);
    assert_eq!(shop.app.records("8sens", "client").await.len(), 0);
    let half =
        "name: half\nservers: { 8sens: { data: none, records: { user: [ { userID: 7, userCode: X } ] } } }";
    let answer = load(half).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("there is no user 6"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_after_the_start_leaves_the_server_not_ready() {
    let shop = Shop::open().await;
    let prospect = json!({ "pecRaisonSociale": "X" });
    let quote = json!({ "lignes": [] });
    for (gone, method, path, body) in [
        ("racine/127", Method::POST, "/v1/prospect", prospect),
        ("racine/125", Method::POST, "/v1/devis", quote.clone()),
        ("transfo/2", Method::GET, "/v1/nature", Value::Null),
        ("client/87", Method::POST, "/v1/devis", quote),
    ] {
        let gone = format!("/sandboxes/default/data/8sens/{gone}");
        assert_eq!(send(shop.app.control(Method::DELETE, &gone)).await.status, 204, "{gone}");
        refused(&shop.call(method, path, body).await, 503, "SERVER_NOT_READY");
    }
}
