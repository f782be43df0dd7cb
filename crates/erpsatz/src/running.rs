//! Starting and stopping: listeners, sandboxes, one task per server.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use control::{Access, Control, ServerInfo};
use indexmap::IndexMap;
use serde_json::{Value, json};
use simcore::contract::Seed;
use simcore::{Loaded, Simulator};
use simhost::judge::results::Which;
use simhost::rules::fail_on::FailOn;
use simhost::sandbox::events::Topic;
use simhost::sandbox::sandboxes::{Options, Sandboxes, Shared};
use simhost::scenario::generate::Progress;
use simhost::scenario::{Library, Ready};
use simhost::server;
use simhost::server::gate::Gate;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::{library, registry};

/// What `serve` is told; the default is all servers on free ports of loopback, in memory.
#[derive(Debug)]
pub struct Config {
    /// The name of a known scenario, or a file.
    pub scenario: String,
    /// Simulators besides those of the registry, for those who bring a vendor of their own.
    pub more: Vec<&'static Simulator>,
    /// Only these servers; empty for all.
    pub only: Vec<String>,
    /// The address or name to bind to.
    pub host: String,
    /// The control API's port; 0 for a free one.
    pub control_port: u16,
    /// Ports by slug; 0 for a free one.
    pub ports: IndexMap<String, u16>,
    /// Whether servers without a port of their own take free ones.
    pub random_ports: bool,
    /// The token of the control API, visible ASCII; one is made when it is bound beyond loopback and there is none.
    pub control_token: Option<String>,
    /// Host names under which the control API answers, besides loopback and the one it is bound to.
    pub control_hosts: Vec<String>,
    /// Profile overrides by slug.
    pub profiles: IndexMap<String, PathBuf>,
    /// A folder of more scenarios.
    pub scenarios: Option<PathBuf>,
    /// A folder of more seed data.
    pub seed_data: Option<PathBuf>,
    /// Who watches when many records are generated.
    pub progress: Option<Progress>,
    /// What all sandboxes have in common.
    pub options: Options,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            scenario: "default".to_owned(),
            more: Vec::new(),
            only: Vec::new(),
            host: Ipv4Addr::LOCALHOST.to_string(),
            control_port: 0,
            ports: IndexMap::new(),
            random_ports: true,
            control_token: None,
            control_hosts: Vec::new(),
            profiles: IndexMap::new(),
            scenarios: None,
            seed_data: None,
            progress: None,
            options: Options::default(),
        }
    }
}

/// Why nothing was started: one line for the user.
#[derive(Debug)]
pub enum StartError {
    /// A name that there is not, a value that cannot be: the command was misused.
    Misused(String),
    /// Something on this machine is not as it should be.
    Failed(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Misused(message) | Self::Failed(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for StartError {}

/// Running servers. Dropping it stops them.
pub struct Erpsatz {
    servers: Vec<ServerInfo>,
    control: String,
    token: Option<String>,
    /// Whether the token was made here: one that was given is its giver's secret and never shown.
    made_token: bool,
    sandboxes: Arc<Sandboxes>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<io::Result<()>>,
}

impl Erpsatz {
    /// Starts the servers and the control API; when this returns, all of them accept connections.
    ///
    /// # Errors
    /// One line; nothing is left running then.
    pub async fn start(mut config: Config) -> Result<Self, StartError> {
        check_token(config.control_token.as_deref())?;
        let library = load_library(&config).map_err(StartError::Failed)?;
        let loaded = load_simulators(&config)?;
        let (library, loaded, initial) = prepare(library, loaded, &config).await?;
        // Beyond loopback the control API is never open to all.
        let made_token = config.control_token.is_none() && !is_loopback(&config.host);
        let made = made_token.then(make_token).transpose();
        let token = made.map_err(|error| StartError::Failed(error.to_string()))?.or(config.control_token);
        let host = config.host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let control_listener = bind(&host, config.control_port, "control").await?;
        let mut listeners = Vec::with_capacity(loaded.len());
        for server in &loaded {
            let usual = if config.random_ports { 0 } else { server.sim.port };
            let port = config.ports.get(server.sim.slug).copied().unwrap_or(usual);
            listeners.push(bind(&host, port, server.sim.slug).await?);
        }
        let own = listeners.iter().chain([&control_listener]).flatten();
        let own = own.filter_map(|listener| listener.local_addr().ok()).map(|address| address.port());
        config.options.reach.own_ports = own.collect();
        let shared = Shared::new(loaded, library, config.options);
        let sandboxes = Sandboxes::start(shared, initial).await.map_err(StartError::Failed)?;
        let running = Self {
            servers: Vec::new(),
            control: String::new(),
            token,
            made_token,
            sandboxes,
            stop: watch::Sender::new(false),
            tasks: JoinSet::new(),
        };
        running
            .serve(control_listener, listeners, host, config.control_hosts)
            .map_err(|error| StartError::Failed(error.to_string()))
    }

    fn serve(
        mut self,
        control: Vec<TcpListener>,
        listeners: Vec<Vec<TcpListener>>,
        host: String,
        names: Vec<String>,
    ) -> io::Result<Self> {
        let client_timeout = self.sandboxes.shared().options.client_timeout;
        for (index, listeners) in listeners.into_iter().enumerate() {
            let sim = self.sandboxes.shared().servers[index].sim;
            let address = first_address(&listeners)?;
            self.servers.push(ServerInfo::new(sim, url(address), address.port()));
            let service = server::service(Gate::new(self.sandboxes.clone(), index));
            for listener in listeners {
                self.tasks.spawn(server::serve(
                    listener,
                    service.clone(),
                    client_timeout,
                    self.stop.subscribe(),
                ));
            }
        }
        let address = first_address(&control)?;
        self.control = url(address);
        let access = Access { host, names, address, token: self.token.clone() };
        let ready = Arc::new(AtomicBool::new(false));
        let api = Control::new(self.sandboxes.clone(), self.servers.clone(), access, ready.clone());
        let service = server::control(control::router(api));
        for listener in control {
            self.tasks.spawn(server::serve(listener, service.clone(), client_timeout, self.stop.subscribe()));
        }
        ready.store(true, Ordering::Release);
        Ok(self)
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
            .map(|server| (server.slug.to_owned(), json!({ "url": server.url })))
            .collect();
        let mut ready = json!({ "control": self.control, "servers": servers });
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

/// What can be loaded by name, with what the user's folders add.
///
/// # Errors
/// One line that names the folder or file.
pub fn load_library(config: &Config) -> Result<Library, String> {
    let mut library = library::embedded();
    (library.progress, library.seed) = (config.progress, config.options.seed);
    if let Some(folder) = &config.scenarios {
        library::add_scenarios(&mut library, folder)?;
    }
    if let Some(folder) = &config.seed_data {
        let simulators: Vec<_> = registry::ALL.iter().chain(&config.more).copied().collect();
        library::add_seed_data(&mut library, folder, &simulators)?;
    }
    Ok(library)
}

/// The simulators that are to run, with the user's profiles.
///
/// # Errors
/// One line that names what is wrong.
pub fn load_simulators(config: &Config) -> Result<Vec<Loaded>, StartError> {
    for slug in config.only.iter().chain(config.ports.keys()).chain(config.profiles.keys()) {
        if !config.more.iter().any(|sim| sim.slug == slug) {
            registry::find(slug).map_err(StartError::Misused)?;
        }
    }
    let library = load_library(config).map_err(StartError::Failed)?;
    let wanted = |slug: &str| config.only.is_empty() || config.only.iter().any(|only| only == slug);
    let chosen = registry::ALL.iter().chain(&config.more).filter(|sim| wanted(sim.slug));
    let loaded = chosen.map(|sim| {
        let file = config.profiles.get(sim.slug);
        let text = file.map(|file| library::read(file)).transpose().map_err(StartError::Failed)?;
        let name = file.map(|file| file.display().to_string());
        let profile = name.as_deref().zip(text.as_deref());
        let mut loaded = Loaded::new(sim, profile).map_err(StartError::Failed)?;
        loaded.seed = Arc::new(seed(&library, sim));
        Ok(loaded)
    });
    loaded.collect()
}

/// The set that the default scenario loads, for examples.
fn seed(library: &Library, sim: &Simulator) -> Seed {
    let set = library.data.get(sim.slug).and_then(|sets| sets.get("small"));
    let files = set.into_iter().flatten().map(|(entity, file)| (entity.clone(), file.text.clone()));
    Seed::new(files.collect())
}

/// The scenario that sandboxes start from, made ready beside the runtime: it may be a large one.
async fn prepare(
    library: Library,
    loaded: Vec<Loaded>,
    config: &Config,
) -> Result<(Library, Vec<Loaded>, Arc<Ready>), StartError> {
    let (named, text) = (config.scenario.clone(), scenario_text(config, &library)?);
    let prepare = move || {
        let ready = Ready::read(&text, Some(&named), &loaded, &library).map_err(StartError::Failed)?;
        Ok((library, loaded, ready))
    };
    tokio::task::spawn_blocking(prepare).await.map_err(|error| StartError::Failed(error.to_string()))?
}

/// The text of a known scenario, or of a file where the name looks like one.
fn scenario_text(config: &Config, library: &Library) -> Result<String, StartError> {
    let named = &config.scenario;
    let looks_like_file = named.contains(['/', '\\', '.']);
    if looks_like_file {
        library::read(named.as_ref()).map_err(StartError::Failed)
    } else {
        library.scenario(named).map(str::to_owned).map_err(StartError::Misused)
    }
}

/// The scenario of that text, checked whole.
///
/// # Errors
/// What is wrong, and where.
pub fn ready(text: &str, library: &Library, loaded: &[Loaded]) -> Result<Arc<Ready>, String> {
    Ready::read(text, None, loaded, library)
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

fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn first_address(listeners: &[TcpListener]) -> io::Result<SocketAddr> {
    listeners.first().ok_or_else(|| io::Error::other("nothing listens"))?.local_addr()
}

/// How often another free port is tried whose number is taken on the other loopback.
const TRIES: usize = 50;

/// Listens there; `localhost` is both loopbacks under one port, where the machine has both.
async fn bind(host: &str, port: u16, who: &str) -> Result<Vec<TcpListener>, StartError> {
    if host != "localhost" {
        return Ok(vec![bind_one(host, port, who).await?]);
    }
    for last in (0..TRIES).rev() {
        let four = bind_one(&Ipv4Addr::LOCALHOST.to_string(), port, who).await?;
        let taken = four.local_addr().map_or(port, |address| address.port());
        match TcpListener::bind((Ipv6Addr::LOCALHOST, taken)).await {
            Ok(six) => return Ok(vec![four, six]),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && port == 0 && last > 0 => {}
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                return Err(refuse(&Ipv6Addr::LOCALHOST.to_string(), taken, who, &error));
            }
            // This machine has no second loopback.
            Err(_) => return Ok(vec![four]),
        }
    }
    Err(StartError::Failed(format!("{who}: no port is free on both loopbacks")))
}

async fn bind_one(host: &str, port: u16, who: &str) -> Result<TcpListener, StartError> {
    TcpListener::bind((host, port)).await.map_err(|error| refuse(host, port, who, &error))
}

fn refuse(host: &str, port: u16, who: &str, error: &io::Error) -> StartError {
    let why = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken; free it, or choose another with --port, --control-port or --random-ports"
        ),
        io::ErrorKind::PermissionDenied => format!("port {port} may not be used by this user"),
        _ => format!("cannot listen on {host}:{port}: {error}"),
    };
    StartError::Failed(format!("{who}: {why}"))
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}
