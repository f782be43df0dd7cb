//! A running Erpsatz and clients for it. Tests read `App::start().await`, then speak HTTP.

pub(crate) mod samples;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use erpsatz::{Config, Erpsatz};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// All servers of one Erpsatz on free ports; dropping it stops them.
pub(crate) struct App {
    /// Nothing when they run in a process of their own.
    running: Option<Tested>,
    /// What `serve --json` says when ready.
    ready: Value,
    client: Client,
}

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A running Erpsatz that leaves behind which facts of the contracts its requests used, in the folder that
/// `ERPSATZ_TESTED` names: `erpsatz coverage` is made of that.
struct Tested(Option<Erpsatz>);

impl Tested {
    fn take(&mut self) -> Option<Erpsatz> {
        if let (Some(running), Some(folder)) = (&self.0, std::env::var_os("ERPSATZ_TESTED")) {
            let lines: String = running.tested().into_iter().map(|line| line + "\n").collect();
            let file = tempfile::Builder::new().prefix("tested").tempfile_in(folder).expect("a file");
            std::fs::write(file.path(), lines).expect("it is written");
            file.keep().expect("it stays");
        }
        self.0.take()
    }
}

impl Drop for Tested {
    fn drop(&mut self) {
        drop(self.take());
    }
}

impl App {
    /// With the default scenario.
    pub(crate) async fn start() -> Self {
        Self::with(Config::default()).await
    }

    /// With a configuration of its own.
    pub(crate) async fn with(config: Config) -> Self {
        let running = Erpsatz::start_with(config).await.expect("it starts");
        let ready = running.ready();
        Self { running: Some(Tested(Some(running))), ..Self::elsewhere(ready) }
    }

    /// The servers of another process, which said `ready`.
    pub(crate) fn elsewhere(ready: Value) -> Self {
        // Every test speaks for itself: a connection that a fault cut must not be another test's.
        let client = Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { running: None, ready, client }
    }

    /// With the default scenario, whose `default` sandbox then loads `scenario` (YAML).
    pub(crate) async fn scenario(scenario: &str) -> Self {
        let app = Self::start().await;
        app.load("default", scenario).await;
        app
    }

    /// Loads a scenario (YAML) into a sandbox.
    pub(crate) async fn load(&self, sandbox: &str, scenario: &str) {
        let load = self.control(Method::PUT, &format!("/sandboxes/{sandbox}/scenario"));
        let answer = send(load.body(scenario.to_owned())).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Scheme, host and port of a server.
    pub(crate) fn url(&self, slug: &str) -> String {
        self.ready["servers"][slug]["url"].as_str().expect("a server").to_owned()
    }

    /// What `serve --json` says when ready.
    pub(crate) fn ready(&self) -> &Value {
        &self.ready
    }

    /// A request to a server, without credentials.
    pub(crate) fn request(&self, slug: &str, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url(slug)))
    }

    /// A request to an address of this Erpsatz.
    pub(crate) fn at(&self, method: Method, url: &str) -> RequestBuilder {
        self.client.request(method, url)
    }

    /// Scheme, host and port of the control API.
    pub(crate) fn control_url(&self) -> &str {
        self.ready["control"].as_str().expect("a URL")
    }

    /// A request to the control API.
    pub(crate) fn control(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.control_url()))
    }

    /// Puts a fault in force in the `default` sandbox.
    pub(crate) async fn fault(&self, rule: Value) -> Value {
        let answer = send(self.control(Method::POST, "/sandboxes/default/faults").json(&rule)).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// Moves the clock of the `default` sandbox on.
    pub(crate) async fn advance(&self, by: &str) {
        let change = json!({ "advance": by });
        let answer = send(self.control(Method::PATCH, "/sandboxes/default/clock").json(&change)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Runs a back-office action in the `default` sandbox.
    pub(crate) async fn act(&self, slug: &str, action: &str, with: Value) -> Value {
        let path = format!("/sandboxes/default/actions/{slug}/{action}");
        let answer = send(self.control(Method::POST, &path).json(&with)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// The records of an entity in the `default` sandbox, past the vendor's API.
    pub(crate) async fn records(&self, slug: &str, entity: &str) -> Vec<Value> {
        let path = format!("/sandboxes/default/data/{slug}/{entity}");
        let answer = send(self.control(Method::GET, &path)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["items"].as_array().expect("items").clone()
    }

    /// The journal of a sandbox.
    pub(crate) async fn journal(&self, sandbox: &str) -> Vec<Value> {
        let answer = send(self.control(Method::GET, &format!("/sandboxes/{sandbox}/journal"))).await;
        answer.json()["entries"].as_array().expect("entries").clone()
    }

    /// The newest entry of the journal of `default`.
    pub(crate) async fn last(&self) -> Value {
        let answer = send(self.control(Method::GET, "/sandboxes/default/journal?limit=1")).await;
        answer.json()["entries"][0].clone()
    }

    /// Stops the servers, after what is in flight.
    pub(crate) async fn stop(self) {
        self.running
            .and_then(|mut running| running.take())
            .expect("it runs here")
            .stop()
            .await
            .expect("it stops");
    }
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// A header, empty when it is absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }
}

/// Sends a request and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    try_send(request).await.expect("an answer")
}

/// Sends a request that may be cut.
pub(crate) async fn try_send(request: RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Answer { status, headers, body: response.text().await? })
}

/// The value of an `Authorization: Basic` header.
pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}
