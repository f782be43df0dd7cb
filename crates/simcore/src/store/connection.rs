//! The connection to a store's database. In memory it is open while it is used: what nobody asks for stays as pages.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, Weak};

use pages::{Database, Image};
use rusqlite::Connection;
use tokio::sync::Mutex;

use crate::base::aside::step_aside;
use crate::store::image::{prepare, write_seed};
use crate::store::totals::{OfImages, Totals};

/// How many databases in memory have an open connection at a time: 80 to 400 KiB each.
pub const MAX_OPEN: usize = 400;

/// After how many instructions of SQLite's machine work is taken for long, about: half a millisecond's.
const MANY_STEPS: i32 = 20_000;

/// Which databases in memory have an open connection. When there are too many, one that was not asked for lately is
/// closed; it is opened again when it is.
#[derive(Default)]
pub struct Connections {
    open: std::sync::Mutex<VecDeque<Open>>,
    /// What is known of the images that databases began as.
    pub(super) of_images: Arc<OfImages>,
}

/// A database that has a connection.
struct Open {
    slot: Weak<Mutex<Slot>>,
    was_used: Arc<AtomicBool>,
}

/// A store's connection, when it has one.
pub(super) struct Slot {
    home: Home,
    connection: Option<Connection>,
    was_used: Arc<AtomicBool>,
    /// How often the work that is being done has come to [`MANY_STEPS`].
    steps: Arc<AtomicU32>,
    /// Lists are counted anew with a new connection, as they go by what it has written.
    totals: Arc<Totals>,
}

enum Home {
    Memory {
        database: Database,
        me: Weak<Mutex<Slot>>,
        connections: Arc<Connections>,
    },
    /// A file, whose connection is always open.
    File(PathBuf),
}

impl Slot {
    /// A database in memory, with its connection, which becomes one of `connections`.
    pub(super) fn memory(
        database: Database,
        mut connection: Connection,
        connections: &Arc<Connections>,
        totals: Arc<Totals>,
    ) -> rusqlite::Result<Arc<Mutex<Self>>> {
        let (was_used, steps) = (Arc::<AtomicBool>::default(), Arc::default());
        watch(&mut connection, &steps)?;
        let slot = Arc::new_cyclic(|me| {
            let home = Home::Memory { database, me: me.clone(), connections: connections.clone() };
            Mutex::new(Self { home, connection: Some(connection), was_used: was_used.clone(), steps, totals })
        });
        connections.opened(Open { slot: Arc::downgrade(&slot), was_used });
        Ok(slot)
    }

    /// The database in a file, with its connection.
    pub(super) fn file(
        file: &Path,
        mut connection: Connection,
        totals: Arc<Totals>,
    ) -> rusqlite::Result<Arc<Mutex<Self>>> {
        let (home, steps) = (Home::File(file.to_owned()), Arc::default());
        watch(&mut connection, &steps)?;
        let connection = Some(connection);
        Ok(Arc::new(Mutex::new(Self { home, connection, was_used: Arc::default(), steps, totals })))
    }

    /// The connection, opened where it has none, for work that begins now.
    pub(super) fn connection(&mut self) -> rusqlite::Result<&mut Connection> {
        self.was_used.store(true, Ordering::Relaxed);
        self.steps.store(0, Ordering::Relaxed);
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let mut opened = self.open()?;
                watch(&mut opened, &self.steps)?;
                opened
            }
        };
        Ok(self.connection.insert(connection))
    }

    fn open(&self) -> rusqlite::Result<Connection> {
        self.totals.forget(self.database().and_then(Database::untouched));
        match &self.home {
            Home::File(file) => super::staged::open(file),
            Home::Memory { database, me, connections } => {
                let connection = connect(database)?;
                connections.opened(Open { slot: me.clone(), was_used: self.was_used.clone() });
                Ok(connection)
            }
        }
    }

    /// The database in memory, where it is there.
    pub(super) fn database(&self) -> Option<&Database> {
        match &self.home {
            Home::Memory { database, .. } => Some(database),
            Home::File(_) => None,
        }
    }

    /// Puts `image` in the place of the database in memory.
    pub(super) fn replace(&mut self, image: Image, seed: Option<u64>) -> rusqlite::Result<()> {
        if let Home::Memory { database, .. } = &self.home {
            database.replace(image);
        }
        seed.map_or(Ok(()), |seed| write_seed(self.connection()?, seed))
    }

    /// The connection to the file is closed while `exchange` puts another in its place.
    pub(super) fn reopen(&mut self, exchange: impl FnOnce()) -> rusqlite::Result<()> {
        self.connection = None;
        exchange();
        self.connection().map(drop)
    }
}

/// A connection to a database in memory, made ready.
pub(super) fn connect(database: &Database) -> rusqlite::Result<Connection> {
    let connection = database.connect()?;
    prepare(&connection)?;
    Ok(connection)
}

/// Work on the connection lets others go on when it turns out to be long: what it needs cannot be told beforehand,
/// as the same call is short or long by a filter and an index.
fn watch(connection: &mut Connection, steps: &Arc<AtomicU32>) -> rusqlite::Result<()> {
    let steps = steps.clone();
    let is_given_up = move || {
        // SQLite counts a statement's steps over all its runs, so that a short one comes here once in a while.
        // On a busy machine no other thread may come in time: it is tried again, ever more seldom.
        if steps.fetch_add(1, Ordering::Relaxed).is_power_of_two() {
            step_aside();
        }
        false
    };
    connection.progress_handler(MANY_STEPS, Some(is_given_up))
}

impl Connections {
    /// Notes a connection that was opened, and closes others where there are too many. One that is in use is left alone.
    fn opened(&self, new: Open) {
        let mut closed = Vec::new();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.push_back(new);
        // Each is looked at once: what was used since it was last looked at goes to the end of the queue.
        for _ in 0..open.len() {
            if open.len() <= MAX_OPEN {
                break;
            }
            let Some(oldest) = open.pop_front() else { break };
            let Some(slot) = oldest.slot.upgrade() else { continue };
            if oldest.was_used.swap(false, Ordering::Relaxed) {
                open.push_back(oldest);
                continue;
            }
            match slot.try_lock_owned() {
                Ok(slot) => closed.push(slot),
                Err(_) => open.push_back(oldest),
            }
        }
        drop(open);
        // Each stays locked until its connection is gone: a database has one at a time.
        for mut slot in closed {
            slot.connection = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::functions::FunctionFlags;

    use super::*;

    #[test]
    fn what_was_not_asked_for_lately_is_closed_and_counts_anew() {
        let connections = Arc::<Connections>::default();
        let new = || {
            let (database, totals) = (Database::new(Image::empty()), Arc::<Totals>::default());
            let connection = connect(&database).unwrap();
            (Slot::memory(database, connection, &connections, totals.clone()).unwrap(), totals)
        };
        let ((idle, totals), (busy, _)) = (new(), new());
        let create = "CREATE TABLE list (entry)";
        idle.try_lock().unwrap().connection().unwrap().execute_batch(create).unwrap();
        assert_eq!(totals.of(1, 0, || Ok(5)).unwrap(), 5);
        let held = busy.try_lock().unwrap();
        let others: Vec<_> = (0..2 * MAX_OPEN).map(|_| new().0).collect();
        assert!(held.connection.is_some());
        let has_connection =
            |slot: &Arc<Mutex<Slot>>| slot.try_lock().is_ok_and(|slot| slot.connection.is_some());
        assert!(!has_connection(&idle));
        assert_eq!(others.iter().filter(|slot| has_connection(slot)).count(), MAX_OPEN - 1);
        idle.try_lock().unwrap().connection().unwrap().execute("INSERT INTO list VALUES (1)", []).unwrap();
        assert_eq!(totals.of(1, 0, || Ok(6)).unwrap(), 6);
    }

    /// Nothing of the work tells that it is long but what SQLite makes of it: it goes on until the other has been there.
    #[test]
    fn work_that_turns_out_to_be_long_lets_others_go_on() {
        const MOST: i64 = 20_000_000;
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let long = runtime.spawn(async {
            let (database, connections) = (Database::new(Image::empty()), Arc::<Connections>::default());
            let connection = connect(&database).unwrap();
            let slot = Slot::memory(database, connection, &connections, Arc::default()).unwrap();
            let mut slot = slot.lock().await;
            let connection = slot.connection().unwrap();
            let was_there = Arc::<AtomicBool>::default();
            let other = was_there.clone();
            let was_there = move |_: &rusqlite::functions::Context<'_>| Ok(was_there.load(Ordering::Relaxed));
            connection.create_scalar_function("was_there", 0, FunctionFlags::SQLITE_UTF8, was_there).unwrap();
            tokio::spawn(async move { other.store(true, Ordering::Relaxed) });
            let steps = "WITH RECURSIVE step (n) AS \
                (SELECT 1 UNION ALL SELECT n + 1 FROM step WHERE n < ? AND NOT was_there()) SELECT max(n) FROM step";
            connection.query_row(steps, [MOST], |row| row.get::<_, i64>(0)).unwrap()
        });
        assert!(runtime.block_on(long).unwrap() < MOST);
    }
}
