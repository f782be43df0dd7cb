//! Deliveries and the list of actions.

use reqwest::Method;
use serde_json::{Value, json};

use super::{SLUG, Shop};
use crate::support::{Answer, send};

async fn act(shop: &Shop, action: &str, with: Value) -> Answer {
    let path = format!("/sandboxes/default/actions/{SLUG}/{action}");
    send(shop.app.control(Method::POST, &path).json(&with)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_delivered_in_parts() {
    let shop = Shop::open().await;
    let lines = json!([{ "artID": 1001, "quantite": 5 }, { "artID": 1002, "quantite": 2 }]);
    let quote = shop.create("/v1/devis", json!({ "cliID": 30, "lignes": lines })).await;
    let order = shop.create(&format!("/v1/devis/{}/commande", quote["devID"]), Value::Null).await;
    let path = format!("/v1/commande/{}", order["cdeID"]);
    let line = |place: usize| order["lignes"][place]["ligID"].clone();
    let with = |lines: Value| json!({ "cdeID": order["cdeID"], "lignes": lines });

    for bad in [
        json!([{ "ligID": line(0), "quantite": 6 }]),
        json!([{ "ligID": line(0), "quantite": 0 }]),
        json!([{ "ligID": line(0), "quantite": "79228162514264337593543950335" }]),
        json!([{ "ligID": 999_999, "quantite": 1 }]),
        json!([{ "quantite": 1 }]),
        json!([{ "ligID": line(0), "quantite": 1 }, { "ligID": line(1), "quantite": 3 }]),
    ] {
        assert_eq!(act(&shop, "deliver-order", with(bad.clone())).await.status, 400, "{bad}");
    }
    assert_eq!(shop.get(&path).await, order, "a refusal delivers nothing");

    let part = with(json!([{ "ligID": line(0), "quantite": 2 }]));
    let delivered = shop.app.act(SLUG, "deliver-order", part).await;
    assert_eq!(delivered["cdeEtat"], "PARTIELLE");
    let seen = shop.get(&path).await;
    assert_eq!((&seen["cdeEtat"], &seen["lignes"][0]["quantiteLivree"]), (&json!("PARTIELLE"), &json!(2)));
    assert_eq!(shop.get("/v1/commande?etat=PARTIELLE").await["total"], 6);
    shop.app.act(SLUG, "deliver-order", json!({ "cdeID": order["cdeID"] })).await;
    let seen = shop.get(&path).await;
    assert_eq!((&seen["cdeEtat"], &seen["lignes"][0]["quantiteLivree"]), (&json!("LIVREE"), &json!(5)));
    assert_eq!(act(&shop, "deliver-order", json!({ "cdeID": order["cdeID"] })).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_actions_refuse() {
    let shop = Shop::open().await;
    for (action, with, status) in [
        ("deliver-order", json!({ "cdeID": 999_999 }), 404),
        ("deliver-order", json!({}), 400),
        ("set-stock", json!({ "artID": 1001 }), 400),
        ("set-stock", json!({ "artID": 9, "stockReel": 1 }), 404),
        ("set-price", json!({ "artID": 1001, "artPvHT": -1 }), 400),
        ("set-price", json!({ "artID": 1001 }), 400),
        ("disable-user", json!({ "user": "NOBODY" }), 404),
        ("restart", json!({ "now": true }), 400),
    ] {
        let answer = act(&shop, action, with).await;
        assert_eq!(answer.status, status, "{action}: {}", answer.body);
    }
    let actions = send(shop.app.control(Method::GET, "/sandboxes/default/actions")).await.json();
    let ours = actions["items"].as_array().unwrap().iter().filter(|item| item["server"] == SLUG);
    let names: Vec<&str> = ours.map(|item| item["action"].as_str().unwrap()).collect();
    assert_eq!(names, ["deliver-order", "set-stock", "set-price", "disable-user", "enable-user", "restart"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_have_twelve_digits() {
    let shop = Shop::open().await;
    let line = json!({ "artID": 1001, "quantite": 1, "tauxTva": 20, "montantHT": 400_000_000_000_i64 });
    let quote = shop.add("devis", json!({ "cliID": 30, "lignes": [line, line] })).await;
    shop.get(&format!("/v1/devis/{}", quote["devID"])).await;
    shop.create(&format!("/v1/devis/{}/commande", quote["devID"]), Value::Null).await;
    let article = shop
        .add("article", json!({ "artCode": "MAX", "artPvHT": 800_000_000_000_i64, "artTauxTva": 20 }))
        .await;
    shop.get(&format!("/v1/article/{}/tarif", article["artID"])).await;
    let lines = json!([{ "artID": 1001, "quantite": 9_999_999, "puHT": 99_999_999 }]);
    let body = json!({ "cliID": 30, "lignes": lines });
    let refused = shop.post("/v1/devis", body).await;
    assert_eq!(refused.status, 422, "a total beyond that is refused: {}", refused.body);
}
