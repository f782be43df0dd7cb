//! SQLite databases in memory whose pages are shared with the image that they began as until they are written.
//!
//! A sandbox costs what it changed: a new [`Database`] is a reference to an [`Image`], a snapshot is a copy of the
//! references to changed pages, and going back puts those in place. A database can be closed and opened again while its
//! pages stay, so that what nobody uses needs no connection.
//!
//! SQLite sees a file system of its own (a VFS) by the name of `pages`, written with the crate `rsqlite-vfs`; nothing
//! here is `unsafe` but the call that registers it, and the one that gives memory back to the system.
//!
//! ```
//! let image = pages::Image::empty();
//! let database = pages::Database::new(image);
//! let connection = database.connect()?;
//! connection.execute_batch("CREATE TABLE list (entry)")?;
//! let kept = database.image();
//! connection.execute_batch("INSERT INTO list VALUES (1)")?;
//! database.replace(kept);
//! assert_eq!(connection.query_row("SELECT count(*) FROM list", [], |row| row.get(0)), Ok(0));
//! # Ok::<_, rusqlite::Error>(())
//! ```

mod database;
mod image;
mod memory;
#[cfg(test)]
mod tests;
mod vfs;

pub use database::Database;
pub use image::{Image, NotPages, PAGE};
pub use memory::give_back;
