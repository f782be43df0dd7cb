//! `wasted_calls` that are not about pages: single reads of what a list has given, writes that change nothing, polls.

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::judge::memory::Memory;
use crate::judge::verdicts::overwritten::Overwritten;
use crate::judge::{Moment, Observed, Verdict, contains, name_request};
use crate::store::effects::{hash, row_ids};

/// How many single reads, idle writes and polls it takes.
const SINGLE_READS: u64 = 10;
const IDLE_WRITES: u64 = 3;
const POLLS: u64 = 5;

/// Calls that follow one another closer than this come while no time passes.
const NO_TIME_US: u64 = 250_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Waste {
    single: Memory<u64, Count>,
    idle: Memory<u64, Count>,
    polls: Memory<u64, Poll>,
    polled: Memory<u64, Count>,
    /// The last list that each client has read of an entity. Not kept: after a restart single reads are looked at anew.
    #[serde(skip)]
    lists: Memory<u64, Bytes, 64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Count {
    server: String,
    what: String,
    times: u64,
    requests: Vec<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Poll {
    count: u64,
    last: Moment,
    changes: u64,
    requests: Vec<u64>,
}

impl Waste {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>, overwritten: &Overwritten) {
        self.single_reads(seen, overwritten);
        self.idle_writes(seen);
        self.polls(seen);
    }

    fn single_reads(&mut self, seen: &Observed<'_>, overwritten: &Overwritten) {
        for delivered in &seen.effects().delivered {
            let key = hash(&(seen.server(), seen.who.client, &delivered.entity));
            if delivered.list != 0 {
                self.lists.insert(key, seen.entry().response_body.clone());
                continue;
            }
            let row =
                delivered.ids.first().map(|(row, _)| row_ids(&delivered.entity)(*row)).unwrap_or_default();
            let read = overwritten.read_of(seen.who.client, row).filter(|read| read.by_list);
            if read.is_none_or(|read| overwritten.has_changed_since(row, read.tick)) {
                continue;
            }
            if self.lists.get(&key).is_some_and(|list| has_all(list, &seen.entry().response_body)) {
                count(&mut self.single, key, seen, &delivered.entity);
            }
        }
    }

    fn idle_writes(&mut self, seen: &Observed<'_>) {
        let effects = seen.effects();
        if let Some(row) = effects.unchanged.first().filter(|_| !effects.has_changed_anything()) {
            count(&mut self.idle, hash(&(seen.server(), seen.who.client)), seen, &row.entity);
        }
    }

    fn polls(&mut self, seen: &Observed<'_>) {
        let entry = seen.entry();
        let effects = seen.effects();
        // What is not there yet is polled for too.
        let is_read = !effects.delivered.is_empty() || entry.status == Some(404);
        if !is_read || seen.is_write() || entry.method == "OPTIONS" {
            return;
        }
        let key = hash(&(
            seen.server(),
            seen.who.client,
            entry.method.as_str(),
            &entry.path,
            &entry.query,
            &*entry.body,
        ));
        let changes = seen.known.changes(seen.server());
        let poll = self.polls.at(key, || Poll { count: 0, last: seen.sent(), changes, requests: Vec::new() });
        let is_at_once = seen.came().since(poll.last).is_none_or(|pause| pause < NO_TIME_US);
        if !is_at_once || poll.changes != changes {
            poll.count = 0;
            poll.requests.clear();
        }
        poll.count += 1;
        poll.last = seen.sent();
        poll.changes = changes;
        name_request(&mut poll.requests, entry.id);
        if poll.count >= POLLS {
            let what = || effects.delivered.first().map_or(&entry.path, |list| &list.entity).clone();
            let server = || seen.server().to_owned();
            let told = self.polled.at(key, || Count {
                server: server(),
                what: what(),
                times: 0,
                requests: Vec::new(),
            });
            told.times = poll.count;
            told.requests.clone_from(&poll.requests);
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        let mut say = |told: &Count, message: String| {
            found.push(Verdict::new("wasted_calls", &told.server, message, told.requests.clone()));
        };
        for (_, told) in self.single.iter().filter(|(_, told)| told.times >= SINGLE_READS) {
            say(
                told,
                format!(
                    "{} records of {} were read one by one after a list had given them",
                    told.times, told.what
                ),
            );
        }
        for (_, told) in self.idle.iter().filter(|(_, told)| told.times >= IDLE_WRITES) {
            say(told, format!("{} writes changed nothing, to {} for one", told.times, told.what));
        }
        for (_, told) in self.polled.iter() {
            say(told, format!("{} was asked for {} times while no time passed", told.what, told.times));
        }
    }
}

fn count(counts: &mut Memory<u64, Count>, key: u64, seen: &Observed<'_>, what: &str) {
    let new =
        || Count { server: seen.server().to_owned(), what: what.to_owned(), times: 0, requests: Vec::new() };
    let told = counts.at(key, new);
    told.times += 1;
    name_request(&mut told.requests, seen.id());
}

/// Whether a list names every field of a single record: one that shows fewer is no reason not to ask.
fn has_all(list: &Bytes, one: &Bytes) -> bool {
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(one) else { return false };
    members.keys().all(|name| contains(list, format!("\"{name}\":").as_bytes()))
}
