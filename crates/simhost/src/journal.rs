//! What came in and what went out of one sandbox, in order, bounded by count and bytes.

mod entry;
pub mod har;
mod kept;
pub mod mask;
pub mod placeholders;
pub mod processing;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::text::wildcard;
pub use crate::journal::entry::{BASE64, Entry, Way, is_text};
use crate::journal::kept::Blocks;
pub use crate::journal::kept::Kept;

/// How much a journal keeps.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many entries (`--journal-entries`).
    pub entries: usize,
    /// How many bytes of memory they take (`--journal-bytes`): texts, headers, bodies, effects and what holds them.
    pub bytes: usize,
}

/// Which entries are meant.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only those of this simulator.
    pub server: Option<String>,
    /// Only this verb.
    pub method: Option<String>,
    /// Only this path; `*` stands for anything.
    pub path: Option<String>,
    /// Only those whose client saw this status.
    pub status: Option<u16>,
    /// Only those after the entry of this id.
    pub since: Option<u64>,
}

/// What a journal holds after an entry.
#[derive(Debug)]
pub struct After {
    /// The entries, oldest first.
    pub entries: Vec<Arc<Kept>>,
    /// Whether entries between that one and these are gone.
    pub gap: bool,
    /// The id to go on from.
    pub last: u64,
}

/// The entries of one sandbox.
#[derive(Debug)]
pub struct Journal {
    entries: VecDeque<Arc<Kept>>,
    blocks: Blocks,
    limits: Limits,
    bytes: usize,
    last_id: u64,
    dropped: u64,
}

impl Journal {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        Self { entries: VecDeque::new(), blocks: Blocks::default(), limits, bytes: 0, last_id: 0, dropped: 0 }
    }

    /// The id that the next entry will have.
    pub fn next_id(&self) -> u64 {
        self.last_id + 1
    }

    /// Writes an entry, gives it its id and drops the oldest ones beyond the limits. What nobody but the journal needs of
    /// it is taken out of it: what is outside the contract, and its effects.
    pub fn push(&mut self, entry: &mut Entry) {
        self.last_id += 1;
        entry.id = self.last_id;
        let kept = self.blocks.keep(entry, self.bytes);
        self.bytes += kept.size();
        self.entries.push_back(Arc::new(kept));
        while self.entries.len() > self.limits.entries || self.bytes > self.limits.bytes {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.size();
            self.dropped += 1;
        }
    }

    /// The entry of that id, while it is held.
    pub fn get(&self, id: u64) -> Option<Entry> {
        let place = self.entries.binary_search_by_key(&id, |entry| entry.id).ok()?;
        self.entries.get(place).map(|entry| entry.open())
    }

    /// The entries that `filter` means, oldest first.
    pub fn find(&self, filter: &Filter) -> Vec<Arc<Kept>> {
        self.entries.iter().filter(|entry| filter.matches(entry)).cloned().collect()
    }

    /// At most `limit` entries after the one of that id, oldest first, and whether some of them are gone.
    pub fn after(&self, id: u64, limit: usize) -> After {
        // Ids that are ahead of this journal are of one that was emptied and began anew.
        let id = if id > self.last_id { 0 } else { id };
        let start = self.entries.partition_point(|entry| entry.id <= id);
        let entries: Vec<_> = self.entries.iter().skip(start).take(limit).cloned().collect();
        let first = self.entries.get(start).map_or(self.last_id + 1, |entry| entry.id);
        let last =
            if entries.len() < limit { self.last_id } else { entries.last().map_or(id, |entry| entry.id) };
        After { entries, gap: first > id + 1, last }
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// The id of the last entry that was ever written; 0 before the first.
    pub fn last_id(&self) -> u64 {
        self.last_id
    }

    /// How many entries the limits have cost.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Removes what `filter` means; ids go on.
    pub fn remove(&mut self, filter: &Filter) {
        self.entries.retain(|entry| !filter.matches(entry));
        // What stays does not keep the memory of what goes.
        self.entries.iter_mut().for_each(|entry| *entry = Arc::new(Blocks::moved(entry)));
        self.entries.shrink_to_fit();
        self.bytes = self.entries.iter().map(|entry| entry.size()).sum();
    }

    /// Without entries; ids go on.
    pub fn reset(&mut self) {
        *self = Self { last_id: self.last_id, ..Self::new(self.limits) };
    }

    /// The last id was given in an earlier run.
    pub fn go_on_from(&mut self, last_id: u64) {
        self.last_id = self.last_id.max(last_id);
    }
}

impl Filter {
    /// Whether an entry is meant.
    pub fn matches(&self, entry: &Kept) -> bool {
        self.server.as_deref().is_none_or(|server| server == entry.server)
            && self.method.as_deref().is_none_or(|method| method.eq_ignore_ascii_case(entry.method.as_str()))
            && self.path.as_deref().is_none_or(|path| wildcard(path, entry.path()))
            && self.status.is_none_or(|status| entry.status == Some(status))
            && self.since.is_none_or(|since| entry.id > since)
    }
}
