//! `world.json` of a sandbox in `--data-dir`: its scenario, and its world beside the databases.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::{fs, io};

use serde::Deserialize;

use crate::base::error::{Error, Result};
use crate::sandbox::standing::Standing;
use crate::sandbox::{Sandbox, locked};
use crate::scenario::world::World;
use crate::scenario::{Ready, Scenario};
use crate::store;

/// How soon what requests have counted (fault rules, steps, expectations) is in `--data-dir`.
const WRITE_INTERVAL: Duration = Duration::from_millis(100);

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

/// Writes `text` without holding up the runtime; whether there was a folder to write it to.
async fn write(folder: PathBuf, text: String) -> Result<bool> {
    let work = move || match Staged::write(folder, &text)? {
        Some(staged) => staged.commit().map(|()| true),
        None => Ok(false),
    };
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?
}

impl Sandbox {
    /// Changes what the sandbox is besides its databases. When this returns, the change outlives a kill, where there
    /// is a `--data-dir`.
    ///
    /// # Errors
    /// What `change` says, or what `--data-dir` could not keep; the latter is not done then.
    pub async fn update_world<T>(&self, change: impl FnOnce(&mut World) -> Result<T>) -> Result<T> {
        let Some(folder) = self.folder()? else { return change(&mut locked(&self.world)) };
        let _turn = self.writing.lock().await;
        let (done, before, text) = {
            let mut world = locked(&self.world);
            let before = world.clone();
            let done = change(&mut world)?;
            (done, before, self.state_text(&self.scenario(), &world)?)
        };
        if let Err(error) = self.write(folder, text).await {
            *locked(&self.world) = before;
            return Err(error);
        }
        Ok(done)
    }

    /// Has what requests have counted written soon, at most once in [`WRITE_INTERVAL`].
    pub(super) fn write_later(self: &Arc<Self>) {
        if self.home.is_none() || self.is_dirty.swap(true, Ordering::Relaxed) {
            return;
        }
        // A stop does not wait for it: the sandbox is written then anyhow.
        let sandbox = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(WRITE_INTERVAL).await;
            let Some(sandbox) = sandbox.upgrade() else { return };
            sandbox.flush_or_tell().await;
        });
    }

    /// What was said of a folder that is gone is not said again.
    async fn flush_or_tell(&self) {
        if let Err(Error { cause: Some(cause), .. }) = self.flush().await {
            tracing::error!(cause, "the state of a sandbox was not written");
        }
    }

    async fn write(&self, folder: PathBuf, text: String) -> Result<()> {
        match (write(folder, text).await?, &self.home) {
            (false, Some(home)) if !self.is_over() => Err(home.lost()),
            _ => Ok(()),
        }
    }

    /// Writes what requests have counted to `--data-dir`, where that has not been done.
    pub async fn flush(&self) -> Result<()> {
        let Some(folder) = self.folder()? else { return Ok(()) };
        let _turn = self.writing.lock().await;
        let is_dirty = self.is_dirty.swap(false, Ordering::Relaxed);
        if !is_dirty && self.is_settled() {
            return Ok(());
        }
        let (text, owed) = {
            let world = locked(&self.world);
            (self.state_text(&self.scenario(), &world)?, self.owed.load(Ordering::Acquire))
        };
        self.write(folder, text).await?;
        self.kept.store(owed, Ordering::Release);
        Ok(())
    }

    fn is_settled(&self) -> bool {
        self.kept.load(Ordering::Acquire) >= self.owed.load(Ordering::Acquire)
    }

    /// Comes back when `--data-dir` has what the report says of every request that has ended: a kill after the answer
    /// loses none of it. One writes for all that wait.
    pub(crate) async fn settle(&self) {
        if !self.is_settled() {
            self.flush_or_tell().await;
        }
    }

    /// Its folder in `--data-dir`, where there is one.
    ///
    /// # Errors
    /// 500 when it is gone.
    pub(super) fn folder(&self) -> Result<Option<PathBuf>> {
        let Some(home) = &self.home else { return Ok(None) };
        let is_there = home.is_there();
        // A request may outlive its sandbox: what was removed does not come back.
        if self.is_over() {
            Ok(None)
        } else if is_there {
            Ok(Some(home.path().to_owned()))
        } else {
            Err(home.lost())
        }
    }

    /// Puts databases and a world that are ready in the place of the old ones, for the world of that id; whoever calls
    /// it has `writing`.
    pub(super) async fn exchange(
        &self,
        databases: Vec<store::Staged>,
        ready: &Ready,
        world: &World,
        next: u64,
    ) -> Result<()> {
        let file = match self.folder()? {
            Some(folder) => stage(folder, self.state_text(ready, world)?).await?,
            None => None,
        };
        for database in databases {
            database.commit(next).await?;
        }
        file.map_or(Ok(()), Staged::commit)
    }

    /// What its file in `--data-dir` says.
    pub(super) fn state_text(&self, ready: &Ready, world: &World) -> Result<String> {
        text(ready, world, *locked(&self.standing))
    }
}
