//! Starting and stopping: listeners, sandboxes, one task per server.

mod config;
mod intercept;
mod listen;
mod loading;
mod peers;
mod profiles;

pub use config::{Config, StartError};
pub use intercept::{Intercept, ProxyUse, Record};
pub use loading::{check_profile, load_library, load_simulators, ready};
pub use peers::peer;
pub use profiles::Profiles;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use control::{Access, Control, ServerInfo};
use serde_json::{Value, json};
use simhost::judge::results::Which;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::events::Topic;
use simhost::sandbox::sandboxes::{Sandboxes, Shared};
use simhost::server::gate::Gate;
use simhost::server::proxy::Proxy;
use simhost::server::{self, Listening};
use simhost::tls::authority::Authority;
use simhost::tls::names::Names;
use simhost::tls::root::Root;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::running::intercept::Asked;
use crate::running::listen::{bind, first_address, is_loopback};
use crate::running::loading::prepare;

/// Running servers. Dropping it stops them.
pub struct Erpsatz {
    servers: Vec<ServerInfo>,
    control: String,
    /// Where the proxy listens, and itself.
    proxy: Option<(SocketAddr, Arc<Proxy>)>,
    token: Option<String>,
    /// Whether the token was made here: one that was given is its giver's secret and never shown.
    made_token: bool,
    /// What HTTPS needs, where it is spoken.
    tls: Option<Arc<Authority>>,
    sandboxes: Arc<Sandboxes>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
}

impl Erpsatz {
    /// Starts all servers and the control API on free ports, in memory.
    ///
    /// # Errors
    /// One line; nothing is left running then.
    pub async fn start() -> Result<Self, StartError> {
        Self::start_with(Config::default()).await
    }

    /// Starts the servers and the control API; when this returns, all of them accept connections.
    ///
    /// # Errors
    /// One line; nothing is left running then.
    pub async fn start_with(mut config: Config) -> Result<Self, StartError> {
        check_token(config.control_token.as_deref())?;
        peers::check(&config)?;
        intercept::check(&config)?;
        let library = load_library(&config).map_err(StartError::Failed)?;
        let loaded = load_simulators(&config)?;
        let (library, loaded, initial) = prepare(library, loaded, &config).await?;
        // Beyond loopback the control API is never open to all.
        let is_public = config.intercept.as_ref().is_some_and(|intercept| intercept.bind.is_some());
        let made_token = config.control_token.is_none() && (is_public || !is_loopback(&config.host));
        let made = made_token.then(make_token).transpose();
        let token = made
            .map_err(|error| StartError::Failed(error.to_string()))?
            .or_else(|| config.control_token.clone());
        let host = config.host.trim_matches(['[', ']']).to_owned();
        let hosts = intercept::hosts(&config);
        let tls = if config.no_tls { None } else { Some(Arc::new(authority(&config, &host, &hosts).await?)) };
        let control_listener = bind(&host, config.control_port, "control").await?;
        let mut listeners = Vec::with_capacity(loaded.len());
        for server in &loaded {
            let usual = if config.random_ports { 0 } else { server.sim.port };
            let port = config.ports.get(server.sim.slug).copied().unwrap_or(usual);
            listeners.push(bind(&host, port, server.sim.slug).await?);
        }
        let proxy_listeners = match &config.intercept {
            Some(intercept) => intercept::listen(intercept).await?,
            None => Vec::new(),
        };
        let own = listeners.iter().chain([&control_listener, &proxy_listeners]).flatten();
        let own = own.filter_map(|listener| listener.local_addr().ok()).map(|address| address.port());
        let own = own.collect();
        // Where nothing is sent, the ports are those of the run that is played again.
        if !config.options.reach.is_silent {
            config.options.reach.own_ports = own;
        }
        config.options.label_hosts = config.control_hosts.iter().cloned().collect();
        let shared = Shared::new(loaded, library, config.options);
        let sandboxes = Sandboxes::start(shared, initial).await.map_err(StartError::Failed)?;
        let running = Self {
            servers: Vec::new(),
            control: String::new(),
            proxy: None,
            token,
            made_token,
            tls,
            sandboxes,
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        let intercept =
            config.intercept.map(|intercept| Asked { intercept, hosts, listeners: proxy_listeners });
        running
            .serve(control_listener, listeners, (host, config.control_hosts, config.peers), intercept)
            .map_err(|error| StartError::Failed(error.to_string()))
    }

    fn serve(
        mut self,
        control: Vec<TcpListener>,
        listeners: Vec<Vec<TcpListener>>,
        (host, names, peers): (String, Vec<String>, Vec<String>),
        intercept: Option<Asked>,
    ) -> io::Result<Self> {
        let listening = Listening {
            client_timeout: self.sandboxes.shared().options.client_timeout,
            tls: self.tls.clone(),
            stop: self.stop.subscribe(),
        };
        for (index, listeners) in listeners.into_iter().enumerate() {
            let loaded = &self.sandboxes.shared().servers[index];
            let address = first_address(&listeners)?;
            let server = ServerInfo::new(loaded, &address.to_string(), address.port(), self.tls.is_some());
            self.servers.push(server);
            let service = server::service(Gate::new(self.sandboxes.clone(), index));
            for listener in listeners {
                self.tasks.spawn(server::serve(listener, service.clone(), listening.clone()));
            }
        }
        if let Some(asked) = intercept {
            self.intercept(asked, &control, &listening)?;
        }
        let address = first_address(&control)?;
        self.control = format!("http://{address}");
        let access = Access { host, names, address, token: self.token.clone() };
        let ready = Arc::new(AtomicBool::new(false));
        let (servers, tls) = (self.servers.clone(), self.tls.clone());
        let api = Control::new(self.sandboxes.clone(), servers, (access, peers), tls, ready.clone());
        let service = server::control(control::router(api));
        for listener in control {
            self.tasks.spawn(server::serve(listener, service.clone(), listening.clone()));
        }
        ready.store(true, Ordering::Release);
        Ok(self)
    }

    fn intercept(&mut self, asked: Asked, control: &[TcpListener], listening: &Listening) -> io::Result<()> {
        let address = first_address(&asked.listeners)?;
        let token = self.token.as_deref();
        let (proxy, listeners) =
            intercept::proxy(asked, token, (&self.sandboxes, &self.servers), control, listening.clone())?;
        for listener in listeners {
            self.tasks.spawn(server::serve(listener, proxy.clone().service(), listening.clone()));
        }
        self.proxy = Some((address, proxy));
        Ok(())
    }

    /// The sandboxes, for those who speak to them without a socket.
    pub(crate) fn sandboxes(&self) -> &Arc<Sandboxes> {
        &self.sandboxes
    }

    /// Where the proxy listens that answers for the vendors' hosts.
    pub fn proxy_url(&self) -> Option<String> {
        self.proxy.as_ref().map(|(address, _)| format!("http://{address}"))
    }

    /// The same for a command on this machine, with the credentials of `default` where the proxy asks for some.
    pub fn proxy_url_with_credentials(&self) -> Option<String> {
        self.proxy.as_ref().map(|(address, proxy)| intercept::url(*address, proxy.password()))
    }

    /// What the proxy was used for; nothing where there is none.
    pub fn proxy_use(&self) -> Option<ProxyUse> {
        self.proxy.as_ref().map(|(_, proxy)| ProxyUse { asked: proxy.asked(), came: proxy.came() })
    }

    /// How many requests were recorded of the real services, and how many refused because they might write; nothing where
    /// nothing is recorded.
    pub fn recorded(&self) -> Option<(u64, u64)> {
        self.proxy.as_ref().and_then(|(_, proxy)| proxy.recorded())
    }

    /// Where a server listens: scheme, host and port.
    pub fn url(&self, slug: &str) -> Option<&str> {
        self.servers.iter().find(|server| server.slug == slug).map(|server| server.url.as_str())
    }

    /// Where the control API listens.
    pub fn control_url(&self) -> &str {
        &self.control
    }

    /// The servers, in the order of the registry.
    pub fn servers(&self) -> &[ServerInfo] {
        &self.servers
    }

    /// The token that the control API asks for, when it is bound beyond loopback or was given one.
    pub fn control_token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The token when it was made here, so that the user has to be told.
    pub fn made_token(&self) -> Option<&str> {
        self.control_token().filter(|_| self.made_token)
    }

    /// Whether HTTPS is spoken beside HTTP.
    pub fn has_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// The root of HTTPS as text, made if there is none yet; nothing where HTTPS is not spoken.
    ///
    /// # Errors
    /// One line.
    pub async fn root(&self) -> Result<Option<String>, String> {
        match &self.tls {
            Some(tls) => tls.pem().await.map(Some),
            None => Ok(None),
        }
    }

    /// What the run has come to so far, one item a sandbox, those that are gone included.
    pub async fn report(&self, fail_on: FailOn, which: Which) -> Value {
        self.sandboxes.run(fail_on, which).await
    }

    /// Stops ([`Self::stop`]) and says what the run came to, the last requests included.
    ///
    /// # Errors
    /// When a listener had failed.
    pub async fn finish(self, fail_on: FailOn, which: Which) -> io::Result<Value> {
        let sandboxes = self.sandboxes.clone();
        self.stop().await?;
        Ok(sandboxes.run(fail_on, which).await)
    }

    /// The facts of the vendors' contracts that requests have used so far, one a line: slug, kind, name.
    pub fn tested(&self) -> BTreeSet<String> {
        let servers = self.sandboxes.shared().servers.iter();
        servers
            .flat_map(|server| server.tested().into_iter().map(|fact| format!("{} {fact}", server.sim.slug)))
            .collect()
    }

    /// What the vendors' servers say when they start.
    pub fn announcements(&self) -> impl Iterator<Item = String> {
        let servers = self.sandboxes.shared().servers.iter().zip(&self.servers);
        servers.map(|(server, info)| (server.sim.announce)(info.port)).filter(|said| !said.is_empty())
    }

    /// What `--json` and `--ready-file` say.
    pub fn ready(&self) -> Value {
        let servers: serde_json::Map<String, Value> = self
            .servers
            .iter()
            .map(|server| {
                let mut shown = json!({ "url": server.url });
                if let Some(url) = &server.https_url {
                    shown["https_url"] = url.as_str().into();
                }
                (server.slug.to_owned(), shown)
            })
            .collect();
        let mut ready = json!({ "control": self.control, "servers": servers });
        if self.tls.is_some() {
            ready["ca"] = format!("{}/ca.pem", self.control).into();
        }
        if let Some(url) = self.proxy_url() {
            ready["proxy"] = url.into();
        }
        if let Some(token) = self.made_token() {
            ready["control_token"] = token.into();
        }
        ready
    }

    /// Lets requests in flight finish for at most [`server::DRAIN`], then stops.
    ///
    /// # Errors
    /// When a listener had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        let _ = self.stop.send(true);
        self.sandboxes.shared().events.tell("", Topic::Stop, "stop", None);
        while let Some(served) = self.tasks.join_next().await {
            served.map_err(io::Error::other)??;
        }
        for sandbox in self.sandboxes.list() {
            sandbox.end_with_process().await;
            sandbox.close_judge().await;
        }
        self.sandboxes.persist().await;
        Ok(())
    }

    /// Waits until a listener fails, which none should.
    ///
    /// # Errors
    /// What failed.
    pub async fn failed(&mut self) -> io::Result<()> {
        match self.tasks.join_next().await {
            Some(served) => served.map_err(io::Error::other)?,
            None => Ok(()),
        }
    }
}

/// What makes certificates. Files that cannot be used are said now; a root is made now only in a folder of its own, so
/// that it is there for others as soon as the servers are.
async fn authority(config: &Config, host: &str, hosts: &[(String, String)]) -> Result<Authority, StartError> {
    let more = config.control_hosts.clone();
    let vendors = hosts.iter().map(|(pattern, _)| pattern.clone()).collect();
    let names = Names { bound: host.to_owned(), more, vendors };
    let (own, data) = (config.ca_dir.clone(), config.options.data_dir.clone());
    let folder = own.clone().or_else(|| data.clone());
    let checked = tokio::task::spawn_blocking(move || match (own, data) {
        (Some(own), _) => Root::kept_in(&own).map(drop),
        (None, Some(data)) => Root::read(&data).map(drop),
        (None, None) => Ok(()),
    });
    checked.await.map_err(|error| error.to_string()).flatten().map_err(StartError::Failed)?;
    Ok(Authority::new(names, folder))
}

#[expect(clippy::disallowed_methods, reason = "a token of the control API must be guessed by nobody")]
fn make_token() -> io::Result<String> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A header must be able to carry it. It is a secret, also where it is none that can be used: it is not repeated.
fn check_token(token: Option<&str>) -> Result<(), StartError> {
    let is_token = |token: &str| !token.is_empty() && token.bytes().all(|letter| letter.is_ascii_graphic());
    if token.is_none_or(is_token) {
        return Ok(());
    }
    let message = "the control token cannot be used: a token is visible ASCII without blanks";
    Err(StartError::Misused(message.to_owned()))
}
