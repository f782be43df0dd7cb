//! What happened to a sandbox besides requests, since its scenario was loaded: enough to play all of it again.

use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Sandbox, locked};
use crate::journal::{Filter, Journal, Kept};

/// How many changes of control's are kept for capsules.
pub const MAX_CHANGES: usize = 10_000;

/// How many bytes their bodies may have.
pub const MAX_CHANGE_BYTES: usize = 16 << 20;

/// A call of the control API that changed something.
#[derive(Clone, Debug)]
pub struct Change {
    /// The entry of the journal that it came after.
    pub after: u64,
    /// Simulated time before it.
    pub at: Timestamp,
    /// Its verb.
    pub method: String,
    /// Its path below the sandbox, with its query.
    pub path: String,
    /// Its body.
    pub body: Bytes,
    /// What the clock showed when the world began that it began.
    pub started: Option<Timestamp>,
}

/// The changes of a sandbox, and the entries of its earlier worlds that later ones may go back to.
#[derive(Debug)]
pub(super) struct History {
    changes: Vec<Change>,
    bytes: usize,
    /// Entries that a reset took out of the journal while there were snapshots.
    past: Vec<Arc<Kept>>,
    /// The first entry of what is kept.
    first: u64,
    /// Whether everything from there on is kept.
    is_whole: bool,
    /// Whether snapshots go back to what is not kept.
    has_lost_snapshots: bool,
    /// How often something began anew.
    begun: u64,
    /// What the clock showed at the beginning of what is kept.
    started: Timestamp,
}

/// When a world ended, and when the next one began, in simulated time.
#[derive(Clone, Copy)]
pub(super) struct Turn {
    pub(super) ended: Timestamp,
    pub(super) started: Timestamp,
}

/// A run as it can be played again.
pub(crate) struct Run {
    /// Entries, oldest first.
    pub(crate) entries: Vec<Arc<Kept>>,
    /// Changes, oldest first.
    pub(crate) changes: Vec<Change>,
    /// What the clock showed when it began.
    pub(crate) started: Timestamp,
    /// Whether it begins with the scenario and lacks nothing.
    pub(crate) is_whole: bool,
    /// How many entries were there once and are not in it.
    pub(crate) dropped: u64,
}

impl History {
    /// That of a sandbox that begins with its scenario.
    pub(super) fn new(started: Timestamp) -> Self {
        Self {
            changes: Vec::new(),
            bytes: 0,
            past: Vec::new(),
            first: 1,
            is_whole: true,
            has_lost_snapshots: false,
            begun: 0,
            started,
        }
    }

    /// Of a sandbox that an earlier process left: its beginning is not known.
    pub(super) fn unknown(started: Timestamp) -> Self {
        Self { is_whole: false, has_lost_snapshots: true, ..Self::new(started) }
    }

    fn push(&mut self, change: Change) {
        self.bytes += change.path.len() + change.body.len();
        if self.changes.len() >= MAX_CHANGES || self.bytes > MAX_CHANGE_BYTES {
            (self.is_whole, self.has_lost_snapshots) = (false, true);
            self.changes.clear();
            self.past.clear();
            self.bytes = change.path.len() + change.body.len();
        }
        self.changes.push(change);
    }

    /// Everything is as the scenario starts it, and nothing leads back.
    pub(super) fn begin_anew(&mut self, last_id: u64, started: Timestamp) {
        *self = Self { first: last_id + 1, begun: self.begun + 1, ..Self::new(started) };
    }

    /// Everything is as the scenario starts it, but for snapshots; `gone` is what the journal had.
    fn begin_again(&mut self, (last_id, gone): (u64, Vec<Arc<Kept>>), time: Turn, most: usize) {
        self.begun += 1;
        self.past.extend(gone);
        let held = last_id + 1 - self.first;
        if !self.is_whole || self.past.len() as u64 != held || self.past.len() > most {
            let begun = self.begun;
            let first = last_id + 1;
            *self = Self { first, has_lost_snapshots: true, begun, ..Self::new(time.started) };
            return;
        }
        self.push(Change { started: Some(time.started), ..own("/reset".to_owned(), last_id, time.ended) });
    }

    /// A snapshot was brought back.
    pub(super) fn restored(&mut self, id: &str, last_id: u64, at: Timestamp) {
        self.begun += 1;
        self.is_whole &= !self.has_lost_snapshots;
        let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
        self.push(own(format!("/snapshots/{id}/restore"), last_id, at));
    }
}

fn own(path: String, after: u64, at: Timestamp) -> Change {
    Change { after, at, method: "POST".to_owned(), path, body: Bytes::new(), started: None }
}

impl Sandbox {
    /// A world begins as the scenario starts it: what came before is kept as long as a snapshot leads back to it.
    pub(super) fn remember(&self, journal: &Journal, why: &str, time: Turn) {
        let mut history = locked(&self.history);
        if why == "scenario" || locked(&self.snapshots).is_empty() {
            history.begin_anew(journal.last_id(), time.started);
        } else {
            let first = history.first;
            let gone = journal.find(&Filter::default());
            let gone = gone.into_iter().filter(|entry| entry.id >= first).collect();
            history.begin_again((journal.last_id(), gone), time, self.shared.options.journal.entries);
        }
    }

    /// How often it began anew: what was under way then is no change of the world that there is now.
    pub fn beginnings(&self) -> u64 {
        locked(&self.history).begun
    }

    /// Keeps a change that came before the last entry of the journal, unless the sandbox has begun anew since.
    pub fn note_change(&self, begun: u64, at: Timestamp, (method, path): (&str, &str), body: Bytes) {
        let after = self.journal(|journal| journal.last_id());
        self.meet_change(path, &body);
        let mut history = locked(&self.history);
        if history.begun == begun {
            let (method, path) = (method.to_owned(), path.to_owned());
            history.push(Change { after, at, method, path, body, started: None });
        }
    }

    /// What happened, from the beginning of the oldest world that is whole.
    pub(crate) fn run(&self) -> Run {
        let journal = locked(&self.journal);
        let (held, last) = (journal.find(&Filter::default()), journal.last_id());
        let history = locked(&self.history);
        let mut entries = history.past.clone();
        entries.extend(held.into_iter().filter(|entry| entry.id >= history.first));
        let changes = history.changes.clone();
        let (is_known, first, started) = (history.is_whole, history.first, history.started);
        drop((history, journal));
        let is_held =
            |from: u64| entries.iter().filter(|entry| entry.id >= from).count() as u64 == last + 1 - from;
        let dropped = (last + 1 - first).saturating_sub(entries.len() as u64);
        if is_known && is_held(first) {
            return Run { entries, changes, started, is_whole: true, dropped };
        }
        // A reset begins with the scenario, unless what follows goes back behind it.
        let begins = |place: &usize| {
            let after = changes[*place].after;
            changes[*place].path == "/reset" && is_held(after + 1) && !goes_back(&changes[place + 1..])
        };
        match (0..changes.len()).find(begins) {
            Some(place) => {
                let after = changes[place].after;
                let all = entries.len();
                entries.retain(|entry| entry.id > after);
                let dropped = dropped + (all - entries.len()) as u64;
                let started = changes[place].started.unwrap_or(started);
                Run { entries, changes: changes[place + 1..].to_vec(), started, is_whole: true, dropped }
            }
            None => Run { entries, changes, started, is_whole: false, dropped },
        }
    }
}

/// Whether changes bring back a snapshot that was not taken among them.
fn goes_back(changes: &[Change]) -> bool {
    let mut taken: Vec<&str> = Vec::new();
    changes.iter().any(|change| {
        let Some(rest) = change.path.strip_prefix("/snapshots/") else { return false };
        match rest.strip_suffix("/restore") {
            Some(id) => !taken.contains(&id),
            None => {
                if change.method == "PUT" {
                    taken.push(rest);
                }
                false
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn put(path: &str) -> Change {
        Change { method: "PUT".to_owned(), ..own(path.to_owned(), 0, Timestamp::UNIX_EPOCH) }
    }

    #[test]
    fn what_is_too_much_is_not_whole_until_it_begins_anew() {
        let mut history = History::new(Timestamp::UNIX_EPOCH);
        for _ in 0..MAX_CHANGES {
            history.push(put("/data/toy/thing/1"));
        }
        assert!(history.is_whole);
        history.push(put("/data/toy/thing/1"));
        assert!(!history.is_whole && history.changes.len() == 1);
        let body = Bytes::from(vec![0; MAX_CHANGE_BYTES + 1]);
        history.begin_anew(7, Timestamp::UNIX_EPOCH);
        assert!(history.is_whole && history.first == 8);
        history.push(Change { body, ..put("/data/toy/thing") });
        assert!(!history.is_whole);
    }

    #[test]
    fn a_snapshot_of_before_is_gone_back_to() {
        let restore = || own("/snapshots/a/restore".to_owned(), 0, Timestamp::UNIX_EPOCH);
        assert!(goes_back(&[restore()]));
        assert!(goes_back(&[put("/snapshots/b"), restore()]));
        assert!(!goes_back(&[put("/snapshots/a"), put("/faults"), restore()]));
    }
}
