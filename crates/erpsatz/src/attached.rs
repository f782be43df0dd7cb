//! A running Erpsatz over its control API, for tests: sandboxes, and what can be done in one.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, PercentEncode, utf8_percent_encode};
use reqwest::{Client, Method, Url};
use serde::Serialize;
use serde_json::{Value, json};
use simhost::judge::life::LIFE_HEADER;
use simhost::server::gate::SANDBOX_HEADER;

use crate::Erpsatz;

/// Why a call of the control API came to nothing.
#[derive(Debug)]
pub enum ControlError {
    /// Nothing answers there, or something else does.
    Unreachable(String),
    /// It was refused, as programs and as people tell it.
    Refused {
        /// The status of HTTP.
        status: u16,
        /// What programs tell errors by.
        code: String,
        /// What people read.
        message: String,
    },
    /// The sandbox is gone, and with it what the test did in it: it was deleted or evicted, or its replica went.
    Lost {
        /// The name of the sandbox.
        sandbox: String,
        /// How that was seen.
        why: String,
    },
}

impl std::fmt::Display for ControlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Unreachable(why) => f.write_str(why),
            Self::Refused { status, code, message } => write!(f, "{message} ({status} {code})"),
            Self::Lost { sandbox, why } => write!(f, "the sandbox was lost: {sandbox}: {why}"),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<reqwest::Error> for ControlError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(format!("no Erpsatz answers: {error}"))
    }
}

/// A client for the control API at `url`: a proxy of the user's does not reach what is on this machine.
///
/// # Errors
/// When the system gives it no TLS or resolver.
pub fn http_client(url: &str) -> reqwest::Result<Client> {
    let client = Client::builder();
    if is_local(url) { client.no_proxy().build() } else { client.build() }
}

pub(crate) fn is_local(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// A name as one segment of a path, or as a value of a query.
pub fn segment(name: &str) -> PercentEncode<'_> {
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(name, RESERVED)
}

type Result<T> = std::result::Result<T, ControlError>;

/// A running Erpsatz, in this process or in another one.
#[derive(Clone, Debug)]
pub struct Attached(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    http: Client,
    control: String,
    token: Option<String>,
    /// By slug: scheme, host and port, and what a client signs in with.
    servers: IndexMap<String, (String, Value)>,
}

/// What a new sandbox is asked to be; the default is any name and the scenario that the server was started with.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewSandbox {
    /// Its name: 1 to 63 of `a-z 0-9 -`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A known name, a whole scenario, or one as YAML in a text of several lines.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub scenario: Value,
    /// The seed of everything random.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// What fails it: `expectations`, `violations`, `errors`, `warnings`, with commas; or `none`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<String>,
}

impl Attached {
    /// The one whose control API is at `url`, which asks for `token` beyond loopback. Servers are at the same host, each
    /// at its own port, unless `urls` says otherwise of a slug.
    ///
    /// # Errors
    /// When nothing answers there, or refuses.
    pub async fn new(url: &str, token: Option<&str>, urls: &IndexMap<String, String>) -> Result<Self> {
        let control = url.trim_end_matches('/').to_owned();
        let host = Url::parse(&control).ok().and_then(|url| url.host_str().map(str::to_owned));
        let host = host.ok_or_else(|| ControlError::Unreachable(format!("`{url}` is no URL")))?;
        if !control.starts_with("http://") && !control.starts_with("https://") {
            return Err(ControlError::Unreachable(format!(
                "`{url}` begins with neither http:// nor https://"
            )));
        }
        let http = http_client(&control)?;
        let mut shared = Shared { http, control, token: token.map(str::to_owned), servers: IndexMap::new() };
        let found = shared.call(Method::GET, "/servers", None, None).await?;
        for server in found["items"].as_array().into_iter().flatten() {
            let slug = server["slug"].as_str().unwrap_or_default();
            let beside = || format!("http://{host}:{}", server["port"]);
            let url = urls.get(slug).cloned().unwrap_or_else(beside);
            shared.servers.insert(slug.to_owned(), (url, server["credentials"].clone()));
        }
        Ok(Self(Arc::new(shared)))
    }

    /// A call of the control API: the JSON of its answer, null where there is none.
    ///
    /// # Errors
    /// What it refuses.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value> {
        self.0.call(method, path, body, None).await
    }

    /// A sandbox of its own.
    ///
    /// # Errors
    /// What the control API refuses.
    pub async fn sandbox(&self) -> Result<Sandbox> {
        self.sandbox_with(NewSandbox::default()).await
    }

    /// A sandbox that is as `wish` says.
    ///
    /// # Errors
    /// What the control API refuses: a name that exists, a scenario with a mistake.
    pub async fn sandbox_with(&self, wish: NewSandbox) -> Result<Sandbox> {
        // Where several machines share the sandboxes, their front goes by the name.
        let named = wish.name.as_deref().map(|name| (SANDBOX_HEADER, name));
        let made = self.0.call(Method::POST, "/sandboxes", Some(&json!(wish)), named).await?;
        let text = |member: &str| made[member].as_str().unwrap_or_default().to_owned();
        Ok(Sandbox { erpsatz: self.clone(), name: text("name"), id: text("id") })
    }
}

impl Shared {
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        header: Option<(&str, &str)>,
    ) -> Result<Value> {
        let mut request = self.http.request(method, format!("{}{path}", self.control));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let response = crate::send(request)
            .await
            .map_err(|why| ControlError::Unreachable(format!("no Erpsatz answers: {why}")))?;
        let (status, text) = (response.status(), response.text().await?);
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if status.is_success() {
            return Ok(answer);
        }
        let said = |name: &str| answer["error"][name].as_str().map(str::to_owned);
        let unknown = || status.canonical_reason().unwrap_or("refused").to_owned();
        Err(ControlError::Refused {
            status: status.as_u16(),
            code: said("code").unwrap_or_default(),
            message: said("message").unwrap_or_else(unknown),
        })
    }
}

impl Erpsatz {
    /// One that runs already, with its control API at `url`.
    ///
    /// # Errors
    /// When nothing answers there, or asks for a token ([`Attached::new`] takes one).
    pub async fn attach(url: &str) -> Result<Attached> {
        Attached::new(url, None, &IndexMap::new()).await
    }

    /// This one, as others see it.
    ///
    /// # Errors
    /// When its control API does not answer.
    pub async fn attached(&self) -> Result<Attached> {
        let urls = self.servers().iter().map(|server| (server.slug.to_owned(), server.url.clone())).collect();
        Attached::new(self.control_url(), self.control_token(), &urls).await
    }

    /// A sandbox of its own.
    ///
    /// # Errors
    /// What the control API refuses.
    pub async fn sandbox(&self) -> Result<Sandbox> {
        self.attached().await?.sandbox().await
    }

    /// A sandbox that is as `wish` says.
    ///
    /// # Errors
    /// What the control API refuses.
    pub async fn sandbox_with(&self, wish: NewSandbox) -> Result<Sandbox> {
        self.attached().await?.sandbox_with(wish).await
    }
}

/// One isolated world. It stays until it is deleted.
#[derive(Clone, Debug)]
pub struct Sandbox {
    erpsatz: Attached,
    name: String,
    id: String,
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
        self.erpsatz.0.servers.get(slug).map(|(url, _)| format!("{url}/~{}", self.name))
    }

    /// What a client signs in with: `user`, `password`, `client_id`, `client_secret`, `api_key` or `project`.
    pub fn credential(&self, slug: &str, name: &str) -> Option<&str> {
        self.erpsatz.0.servers.get(slug)?.1[name].as_str()
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

    /// Ends all rules.
    pub async fn clear_faults(&self) -> Result<()> {
        self.done(Method::DELETE, "/faults").await
    }

    /// The records of an entity: `{"items","total"}`.
    pub async fn records(&self, slug: &str, entity: &str) -> Result<Value> {
        self.call(Method::GET, &format!("/data/{}/{}", segment(slug), segment(entity)), None).await
    }

    /// Stores a record, or all of a list or none: what was stored.
    pub async fn add_record(&self, slug: &str, entity: &str, record: &Value) -> Result<Value> {
        self.call(Method::POST, &format!("/data/{}/{}", segment(slug), segment(entity)), Some(record)).await
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
