//! A running Erpsatz over its control API, for tests: sandboxes, and what can be done in one.

use std::net::IpAddr;
use std::sync::Arc;

use indexmap::IndexMap;
use reqwest::{Client, Method, Url};
use serde::Serialize;
use serde_json::{Value, json};
use simhost::server::gate::SANDBOX_HEADER;

use crate::Erpsatz;

mod sandbox;

pub use sandbox::{Data, Sandbox};
pub use simcore::base::urlencoded::segment;

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

type Result<T> = std::result::Result<T, ControlError>;

/// A running Erpsatz, in this process or in another one.
#[derive(Clone, Debug)]
pub struct Attached(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    http: Client,
    control: String,
    token: Option<String>,
    servers: IndexMap<String, Server>,
}

#[derive(Debug)]
struct Server {
    /// Scheme, host and port.
    url: String,
    /// The same by https, where it is spoken.
    https_url: Option<String>,
    /// What a client signs in with.
    credentials: Value,
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
            let https_url = server["https_url"].as_str().map(str::to_owned);
            let credentials = server["credentials"].clone();
            shared.servers.insert(slug.to_owned(), Server { url, https_url, credentials });
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

    /// The root certificate of the servers' https, as PEM.
    ///
    /// # Errors
    /// What the control API refuses: it serves without TLS.
    pub async fn ca_pem(&self) -> Result<String> {
        self.0.text(Method::GET, "/ca.pem", None, None).await
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
        let text = self.text(method, path, body, header).await?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    async fn text(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        header: Option<(&str, &str)>,
    ) -> Result<String> {
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
        if status.is_success() {
            return Ok(text);
        }
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
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
