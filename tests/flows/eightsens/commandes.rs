//! The transformation and its orders (fact sheet 6.8 to 6.10).

use reqwest::Method;
use serde_json::{Value, json};

use super::{SLUG, Shop, bare, credentials, id, login, refused, refused_on, token};
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn the_web_shop_flow_end_to_end() {
    let app = App::scenario("name: shop\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let shop = Shop::enter(app).await;
    let articles = shop.get("/v1/article?lib=arrosoir").await;
    let article = &articles["data"][0];
    let lines = json!([{ "artID": article["artID"], "quantite": 3 }]);
    let quote = shop.create("/v1/devis", json!({ "devRefExterne": "P-77", "lignes": lines })).await;
    assert_eq!((&quote["cliID"], &quote["clientDivers"]), (&json!(87), &json!(true)));
    let quote_path = format!("/v1/devis/{}", quote["devID"]);
    refused(&shop.post(&format!("{quote_path}/commande"), Value::Null).await, 422, "CLIENT_DIVERS");
    let client = json!({
        "cliType": "PARTICULIER", "cliNom": "Ropars", "cliEmail": "r@ropars.example",
        "adresses": [{ "adrLigne1": "1, rue Neuve", "adrVille": "Quimper", "adrDefaut": true }],
    });
    let client = shop.create("/v1/client", client).await;
    shop.change(&format!("{quote_path}/client"), json!({ "cliID": client["cliID"] })).await;
    let order = shop.create(&format!("{quote_path}/commande"), json!({ "cdeRefExterne": "W-77" })).await;
    let path = format!("/v1/commande/{}", order["cdeID"]);
    assert_eq!(shop.get(&path).await, order);
    assert_eq!((&order["cdeCode"], &order["cdeRefExterne"]), (&json!("CW000001"), &json!("W-77")));
    assert_eq!(order["adresseLivraison"]["adrVille"], "Quimper");

    shop.app.advance("PT900S").await;
    shop.get(&path).await;
    shop.app.advance("PT901S").await;
    refused(&shop.call(Method::GET, &path, Value::Null).await, 401, "TOKEN_EXPIRED");
    let shop = Shop { token: token(&shop.app).await, ..shop };
    assert_eq!(shop.get(&path).await, order);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_its_quote() {
    let shop = Shop::open().await;
    let lines = json!([{ "artID": 1001, "quantite": 2 }, { "artCode": "LIV-001", "quantite": 1 }]);
    let quote = shop.create("/v1/devis", json!({ "cliID": 30, "lignes": lines })).await;
    let path = format!("/v1/devis/{}/commande", quote["devID"]);
    let body = json!({ "cdeDate": "2026-03-05", "cdeCommentaire": "Sonner deux fois", "cdeEtat": "LIVREE" });
    let order = shop.create(&path, body).await;
    let names: Vec<&str> = order.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "cdeID",
            "cdeCode",
            "natureID",
            "racineID",
            "devID",
            "cliID",
            "cliCode",
            "cdeDate",
            "cdeRefExterne",
            "cdeEtat",
            "cdeCommentaire",
            "adresseFacturation",
            "adresseLivraison",
            "lignes",
            "totalHT",
            "totalTVA",
            "totalTTC",
            "tva",
            "dateCreation",
            "dateModif",
        ]
    );
    for field in [
        "cliID",
        "cliCode",
        "adresseFacturation",
        "adresseLivraison",
        "totalHT",
        "totalTVA",
        "totalTTC",
        "tva",
    ] {
        assert_eq!(order[field], quote[field], "{field}");
    }
    for (ordered, quoted) in
        order["lignes"].as_array().unwrap().iter().zip(quote["lignes"].as_array().unwrap())
    {
        let mut expected = quoted.clone();
        assert_ne!(ordered["ligID"], quoted["ligID"], "lines of orders have ids of their own");
        expected["ligID"] = ordered["ligID"].clone();
        expected["quantiteLivree"] = json!(0);
        assert_eq!(*ordered, expected);
    }
    assert_eq!((&order["natureID"], &order["racineID"]), (&json!(2), &json!(126)));
    assert_eq!((&order["cdeEtat"], &order["cdeDate"]), (&json!("EN_COURS"), &json!("2026-03-05")));
    let quote = shop.get(&format!("/v1/devis/{}", quote["devID"])).await;
    assert_eq!((&quote["devEtat"], &quote["cdeID"]), (&json!("TRANSFORME"), &order["cdeID"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_transformations_of_one_quote_make_one_order() {
    let shop = Shop::open().await;
    let quote = shop.quote().await;
    let path = format!("/v1/devis/{quote}/commande");
    let calls = (0..50).map(|_| tokio::spawn(send(shop.request(Method::POST, &path))));
    let (mut made, mut refusals) = (Vec::new(), 0);
    for call in calls.collect::<Vec<_>>() {
        let answer = call.await.unwrap();
        if answer.status == 201 {
            made.push(answer.json());
        } else {
            refused(&answer, 409, "ALREADY_TRANSFORMED");
            refusals += 1;
        }
    }
    assert_eq!((made.len(), refusals), (1, 49));
    assert_eq!(shop.get(&format!("/v1/commande?devID={quote}")).await["total"], 1);
    assert_eq!(shop.get("/v1/racine/126").await["racineCompteur"], 1);
    let again = shop.post(&path, Value::Null).await;
    assert_eq!(again.json()["details"], json!([{ "cdeID": made[0]["cdeID"] }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_become_an_order_uses_up_no_number() {
    let shop = Shop::open().await;
    let transform = |quote: i64| format!("/v1/devis/{quote}/commande");
    refused(&shop.post(&transform(999_999), Value::Null).await, 404, "NOT_FOUND");
    let empty = shop.create("/v1/devis", json!({ "cliID": 30 })).await;
    refused(&shop.post(&transform(id(&empty, "devID")), Value::Null).await, 422, "EMPTY_DOCUMENT");
    let lines = json!([{ "artID": 1001, "quantite": 1 }]);
    let anonymous = shop.create("/v1/devis", json!({ "lignes": lines })).await;
    refused(&shop.post(&transform(id(&anonymous, "devID")), Value::Null).await, 422, "CLIENT_DIVERS");
    for (entity, key, field) in [("client", 30, "cliID"), ("article", 1001, "lignes[0].artID")] {
        let quote = shop.quote().await;
        for flag in ["desactive", "supprime"] {
            shop.edit(entity, key, json!({ flag: true })).await;
            refused_on(&shop.post(&transform(quote), Value::Null).await, 422, "DISABLED", field);
            shop.edit(entity, key, json!({ flag: false })).await;
        }
    }
    let quote = shop.quote().await;
    refused_on(
        &shop.post(&transform(quote), json!({ "cdeDate": "demain" })).await,
        422,
        "VALIDATION",
        "cdeDate",
    );
    assert_eq!(shop.get(&format!("/v1/devis/{quote}")).await["devEtat"], "EN_COURS");
    assert_eq!(shop.get("/v1/racine/126").await["racineCompteur"], 0);
    shop.change(&format!("/v1/devis/{quote}"), json!({ "devDateValidite": "2020-01-01" })).await;
    assert_eq!(shop.create(&transform(quote), Value::Null).await["cdeCode"], "CW000001");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_client_divers_may_order_when_a_switch_says_so() {
    let shop = Shop::set("{ allow_divers_order: true }").await;
    let quote = shop.create("/v1/devis", json!({ "lignes": [{ "artID": 1001, "quantite": 1 }] })).await;
    let order = shop.create(&format!("/v1/devis/{}/commande", quote["devID"]), Value::Null).await;
    assert_eq!(order["cliID"], 87);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_created_directly_when_a_switch_says_so() {
    let body = json!({
        "cliID": 30, "devRefExterne": "P-1", "cdeRefExterne": "W-1", "cdeDate": "2026-03-05",
        "lignes": [{ "artID": 1001, "quantite": 1 }],
    });
    let shop = Shop::open().await;
    let answer = send(shop.app.request(SLUG, Method::POST, "/v1/commande").json(&body)).await;
    refused(&answer, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "GET");

    let shop = Shop::set("{ direct_order: true }").await;
    refused(&send(bare(&shop.app, Method::POST, "/v1/commande").json(&body)).await, 401, "TOKEN_MISSING");
    let delete = send(shop.app.request(SLUG, Method::DELETE, "/v1/commande")).await;
    assert_eq!((delete.status.as_u16(), delete.header("allow")), (405, "GET, POST"));
    let order = shop.create("/v1/commande", body).await;
    assert_eq!((&order["cdeRefExterne"], &order["cdeDate"]), (&json!("W-1"), &json!("2026-03-05")));
    let quote = shop.get(&format!("/v1/devis/{}", order["devID"])).await;
    assert_eq!((&quote["devEtat"], &quote["devRefExterne"]), (&json!("TRANSFORME"), &json!("P-1")));
    let refusal = shop.post("/v1/commande", json!({ "cliID": 30 })).await;
    refused(&refusal, 422, "EMPTY_DOCUMENT");
    assert_eq!(shop.get("/v1/racine/125").await["racineCompteur"], 1, "half an effect is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_found_and_little_of_them_changed() {
    let shop = Shop::open().await;
    let order = shop.get("/v1/commande/301").await;
    assert_eq!(shop.get(&format!("/v1/commande/code/{}", order["cdeCode"].as_str().unwrap())).await, order);
    for (query, total) in [
        (format!("devID={}", order["devID"]), 1),
        ("etat=LIVREE".to_owned(), 6),
        ("etat=ANNULEE".to_owned(), 2),
        ("refExterne=web-9001".to_owned(), 1),
        ("depuis=2030-01-01".to_owned(), 0),
        ("etat=SOLDEE&refExterne=none".to_owned(), 0),
    ] {
        assert_eq!(shop.get(&format!("/v1/commande?{query}")).await["total"], total, "{query}");
    }
    let change = json!({ "cdeCommentaire": "Merci", "cdeRefExterne": "W-9", "cdeEtat": "LIVREE", "cliID": 31, "cdeDate": "2020-01-01" });
    let changed = shop.change("/v1/commande/301", change).await;
    assert_eq!((&changed["cdeCommentaire"], &changed["cdeRefExterne"]), (&json!("Merci"), &json!("W-9")));
    for field in ["cdeEtat", "cliID", "cdeDate", "lignes"] {
        assert_eq!(changed[field], order[field], "{field}");
    }
    shop.edit("commande", 301, json!({ "racineID": 1 })).await;
    refused(&shop.call(Method::GET, "/v1/commande/301", Value::Null).await, 404, "NOT_FOUND");
    refused(&shop.put("/v1/commande/301", json!({})).await, 404, "NOT_FOUND");
    assert_eq!(shop.get("/v1/commande").await["total"], 24);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runner_who_is_not_configured_as_a_consumer_may_order_too() {
    let app = App::start().await;
    let answer = send(login(&app, &credentials("RUNREST", "runrest"))).await.json();
    let shop = Shop { token: answer["access_token"].as_str().unwrap().to_owned(), app };
    shop.quote().await;
    assert_eq!(shop.app.last().await["principal"], "RUNREST");
}
