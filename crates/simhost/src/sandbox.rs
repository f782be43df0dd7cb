//! One isolated world: a database per simulator, one clock, one set of fault rules, one journal, one scenario.

pub mod action;
pub mod capsule;
mod contracts;
pub mod events;
pub mod folder;
pub mod history;
mod judged;
pub mod keeping;
pub mod names;
pub mod play;
pub mod sandboxes;
mod secrets;
mod snapshot_files;
mod snapshots;
mod standing;
mod state_file;
mod worlds;

use std::path::{Path as FsPath, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderValue;
use indexmap::IndexMap;
use jiff::Timestamp;
use tokio::sync::{RwLock, watch};

use crate::base::error::{Error, Result};
use crate::base::request::RequestView;
use crate::contract::Contract;
use crate::entity::settings::Settings;
use crate::journal::{Journal, mask::Known};
use crate::judge::Judge;
use crate::rules::fault::Injection;
use crate::rules::request::Came;
use crate::rules::step;
use crate::sandbox::events::Topic;
use crate::sandbox::history::{History, Turn};
use crate::sandbox::names::prefix_of;
use crate::sandbox::sandboxes::Shared;
use crate::sandbox::standing::Standing;
use crate::sandbox::worlds::Over;
use crate::scenario::Ready;
use crate::scenario::world::World;
use crate::simulator::ctx::Ctx;
use crate::store::folder::DataFolder;
use crate::store::{Image, OpenError, Store};

/// What the folder of a sandbox in `--data-dir` ends with while it is being removed.
pub(crate) const REMOVED: &str = ".removed";

/// The world after the last.
const OVER: u64 = u64::MAX;

/// How many snapshots a sandbox keeps.
pub const MAX_SNAPSHOTS: usize = 100;

/// A kept state of a whole sandbox, without its journal.
struct Snapshot {
    world: World,
    now: Timestamp,
    images: Vec<Option<Image>>,
    judge: Judge,
}

/// One isolated world.
pub struct Sandbox {
    /// Its name.
    pub name: String,
    /// Which sandbox of that name it is, as headers say it ([`crate::judge::life::Life`]).
    pub id: HeaderValue,
    shared: Arc<Shared>,
    /// Its folder in `--data-dir`, where there is one.
    home: Option<Arc<DataFolder>>,
    scenario: Mutex<Arc<Ready>>,
    world: Mutex<World>,
    standing: Mutex<Standing>,
    stores: RwLock<Vec<Option<Arc<Store>>>>,
    journal: Mutex<Journal>,
    /// What is masked in it wherever it stands.
    pub(crate) known: Arc<Known>,
    history: Mutex<History>,
    judge: Mutex<Judge>,
    /// Whether the judge has seen what is not kept in `--data-dir` yet.
    judge_is_dirty: AtomicBool,
    /// Whether nothing more is to be kept of it.
    judge_is_closed: AtomicBool,
    /// Held while it is written.
    judge_is_being_written: tokio::sync::Mutex<()>,
    /// The contract of each simulator.
    contracts: Mutex<Vec<Option<MadeContract>>>,
    snapshots: Mutex<IndexMap<String, Arc<Snapshot>>>,
    /// Which world it is in: each reset, restore and scenario begins one, its removal ends the last.
    worlds: watch::Sender<u64>,
    used: AtomicU64,
    /// Whoever writes the file of the world in `--data-dir` has it.
    writing: tokio::sync::Mutex<()>,
    /// Whether requests have counted something that the file does not have yet.
    is_dirty: AtomicBool,
    /// How often requests have counted what their answers wait for, and how much of it the file has.
    owed: AtomicU64,
    kept: AtomicU64,
}

/// A contract, with the settings that it was made for.
type MadeContract = (Arc<Settings>, Arc<Contract>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox {
    /// A sandbox that starts as `ready` says; its databases come when they are first used.
    pub(crate) fn new(name: String, shared: Arc<Shared>, ready: Arc<Ready>, seed: u64) -> Self {
        let world = World::new(&ready, seed);
        Self::with(name, shared, ready, world, Standing::default())
    }

    fn with(name: String, shared: Arc<Shared>, ready: Arc<Ready>, world: World, standing: Standing) -> Self {
        let started = world.started;
        Self {
            id: standing.life.to_header(),
            standing: Mutex::new(standing),
            home: shared.home(&name),
            name,
            known: secrets::known(&ready, &shared.servers),
            scenario: Mutex::new(ready),
            world: Mutex::new(world),
            stores: RwLock::new(vec![None; shared.servers.len()]),
            journal: Mutex::new(Journal::new(shared.options.journal)),
            history: Mutex::new(History::new(started)),
            judge: Mutex::default(),
            judge_is_dirty: AtomicBool::new(false),
            judge_is_closed: AtomicBool::new(false),
            judge_is_being_written: tokio::sync::Mutex::default(),
            contracts: Mutex::new(vec![None; shared.servers.len()]),
            snapshots: Mutex::new(IndexMap::new()),
            worlds: watch::Sender::new(0),
            used: AtomicU64::new(0),
            writing: tokio::sync::Mutex::new(()),
            is_dirty: AtomicBool::new(false),
            owed: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            shared,
        }
    }

    /// The sandbox that an earlier run left in `--data-dir`.
    ///
    /// # Errors
    /// When what is there cannot be read.
    pub(crate) fn reopen(name: String, shared: Arc<Shared>, initial: &Arc<Ready>) -> Result<Self, String> {
        let home = shared.home(&name);
        let folder = home.as_ref().map_or(FsPath::new(""), |home| home.path());
        let kept = state_file::read(folder)?;
        let kept_snapshots = snapshot_files::read_all(folder)?;
        let ready = if kept.scenario == initial.scenario {
            initial.clone()
        } else {
            let ready = Ready::new(kept.scenario, &shared.servers, &shared.library);
            ready.map_err(|wrong| {
                let first = wrong.into_iter().next().map(|mistake| mistake.message).unwrap_or_default();
                format!("{}: {first}", folder.join("world.json").display())
            })?
        };
        let sandbox = Self::with(name, shared, ready, kept.world, kept.standing);
        *locked(&sandbox.snapshots) = kept_snapshots;
        *locked(&sandbox.history) = History::unknown(sandbox.now());
        sandbox.recall_judge();
        Ok(sandbox)
    }

    /// Which world it is in. What was under way in another one changes nothing here.
    pub(crate) fn world_id(&self) -> u64 {
        *self.worlds.borrow()
    }

    /// Comes back when that world has ended.
    pub(crate) async fn end_of_world(&self, world: u64) {
        // Without a sandbox there is no world either.
        let _ = self.worlds.subscribe().wait_for(|now| *now != world).await;
    }

    fn is_over(&self) -> bool {
        self.world_id() == OVER
    }

    /// Simulated time.
    pub fn now(&self) -> Timestamp {
        locked(&self.world).clock.now()
    }

    /// The scenario in force.
    pub fn scenario(&self) -> Arc<Ready> {
        locked(&self.scenario).clone()
    }

    /// Whether what the vendors do not document is refused.
    pub fn is_strict(&self) -> bool {
        self.shared.options.strict || self.scenario().scenario.strict.unwrap_or(false)
    }

    /// A copy of what the sandbox is besides its databases.
    pub fn world(&self) -> World {
        locked(&self.world).clone()
    }

    /// Takes note of a request: what goes wrong with it, and whether it sets off a step.
    pub(crate) fn arrive(self: &Arc<Self>, request: &RequestView<'_>) -> (Option<Injection>, bool) {
        let ready = self.scenario();
        let steps = &ready.scenario.steps;
        let mut world = locked(&self.world);
        if world.faults.rules().is_empty() && steps.is_empty() && world.expectations.states().is_empty() {
            return (None, false);
        }
        let World { seed, clock, started, faults, steps: progress, expectations, .. } = &mut *world;
        let injection = faults.pick(request, clock.now(), *started, *seed);
        let counted = expectations.arrive(request, Came { at: clock.now(), started: *started });
        let set_off = step::count(steps, progress, request);
        if let Some(injection) = &injection {
            self.tell(Topic::Fault, "hit", Some(&injection.rule.id));
        }
        if counted {
            locked(&self.standing).asked = true;
            self.tell(Topic::Expectation, "counted", None);
        }
        drop(world);
        self.write_later();
        (injection, set_off)
    }

    /// Tells those who listen what happened here.
    pub fn tell(&self, topic: Topic, what: &'static str, id: Option<&str>) {
        self.shared.events.tell(&self.name, topic, what, id);
    }

    /// What all sandboxes have in common.
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What the paths of its URLs begin with.
    pub fn prefix(&self) -> Arc<str> {
        Arc::from(prefix_of(&self.name))
    }

    /// The journal, to read or to change.
    pub fn journal<T>(&self, work: impl FnOnce(&mut Journal) -> T) -> T {
        work(&mut locked(&self.journal))
    }

    /// The database of the simulator at `index`, created on first use.
    pub async fn store(&self, index: usize) -> Result<Arc<Store>, OpenError> {
        if let Some(store) = &self.stores.read().await[index] {
            return Ok(store.clone());
        }
        let mut stores = self.stores.write().await;
        if let Some(store) = &stores[index] {
            return Ok(store.clone());
        }
        if self.is_over() {
            return Err(OpenError::Data("the sandbox was removed".to_owned()));
        }
        let world = self.world_id();
        let store = self.open(index)?.reaching(self.shared.options.reach.clone()).within(world);
        let store = Arc::new(store);
        stores[index] = Some(store.clone());
        Ok(store)
    }

    /// What work on the simulator at `index` has to hand; URLs in its answers begin with `prefix`.
    pub async fn ctx(&self, index: usize, prefix: Arc<str>) -> Result<Ctx> {
        let store = self.store(index).await?;
        Ok(self.ctx_over(index, store, self.now(), prefix))
    }

    /// The same over its database, at that time.
    pub(crate) fn ctx_over(&self, index: usize, store: Arc<Store>, now: Timestamp, prefix: Arc<str>) -> Ctx {
        let server = &self.shared.servers[index];
        let mut ctx = Ctx::new(server.sim, server.model.clone(), store, now, self.is_strict(), prefix);
        ctx.world = self.world_id();
        ctx
    }

    /// Whether each simulator's database is in use, in the order of the registry.
    pub async fn opened(&self) -> Vec<bool> {
        self.stores.read().await.iter().map(Option::is_some).collect()
    }

    fn image(&self, ready: &Ready, index: usize) -> Result<Image, String> {
        ready.image(index, &self.shared.servers, &self.shared.library)
    }

    fn open(&self, index: usize) -> Result<Store, OpenError> {
        let server = &self.shared.servers[index];
        let (ready, seed) = (self.scenario(), locked(&self.world).seed);
        let image = self.image(&ready, index).map_err(OpenError::Data)?;
        match &self.home {
            None => self
                .shared
                .in_memory(index, &image, seed)
                .map_err(|source| OpenError::Sqlite { file: PathBuf::from(":memory:"), source }),
            Some(home) => {
                home.check().map_err(OpenError::Lost)?;
                let file = home.path().join(format!("{}.sqlite", server.sim.slug));
                let store = Store::in_file(server.model.clone(), &file, &image, seed)?;
                Ok(store.kept_in(home.clone()))
            }
        }
    }

    /// Opens every database that an earlier run left, so that a bad one is found at start.
    #[expect(clippy::disallowed_methods, reason = "files of our own in --data-dir")]
    pub(crate) async fn open_existing(&self) -> Result<(), OpenError> {
        let Some(home) = &self.home else { return Ok(()) };
        for (index, server) in self.shared.servers.iter().enumerate() {
            if home.path().join(format!("{}.sqlite", server.sim.slug)).exists() {
                self.store(index).await?;
            }
        }
        Ok(())
    }

    /// Everything as the scenario starts it: data, clock, tokens, counters, faults, journal. Snapshots stay.
    pub async fn reset(&self) -> Result<()> {
        let seed = locked(&self.world).seed;
        self.begin(self.scenario(), seed, "reset").await?;
        self.tell(Topic::Sandbox, "reset", None);
        Ok(())
    }

    /// Loads another scenario; snapshots go.
    pub async fn load(&self, ready: Arc<Ready>, seed: u64) -> Result<()> {
        self.begin(ready, seed, "scenario").await?;
        let gone = std::mem::take(&mut *locked(&self.snapshots));
        if let Some(folder) = self.folder()? {
            gone.keys().for_each(|id| snapshot_files::remove(&folder, id));
        }
        self.tell(Topic::Scenario, "loaded", None);
        Ok(())
    }

    /// Starts anew. All that can fail is done first: what cannot be started leaves everything as it was.
    async fn begin(&self, ready: Arc<Ready>, seed: u64, why: &'static str) -> Result<()> {
        let stores = self.stores.write().await;
        let _turn = self.writing.lock().await;
        let next = self.next_world()?;
        // What is gone is said as that, and not as the files that cannot be written there.
        self.folder()?;
        let evidence = self.last_evidence(&stores).await;
        let mut staged = Vec::new();
        for (index, store) in stores.iter().enumerate() {
            if let Some(store) = store {
                let image = self.image(&ready, index).map_err(Error::internal)?;
                staged.push(store.clone().stage(image, Some(seed)).await?);
            }
        }
        let begun = World::new(&ready, seed);
        self.exchange(staged, &ready, &begun, next).await?;
        {
            // Requests are shown to the judge, and then written: this order.
            let mut world = locked(&self.world);
            let over = std::mem::replace(&mut *world, begun);
            let turn = Turn { ended: over.clock.now(), started: world.started };
            self.conclude(&Over { world: over, evidence, why });
            self.known.give(secrets::given(&ready, &self.shared.servers));
            *locked(&self.scenario) = ready;
            let mut judge = locked(&self.judge);
            let mut journal = locked(&self.journal);
            self.remember(&journal, why, turn);
            journal.reset();
            *judge = Judge::default();
            self.worlds.send_replace(next);
        }
        self.keep_judge().await;
        let mut standing = locked(&self.standing);
        standing.begin_world();
        if why == "scenario" {
            standing.epoch += 1;
            standing.sent = true;
        }
        Ok(())
    }

    fn next_world(&self) -> Result<u64> {
        if self.is_over() { Err(Error::ended()) } else { Ok(self.world_id() + 1) }
    }

    /// Marks the sandbox as used at this tick of [`crate::sandbox::sandboxes::Sandboxes`].
    pub(crate) fn touch(&self, tick: u64) {
        self.used.store(tick, Ordering::Relaxed);
    }

    pub(crate) fn last_used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// Creates its folder in `--data-dir`, where there is one.
    pub(crate) fn create_files(&self) -> Result<()> {
        let Some(home) = &self.home else { return Ok(()) };
        folder::prepare(home)?;
        let text = self.state_text(&self.scenario(), &locked(&self.world))?;
        let staged = state_file::Staged::write(home.path().to_owned(), &text)?;
        staged.ok_or_else(|| home.lost())?.commit()
    }

    /// Its last act: what became of its world is kept, its files go, and those who listen are told.
    pub(crate) async fn end(&self, why: &'static str) {
        let evidence = self.last_evidence(&self.stores.read().await).await;
        self.conclude(&Over { world: self.world(), evidence, why });
        self.remove_files();
        self.tell(Topic::Sandbox, "deleted", None);
    }

    /// Removes what it has in `--data-dir`: its folder loses its name first, so that a kill leaves no half of it.
    #[expect(clippy::disallowed_methods, reason = "a folder of our own in --data-dir")]
    fn remove_files(&self) {
        self.worlds.send_replace(OVER);
        // What is not its own any more is not its to remove.
        let Some(home) = self.home.as_ref().filter(|home| home.is_there()) else { return };
        home.give_up();
        let folder = home.path();
        let removed = folder.with_file_name(format!("{}{REMOVED}", self.name));
        let gone = std::fs::rename(folder, &removed).and_then(|()| folder::remove(&removed));
        if let Err(error) = gone {
            tracing::warn!(folder = %folder.display(), %error, "a removed sandbox left files behind");
        }
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;
