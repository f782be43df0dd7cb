//! What orders do to the stock.

use serde_json::{Value, json};

use super::{SLUG, Shop};

impl Shop {
    /// What is in the depot of article 1042, and what can be sold of it.
    async fn stock(&self) -> (Value, Value) {
        let stock = self.get("/v1/article/1042/stock").await;
        (stock["stockReel"].clone(), stock["stockDispo"].clone())
    }

    async fn order(&self, quantity: &str) -> Value {
        let quantity: Value = serde_json::from_str(quantity).unwrap();
        let body = json!({ "cliID": 30, "lignes": [{ "artID": 1042, "quantite": quantity }] });
        let quote = self.create("/v1/devis", body).await;
        self.create(&format!("/v1/devis/{}/commande", quote["devID"]), Value::Null).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_reserves_and_a_delivery_takes() {
    let shop = Shop::open().await;
    shop.app.act(SLUG, "set-stock", json!({ "artID": 1042, "stockReel": 100, "stockDispo": 90 })).await;
    let body = json!({ "cliID": 30, "lignes": [{ "artID": 1042, "quantite": 5 }] });
    shop.create("/v1/devis", body).await;
    assert_eq!(shop.stock().await, (json!(100), json!(90)), "a quote moves nothing");
    let order = shop.order("2.5").await;
    assert_eq!(shop.stock().await, (json!(100), json!(87.5)));
    let part = json!([{ "ligID": order["lignes"][0]["ligID"], "quantite": 1 }]);
    shop.app.act(SLUG, "deliver-order", json!({ "cdeID": order["cdeID"], "lignes": part })).await;
    assert_eq!(shop.stock().await, (json!(99), json!(87.5)), "what is delivered was reserved before");
    shop.app.act(SLUG, "deliver-order", json!({ "cdeID": order["cdeID"] })).await;
    assert_eq!(shop.stock().await, (json!(97.5), json!(87.5)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_move_stock_nothing_moves() {
    let shop = Shop::set("{ move_stock: false }").await;
    let before = shop.stock().await;
    let order = shop.order("3").await;
    shop.app.act(SLUG, "deliver-order", json!({ "cdeID": order["cdeID"] })).await;
    assert_eq!(shop.stock().await, before);
    let stock = shop.app.act(SLUG, "set-stock", json!({ "artID": 1042, "stockReel": 7.5 })).await;
    assert_eq!(stock["stockDispo"], json!(7.5));
}
