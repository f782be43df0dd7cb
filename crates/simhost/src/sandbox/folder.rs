//! The folder of `--data-dir`: whose it is, and what in it is ours.

#![expect(clippy::disallowed_methods, reason = "the folder of --data-dir")]

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::Path;

use serde::{Deserialize, Serialize};

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

/// Whether a sandbox's data is in a folder: its state, or the database of one of these servers. Other folders are not
/// touched.
pub(crate) fn is_ours<'s>(folder: &Path, mut slugs: impl Iterator<Item = &'s str>) -> bool {
    folder.join("world.json").exists() || slugs.any(|slug| folder.join(format!("{slug}.sqlite")).exists())
}

/// Whether nothing but what Erpsatz writes is in a folder, so that all of it may go.
pub(crate) fn is_ours_alone(folder: &Path) -> bool {
    let ours = |name: &str| {
        let endings = [
            ".sqlite",
            ".sqlite-wal",
            ".sqlite-shm",
            ".sqlite-journal",
            ".sqlite.new",
            ".snapshot",
            ".snapshot.new",
        ];
        matches!(name, "world.json" | "world.json.new" | "judge.json" | "judge.json.new")
            || endings.iter().any(|ending| name.ends_with(ending))
    };
    let Ok(mut files) = std::fs::read_dir(folder) else { return false };
    files.all(|file| file.is_ok_and(|file| ours(&file.file_name().to_string_lossy())))
}
