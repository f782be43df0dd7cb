//! Capsules of worlds that failed, kept in a folder as they end (`--capsule`).

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::{Sandbox, locked};
use crate::base::aside::aside;
use crate::judge::report::fails;
use crate::judge::results::WorldResult;
use crate::rules::fail_on::FailOn;
use crate::sandbox::worlds::{Evidence, Over};
use crate::store::Store;

/// Where capsules are kept, and of which worlds.
#[derive(Clone, Debug)]
pub struct Capsules {
    /// The folder; it is made when it is needed.
    pub folder: PathBuf,
    /// What makes a world fail that does not say so itself.
    pub fail_on: FailOn,
    /// How many there are of each sandbox.
    kept: Arc<Mutex<HashMap<String, u64>>>,
    /// Whether worlds are kept that did not fail.
    all: Arc<AtomicBool>,
}

impl Capsules {
    /// Capsules of what fails by `fail_on` in this folder.
    pub fn new(folder: PathBuf, fail_on: FailOn) -> Self {
        Self { folder, fail_on, kept: Arc::default(), all: Arc::default() }
    }

    /// What used the servers failed by itself: from now on every world that was used is kept.
    pub fn keep_all(&self) {
        self.all.store(true, Ordering::Relaxed);
    }

    /// `SANDBOX.capsule`, further ones `SANDBOX.2.capsule`.
    fn file(&self, sandbox: &str) -> PathBuf {
        let mut kept = locked(&self.kept);
        let count = kept.entry(sandbox.to_owned()).or_default();
        *count += 1;
        match *count {
            1 => self.folder.join(format!("{sandbox}.capsule")),
            count => self.folder.join(format!("{sandbox}.{count}.capsule")),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a folder that the command line names")]
    fn write(&self, sandbox: &str, bytes: &[u8]) {
        let file = self.file(sandbox);
        let write = || std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::write(&file, bytes));
        let written = aside(write);
        match written {
            Ok(()) => tracing::warn!(sandbox, "a run failed and is kept in {}", file.display()),
            Err(error) => {
                tracing::error!(sandbox, %error, "a run failed and could not be kept in {}", file.display());
            }
        }
    }
}

impl Sandbox {
    /// The capsule of the world that is about to end, where it may have to be kept.
    async fn prepared_capsule(&self, stores: &[Option<Arc<Store>>]) -> Option<Vec<u8>> {
        self.shared.options.capsules.as_ref()?;
        match self.capsule_of(stores).await {
            Ok(capsule) => Some(capsule.bytes),
            Err(error) => {
                tracing::error!(sandbox = self.name, why = error.explain(), "a run could not be kept");
                None
            }
        }
    }

    /// What is to be had of a world that is about to end.
    pub(super) async fn last_evidence(&self, stores: &[Option<Arc<Store>>]) -> Evidence {
        let mut evidence = self.evidence(stores).await;
        evidence.capsule = self.prepared_capsule(stores).await;
        evidence
    }

    /// What its world has come to so far, for somebody who holds the databases.
    pub(super) async fn result_with(&self, stores: &[Option<Arc<Store>>]) -> WorldResult {
        let evidence = self.evidence(stores).await;
        self.result_of(&Over { world: self.world(), evidence, why: "" })
    }

    /// Keeps a capsule of a world, when it has failed.
    pub(super) fn keep_capsule(&self, result: &WorldResult, bytes: Option<&[u8]>) {
        let Some((capsules, bytes)) = self.shared.options.capsules.as_ref().zip(bytes) else { return };
        let fail_on = result.fail_on.unwrap_or(capsules.fail_on);
        let is_wanted = result.report["requests"] != 0 && capsules.all.load(Ordering::Relaxed);
        // A world of which nothing was asked that its expectations name says nothing.
        if is_wanted || fails(&result.report, fail_on, result.asked || result.sent) {
            capsules.write(&self.name, bytes);
        }
    }

    /// The process ends, and the world with it.
    pub async fn end_with_process(&self) {
        if self.shared.options.capsules.is_some() {
            let bytes = self.prepared_capsule(&self.stores.read().await.clone()).await;
            self.keep_capsule(&self.result().await, bytes.as_deref());
        }
    }
}
