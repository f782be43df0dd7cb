//! `world.json` of a sandbox in `--data-dir`: its scenario, and its world beside the databases.

use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use crate::base::error::{Error, Result};
use crate::sandbox::worlds::Standing;
use crate::scenario::world::World;
use crate::scenario::{Ready, Scenario};

/// What the file holds.
#[derive(Deserialize)]
pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) world: World,
    /// What it is to the run, across its worlds.
    #[serde(default)]
    pub(super) standing: Standing,
}

/// What stands in `folder`.
///
/// # Errors
/// A sentence that names the file.
#[expect(clippy::disallowed_methods, reason = "a file of our own in --data-dir")]
pub(super) fn read(folder: &Path) -> Result<State, String> {
    let file = folder.join("world.json");
    let text = fs::read(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", file.display()))
}

/// The text of the file.
pub(super) fn text(ready: &Ready, world: &World, standing: Standing) -> Result<String> {
    let (world, standing) = (serde_json::to_string(world)?, serde_json::to_string(&standing)?);
    Ok(format!("{{\"scenario\":{},\"world\":{world},\"standing\":{standing}}}", ready.json()?))
}

/// A new text of the file, written under another name: a kill or a full disk leaves the old one.
pub(super) struct Staged {
    folder: PathBuf,
}

impl Staged {
    /// Writes `text`; nothing where the folder is gone: a request may outlive its sandbox, and what was removed does
    /// not come back.
    #[expect(clippy::disallowed_methods, reason = "a file of our own in --data-dir")]
    pub(super) fn write(folder: PathBuf, text: &str) -> Result<Option<Self>> {
        if !folder.is_dir() {
            return Ok(None);
        }
        let staged = Self { folder };
        fs::write(staged.new_file(), text).map_err(|error| staged.failed(&error))?;
        Ok(Some(staged))
    }

    /// Puts it in the place of the old text.
    #[expect(clippy::disallowed_methods, reason = "a file of our own in --data-dir")]
    pub(super) fn commit(self) -> Result<()> {
        fs::rename(self.new_file(), self.folder.join("world.json")).map_err(|error| self.failed(&error))
    }

    fn new_file(&self) -> PathBuf {
        self.folder.join("world.json.new")
    }

    fn failed(&self, error: &io::Error) -> Error {
        Error::internal(format_args!("{}: {error}", self.folder.join("world.json").display()))
    }
}

/// Stages `text` without holding up the runtime.
pub(super) async fn stage(folder: PathBuf, text: String) -> Result<Option<Staged>> {
    let written = tokio::task::spawn_blocking(move || Staged::write(folder, &text)).await;
    written.map_err(Error::internal)?
}

/// Writes `text` without holding up the runtime.
pub(super) async fn write(folder: PathBuf, text: String) -> Result<()> {
    let work = move || Staged::write(folder, &text)?.map_or(Ok(()), Staged::commit);
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}
