//! Snapshots of a sandbox: taken, brought back, listed, dropped.

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;

use crate::base::clock::Clock;
use crate::base::error::{Error, Result};
use crate::sandbox::events::Topic;
use crate::sandbox::worlds::Over;
use crate::sandbox::{MAX_SNAPSHOTS, Sandbox, Snapshot, locked, snapshot_files};

impl Sandbox {
    /// Keeps the whole sandbox under `id`; the simulated time of it.
    ///
    /// # Errors
    /// 409 when there are [`MAX_SNAPSHOTS`] others.
    pub async fn take_snapshot(&self, id: &str) -> Result<Timestamp> {
        let stores = self.stores.write().await;
        let mut images = Vec::with_capacity(stores.len());
        for store in stores.iter() {
            images.push(match store {
                Some(store) => Some(store.dump().await?),
                None => None,
            });
        }
        // What requests have only been counted for is kept now, so that files are what the snapshot is.
        let world = self.update_world(|world| Ok(world.clone())).await?;
        let now = world.clock.now();
        let is_one_too_many = || {
            let snapshots = locked(&self.snapshots);
            snapshots.len() >= MAX_SNAPSHOTS && !snapshots.contains_key(id)
        };
        if is_one_too_many() {
            let message = format!("a sandbox keeps {MAX_SNAPSHOTS} snapshots; delete one first");
            return Err(Error::vendor(StatusCode::CONFLICT, "too_many_snapshots", message));
        }
        let judge = locked(&self.judge).clone();
        let snapshot = Arc::new(Snapshot { world, now, images, judge });
        if let Some(folder) = self.folder()? {
            let (id, snapshot) = (id.to_owned(), snapshot.clone());
            let written =
                tokio::task::spawn_blocking(move || snapshot_files::write(&folder, &id, &snapshot)).await;
            written.map_err(Error::internal)?.map_err(Error::internal)?;
        }
        locked(&self.snapshots).insert(id.to_owned(), snapshot);
        self.tell(Topic::Snapshot, "taken", Some(id));
        Ok(now)
    }

    /// Brings the whole sandbox back as it was kept under `id`; whether there is such a snapshot.
    pub async fn restore(&self, id: &str) -> Result<bool> {
        let Some(snapshot) = locked(&self.snapshots).get(id).cloned() else { return Ok(false) };
        let stores = self.stores.write().await;
        let _turn = self.writing.lock().await;
        let next = self.next_world()?;
        self.folder()?;
        let evidence = self.last_evidence(&stores).await;
        let ready = self.scenario();
        let mut staged = Vec::new();
        for (index, store) in stores.iter().enumerate() {
            let Some(store) = store.clone() else { continue };
            staged.push(match snapshot.images[index].clone() {
                Some(image) => store.stage(image, None).await?,
                // It was not in use yet, so it was what the scenario starts it as.
                None => {
                    let image = self.image(&ready, index).map_err(Error::internal)?;
                    store.stage(image, Some(snapshot.world.seed)).await?
                }
            });
        }
        let mut world = snapshot.world.clone();
        let is_frozen = world.clock.is_frozen();
        world.clock = Clock::new(Some(snapshot.now), is_frozen);
        self.exchange(staged, &ready, &world, next).await?;
        let over = {
            let mut current = locked(&self.world);
            // Under the lock of the journal: what is written there is of this world or of the next.
            let mut judge = locked(&self.judge);
            let journal = locked(&self.journal);
            locked(&self.history).restored(id, journal.last_id(), current.clock.now());
            *judge = snapshot.judge.clone();
            self.worlds.send_replace(next);
            std::mem::replace(&mut *current, world)
        };
        self.keep_judge().await;
        self.conclude(&Over { world: over, evidence, why: "restore" });
        locked(&self.standing).begin_world();
        self.tell(Topic::Snapshot, "restored", Some(id));
        Ok(true)
    }

    /// The ids of the kept snapshots, with the simulated time of each.
    pub fn snapshots(&self) -> Vec<(String, Timestamp)> {
        locked(&self.snapshots).iter().map(|(id, snapshot)| (id.clone(), snapshot.now)).collect()
    }

    /// Forgets a snapshot; whether there was one.
    ///
    /// # Errors
    /// 500 when its folder is gone.
    pub fn delete_snapshot(&self, id: &str) -> Result<bool> {
        let folder = self.folder()?;
        let removed = locked(&self.snapshots).shift_remove(id).is_some();
        if removed {
            if let Some(folder) = folder {
                snapshot_files::remove(&folder, id);
            }
            self.tell(Topic::Snapshot, "deleted", Some(id));
        }
        Ok(removed)
    }
}
