//! The file system through which SQLite reads and writes pages.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use rsqlite_vfs::{
    AccessMode, DeviceCharacteristics, LockLevel, OpenAccess, OpenOptions, OpenRequest, OpenedFile,
    OsCallback, SQLiteIoMethods, SQLiteVfs, SyncOptions, VfsError, VfsErrorCode, VfsFile, VfsResult,
    VfsStore, register_vfs,
};
use rusqlite::Connection;

use crate::Database;

/// What SQLite knows it as.
pub(crate) const NAME: &str = "pages";

/// The databases that are being opened, by the names under which SQLite asks for them.
#[derive(Default)]
struct Offers(Mutex<HashMap<String, Database>>);

impl Offers {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Database>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets `open` open `database` under the name that it is given.
pub(crate) fn offer(
    database: &Database,
    open: impl FnOnce(&str) -> rusqlite::Result<Connection>,
) -> rusqlite::Result<Connection> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let offers = offers()?;
    let name = format!("/{}", NEXT.fetch_add(1, Ordering::Relaxed));
    offers.all().insert(name.clone(), database.clone());
    let opened = open(&name);
    offers.all().remove(&name);
    opened
}

/// The offers, once SQLite knows of the file system.
fn offers() -> rusqlite::Result<&'static Offers> {
    static OFFERS: OnceLock<Option<&'static Offers>> = OnceLock::new();
    let registered = OFFERS.get_or_init(|| {
        let offers: &'static Offers = Box::leak(Box::default());
        register(offers).then_some(offers)
    });
    registered.ok_or_else(|| {
        let why = format!("SQLite took no file system `{NAME}`");
        rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CANTOPEN), Some(why))
    })
}

#[expect(
    unsafe_code,
    reason = "SQLite is handed a table of C functions, which `rsqlite-vfs` makes of the types below"
)]
fn register(offers: &'static Offers) -> bool {
    // SAFETY: the functions are the crate's own, unchanged, over one pair of types, so that versions, layouts and types
    // agree. The registration is never taken back (it has no destructor), and `Offers` and `File` may be used from any
    // thread: what they share is behind a mutex, and SQLite uses a file from one thread at a time, as `Connection` is not
    // `Sync`. Nothing else registers this name, and `OnceLock` runs this once.
    unsafe { register_vfs::<Methods, System>(NAME, offers, false) }.is_ok()
}

struct File(Database);

impl VfsFile for File {
    fn device_characteristics(&self) -> DeviceCharacteristics {
        DeviceCharacteristics::NONE
    }

    fn read(&mut self, into: &mut [u8], offset: u64) -> VfsResult<usize> {
        /// What SQLite looks at before a transaction, to see whether the pages that it has kept still hold: the change
        /// counter in the header and what follows it.
        const VERSION: (u64, usize) = (24, 16);
        let mut content = self.0.content();
        if content.is_replaced && (offset, into.len()) == VERSION {
            content.is_replaced = false;
            // No database says so: it reads everything again.
            into.fill(0xff);
            return Ok(into.len());
        }
        Ok(content.image.read(into, to_usize(offset)?))
    }

    fn write(&mut self, bytes: &[u8], offset: u64) -> VfsResult<()> {
        let offset = to_usize(offset)?;
        self.0.content().image.write(bytes, offset);
        Ok(())
    }

    fn truncate(&mut self, size: u64) -> VfsResult<()> {
        let size = to_usize(size)?;
        self.0.content().image.truncate(size);
        Ok(())
    }

    fn sync(&mut self, _: SyncOptions) -> VfsResult<()> {
        Ok(())
    }

    fn size(&self) -> VfsResult<u64> {
        Ok(self.0.content().image.len() as u64)
    }

    // There is one connection, so that there is nobody to lock out.
    fn lock(&mut self, _: LockLevel) -> VfsResult<()> {
        Ok(())
    }

    fn unlock(&mut self, _: LockLevel) -> VfsResult<()> {
        Ok(())
    }

    fn check_reserved_lock(&self) -> VfsResult<bool> {
        Ok(false)
    }
}

fn to_usize(number: u64) -> VfsResult<usize> {
    usize::try_from(number).map_err(|_| VfsError::new(VfsErrorCode::Full, "larger than memory".into()))
}

struct Files;

impl VfsStore for Files {
    type File = File;
    type AppData = &'static Offers;

    fn open_file(offers: &Self::AppData, request: OpenRequest<'_>) -> VfsResult<OpenedFile<File>> {
        let refused = |why: &'static str| VfsError::new(VfsErrorCode::CantOpen, why.into());
        let offered = request.filename.and_then(|name| offers.all().get(name.path()).cloned());
        let database = offered.ok_or_else(|| refused("there is no such database in memory"))?;
        if std::mem::replace(&mut database.content().is_open, true) {
            return Err(refused("it has a connection already"));
        }
        Ok(OpenedFile { file: File(database), access: OpenAccess::ReadWrite })
    }

    fn close_file(_: &Self::AppData, _: Option<&str>, file: File, _: OpenOptions) -> VfsResult<()> {
        file.0.content().is_open = false;
        Ok(())
    }

    /// Journals are in memory: there is no file beside the database.
    fn access(_: &Self::AppData, _: &str, _: AccessMode) -> VfsResult<bool> {
        Ok(false)
    }

    fn full_pathname(_: &Self::AppData, name: &str) -> VfsResult<String> {
        Ok(name.to_owned())
    }

    fn delete_file(_: &Self::AppData, _: &str, _: bool) -> VfsResult<()> {
        Ok(())
    }
}

struct Methods;

impl SQLiteIoMethods for Methods {
    type Store = Files;
}

struct System;

impl SQLiteVfs<Methods> for System {
    type Os = Self;

    fn os<'a>(_: &'a &'static Offers) -> &'a Self {
        &Self
    }
}

/// Nothing of the machine is needed: no statement here asks for time or randomness, and nobody waits for a lock.
impl OsCallback for System {
    fn sleep(&self, _: Duration) {}

    fn random(&self, _: &mut [u8]) -> usize {
        0
    }

    fn epoch_timestamp_in_ms(&self) -> VfsResult<i64> {
        Ok(0)
    }
}
