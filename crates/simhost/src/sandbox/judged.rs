//! A sandbox and its judge: each request is shown to it as it ends, and what it knows is kept in `--data-dir`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::{Sandbox, locked};
use crate::journal::Entry;
use crate::judge::{Arrival, Finished, Judge, Verdict};
use crate::rules::counting::RequestLine;

/// How long after a request what the judge knows is kept, in real time; requests in between are kept with it.
const KEPT_AFTER: Duration = Duration::from_millis(100);

/// By how much the ids of entries jump when it is not known how many were given after the last time they were kept.
const JUMP: u64 = 10_000;

/// What is kept of a judge.
#[derive(Serialize, Deserialize)]
struct Kept {
    judge: Judge,
    last_id: u64,
    /// Whether nothing came after it.
    is_last: bool,
}

impl Sandbox {
    /// Shows a finished request, which has its id then, to the judge and to `note`, and writes it into the journal.
    pub(super) fn show_to_judge(
        self: &Arc<Self>,
        index: usize,
        entry: &mut Entry,
        arrival: &Arrival,
        note: impl FnOnce(&Entry),
    ) {
        let server = &self.shared.servers[index];
        let settings = locked(&self.contracts)[index].as_ref().map(|(settings, _)| settings.clone());
        let settings = settings.as_deref();
        let has_zone = server.model.profile.settings.contains_key("time_zone");
        let zone = settings.filter(|_| has_zone).map(|settings| settings.text("time_zone"));
        let lifetime = server.sim.habits.session.map(|session| session.lifetime);
        let outside = match self.stores.try_read() {
            Ok(stores) => stores[index].as_ref().and_then(|store| store.take_outside()),
            Err(_) => None,
        };
        let mut judge = locked(&self.judge);
        self.journal(|journal| {
            entry.id = journal.next_id();
            if let Some(outside) = outside {
                judge.observe_outside(server.sim.slug, &outside);
            }
            judge.observe(&Finished {
                entry,
                arrival,
                sim: server.sim,
                model: &server.model,
                lifetime: lifetime.zip(settings).map(|(name, settings)| settings.integer(name)),
                zone: zone.unwrap_or_default(),
                real_us: now_us(),
                ended: instant(),
            });
            note(entry);
            entry.effects.forget();
            journal.push(entry);
        });
        drop(judge);
        self.keep_judge_soon();
    }

    /// The answer to a request was sent at last, unless its world is gone; `was_read` is whether its client took it all.
    pub(crate) fn answered(self: &Arc<Self>, request: u64, was_read: bool, began_in: u64) {
        let world = locked(&self.world);
        if self.world_id() == began_in {
            locked(&self.judge).answered(request, was_read);
            drop(world);
            self.keep_judge_soon();
        }
    }

    /// What there is to say of the clients by now, worst first.
    pub fn verdicts(&self) -> Vec<Verdict> {
        let now = self.now();
        locked(&self.judge).verdicts(now)
    }

    /// Whether the judge has forgotten something for want of room.
    pub fn judge_was_cut(&self) -> bool {
        locked(&self.judge).was_cut()
    }

    /// Keeps what the judge knows for good: nothing comes after it.
    pub async fn close_judge(&self) {
        self.judge_is_closed.store(true, Ordering::Relaxed);
        self.write_judge(true).await;
    }

    fn judge_file(&self) -> Option<PathBuf> {
        Some(self.folder().ok()??.join("judge.json"))
    }

    /// Keeps what the judge knows a little later, off the runtime, with what comes until then.
    fn keep_judge_soon(self: &Arc<Self>) {
        if self.shared.options.data_dir.is_none() || self.judge_is_dirty.swap(true, Ordering::Relaxed) {
            return;
        }
        // A stop does not wait for it: the judge is closed then.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let sandbox = Arc::downgrade(self);
        runtime.spawn(async move {
            tokio::time::sleep(KEPT_AFTER).await;
            let Some(sandbox) = sandbox.upgrade() else { return };
            sandbox.judge_is_dirty.store(false, Ordering::Relaxed);
            if !sandbox.judge_is_closed.load(Ordering::Relaxed) {
                sandbox.keep_judge().await;
            }
        });
    }

    /// Keeps what the judge knows: in a new file that then takes the old one's place.
    pub(super) async fn keep_judge(&self) {
        self.write_judge(false).await;
    }

    /// `is_last` is whether the run ends with it.
    async fn write_judge(&self, is_last: bool) {
        let Some(file) = self.judge_file() else { return };
        let _turn = self.judge_is_being_written.lock().await;
        let judge = locked(&self.judge).clone();
        let kept = Kept { judge, last_id: self.journal(|journal| journal.last_id()), is_last };
        let written = tokio::task::spawn_blocking({
            let file = file.clone();
            move || write(&file, &kept)
        });
        if let Err(error) = written.await.unwrap_or_else(|error| Err(std::io::Error::other(error))) {
            tracing::error!(file = %file.display(), %error, "what the judge knows was not kept");
        }
    }

    /// Brings back what an earlier run kept of the judge. Where it cannot be read, the judge begins anew.
    pub(super) fn recall_judge(&self) {
        let Some(file) = self.judge_file() else { return };
        #[expect(clippy::disallowed_methods, reason = "a file of our own in --data-dir")]
        let Ok(text) = std::fs::read(&file) else { return };
        match serde_json::from_slice::<Kept>(&text) {
            Ok(Kept { judge, last_id, is_last }) => {
                *locked(&self.judge) = judge;
                let last_id = if is_last { last_id } else { last_id.saturating_add(JUMP) };
                self.journal(|journal| journal.go_on_from(last_id));
            }
            Err(error) => {
                tracing::warn!(file = %file.display(), %error, "what the judge knew cannot be read");
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a file of our own in --data-dir")]
fn write(file: &std::path::Path, kept: &Kept) -> std::io::Result<()> {
    // A request may outlive its sandbox: what was removed does not come back.
    if !file.parent().is_some_and(std::path::Path::is_dir) {
        return Ok(());
    }
    let new = file.with_extension("json.new");
    std::fs::write(&new, serde_json::to_vec(kept)?)?;
    std::fs::rename(&new, file)
}

/// The entities that a request has written, as events name them.
pub(super) fn written_entities(entry: &Entry) -> BTreeSet<String> {
    entry.effects.written().map(|row| format!("{}/{}", entry.server, row.entity)).collect()
}

/// A finished request as reports name it.
pub(super) fn line(entry: &Entry) -> RequestLine {
    RequestLine {
        id: entry.id,
        at: entry.at,
        server: entry.server.to_owned(),
        method: entry.method.to_string(),
        path: RequestLine::cut(&entry.shown_path()),
        status: entry.status,
        fault: entry.fault.clone(),
    }
}

#[expect(clippy::disallowed_methods, reason = "pauses are the longer of real and simulated time")]
fn instant() -> Instant {
    Instant::now()
}

/// Real time, in microseconds.
#[expect(clippy::disallowed_methods, reason = "pauses are the longer of real and simulated time")]
fn now_us() -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| u64::try_from(now.as_micros()).unwrap_or(u64::MAX))
}
