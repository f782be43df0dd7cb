//! Articles (fact sheet 6.6).

use reqwest::Method;
use serde_json::{Value, json};

use super::{SLUG, Shop, refused, refused_on};

#[tokio::test(flavor = "multi_thread")]
async fn the_list_shows_what_the_web_shop_sells() {
    let shop = Shop::open().await;
    let sold = shop.get("/v1/article?limit=500").await;
    for article in sold["data"].as_array().unwrap() {
        assert!(article["artVendable"] == true && article["artPresentWeb"] == true, "{article}");
        assert!(article["desactive"] == false && article["supprime"] == false, "{article}");
    }
    let all = shop.get("/v1/article?tous=true&limit=500").await;
    assert_eq!((&sold["total"], &all["total"]), (&json!(110), &json!(116)));
    assert_eq!(shop.get("/v1/article?code=bec-001").await["data"][0]["artID"], 1001);
    assert_eq!(shop.get("/v1/article?lib=COL%C3%89OPT").await["total"], 0);
    assert_eq!(shop.get("/v1/article?lib=b%C3%8AChe").await["total"], 6);
    for (path, status) in [("/v1/article/code/TUY-005", 200), ("/v1/article/code/VET-005", 404)] {
        assert_eq!(shop.call(Method::GET, path, Value::Null).await.status, status, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_article_has_all_its_fields() {
    let shop = Shop::open().await;
    let article = shop.get("/v1/article/code/BEC-001").await;
    let names: Vec<&str> = article.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "artID",
            "artCode",
            "artLib",
            "artType",
            "artTypeNomenclature",
            "artTypeStock",
            "artTypeTarif",
            "artNomenclatureDetaillee",
            "artVendable",
            "artForfait",
            "artGereStat",
            "artTarifRegroupe",
            "artRemisable",
            "artCommissionnable",
            "artPresentWeb",
            "desactive",
            "supprime",
            "artPhotos",
            "artPvHT",
            "artTauxTva",
            "artPvTTC",
            "artUnite",
            "artStockDispo",
            "dateModif",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn price_and_stock() {
    let shop = Shop::open().await;
    let price = shop.get("/v1/article/1001/tarif?cliID=30&quantite=2.5").await;
    let expected = json!({
        "artID": 1001, "cliID": 30, "quantite": 2.5, "puHT": price["puHT"], "remisePct": 0, "tauxTva": 20,
        "puTTC": price["puTTC"],
    });
    assert_eq!(price, expected);
    assert_eq!(price["puHT"].to_string(), "42.65");
    assert_eq!(price["puTTC"].to_string(), "51.18");
    let anonymous = shop.get("/v1/article/1001/tarif").await;
    assert_eq!((&anonymous["cliID"], &anonymous["quantite"]), (&json!(87), &json!(1)));
    let unknown = shop.call(Method::GET, "/v1/article/1001/tarif?cliID=9999", Value::Null).await;
    refused_on(&unknown, 422, "CLIENT_UNKNOWN", "cliID");
    assert_eq!(
        shop.get("/v1/article/1001/stock").await,
        json!({ "artID": 1001, "stockReel": 12, "stockDispo": 11 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_back_office_changes_stock_and_prices_and_creates_articles() {
    let shop = Shop::open().await;
    let stock = shop.app.act(SLUG, "set-stock", json!({ "artID": 1001, "stockReel": 7.5 })).await;
    assert_eq!(
        stock,
        json!({ "artID": 1001, "stockReel": 7.5, "stockDispo": 6.5 }),
        "an open order has reserved one"
    );
    shop.app.act(SLUG, "set-stock", json!({ "artID": 1001, "stockDispo": 2 })).await;
    let stock = shop.get("/v1/article/1001/stock").await;
    assert_eq!(stock, json!({ "artID": 1001, "stockReel": 7.5, "stockDispo": 2 }));

    let quote = shop.quote().await;
    shop.app.act(SLUG, "set-price", json!({ "artID": 1001, "artPvHT": "100.00" })).await;
    let article = shop.get("/v1/article/1001").await;
    assert_eq!(
        (article["artPvHT"].to_string(), article["artPvTTC"].to_string()),
        ("100.00".into(), "120.00".into())
    );
    assert_eq!(shop.get(&format!("/v1/devis/{quote}")).await["totalHT"].to_string(), "42.65");

    let created = shop
        .add("article", json!({ "artCode": "NEUF-1", "artLib": "Neuf", "artPvHT": 10, "artTauxTva": 5.5 }))
        .await;
    let article = shop.get(&format!("/v1/article/{}", created["artID"])).await;
    assert_eq!((article["artPvTTC"].to_string(), &article["artVendable"]), ("10.55".into(), &json!(true)));
    let line = json!({ "lignes": [{ "artCode": "neuf-1", "quantite": 3 }] });
    assert_eq!(shop.create("/v1/devis", line).await["totalTTC"].to_string(), "31.65");
    refused(&shop.call(Method::GET, "/v1/article/999", Value::Null).await, 404, "NOT_FOUND");
}
