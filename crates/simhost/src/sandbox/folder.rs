//! The folder of `--data-dir`: whose it is, and what in it is ours.

#![expect(clippy::disallowed_methods, reason = "the folder of --data-dir")]

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::base::error::{Error, Result};
use crate::sandbox::names::{DEFAULT, is_name};
use crate::store::folder::DataFolder;

/// The file whose lock says that a process works in the folder. It stays empty; the lock goes with the process.
const LOCK: &str = ".erpsatz.lock";

/// Locks the folder for this process, and makes it where there is none. The lock goes with the process, and with the
/// folder: what is another one is known by another lock.
///
/// # Errors
/// One line: another process has it, or it cannot be written.
pub(crate) fn lock(folder: &Path) -> Result<DataFolder, String> {
    let explain = |error: std::io::Error| format!("--data-dir {}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(explain)?;
    let file = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(explain)?;
    match file.try_lock() {
        Ok(()) => Ok(DataFolder::marked(folder, LOCK, file)),
        Err(TryLockError::WouldBlock) => {
            Err(format!("--data-dir {}: another Erpsatz works in this folder", folder.display()))
        }
        // File systems without locks protect nobody, and still hold data.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => {
            Ok(DataFolder::marked(folder, LOCK, file))
        }
        Err(TryLockError::Error(error)) => Err(explain(error)),
    }
}

/// The file that says what the data in the folder began with.
const ORIGIN: &str = ".erpsatz.json";

/// Whether an Erpsatz has kept its data in a folder.
pub fn is_marked(folder: &Path) -> bool {
    folder.join(LOCK).exists() || folder.join(ORIGIN).exists()
}

/// What sandboxes of a folder begin with, each part as a number that changes with it.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Origin {
    pub(crate) scenario: (String, u64),
    pub(crate) seed: Option<u64>,
    pub(crate) profiles: BTreeMap<String, u64>,
}

impl Origin {
    /// What differs from what the data in the folder began with, in words; nothing for new data.
    pub(crate) fn differs(&self, folder: &Path, has_data: bool) -> std::io::Result<Vec<String>> {
        let file = folder.join(ORIGIN);
        let before = std::fs::read(&file).ok().filter(|_| has_data);
        let Some(before) = before.and_then(|text| serde_json::from_slice::<Self>(&text).ok()) else {
            std::fs::write(&file, serde_json::to_vec(self)?)?;
            return Ok(Vec::new());
        };
        let mut differs = Vec::new();
        if self.scenario != before.scenario {
            differs.push(format!("scenario `{}` (not `{}`)", before.scenario.0, self.scenario.0));
        }
        if self.seed != before.seed {
            let shown = |seed: Option<u64>| seed.map_or_else(|| "none".to_owned(), |seed| seed.to_string());
            differs.push(format!("seed {} (not {})", shown(before.seed), shown(self.seed)));
        }
        for (slug, profile) in &self.profiles {
            if before.profiles.get(slug).is_some_and(|before| before != profile) {
                differs.push(format!("another profile of {slug}"));
            }
        }
        Ok(differs)
    }
}

/// The file that marks the folder of a sandbox as Erpsatz's. It stays empty.
const MARK: &str = ".erpsatz";

/// What the folder of `default` ends with where something of that name is not Erpsatz's: it always exists.
const ASIDE: &str = ".erpsatz";

/// What has the path where the data of a sandbox are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing, or an empty folder.
    Free,
    /// A folder of Erpsatz's.
    Ours,
    /// Anything else: it is neither written to nor removed.
    Foreign,
}

impl Place {
    /// What is at `path`.
    pub(crate) fn of(path: &Path) -> Self {
        // A link that leads nowhere is something, too.
        if path.symlink_metadata().is_err() {
            return Self::Free;
        }
        if path.join(MARK).is_file() || is_unmarked_state(path) {
            return Self::Ours;
        }
        match std::fs::read_dir(path).map(|mut files| files.next().is_none()) {
            Ok(true) => Self::Free,
            _ => Self::Foreign,
        }
    }
}

/// Whether a release that made no marks has kept a sandbox there.
fn is_unmarked_state(folder: &Path) -> bool {
    #[derive(Deserialize)]
    struct State {
        #[serde(rename = "scenario")]
        _scenario: serde::de::IgnoredAny,
        #[serde(rename = "world")]
        _world: serde::de::IgnoredAny,
    }
    let text = std::fs::read(folder.join("world.json"));
    text.is_ok_and(|text| serde_json::from_slice::<State>(&text).is_ok())
}

/// Marks a folder as Erpsatz's.
pub(crate) fn mark(folder: &Path) -> std::io::Result<()> {
    File::options().create(true).append(true).open(folder.join(MARK)).map(drop)
}

/// Makes the folder of a sandbox, and marks it.
///
/// # Errors
/// 409 where something is there that is not Erpsatz's, 500 where it cannot be made.
pub(crate) fn prepare(home: &DataFolder) -> Result<()> {
    if Place::of(home.path()) == Place::Foreign {
        let name = home.path().file_name().unwrap_or_default().to_string_lossy();
        let message = format!("`{name}` in --data-dir is not Erpsatz's: move it away, or take another name");
        return Err(Error::vendor(StatusCode::CONFLICT, "foreign_folder", message));
    }
    home.make()?;
    mark(home.path()).map_err(|error| match home.check() {
        Ok(()) => Error::internal(format_args!("{}: {error}", home.path().display())),
        Err(lost) => lost,
    })
}

/// Whether a marked folder has come further than its mark: a kill may have ended a sandbox's beginning.
pub(crate) fn is_begun(folder: &Path) -> bool {
    let is_mark = |name: &str| matches!(name, MARK | "world.json.new");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.into_iter().any(|file| !is_mark(&file.file_name().to_string_lossy()))
}

/// The name of a sandbox's folder in `data_dir`.
pub(crate) fn name(data_dir: &Path, sandbox: &str) -> String {
    let aside = format!("{sandbox}{ASIDE}");
    let is_taken = || Place::of(&data_dir.join(sandbox)) == Place::Foreign;
    if sandbox == DEFAULT && (Place::of(&data_dir.join(&aside)) == Place::Ours || is_taken()) {
        aside
    } else {
        sandbox.to_owned()
    }
}

/// The name of the sandbox that a folder of that name may be of.
pub(crate) fn sandbox_in(name: &str) -> Option<&str> {
    let is_default = name.strip_suffix(ASIDE) == Some(DEFAULT);
    if is_default { Some(DEFAULT) } else { Some(name).filter(|name| is_name(name)) }
}

/// Removes a folder of Erpsatz's; its mark goes last, so that a kill leaves no half of it to nobody.
pub(crate) fn remove(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name() != MARK {
            let is_folder = entry.file_type()?.is_dir();
            if is_folder {
                std::fs::remove_dir_all(entry.path())
            } else {
                std::fs::remove_file(entry.path())
            }?;
        }
    }
    std::fs::remove_dir_all(folder)
}
