//! Every switch of the set-up screen, and those that are assumed.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Shop, credentials, id, refused, scenario};
use crate::support::{App, send};

/// A firm whose numbering, natures, users and anonymous client are all its own.
const OWN: &str = "name: own
clock: { start: 2026-03-02T23:30:00Z, frozen: true }
servers:
  8sens:
    settings: { api_key: own-key, user_id: 60, nature_devis: 5, racine_devis: 201, transfo_devis_commande: 9,
      racine_commande: 202, racine_prospect: 203, client_divers: 500, quote_validity_days: 10, time_zone: America/Toronto }
    records:
      user: [ { userID: 60, userCode: RUN60, userMotDePasse: x, userAutoriserRest: true } ]
      racine:
        - { racineID: 201, racineType: DEV, racinePrefixe: QQ, racineLongueur: 4 }
        - { racineID: 202, racineType: CDE, racinePrefixe: CC, racineLongueur: 4 }
        - { racineID: 203, racineType: PEC, racinePrefixe: PP, racineLongueur: 4 }
      nature: [ { natureID: 5, natureType: DEV }, { natureID: 6, natureType: CDE } ]
      transfo: [ { transfoID: 9, natureSourceID: 5, natureCibleID: 6, racineCibleID: 202 } ]
      client: [ { cliID: 500, cliCode: ANONYME, cliRaisonSociale: Anonyme, cliDivers: true } ]";

async fn sign_in(app: &App, key: &str) -> (u16, Value) {
    let login = app.request("8sens", Method::POST, "/v1/login/user").header("api_key", key);
    let login = login.header("content-type", "application/x-www-form-urlencoded");
    let answer = send(login.body(credentials("CLIENTREST", "clientrest"))).await;
    (answer.status.as_u16(), answer.json())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_set_up_screen_decides_numbers_natures_and_the_anonymous_client() {
    let app = App::scenario(OWN).await;
    assert_eq!(sign_in(&app, super::KEY).await.0, 401, "the usual key is nobody's here");
    let (status, session) = sign_in(&app, "own-key").await;
    assert_eq!(status, 200);
    let token = session["access_token"].as_str().expect("a token").to_owned();
    let post = |path: String, body: Value| {
        let request = app.request("8sens", Method::POST, &path);
        send(request.header("api_key", "own-key").header("access_token", token.clone()).json(&body))
    };
    let quote =
        post("/v1/devis".into(), json!({ "lignes": [{ "artID": 1001, "quantite": 1 }] })).await.json();
    assert_eq!(
        (&quote["cliID"], &quote["natureID"], &quote["racineID"]),
        (&json!(500), &json!(5), &json!(201))
    );
    assert_eq!(quote["devCode"], "QQ0001");
    // In Paris it is the next day already.
    assert_eq!((&quote["devDate"], &quote["devDateValidite"]), (&json!("2026-03-02"), &json!("2026-03-12")));
    let named =
        post("/v1/devis".into(), json!({ "cliID": 30, "lignes": [{ "artID": 1001, "quantite": 1 }] }));
    let order =
        post(format!("/v1/devis/{}/commande", id(&named.await.json(), "devID")), json!({})).await.json();
    assert_eq!((&order["cdeCode"], &order["natureID"]), (&json!("CC0001"), &json!(6)), "{order}");
    let prospect =
        post("/v1/prospect".into(), json!({ "pecRaisonSociale": "Brasserie du Lac" })).await.json();
    assert_eq!(prospect["pecCode"], "PP0001", "{prospect}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_up_that_the_server_could_not_start_with_is_refused() {
    let app = App::start().await;
    for (settings, named) in [
        ("{ api_key: '' }", "api_key"),
        ("{ user_id: 1 }", "user_id"),
        ("{ nature_devis: 2 }", "nature_devis"),
        ("{ racine_devis: 126 }", "racine_devis"),
        ("{ racine_commande: 125 }", "racine_commande"),
        ("{ racine_prospect: 1 }", "racine_prospect"),
        ("{ transfo_devis_commande: 7 }", "transfo_devis_commande"),
        ("{ client_divers: 9999 }", "client_divers"),
    ] {
        let load = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario(settings));
        let answer = send(load).await;
        assert!(
            answer.status.is_client_error() && answer.body.contains(named),
            "{settings}: {}",
            answer.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_bodies_have_the_sizes_that_are_set() {
    let shop = Shop::set("{ page_size: 2, page_size_max: 3, max_body_bytes: 200 }").await;
    for (path, rows) in [("/v1/article", 2), ("/v1/article?limit=3", 3), ("/v1/article?limit=1", 1)] {
        assert_eq!(shop.get(path).await["data"].as_array().expect("rows").len(), rows, "{path}");
    }
    let beyond = shop.call(Method::GET, "/v1/article?limit=4", Value::Null).await;
    refused(&beyond, 400, "BAD_PARAMETER");
    let long = json!({ "pecRaisonSociale": "x".repeat(300) });
    refused(&shop.post("/v1/prospect", long).await, 413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test(flavor = "multi_thread")]
async fn further_words_of_paths_are_what_the_setting_says() {
    let shop = Shop::set("{ path_aliases: { produits: article } }").await;
    shop.get("/v1/produits").await;
    assert_eq!(shop.call(Method::GET, "/v1/articles", Value::Null).await.status, 404);
}
