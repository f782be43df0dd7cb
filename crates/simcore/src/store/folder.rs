//! A folder that data are kept in: whether it is still the one that it was, and that it is said once when it is not.

#![expect(clippy::disallowed_methods, reason = "a folder of our own in --data-dir")]

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::StatusCode;

use crate::base::error::{Error, ErrorKind, Result};

/// A folder that data are kept in: all of `--data-dir`, or in it that of one sandbox.
pub struct DataFolder {
    path: PathBuf,
    /// A file in it that is held open: where another one has its name, the folder is another one too.
    marker: Option<(PathBuf, File)>,
    /// The folder that it lies in.
    within: Option<Arc<DataFolder>>,
    /// Whether it was said that it is gone.
    told: AtomicBool,
}

impl DataFolder {
    /// The folder at `path`, in which `marker` has that name.
    pub fn marked(path: &Path, name: &str, marker: File) -> Self {
        let marker = Some((path.join(name), marker));
        Self { path: path.to_owned(), marker, within: None, told: AtomicBool::new(false) }
    }

    /// The folder of that name in `outer`.
    #[must_use]
    pub fn within(outer: &Arc<Self>, name: &str) -> Self {
        let within = Some(outer.clone());
        Self { path: outer.path.join(name), marker: None, within, told: AtomicBool::new(false) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is still there, and the one that it was.
    pub fn is_there(&self) -> bool {
        self.within.as_ref().is_none_or(|outer| outer.is_there())
            && match &self.marker {
                Some((path, marker)) => marker.metadata().is_ok_and(|marker| is_that(path, &marker)),
                None => self.path.is_dir(),
            }
    }

    /// The same.
    ///
    /// # Errors
    /// See [`DataFolder::lost`].
    pub fn check(&self) -> Result<()> {
        if self.is_there() { Ok(()) } else { Err(self.lost()) }
    }

    /// Makes it, in the folder that it lies in. That there is one already is no failure.
    ///
    /// # Errors
    /// 500 when it cannot be made, or the folder that it lies in is gone.
    pub fn make(&self) -> Result<()> {
        if let Some(outer) = &self.within {
            outer.check()?;
        }
        match std::fs::create_dir(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(Error::internal(format_args!("{}: {error}", self.path.display())))
            }
            _ => Ok(()),
        }
    }

    /// What is refused because it is gone: 500. The log says it at the first time, of the outermost folder that is gone.
    pub fn lost(&self) -> Error {
        match &self.within {
            Some(outer) if !outer.is_there() => outer.lost(),
            _ => {
                self.tell();
                Error::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal)
            }
        }
    }

    fn tell(&self) {
        if !self.told.swap(true, Ordering::Relaxed) {
            let folder = self.path.display();
            tracing::error!(%folder, "the folder is gone, or is another one: nothing more is written there");
        }
    }

    /// From now on that it is gone is as it should be.
    pub fn give_up(&self) {
        self.told.store(true, Ordering::Relaxed);
    }
}

/// What tells a file from every other one as long as it is open; nothing where the system has no such numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Identity(Option<(u64, u64)>);

impl Identity {
    #[cfg(unix)]
    fn of(file: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self(Some((file.dev(), file.ino())))
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self(None)
    }

    /// That of what has this path now.
    pub(crate) fn at(path: &Path) -> Option<Self> {
        path.metadata().ok().map(|file| Self::of(&file))
    }
}

fn is_that(path: &Path, file: &Metadata) -> bool {
    Identity::at(path) == Some(Identity::of(file))
}
