//! A database in memory, with or without a connection.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags};

use crate::Image;
use crate::vfs;

/// A database in memory. It stays while it has no connection; clones are the same database.
#[derive(Clone)]
pub struct Database(Arc<Mutex<Content>>);

/// What SQLite reads and writes.
pub(crate) struct Content {
    pub(crate) image: Image,
    /// Whether it has a connection: a second one would not see the first one's locks.
    pub(crate) is_open: bool,
    /// Whether another image has taken the place of the one whose pages the connection may have kept.
    pub(crate) is_replaced: bool,
}

impl Database {
    /// A database that begins as `image`.
    pub fn new(image: Image) -> Self {
        Self(Arc::new(Mutex::new(Content { image, is_open: false, is_replaced: false })))
    }

    /// Its connection; there is one at a time. A transaction is undone when it is dropped; nothing is ever written to
    /// a disk.
    ///
    /// # Errors
    /// When there is one already, or when the image is no database.
    pub fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            vfs::offer(self, |name| Connection::open_with_flags_and_vfs(name, flags, vfs::NAME))?;
        connection.pragma_update(None, "journal_mode", "MEMORY")?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(connection)
    }

    /// The database as it stands. Call it while no transaction is open.
    pub fn image(&self) -> Image {
        self.content().image.clone()
    }

    /// The number of the image that it is, as [`Image::untouched`] gives it.
    pub fn untouched(&self) -> Option<u64> {
        self.content().image.untouched()
    }

    /// Puts another image in its place; its connection sees it from its next statement on. Call it while no statement
    /// is running.
    pub fn replace(&self, image: Image) {
        let mut content = self.content();
        content.image = image;
        content.is_replaced = true;
    }

    pub(crate) fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
