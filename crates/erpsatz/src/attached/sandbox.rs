//! One sandbox of a running Erpsatz, and its records.

use reqwest::Method;
use serde_json::{Value, json};
use simhost::judge::life::LIFE_HEADER;

use super::{Attached, ControlError, Result, segment};

/// One isolated world. It stays until it is deleted.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(super) erpsatz: Attached,
    pub(super) name: String,
    pub(super) id: String,
}

impl Sandbox {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Which sandbox of its name it is: one that is made anew has another. A client that sends it as
    /// `Erpsatz-Sandbox-Id` is refused by another (409), and every answer bears the id of the one that gave it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where a server is for this sandbox, by prefix: `http://127.0.0.1:8083/~t42`.
    pub fn url(&self, slug: &str) -> Option<String> {
        self.erpsatz.0.servers.get(slug).map(|server| format!("{}/~{}", server.url, self.name))
    }

    /// The same by https; [`Attached::ca_pem`] is what a client has to trust.
    pub fn https_url(&self, slug: &str) -> Option<String> {
        let url = self.erpsatz.0.servers.get(slug)?.https_url.as_ref()?;
        Some(format!("{url}/~{}", self.name))
    }

    /// What a client signs in with: `user`, `password`, `client_id`, `client_secret`, `api_key` or `project`.
    pub fn credential(&self, slug: &str, name: &str) -> Option<&str> {
        self.erpsatz.0.servers.get(slug)?.credentials[name].as_str()
    }

    /// A call of the control API on this sandbox; `path` begins below its name.
    ///
    /// # Errors
    /// What it refuses.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        let (path, header) = (format!("/sandboxes/{}{path}", segment(&self.name)), LIFE_HEADER);
        let called = self.erpsatz.0.call(method, &path, body, Some((header.as_str(), &self.id))).await;
        let lost = |why: &str| ControlError::Lost { sandbox: self.name.clone(), why: why.to_owned() };
        called.map_err(|error| match error {
            ControlError::Refused { code, .. } if code == "sandbox_lost" => {
                lost("another of its name answered")
            }
            ControlError::Refused { code, .. } if code == "unknown_sandbox" => {
                lost("there is none of that name")
            }
            other => other,
        })
    }

    async fn done(&self, method: Method, path: &str) -> Result<()> {
        self.call(method, path, None).await.map(drop)
    }

    /// Simulated time: `{"now","frozen"}`.
    ///
    /// # Errors
    /// What the control API refuses, as for all that follow.
    pub async fn clock(&self) -> Result<Value> {
        self.call(Method::GET, "/clock", None).await
    }

    /// Moves or stops it: `{"advance":"PT15M"}`, `{"set":"2026-03-02T08:00:00Z"}`, `{"frozen":true}`.
    pub async fn change_clock(&self, change: &Value) -> Result<Value> {
        self.call(Method::PATCH, "/clock", Some(change)).await
    }

    /// Adds a fault rule as in a scenario file: the rule with its `id`.
    pub async fn add_fault(&self, rule: &Value) -> Result<Value> {
        self.call(Method::POST, "/faults", Some(rule)).await
    }

    /// The rules in force, each with its `hits`.
    pub async fn faults(&self) -> Result<Value> {
        self.call(Method::GET, "/faults", None).await
    }

    /// Ends one.
    pub async fn remove_fault(&self, id: &str) -> Result<()> {
        self.done(Method::DELETE, &format!("/faults/{}", segment(id))).await
    }

    /// Ends all rules.
    pub async fn clear_faults(&self) -> Result<()> {
        self.done(Method::DELETE, "/faults").await
    }

    /// The records of an entity, past the public API's rules; of the usual company, where the server has several.
    pub fn data(&self, slug: &str, entity: &str) -> Data<'_> {
        let path = format!("/data/{}/{}", segment(slug), segment(entity));
        Data { sandbox: self, path, company: None }
    }

    /// What a person would do inside the ERP: what changed.
    pub async fn act(&self, slug: &str, action: &str, parameters: &Value) -> Result<Value> {
        self.call(Method::POST, &format!("/actions/{}/{}", segment(slug), segment(action)), Some(parameters))
            .await
    }

    /// What happened, oldest first: `{"entries","total","dropped"}`.
    pub async fn journal(&self) -> Result<Value> {
        self.call(Method::GET, "/journal", None).await
    }

    /// Adds an expectation as in a scenario file, or a list of them: their ids.
    pub async fn expect(&self, expectation: &Value) -> Result<Value> {
        self.call(Method::POST, "/expectations", Some(expectation)).await
    }

    /// Judges an expectation at once: `{"met","count","nearest"}`.
    pub async fn verify(&self, expectation: &Value) -> Result<Value> {
        self.call(Method::POST, "/verify", Some(expectation)).await
    }

    /// What the run came to: `ok`, `failed`, expectations, violations, verdicts, faults.
    pub async fn report(&self) -> Result<Value> {
        self.call(Method::GET, "/report", None).await
    }

    /// Panics with the judge's block when something of what fails the sandbox has happened; for the end of a test.
    ///
    /// # Panics
    /// Then, and when the control API does not answer.
    pub async fn assert_passed(&self) {
        let report = self.report().await;
        let report = report.unwrap_or_else(|error| panic!("no report of sandbox {}: {error}", self.name));
        let has_failed = report["failed"] == true;
        assert!(!has_failed, "{}", control::screen::screen(&json!({ "items": [report] }), false));
    }

    /// Every switch of a server, as it stands.
    pub async fn settings(&self, slug: &str) -> Result<Value> {
        self.call(Method::GET, &format!("/settings/{}", segment(slug)), None).await
    }

    /// Changes some of them, all or none; null brings a default back.
    pub async fn change_settings(&self, slug: &str, changes: &Value) -> Result<Value> {
        self.call(Method::PATCH, &format!("/settings/{}", segment(slug)), Some(changes)).await
    }

    /// Loads another scenario: a known name, or a whole one.
    pub async fn load(&self, scenario: &Value) -> Result<()> {
        let named = scenario.as_str().map(|name| json!({ "name": name }));
        self.call(Method::PUT, "/scenario", Some(named.as_ref().unwrap_or(scenario))).await.map(drop)
    }

    /// Data, clock, tokens, quotas, faults, steps and journal as the scenario starts them.
    pub async fn reset(&self) -> Result<()> {
        self.done(Method::POST, "/reset").await
    }

    /// Keeps the whole sandbox.
    pub async fn snapshot(&self, id: &str) -> Result<()> {
        self.done(Method::PUT, &format!("/snapshots/{}", segment(id))).await
    }

    /// Brings it back.
    pub async fn restore(&self, id: &str) -> Result<()> {
        self.done(Method::POST, &format!("/snapshots/{}/restore", segment(id))).await
    }

    /// Removes the sandbox; one that is gone already is none to remove.
    pub async fn delete(self) -> Result<()> {
        match self.done(Method::DELETE, "").await {
            Err(ControlError::Lost { .. }) => Ok(()),
            done => done,
        }
    }
}

/// The records of an entity in a sandbox.
#[derive(Clone, Debug)]
pub struct Data<'a> {
    sandbox: &'a Sandbox,
    path: String,
    company: Option<String>,
}

impl Data<'_> {
    /// Those of another company.
    #[must_use]
    pub fn of_company(mut self, company: &str) -> Self {
        self.company = Some(company.to_owned());
        self
    }

    /// All of them: `{"items","total"}`.
    ///
    /// # Errors
    /// What the control API refuses, as for all that follow.
    pub async fn list(&self) -> Result<Value> {
        self.call(Method::GET, "", None).await
    }

    /// One.
    pub async fn get(&self, key: &str) -> Result<Value> {
        self.call(Method::GET, &one(key), None).await
    }

    /// Stores a record, or all of a list or none: what was stored.
    pub async fn add(&self, record: &Value) -> Result<Value> {
        self.call(Method::POST, "", Some(record)).await
    }

    /// Changes one, or stores one under this key: what it is then.
    pub async fn put(&self, key: &str, record: &Value) -> Result<Value> {
        self.call(Method::PUT, &one(key), Some(record)).await
    }

    /// Removes one.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.call(Method::DELETE, &one(key), None).await.map(drop)
    }

    async fn call(&self, method: Method, below: &str, body: Option<&Value>) -> Result<Value> {
        let company = self.company.as_ref().map(|company| format!("?company={}", segment(company)));
        let path = format!("{}{below}{}", self.path, company.unwrap_or_default());
        self.sandbox.call(method, &path, body).await
    }
}

fn one(key: &str) -> String {
    format!("/{}", segment(key))
}
