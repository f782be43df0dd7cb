//! Snapshots as files of `--data-dir`: a line of JSON, then the databases one after the other.

#![expect(clippy::disallowed_methods, reason = "files of our own in --data-dir")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::random::fingerprint;
use crate::judge::Judge;
use crate::sandbox::Snapshot;
use crate::scenario::world::World;
use crate::store::Image;

/// What is written before the databases.
#[derive(Serialize, Deserialize)]
struct Head {
    id: String,
    now: Timestamp,
    world: World,
    /// What the judge knew.
    #[serde(default)]
    judge: Judge,
    /// How many bytes each database has; none where it was not in use.
    images: Vec<Option<usize>>,
}

/// The file of a snapshot: ids may hold what names of files may not.
fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{:016x}.snapshot", fingerprint(id.as_bytes())))
}

/// Writes a snapshot to a new file that then takes the old one's place.
pub(super) fn write(folder: &Path, id: &str, snapshot: &Snapshot) -> std::io::Result<()> {
    let Snapshot { world, now, images, judge } = snapshot;
    let sizes = images.iter().map(|image| image.as_ref().map(Image::len)).collect();
    let head =
        Head { id: id.to_owned(), now: *now, world: world.clone(), judge: judge.clone(), images: sizes };
    let mut bytes = serde_json::to_vec(&head)?;
    bytes.push(b'\n');
    images.iter().flatten().for_each(|image| bytes.extend_from_slice(&image.to_bytes()));
    let file = file(folder, id);
    let new = file.with_extension("snapshot.new");
    let written = fs::write(&new, bytes).and_then(|()| fs::rename(&new, &file));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

/// Removes a snapshot's file.
pub(super) fn remove(folder: &Path, id: &str) {
    let file = file(folder, id);
    if let Err(error) = fs::remove_file(&file) {
        tracing::warn!(file = %file.display(), %error, "a deleted snapshot left its file behind");
    }
}

/// The snapshots that an earlier run left, by simulated time.
///
/// # Errors
/// Which file is none.
pub(super) fn read_all(folder: &Path) -> Result<IndexMap<String, Arc<Snapshot>>, String> {
    let explain = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| explain(folder, &error))? {
        let path = entry.map_err(|error| explain(folder, &error))?.path();
        if path.extension().is_some_and(|ending| ending == "snapshot") {
            let bytes = fs::read(&path).map_err(|error| explain(&path, &error))?;
            found.push(read(&bytes).ok_or_else(|| explain(&path, &"it is no snapshot of this version"))?);
        }
    }
    found.sort_by(|(left_id, left), (right_id, right)| (left.now, left_id).cmp(&(right.now, right_id)));
    Ok(found.into_iter().map(|(id, snapshot)| (id, Arc::new(snapshot))).collect())
}

fn read(bytes: &[u8]) -> Option<(String, Snapshot)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let head: Head = serde_json::from_slice(&bytes[..end]).ok()?;
    let mut rest = &bytes[end + 1..];
    let mut images = Vec::with_capacity(head.images.len());
    for size in head.images {
        images.push(match size {
            Some(size) => {
                let (image, after) = rest.split_at_checked(size)?;
                rest = after;
                Some(Image::new(image).ok()?)
            }
            None => None,
        });
    }
    rest.is_empty()
        .then_some((head.id, Snapshot { world: head.world, now: head.now, images, judge: head.judge }))
}
