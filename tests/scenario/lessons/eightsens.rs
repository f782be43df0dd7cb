//! Lessons at 8sens.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::Told::{Missed, Verdict};
use super::lesson;
use crate::support::{Answer, App, send, try_send};

const KEY: &str = "ZghY887665YhGH";

/// A web shop that has logged in.
struct Shop<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Shop<'a> {
    async fn of(app: &'a App) -> Self {
        let request = app.request("8sens", Method::POST, "/v1/login/user").header("api_key", KEY);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = send(request.body("login=CLIENTREST&password=clientrest")).await;
        Self { app, token: answer.json()["access_token"].as_str().expect("a token").to_owned() }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.app.request("8sens", method, &format!("/v1/{path}"));
        request.header("api_key", KEY).header("access_token", &self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    async fn put(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    async fn post(&self, path: &str, body: Value) -> Answer {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// A quote of one line; its id.
    async fn quote(&self) -> Value {
        let answer = self.post("devis", cart()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()["devID"].clone()
    }
}

fn cart() -> Value {
    json!({ "lignes": [{ "artID": 1001, "quantite": 1 }] })
}

#[tokio::test]
async fn session_idle() {
    let good = async |app: &App| {
        let shop = Shop::of(app).await;
        assert_eq!(shop.get("article?page=1").await.status, 200);
        assert_eq!(shop.get("article?page=2").await.status, 401, "900 seconds have passed");
        let shop = Shop::of(app).await;
        assert_eq!(shop.get("article?page=2").await.status, 200);
        assert_eq!(shop.get("article?page=3").await.status, 200);
    };
    let bad = async |app: &App| {
        for page in 1..=3 {
            let shop = Shop::of(app).await;
            assert_eq!(shop.get(&format!("article?page={page}")).await.status, 200);
        }
    };
    lesson("session-idle", good, bad, &[Missed("exactly 2 times"), Verdict("left_open")]).await;
}

#[tokio::test]
async fn anonymous_quote_identified_later() {
    let good = async |app: &App| {
        let shop = Shop::of(app).await;
        let quote = shop.quote().await;
        let identified = shop.put(&format!("devis/{quote}/client"), json!({ "cliID": 30 })).await;
        assert_eq!(identified.status, 200, "{}", identified.body);
        assert_eq!(shop.post(&format!("devis/{quote}/commande"), json!({})).await.status, 201);
    };
    let bad = async |app: &App| {
        let shop = Shop::of(app).await;
        let quote = shop.quote().await;
        assert_eq!(shop.post(&format!("devis/{quote}/commande"), json!({})).await.status, 422);
    };
    lesson("anonymous-quote-identified-later", good, bad, &[Missed("PUT /v1/devis/*/client")]).await;
}

#[tokio::test]
async fn converted_prospect() {
    let good = async |app: &App| {
        let shop = Shop::of(app).await;
        let refused = shop.put("prospect/900", json!({ "pecTel": "01 98 00 00 02" })).await;
        assert_eq!(refused.status, 409, "{}", refused.body);
        let client = &refused.json()["details"][0]["cliID"];
        let changed = shop.put(&format!("client/{client}"), json!({ "cliTel": "01 98 00 00 02" })).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    };
    let bad = async |app: &App| {
        let shop = Shop::of(app).await;
        shop.put("prospect/900", json!({ "pecTel": "01 98 00 00 02" })).await;
        let again = shop.post("client", json!({ "cliRaisonSociale": "Moulin Neuf" })).await;
        assert_eq!(again.status, 201, "{}", again.body);
    };
    lesson("converted-prospect", good, bad, &[Missed("PUT /v1/client/901"), Missed("never")]).await;
}

#[tokio::test]
async fn safe_retry() {
    let good = async |app: &App| {
        let shop = Shop::of(app).await;
        let mut body = cart();
        body["devRefExterne"] = "CART-1".into();
        assert!(try_send(shop.request(Method::POST, "devis").json(&body)).await.is_err());
        let again = shop.post("devis", body).await;
        assert_eq!((again.status.as_u16(), &again.json()["code"]), (409, &json!("DUPLICATE_REF")));
    };
    let bad = async |app: &App| {
        let shop = Shop::of(app).await;
        assert!(try_send(shop.request(Method::POST, "devis").json(&cart())).await.is_err());
        shop.quote().await;
    };
    let told = [Missed("devRefExterne"), Verdict("done_twice")];
    lesson("safe-retry", good, bad, &told).await;
}

#[tokio::test]
async fn slow_list() {
    let good = async |app: &App| {
        let page = Shop::of(app).await.get("article?limit=10").await;
        assert_eq!(page.json()["data"].as_array().expect("articles").len(), 10);
    };
    let bad = async |app: &App| {
        let shop = Shop::of(app).await;
        for _ in 0..3 {
            let impatient = shop.request(Method::GET, "article").timeout(Duration::from_millis(200));
            assert!(try_send(impatient).await.is_err());
        }
    };
    lesson("slow-list", good, bad, &[Missed("exactly once")]).await;
}
