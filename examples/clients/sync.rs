//! Reads every product of Comarch ERP XT, page by page.
//!
//! ```sh
//! cargo build --example sync
//! erpsatz exec --scenario token-expires-mid-sync -- target/debug/examples/sync good   # exit 0
//! erpsatz exec --scenario token-expires-mid-sync -- target/debug/examples/sync bad    # exit 3: a token for every call
//! ```

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a client is told by its environment where the server is, and says what it has done"
)]

use std::env::{args, var};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, Response, StatusCode};
use serde_json::Value;

struct Shop {
    http: Client,
    api: String,
    token: Option<String>,
}

impl Shop {
    async fn new_token(&mut self) -> Result<String> {
        let (id, secret) = (var("ERPSATZ_COMARCH_XT_CLIENT_ID")?, var("ERPSATZ_COMARCH_XT_CLIENT_SECRET")?);
        let request = self.http.post(format!("{}/token", self.api)).basic_auth(id, Some(secret));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = json(request.body("grant_type=client_credentials").send().await?).await?;
        let token = answer["access_token"].as_str().context("an answer without a token")?;
        self.token = Some(token.to_owned());
        Ok(token.to_owned())
    }

    /// The 50 products after the first `skip`.
    async fn ask(&self, skip: usize, token: &str) -> Result<Response> {
        let url = format!("{}/products?$orderby=Id&$top=50&$skip={skip}", self.api);
        Ok(self.http.get(url).bearer_auth(token).send().await?)
    }

    /// One token for as long as it lives: a 401 costs one new one and the same page again, a 5xx the same page again.
    async fn good(&mut self, skip: usize) -> Result<Value> {
        for _ in 0..4 {
            let token = match self.token.clone() {
                Some(token) => token,
                None => self.new_token().await?,
            };
            let answer = self.ask(skip, &token).await?;
            match answer.status() {
                StatusCode::UNAUTHORIZED => self.token = None,
                status if status.is_server_error() => tokio::time::sleep(Duration::from_millis(100)).await,
                _ => return json(answer).await,
            }
        }
        bail!("products after {skip}: four tries and no answer")
    }

    /// A new token before every call, whatever the last one was worth.
    async fn bad(&mut self, skip: usize) -> Result<Value> {
        loop {
            let token = self.new_token().await?;
            let answer = self.ask(skip, &token).await?;
            if answer.status().is_success() {
                return json(answer).await;
            }
        }
    }
}

async fn json(answer: Response) -> Result<Value> {
    Ok(serde_json::from_slice(&answer.error_for_status()?.bytes().await?)?)
}

#[tokio::main]
async fn main() -> Result<()> {
    let api = format!("{}/api2/public", var("ERPSATZ_COMARCH_XT_URL")?);
    let mut shop = Shop { http: Client::new(), api, token: None };
    let is_good = match args().nth(1).as_deref() {
        Some("good") => true,
        Some("bad") => false,
        _ => bail!("say whether to be `good` or `bad`"),
    };
    let mut products = 0;
    loop {
        let page = if is_good { shop.good(products).await? } else { shop.bad(products).await? };
        match page.as_array().map_or(0, Vec::len) {
            0 => break,
            more => products += more,
        }
    }
    println!("{products} products");
    Ok(())
}
