//! One SQLite database: of one simulator in one sandbox, in memory or in a file.

pub mod db;
pub mod functions;
pub mod numbers;
pub mod outbound;
pub mod query;
pub mod rows;
mod staged;
pub mod tokens;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use indexmap::IndexMap;
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use tokio::sync::Mutex;

use crate::base::error::{Error, Result};
use crate::entity::model::Model;
use crate::entity::settings::Settings;
use crate::store::db::{After, Db, read_settings, write_settings};
use crate::store::outbound::Reach;

pub use staged::Staged;

/// A whole database as bytes: what a sandbox starts from, and what a snapshot keeps.
pub type Image = Arc<[u8]>;

/// A database and the lock that serialises its requests. Waiting for the lock does not hold up the runtime; the work
/// itself runs on the runtime's thread, which the benchmarks showed to be fastest.
pub struct Store {
    model: Arc<Model>,
    conn: Arc<Mutex<Connection>>,
    settings: RwLock<Arc<Settings>>,
    /// Where it is kept; nothing in memory.
    file: Option<PathBuf>,
    /// Which world of its sandbox the data are of: only what belongs to that one reads or writes them.
    world: AtomicU64,
    /// Whether it was said that the file is gone.
    told: AtomicBool,
    /// Where messages may go.
    reach: Reach,
}

/// Why a data file cannot be used; a sentence for the user.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The data that the sandbox starts with is not good.
    #[error("{0}")]
    Data(String),
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
    /// A database in memory that starts as `image`, for a sandbox with this `seed`.
    pub fn in_memory(model: Arc<Model>, image: &[u8], seed: u64) -> rusqlite::Result<Self> {
        let mut conn = Connection::open_in_memory()?;
        prepare(&conn)?;
        fill_memory(&mut conn, image)?;
        write_seed(&conn, seed)?;
        Self::with(model, conn, None)
    }

    /// The database in `file`: as it is when it exists, otherwise as `image` says.
    ///
    /// # Errors
    /// When the file is torn, of another program or of another version; it is left as it was.
    #[expect(clippy::disallowed_methods, reason = "a data file of our own")]
    pub fn in_file(model: Arc<Model>, file: &Path, image: &[u8], seed: u64) -> Result<Self, OpenError> {
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
        Self::with(model, conn, Some(file.to_owned())).map_err(sqlite)
    }

    fn with(model: Arc<Model>, conn: Connection, file: Option<PathBuf>) -> rusqlite::Result<Self> {
        let settings = read_settings(&conn, &model)?;
        Ok(Self {
            model,
            conn: Arc::new(Mutex::new(conn)),
            settings: RwLock::new(Arc::new(settings)),
            file,
            world: AtomicU64::new(0),
            told: AtomicBool::new(false),
            reach: Reach::default(),
        })
    }

    /// The same, whose messages may go there.
    #[must_use]
    pub fn reaching(mut self, reach: Reach) -> Self {
        self.reach = reach;
        self
    }

    /// The same, of that world of its sandbox.
    #[must_use]
    pub fn within(self, world: u64) -> Self {
        self.world.store(world, Ordering::Release);
        self
    }

    /// SQLite would go on writing into a file that nobody finds any more.
    #[expect(clippy::disallowed_methods, reason = "a data file of our own")]
    fn check_file(&self) -> Result<()> {
        let Some(file) = self.file.as_ref().filter(|file| !file.exists()) else { return Ok(()) };
        let error =
            Error::internal(format_args!("{} is gone: what is written would be lost", file.display()));
        // Said once: the next thousand writes fail alike.
        let cause = error.cause.filter(|_| !self.told.swap(true, Ordering::Relaxed));
        Err(Error { cause, ..Error::internal("") })
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
        let conn = self.conn.lock().await;
        work(&Db {
            conn: &conn,
            model: &self.model,
            now,
            settings: &self.settings(),
            after: &After::default(),
        })
    }

    /// Writes: one transaction, rolled back when `work` fails or panics. Once it stands, its messages go out.
    pub async fn write<T>(&self, now: Timestamp, work: impl FnOnce(&Db<'_>) -> Result<T>) -> Result<T> {
        let conn = self.conn.lock().await;
        self.transaction(&conn, now, work)
    }

    /// Reads for that world of the sandbox.
    ///
    /// # Errors
    /// What `work` says, or that the world has ended.
    pub async fn read_within<T>(
        &self,
        world: u64,
        now: Timestamp,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        self.read(now, |db| {
            self.check(world)?;
            work(db)
        })
        .await
    }

    /// Writes for that world of the sandbox.
    ///
    /// # Errors
    /// What `work` says, or that the world has ended; nothing is written then.
    pub async fn write_within<T>(
        &self,
        world: u64,
        now: Timestamp,
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        self.write(now, |db| {
            self.check(world)?;
            work(db)
        })
        .await
    }

    /// The same for work that may take long: it runs beside the runtime, whose other requests go on meanwhile.
    pub async fn write_long_within<T: Send + 'static>(
        self: Arc<Self>,
        world: u64,
        now: Timestamp,
        work: impl FnOnce(&Db<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let conn = self.conn.clone().lock_owned().await;
        let within = move || {
            self.transaction(&conn, now, |db| {
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
        work: impl FnOnce(&Db<'_>) -> Result<T>,
    ) -> Result<T> {
        self.check_file()?;
        let transaction = Transaction::begin(conn)?;
        let after = After { reach: self.reach.clone(), ..After::default() };
        let done = work(&Db { conn, model: &self.model, now, settings: &self.settings(), after: &after })?;
        transaction.commit()?;
        if after.settings_changed.get() {
            self.keep_settings(conn)?;
        }
        outbound::deliver(after.messages.into_inner(), after.reach);
        Ok(done)
    }

    /// Changes switches; they have been checked.
    pub async fn change_settings(&self, changes: &IndexMap<String, Value>) -> Result<()> {
        let conn = self.conn.lock().await;
        write_settings(&conn, changes)?;
        self.keep_settings(&conn)
    }

    /// The whole database as it stands.
    pub async fn dump(&self) -> Result<Image> {
        let mut conn = self.conn.lock().await;
        dump(&mut conn)
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

/// Builds the image that sandboxes start from: the schema, the settings, and what `load` puts into it.
pub fn build_image(
    model: &Model,
    settings: &IndexMap<String, Value>,
    now: Timestamp,
    load: impl FnOnce(&Db<'_>) -> Result<(), String>,
) -> Result<Image, String> {
    let (mut conn, ()) = build(model, settings, now, load)?;
    dump(&mut conn).map_err(|error| error.cause.unwrap_or_default())
}

/// Builds such a database and gives what `load` gives.
pub fn build<T>(
    model: &Model,
    settings: &IndexMap<String, Value>,
    now: Timestamp,
    load: impl FnOnce(&Db<'_>) -> Result<T, String>,
) -> Result<(Connection, T), String> {
    let failed = |error: rusqlite::Error| error.to_string();
    let conn = Connection::open_in_memory().map_err(failed)?;
    prepare(&conn).map_err(failed)?;
    let transaction = conn.unchecked_transaction().map_err(failed)?;
    conn.execute_batch(&model.ddl).map_err(failed)?;
    let stamp = model.stamp.cast_signed();
    conn.execute("INSERT INTO _meta VALUES ('stamp', ?)", [stamp]).map_err(failed)?;
    write_seed(&conn, 0).map_err(failed)?;
    write_settings(&conn, settings).map_err(failed)?;
    let settings = &Arc::new(read_settings(&conn, model).map_err(failed)?);
    let loaded = load(&Db { conn: &conn, model, now, settings, after: &After::default() })?;
    transaction.commit().map_err(failed)?;
    Ok((conn, loaded))
}

/// How a data file is written: many readers beside one writer, and a kill loses nothing that was committed.
fn in_wal_mode(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "NORMAL")
}

fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    functions::register(conn)?;
    // Without it a statement is compiled anew whenever a bound `LIMIT` is bound again.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.set_prepared_statement_cache_capacity(128);
    conn.pragma_update(None, "cache_size", -256)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

fn verify(conn: &Connection, model: &Model) -> Result<(), String> {
    let stamp = conn
        .query_row("SELECT value FROM _meta WHERE name = 'stamp'", [], |row| row.get::<_, i64>(0))
        .map_err(|error| error.to_string())?;
    if stamp != model.stamp.cast_signed() {
        return Err("its tables are those of another version or profile".to_owned());
    }
    let health: String =
        conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(|error| error.to_string())?;
    if health == "ok" { Ok(()) } else { Err(health) }
}

/// The image as a sandbox with this `seed` starts with it.
fn seeded(image: &[u8], seed: u64) -> rusqlite::Result<Vec<u8>> {
    let mut conn = Connection::open_in_memory()?;
    fill_memory(&mut conn, image)?;
    write_seed(&conn, seed)?;
    Ok(conn.serialize("main")?.to_vec())
}

fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn fill_memory(conn: &mut Connection, image: &[u8]) -> rusqlite::Result<()> {
    conn.deserialize_read_exact("main", image, image.len(), false)
}

/// The bytes of a database. Those of one in WAL mode cannot be opened in memory: they are written as those of a plain
/// one.
fn dump(conn: &mut Connection) -> Result<Image> {
    let mut image: Image = Arc::from(&*conn.serialize("main")?);
    if let Some(bytes) = Arc::get_mut(&mut image) {
        set_wal_mode(bytes, false);
    }
    Ok(image)
}

/// Says in the header of a database whether it is in WAL mode.
fn set_wal_mode(bytes: &mut [u8], is_wal: bool) {
    const WRITE_VERSION: usize = 18;
    const READ_VERSION: usize = 19;
    if bytes.len() > READ_VERSION {
        bytes[WRITE_VERSION] = if is_wal { 2 } else { 1 };
        bytes[READ_VERSION] = bytes[WRITE_VERSION];
    }
}

fn write_seed(conn: &Connection, seed: u64) -> rusqlite::Result<()> {
    conn.execute("INSERT OR REPLACE INTO _meta VALUES ('seed', ?)", [seed.cast_signed()]).map(drop)
}

impl From<OpenError> for Error {
    fn from(error: OpenError) -> Self {
        Self::internal(error)
    }
}
