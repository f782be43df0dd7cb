//! The folder of `--data-dir`: whose it is, and what in it is ours.

use std::fs::{File, TryLockError};
use std::path::Path;

/// The file whose lock says that a process works in the folder. It stays empty; the lock goes with the process.
const LOCK: &str = ".erpsatz.lock";

/// Locks the folder for this process, and makes it where there is none.
///
/// # Errors
/// One line: another process has it, or it cannot be written.
pub(crate) fn lock(folder: &Path) -> Result<File, String> {
    let explain = |error: std::io::Error| format!("--data-dir {}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(explain)?;
    let file = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(explain)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(format!("--data-dir {}: another Erpsatz works in this folder", folder.display()))
        }
        // File systems without locks protect nobody, and still hold data.
        Err(TryLockError::Error(error)) if error.kind() == std::io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(explain(error)),
    }
}

/// Takes as much space as databases of that size need while they are replaced, and gives it back.
pub(crate) fn reserve(folder: &Path, bytes: usize) -> std::io::Result<()> {
    let file = folder.join("reserve.sqlite.new");
    let reserved = std::fs::write(&file, vec![1; 2 * bytes + (64 << 10)]);
    let removed = std::fs::remove_file(&file);
    reserved.and(removed)
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
        matches!(name, "world.json" | "world.json.new") || endings.iter().any(|ending| name.ends_with(ending))
    };
    let Ok(mut files) = std::fs::read_dir(folder) else { return false };
    files.all(|file| file.is_ok_and(|file| ours(&file.file_name().to_string_lossy())))
}
