//! All sandboxes of a running Erpsatz: by name, created on first use, the one idle longest goes when there are too
//! many.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::http::StatusCode;
use serde_json::Value;

use crate::base::aside::steps_aside;
use crate::base::client_timeout::ClientTimeout;
use crate::base::error::{Error, Result};
use crate::base::origin::TrustedProxies;
use crate::base::random::fingerprint;
use crate::journal;
use crate::judge::results::{Results, Which};
use crate::rules::fail_on::FailOn;
use crate::sandbox::events::{Events, Topic};
use crate::sandbox::folder::{Origin, Place};
use crate::sandbox::keeping::Capsules;
use crate::sandbox::names::{DEFAULT, is_name, no_name};
use crate::sandbox::{REMOVED, Sandbox, folder};
use crate::scenario::{Library, Ready};
use crate::simulator::Loaded;
use crate::store::folder::DataFolder;
use crate::store::outbound::Reach;
use crate::store::{Connections, Image, Store, give_back};

/// The code of what is refused because there is a sandbox of that name.
const EXISTS: &str = "sandbox_exists";

/// How long it is waited for more sandboxes to go before their memory is given back.
const MOMENT: Duration = Duration::from_millis(200);

/// What is the same for all sandboxes.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much a journal keeps.
    pub journal: journal::Limits,
    /// Where databases are kept as files; in memory without it.
    pub data_dir: Option<PathBuf>,
    /// How many bytes a body may have (`--max-body`).
    pub max_body: usize,
    /// How long slow clients are waited for (`--client-timeout`).
    pub client_timeout: ClientTimeout,
    /// How many sandboxes there may be besides `default` (`--max-sandboxes`).
    pub max_sandboxes: usize,
    /// Whether every simulator refuses what its vendor does not document (`--strict`).
    pub strict: bool,
    /// The seed that beats the scenario's (`--seed`).
    pub seed: Option<u64>,
    /// Where capsules of failed worlds are kept (`--capsule`).
    pub capsules: Option<Capsules>,
    /// Where simulators may send messages (`--allow-outbound`).
    pub reach: Reach,
    /// Whose word on how a client reached them is taken (`--trusted-proxy`).
    pub trusted_proxies: TrustedProxies,
    /// Before which names, besides `localhost`, a label of the host names the sandbox (`--control-host`).
    pub label_hosts: Arc<[String]>,
    /// Whether a request that names no sandbox is refused (`--require-sandbox`).
    pub require_sandbox: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            journal: journal::Limits { entries: 10_000, bytes: 64 << 20 },
            data_dir: None,
            max_body: 32 << 20,
            client_timeout: ClientTimeout::default(),
            max_sandboxes: 10_000,
            strict: false,
            seed: None,
            capsules: None,
            reach: Reach::default(),
            trusted_proxies: TrustedProxies::default(),
            label_hosts: Arc::default(),
            require_sandbox: false,
        }
    }
}

/// What sandboxes are made of.
pub struct Shared {
    /// The simulators, in the order of the registry.
    pub servers: Vec<Loaded>,
    /// What can be loaded by name.
    pub library: Library,
    /// The options of `serve`.
    pub options: Options,
    /// Who is told what happens.
    pub events: Events,
    /// What became of worlds that have ended.
    pub results: Results,
    /// The connections of databases in memory.
    connections: Arc<Connections>,
    /// Whether memory will be given back soon.
    will_give_back: AtomicBool,
    /// The folder of `--data-dir`; it holds the lock that keeps other processes out.
    data_dir: Option<Arc<DataFolder>>,
}

/// The sandboxes.
pub struct Sandboxes {
    shared: Arc<Shared>,
    initial: Arc<Ready>,
    named: RwLock<HashMap<String, Arc<Sandbox>>>,
    ticks: AtomicU64,
}

impl Shared {
    /// What sandboxes are made of; nobody listens yet.
    pub fn new(servers: Vec<Loaded>, library: Library, options: Options) -> Self {
        Self {
            servers,
            library,
            options,
            events: Events::default(),
            results: Results::default(),
            connections: Arc::default(),
            will_give_back: AtomicBool::new(false),
            data_dir: None,
        }
    }

    /// The database of the simulator at `index` in memory, as it starts under `seed`.
    pub(crate) fn in_memory(&self, index: usize, image: &Image, seed: u64) -> rusqlite::Result<Store> {
        Store::in_memory(self.servers[index].model.clone(), image, seed, &self.connections)
    }

    /// The folder of a sandbox in `--data-dir`.
    pub(crate) fn home(&self, sandbox: &str) -> Option<Arc<DataFolder>> {
        let name = |folder: &Arc<DataFolder>| folder::name(folder.path(), sandbox);
        self.data_dir.as_ref().map(|folder| Arc::new(DataFolder::within(folder, &name(folder))))
    }
}

impl Sandboxes {
    /// The sandbox `default`, started as `initial` says, and those that an earlier run left in `--data-dir`.
    ///
    /// # Errors
    /// What is wrong with a data file.
    pub async fn start(mut shared: Shared, initial: Arc<Ready>) -> Result<Arc<Self>, String> {
        shared.data_dir = shared.options.data_dir.as_deref().map(folder::lock).transpose()?.map(Arc::new);
        let shared = Arc::new(shared);
        let (named, ticks) = (RwLock::default(), AtomicU64::new(0));
        let sandboxes = Arc::new(Self { shared, initial, named, ticks });
        sandboxes.reopen().await?;
        sandboxes.open(DEFAULT).await.map_err(|error| error.cause.unwrap_or(error.message))?;
        Ok(sandboxes)
    }

    #[expect(clippy::disallowed_methods, reason = "the folder of --data-dir")]
    async fn reopen(&self) -> Result<(), String> {
        let Some(folder) = &self.shared.options.data_dir else { return Ok(()) };
        let explain = |error: std::io::Error| format!("--data-dir {}: {error}", folder.display());
        for entry in std::fs::read_dir(folder).map_err(explain)? {
            let path = entry.map_err(explain)?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let is_ours = Place::of(&path) == Place::Ours;
            if is_ours && name.strip_suffix(REMOVED).and_then(folder::sandbox_in).is_some() {
                folder::remove(&path).map_err(explain)?;
                continue;
            }
            let sandbox = folder::sandbox_in(&name).filter(|sandbox| folder::name(folder, sandbox) == name);
            let Some(sandbox) = sandbox.filter(|_| is_ours && folder::is_begun(&path)) else { continue };
            let reopened = Sandbox::reopen(sandbox.to_owned(), self.shared.clone(), &self.initial)?;
            reopened.open_existing().await.map_err(|error| error.to_string())?;
            folder::mark(&path).map_err(explain)?;
            self.write().insert(sandbox.to_owned(), Arc::new(reopened));
        }
        let default = folder::name(folder, DEFAULT);
        if default != DEFAULT {
            let folder = folder.display();
            tracing::warn!(
                "--data-dir {folder}: `{DEFAULT}` in it is not Erpsatz's and is left alone; the sandbox is kept in `{default}`"
            );
        }
        let differs = self.origin().differs(folder, !self.list().is_empty()).map_err(explain)?;
        if !differs.is_empty() {
            let (folder, differs) = (folder.display(), differs.join(", "));
            tracing::warn!("--data-dir {folder}: its data began with {differs} and go on with it");
        }
        Ok(())
    }

    /// What sandboxes begin with here.
    fn origin(&self) -> Origin {
        let print = |value: serde_json::Result<Vec<u8>>| fingerprint(&value.unwrap_or_default());
        let scenario = &self.initial.scenario;
        let servers = self.shared.servers.iter();
        let profiles = servers
            .map(|server| (server.sim.slug.to_owned(), print(serde_json::to_vec(&*server.model.profile))));
        Origin {
            scenario: (scenario.name.clone(), print(serde_json::to_vec(scenario))),
            seed: self.shared.options.seed,
            profiles: profiles.collect(),
        }
    }

    /// What sandboxes are made of.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// The scenario given to `serve`.
    pub fn initial(&self) -> &Arc<Ready> {
        &self.initial
    }

    /// The sandbox of that name, created from the initial scenario when there is none.
    ///
    /// # Errors
    /// 400 when it cannot be a name.
    pub async fn open(&self, name: &str) -> Result<Arc<Sandbox>> {
        if let Some(sandbox) = self.get(name) {
            return Ok(sandbox);
        }
        match self.create(name, self.initial.clone(), None).await {
            // Another request was faster.
            Err(error) if error.code == EXISTS => {
                self.get(name).ok_or_else(|| Error::internal("a sandbox went as it came"))
            }
            created => created,
        }
    }

    /// The sandbox of that name, when there is one.
    pub fn get(&self, name: &str) -> Option<Arc<Sandbox>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let sandbox = named.get(name)?;
        sandbox.touch(self.ticks.fetch_add(1, Ordering::Relaxed));
        Some(sandbox.clone())
    }

    /// A new sandbox that starts as `ready` says; `seed` beats `--seed` beats the scenario's.
    ///
    /// # Errors
    /// 400 when it cannot be a name, 409 when there is one of that name.
    pub async fn create(&self, name: &str, ready: Arc<Ready>, seed: Option<u64>) -> Result<Arc<Sandbox>> {
        let (sandbox, evicted) = self.insert(name, ready, seed)?;
        for idle in evicted {
            steps_aside(idle.end("eviction")).await;
        }
        Ok(sandbox)
    }

    /// The new sandbox, and those that go for it.
    fn insert(
        &self,
        name: &str,
        ready: Arc<Ready>,
        seed: Option<u64>,
    ) -> Result<(Arc<Sandbox>, Vec<Arc<Sandbox>>)> {
        if !is_name(name) {
            let message = no_name(name);
            return Err(Error::vendor(StatusCode::BAD_REQUEST, "bad_name", message));
        }
        let seed = self.seed(&ready, seed);
        let mut named = self.write();
        if named.contains_key(name) {
            let message = format!("there is a sandbox `{name}` already");
            return Err(Error::vendor(StatusCode::CONFLICT, EXISTS, message));
        }
        let sandbox = Arc::new(Sandbox::new(name.to_owned(), self.shared.clone(), ready, seed));
        sandbox.create_files()?;
        sandbox.touch(self.ticks.fetch_add(1, Ordering::Relaxed));
        named.insert(name.to_owned(), sandbox.clone());
        sandbox.tell(Topic::Sandbox, "created", None);
        let surplus = named.len().saturating_sub(self.shared.options.max_sandboxes + 1);
        let mut evicted = Vec::new();
        for _ in 0..surplus {
            let idle = named.values().filter(|other| other.name != DEFAULT && other.name != name);
            let Some(idle) = idle.min_by_key(|other| other.last_used()).map(|other| other.name.clone())
            else {
                break;
            };
            evicted.extend(named.remove(&idle));
        }
        Ok((sandbox, evicted))
    }

    /// The seed that a sandbox of that scenario has.
    pub fn seed(&self, ready: &Ready, asked: Option<u64>) -> u64 {
        asked.or(self.shared.options.seed).or(ready.scenario.seed).unwrap_or(0)
    }

    /// Ends a sandbox; whether there was one.
    pub async fn remove(&self, name: &str) -> bool {
        let removed = self.write().remove(name);
        self.end(removed).await
    }

    /// Ends a sandbox if it is that one of its name; whether it was.
    pub async fn remove_life(&self, name: &str, id: &str) -> bool {
        let removed = {
            let mut named = self.write();
            let is_meant = named.get(name).is_some_and(|sandbox| sandbox.id == *id);
            if is_meant { named.remove(name) } else { None }
        };
        self.end(removed).await
    }

    async fn end(&self, removed: Option<Arc<Sandbox>>) -> bool {
        let Some(sandbox) = removed else { return false };
        sandbox.end("deleted").await;
        drop(sandbox);
        self.give_back_soon();
        true
    }

    /// Gives the system the memory of what is gone, once for all that goes in a moment.
    fn give_back_soon(&self) {
        if self.shared.will_give_back.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = self.shared.clone();
        tokio::spawn(async move {
            tokio::time::sleep(MOMENT).await;
            shared.will_give_back.store(false, Ordering::Release);
            let _ = tokio::task::spawn_blocking(give_back).await;
        });
    }

    /// Gives the system the memory of what is gone.
    pub async fn give_back(&self) {
        let _ = tokio::task::spawn_blocking(give_back).await;
    }

    /// The run so far, all sandboxes that there were, one item each. `fail_on` is the command's.
    pub async fn run(&self, fail_on: FailOn, which: Which) -> Value {
        let mut living = Vec::new();
        for sandbox in self.list() {
            sandbox.play().await;
            living.push(sandbox.result().await);
        }
        self.shared.results.run(living, fail_on, which)
    }

    /// Writes what `--data-dir` does not have yet, before the process ends.
    pub async fn persist(&self) {
        for sandbox in self.list() {
            if let Err(Error { cause: Some(cause), .. }) = sandbox.update_world(|_| Ok(())).await {
                tracing::error!(sandbox = sandbox.name, cause, "its state was not written");
            }
        }
    }

    /// All of them, by name.
    pub fn list(&self) -> Vec<Arc<Sandbox>> {
        let named = self.named.read().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = named.values().cloned().collect();
        all.sort_by(|left, right| left.name.cmp(&right.name));
        all
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, HashMap<String, Arc<Sandbox>>> {
        self.named.write().unwrap_or_else(PoisonError::into_inner)
    }
}
