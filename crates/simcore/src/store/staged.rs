//! Databases that are ready before they take the place of the ones in use, so that a full disk changes nothing.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::{fs, io};

use rusqlite::{Connection, OpenFlags};

use crate::base::error::{Error, Result};
use crate::store::effects::Effects;
use crate::store::folder::Identity;
use crate::store::{Image, Store, beside, in_wal_mode, prepare, seeded, set_wal_mode};

/// A database that is ready to take the place of a store's own.
#[must_use]
pub struct Staged {
    store: Arc<Store>,
    content: Content,
}

enum Content {
    /// What is to be in memory, and the seed it starts with.
    Memory(Image, Option<u64>),
    /// A file under another name.
    File(NewFile),
}

/// A data file under another name; it goes unless it takes the place of the file it was made for.
struct NewFile(PathBuf);

impl Drop for NewFile {
    #[expect(clippy::disallowed_methods, reason = "a data file of our own")]
    fn drop(&mut self) {
        // Once it has taken its place there is none.
        let _ = fs::remove_file(beside(&self.0, ".new"));
    }
}

impl Store {
    /// Prepares a database that is what `image` says. A `seed` starts the sandbox's randomness anew; without one it goes
    /// on as the image left it.
    ///
    /// # Errors
    /// When the file cannot be written; the database in use is as it was.
    pub async fn stage(self: Arc<Self>, image: Image, seed: Option<u64>) -> Result<Staged> {
        let Some(file) = self.file.clone() else {
            return Ok(Staged { store: self, content: Content::Memory(image, seed) });
        };
        let content = Content::File(NewFile(file.clone()));
        let work = move || -> Result<()> {
            let mut bytes = seed.map_or_else(|| Ok(image.to_bytes()), |seed| seeded(&image, seed))?;
            set_wal_mode(&mut bytes, true);
            write(&file, &bytes).map_err(|error| failed(&file, &error))
        };
        tokio::task::spawn_blocking(work).await.map_err(Error::internal)??;
        Ok(Staged { store: self, content })
    }
}

impl Staged {
    /// Puts it in the place of the store's own database, for that world of the sandbox, once the requests that are using
    /// the old one are done.
    pub async fn commit(self, world: u64) -> Result<()> {
        let Self { store, content } = self;
        let is_file = store.file.is_some();
        let mut slot = store.conn.clone().lock_owned().await;
        let work = move || -> Result<()> {
            match content {
                Content::Memory(image, seed) => slot.replace(image, seed)?,
                Content::File(new) => {
                    let file = &new.0;
                    let mut taken = Ok(());
                    slot.reopen(|| taken = take_place(file))?;
                    *store.identity() = Identity::at(file);
                    taken.map_err(|error| failed(file, &error))?;
                }
            }
            *store.outside() = Effects::default();
            store.totals.forget(None);
            store.world.store(world, Ordering::Release);
            let conn = slot.connection()?;
            store.keep_settings(conn)
        };
        if is_file { tokio::task::spawn_blocking(work).await.map_err(Error::internal)? } else { work() }
    }
}

pub(super) fn open(file: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    prepare(&conn)?;
    in_wal_mode(&conn)?;
    Ok(conn)
}

/// Writes a data file under another name, which [`take_place`] makes its own: a kill or a full disk leaves no half of
/// one.
#[expect(clippy::disallowed_methods, reason = "a data file of our own")]
pub(super) fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(file, ".new");
    fs::write(&new, bytes)
}

/// What [`write`] wrote becomes the data file.
#[expect(clippy::disallowed_methods, reason = "data files of our own")]
pub(super) fn take_place(file: &Path) -> io::Result<()> {
    // What is left of the log of the file before would be played into the new one.
    for ending in ["-wal", "-shm", "-journal"] {
        match fs::remove_file(beside(file, ending)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(beside(file, ".new"), file)
}

fn failed(file: &Path, error: &io::Error) -> Error {
    Error::internal(format_args!("{}: {error}", file.display()))
}
