//! One SQLite database: of one simulator in one sandbox, in memory or in a file.

mod connection;
pub mod db;
pub mod effects;
pub mod folder;
pub mod functions;
mod image;
pub mod noting;
pub mod numbers;
pub mod outbound;
pub mod query;
pub mod rows;
mod staged;
#[cfg(test)]
mod tests;
pub mod tokens;
mod totals;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, MutexGuard, PoisonError, RwLock};

use crate::base::map::IndexMap;
use jiff::Timestamp;
use pages::Database;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::base::error::{Error, Result};
use crate::entity::model::Model;
use crate::entity::refusals::Words;
use crate::entity::settings::Settings;
pub use crate::store::connection::{Connections, MAX_OPEN};
use crate::store::connection::{Slot, connect};
use crate::store::db::{After, Db, read_settings, write_settings};
use crate::store::effects::{Effects, Trace};
use crate::store::folder::{DataFolder, Identity};
use crate::store::image::{beside, dump, in_wal_mode, prepare, seeded, set_wal_mode, verify, write_seed};
pub use crate::store::image::{build, build_image};
use crate::store::outbound::Reach;
use crate::store::totals::Totals;

pub use staged::Staged;

/// A whole database: what a sandbox starts from, and what a snapshot keeps.
pub use pages::{Image, give_back};

/// A database and the lock that serialises its requests. Waiting for the lock does not hold up the runtime; the work
/// itself runs on the runtime's thread, which the benchmarks showed to be fastest, until it turns out to be long.
pub struct Store {
    model: Arc<Model>,
    conn: Arc<Mutex<Slot>>,
    settings: RwLock<Arc<Settings>>,
    /// What came past the vendor's API: for the judge, to whom it is somebody else's work.
    outside: std::sync::Mutex<Effects>,
    totals: Arc<Totals>,
    /// Where it is kept; nothing in memory.
    file: Option<PathBuf>,
    /// What tells its file from others of the same name.
    identity: std::sync::Mutex<Option<Identity>>,
    /// The folder that its file is in.
    folder: Option<Arc<DataFolder>>,
    /// Which world of its sandbox the data are of: only what belongs to that one reads or writes them.
    world: AtomicU64,
    /// Where messages may go.
    reach: Reach,
}

/// Why a data file cannot be used; a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data that the sandbox starts with is not good.
    #[error("{0}")]
    Data(String),
    /// The folder is gone, as was said.
    #[error("the folder is gone")]
    Lost(Error),
    /// It is no database of this simulator in this version.
    #[error("{} is not a database of this version of Erpsatz ({why}); move it away or start with another --data-dir", file.display())]
    Foreign {
        /// Which file.
        file: PathBuf,
        /// What was seen.
        why: String,
    },
    /// It could not be written.
    #[error("{}: {source}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// SQLite could not work with it.
    #[error("{}: {source}", file.display())]
    Sqlite {
        /// Which file.
        file: PathBuf,
        /// What SQLite says.
        source: rusqlite::Error,
    },
}

impl Store {
    /// A database in memory that starts as `image`, for a sandbox with this `seed`; its connection is one of
    /// `connections`.
    pub fn in_memory(
        model: Arc<Model>,
        image: &Image,
        seed: u64,
        connections: &Arc<Connections>,
    ) -> rusqlite::Result<Self> {
        let database = Database::new(image.clone());
        let conn = connect(&database)?;
        write_seed(&conn, seed)?;
        let settings = read_settings(&conn, &model)?;
        let totals = Totals::beside(&connections.of_images);
        totals.forget(database.untouched());
        let slot = Slot::memory(database, conn, connections, totals.clone())?;
        Ok(Self::with(model, slot, totals, settings, None))
    }

    /// The database in `file`: as it is when it exists, otherwise as `image` says.
    ///
    /// # Errors
    /// When the file is torn, of another program or of another version; it is left as it was.
    #[expect(clippy::disallowed_methods, reason = "a data file of our own")]
    pub fn in_file(model: Arc<Model>, file: &Path, image: &Image, seed: u64) -> Result<Self, OpenError> {
        let sqlite = |source| OpenError::Sqlite { file: file.to_owned(), source };
        let foreign = |why: String| OpenError::Foreign { file: file.to_owned(), why: why.replace('\n', " ") };
        if !file.exists() {
            let bytes = seeded(image, seed).map_err(sqlite)?;
            let created = staged::write(file, &bytes).and_then(|()| staged::take_place(file));
            created.map_err(|source| OpenError::File { file: file.to_owned(), source })?;
        }
        let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sqlite)?;
        // Until it is known to be ours, not even what its log holds is written into it.
        let has_log = beside(file, "-wal").exists();
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log).map_err(sqlite)?;
        prepare(&conn).map_err(sqlite)?;
        verify(&conn, &model).map_err(foreign)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map_err(sqlite)?;
        in_wal_mode(&conn).map_err(sqlite)?;
        let settings = read_settings(&conn, &model).map_err(sqlite)?;
        let totals = Arc::<Totals>::default();
        let slot = Slot::file(file, conn, totals.clone()).map_err(sqlite)?;
        Ok(Self::with(model, slot, totals, settings, Some(file.to_owned())))
    }

    fn with(
        model: Arc<Model>,
        conn: Arc<Mutex<Slot>>,
        totals: Arc<Totals>,
        settings: Settings,
        file: Option<PathBuf>,
    ) -> Self {
        Self {
            model,
            conn,
            settings: RwLock::new(Arc::new(settings)),
            outside: std::sync::Mutex::default(),
            totals,
            identity: std::sync::Mutex::new(file.as_deref().and_then(Identity::at)),
            file,
            folder: None,
            world: AtomicU64::new(0),
            reach: Reach::default(),
        }
    }

    /// The same, whose messages may go there.
    #[must_use]
    pub fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// The same, whose file is in that folder.
    #[must_use]
    pub fn kept_in(mut self, folder: Arc<DataFolder>) -> Self {
        self.folder = Some(folder);
        self
    }

    /// The same, of that world of its sandbox.
    #[must_use]
    pub fn within(self, world: u64) -> Self {
        self.world.store(world, Ordering::Release);
        self
    }

    /// SQLite would go on writing into a file that nobody finds any more.
    fn check_file(&self) -> Result<()> {
        let Some((folder, file)) = self.folder.as_ref().zip(self.file.as_ref()) else { return Ok(()) };
        let is_same = folder.is_there() && Identity::at(file) == *self.identity();
        if is_same { Ok(()) } else { Err(folder.lost()) }
    }

    fn identity(&self) -> MutexGuard<'_, Option<Identity>> {
        self.identity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check(&self, world: u64) -> Result<()> {
        if self.world.load(Ordering::Acquire) == world { Ok(()) } else { Err(Error::ended()) }
    }

    /// The switches as they stand.
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads; each statement stands for itself.
    pub async fn read<T>(&self, now: Timestamp, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let mut slot = self.conn.lock().await;
        self.run_noted(slot.connection()?, now, After::default(), work).0
    }

    fn run_noted<T>(
        &self,
        conn: &Connection,
        now: Timestamp,
        after: After,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> (Result<T>, Effects) {
        let done = self.work(conn, now, &after, work);
        (done, after.effects.into_inner())
    }

    fn work<T>(
        &self,
        conn: &Connection,
        now: Timestamp,
        after: &After,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        let (settings, totals) = (&self.settings(), &self.totals);
        let db = Db { conn, model: &self.model, now, settings, totals, after };
        work(&db).map_err(|error| Words::new(&self.model.profile, settings).of(error))
    }

    /// Writes: one transaction, rolled back when `work` fails or panics. Once it stands, its messages go out. It is
    /// noted as somebody else's than a client's: see [`Store::take_outside`].
    pub async fn write<T>(&self, now: Timestamp, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let mut slot = self.conn.lock().await;
        self.transaction(slot.connection()?, now, None, work)
    }

    /// Reads for that world of the sandbox; what a request's answer delivers is noted in its `trace`.
    ///
    /// # Errors
    /// What `work` says, or that the world has ended.
    pub async fn read_within<T>(
        &self,
        world: u64,
        now: Timestamp,
        trace: Option<Arc<Trace>>,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut slot = self.conn.lock().await;
        let conn = slot.connection()?;
        let after = After { is_noting: trace.is_some(), trace: trace.clone(), ..After::default() };
        let (done, effects) = self.run_noted(conn, now, after, |db| {
            self.check(world)?;
            work(db)
        });
        if let Some(trace) = trace {
            trace.add(effects);
        }
        done
    }

    /// Writes for that world of the sandbox; what a request does is noted in its `trace`.
    ///
    /// # Errors
    /// What `work` says, or that the world has ended; nothing is written then.
    pub async fn write_within<T>(
        &self,
        world: u64,
        now: Timestamp,
        trace: Option<Arc<Trace>>,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut slot = self.conn.lock().await;
        self.transaction(slot.connection()?, now, trace, |db| {
            self.check(world)?;
            work(db)
        })
    }

    /// The same for work that may take long: it runs beside the runtime, whose other requests go on meanwhile.
    pub async fn write_long_within<T: Send + 'static>(
        self: Arc<Self>,
        world: u64,
        now: Timestamp,
        trace: Option<Arc<Trace>>,
        work: impl FnOnce(&Db<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let mut slot = self.conn.clone().lock_owned().await;
        let within = move || {
            self.transaction(slot.connection()?, now, trace, |db| {
                self.check(world)?;
                work(db)
            })
        };
        let done = tokio::task::spawn_blocking(within).await;
        done.map_err(Error::internal)?
    }

    fn transaction<T>(
        &self,
        conn: &Connection,
        now: Timestamp,
        trace: Option<Arc<Trace>>,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        self.check_file()?;
        let transaction = Transaction::begin(conn)?;
        let after = After { is_noting: true, trace, reach: self.reach.clone(), ..After::default() };
        let done = self.work(conn, now, &after, work);
        let done = done.and_then(|done| Ok(transaction.commit().map(|()| done)?));
        let mut effects = after.effects.into_inner();
        if done.is_err() {
            // What was rolled back is not there; that it was refused is.
            effects = Effects { refused: effects.refused, ..Effects::default() };
        } else if after.settings_changed.get() {
            self.keep_settings(conn)?;
        }
        match after.trace {
            Some(trace) => trace.add(effects),
            None => self.outside().extend(effects),
        }
        if done.is_ok() {
            outbound::deliver(after.messages.into_inner(), after.reach);
        }
        done
    }

    fn outside(&self) -> MutexGuard<'_, Effects> {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What came past the vendor's API since it was last asked for: steps, actions, the control API's records.
    pub fn take_outside(&self) -> Option<Effects> {
        let mut outside = self.outside();
        let is_idle =
            outside.tokens.is_empty() && outside.licences.is_empty() && !outside.has_changed_anything();
        (!is_idle).then(|| std::mem::take(&mut *outside))
    }

    /// Changes switches; they have been checked.
    pub async fn change_settings(&self, changes: &IndexMap<String, Value>) -> Result<()> {
        let mut slot = self.conn.lock().await;
        self.check_file()?;
        let conn = slot.connection()?;
        write_settings(conn, changes)?;
        self.outside().switched = true;
        self.keep_settings(conn)
    }

    /// The whole database as it stands.
    pub async fn dump(&self) -> Result<Image> {
        let mut slot = self.conn.lock().await;
        match slot.database() {
            Some(database) => Ok(database.image()),
            None => dump(slot.connection()?),
        }
    }

    fn keep_settings(&self, conn: &Connection) -> Result<()> {
        let settings = Arc::new(read_settings(conn, &self.model)?);
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        Ok(())
    }
}

/// A transaction, undone unless it is committed. rusqlite's own compiles its two statements each time.
struct Transaction<'c>(&'c Connection);

impl<'c> Transaction<'c> {
    fn begin(conn: &'c Connection) -> rusqlite::Result<Self> {
        conn.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(conn))
    }

    /// When SQLite refuses, it is undone.
    fn commit(self) -> rusqlite::Result<()> {
        self.0.prepare_cached("COMMIT")?.execute([]).map(drop)
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a transaction was not undone");
        }
    }
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Lost(error) => error,
            error => Self::internal(error),
        }
    }
}
