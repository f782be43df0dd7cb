//! Lessons at Divalto weavy.

use reqwest::Method;
use serde_json::{Value, json};

use super::Told::Missed;
use super::lesson;
use crate::support::{Answer, App, send};

/// A client that has logged in.
struct Client<'a> {
    app: &'a App,
    token: String,
}

impl<'a> Client<'a> {
    async fn of(app: &'a App) -> Self {
        let body = json!({ "projectCode": "DEMO", "userName": "api", "password": "api" });
        let answer = send(app.request("weavy", Method::POST, "/v1/Authenticate").json(&body)).await;
        Self { app, token: answer.json()["authToken"].as_str().expect("a token").to_owned() }
    }

    async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.app.request("weavy", method, &format!("/v1/{path}")).bearer_auth(&self.token);
        send(if body.is_null() { request } else { request.json(body) }).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.call(Method::POST, path, &body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()
    }

    /// Validates the export of a customer as it was read; whether the server took it.
    async fn validate(&self, customer: &Value) -> bool {
        let row = json!({ "rowCode": customer["customer_ID"], "srvDateUTC": customer["srvDateUTC"] });
        let body = json!({ "entityName": "customer", "srvExport": 0, "rows": [row] });
        let answer = self.call(Method::PUT, "Data/DEMO/ServerExport", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["updatedRow"] == 1
    }

    /// Asks for an account to be made, or to have another status; the status that it got.
    async fn account(&self, name: &str, status: &str) -> Value {
        let account = json!([{ "userName": name, "password": "Secret1!", "status": status }]);
        self.post("Accounts/DEMO", account).await["accounts"][0]["status"].clone()
    }

    async fn order_report(&self) {
        let order = json!({
            "baseOutbox_ID": "OB-1", "confreport_ID": "RPT_CUSTOMER", "rowID": "C0000001",
            "sourceEntity": "customer", "baseUser_ID": "COM01",
        });
        self.post("data/DEMO/outbox/report/?eventActionCode=EVT_OUTBOX", order).await;
    }

    async fn report_status(&self) -> Value {
        self.get("Data/DEMO/baseoutbox/OB-1").await.json()["status"].clone()
    }

    async fn subscribe(&self) {
        let hook = json!({ "event": "NewCustomer", "hookUrl": "http://127.0.0.1:9/nobody" });
        self.post("entrypoints/DEMO/process/?c=EPT_WebhookSubscribe", hook).await;
    }
}

#[tokio::test]
async fn stale_export() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        let fetched = client.get("Data/DEMO/customer?serverExport=1").await.json();
        assert!(!client.validate(&fetched[0]).await, "the row has changed meanwhile");
        let again = client.get("Data/DEMO/customer/C0000001").await.json();
        assert_ne!(again["phoneNumber"], fetched[0]["phoneNumber"]);
        assert!(client.validate(&again).await);
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        let fetched = client.get("Data/DEMO/customer?serverExport=1").await.json();
        client.validate(&fetched[0]).await;
    };
    lesson("stale-export", good, bad, &[Missed("ServerExport")]).await;
}

#[tokio::test]
async fn licence_exhaustion() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        assert_eq!(client.account("newcomer", "Active").await, "Disabled", "no licence is left");
        client.account("leaver", "Disabled").await;
        assert_eq!(client.account("newcomer", "Active").await, "Active");
    };
    let bad = async |app: &App| {
        Client::of(app).await.account("newcomer", "Active").await;
    };
    lesson("licence-exhaustion", good, bad, &[Missed("leaver"), Missed("newcomer")]).await;
}

#[tokio::test]
async fn quota_storm() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        for number in 1..=12 {
            let path = format!("Data/DEMO/customer/C{number:07}");
            while client.get(&path).await.status == 429 {
                app.advance("1s").await;
            }
        }
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        for _ in 0..40 {
            client.get("Data/DEMO/customer/C0000001").await;
        }
    };
    lesson("quota-storm", good, bad, &[Missed("at most 30 times")]).await;
}

#[tokio::test]
async fn dead_hook() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        client.subscribe().await;
        let fetched = client.get("Data/DEMO/customer?serverExport=1").await.json();
        let mut codes = fetched.as_array().unwrap().iter().map(|row| &row["customer_ID"]);
        assert!(codes.any(|code| code == "UNHEARD"), "{fetched}");
    };
    let bad = async |app: &App| Client::of(app).await.subscribe().await;
    lesson("dead-hook", good, bad, &[Missed("told-then-sure")]).await;
}

#[tokio::test]
async fn report_takes_time() {
    let good = async |app: &App| {
        let client = Client::of(app).await;
        client.order_report().await;
        let mut looks = 1;
        while client.report_status().await == "Pending" {
            looks += 1;
        }
        assert_eq!(looks, 3, "two minutes, one of which passes after each look");
    };
    let bad = async |app: &App| {
        let client = Client::of(app).await;
        client.order_report().await;
        assert_eq!(client.report_status().await, "Pending");
    };
    lesson("report-takes-time", good, bad, &[Missed("baseoutbox")]).await;
}

/// What takes time in the ERP is over by itself, when a step says so, or when somebody pokes it.
#[tokio::test]
async fn a_report_is_done_by_time_by_a_step_and_by_hand() {
    const FROZEN: &str = "clock: { start: 2026-03-02T08:00:00Z, frozen: true }";
    const BY_ITSELF: &str = "servers: { weavy: { settings: { task_seconds: 60 } } }";
    const BY_STEP: &str = "steps: [ { at: 1m, do: [ { action: { server: weavy, name: finish-task } } ] } ]";
    for (way, by_hand) in [(BY_ITSELF, false), (BY_STEP, false), ("", true)] {
        let app = App::scenario(&format!("{FROZEN}\n{way}")).await;
        let client = Client::of(&app).await;
        client.order_report().await;
        app.advance("59s").await;
        assert_eq!(client.report_status().await, "Pending", "{way}");
        app.advance("1s").await;
        if by_hand {
            assert_eq!(client.report_status().await, "Pending");
            app.act("weavy", "finish-task", json!({ "code": "EVT_OUTBOX" })).await;
        }
        assert_eq!(client.report_status().await, "Done", "{way}");
    }
}
