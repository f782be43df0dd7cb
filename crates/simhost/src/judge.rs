//! What a run says about the client: expectations judged, verdicts, the report.
//!
//! A [`Judge`] sees each finished request once, as it ends, with the effects that the store has noted. What it must
//! remember of them is bounded; nothing is looked up in the journal.

pub mod expectations;
pub mod life;
mod memory;
pub mod report;
pub mod results;
mod verdicts;
mod who;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::entity::marks::Marks;
use crate::entity::model::Model;
use crate::journal::Entry;
use crate::judge::verdicts::exports::Exports;
use crate::judge::verdicts::licences::Licences;
use crate::judge::verdicts::lists::Lists;
use crate::judge::verdicts::overwritten::Overwritten;
use crate::judge::verdicts::pace::Pace;
use crate::judge::verdicts::refusals::Refusals;
use crate::judge::verdicts::sent::SentForNothing;
use crate::judge::verdicts::sessions::Sessions;
use crate::judge::verdicts::twice::Twice;
use crate::judge::verdicts::waste::Waste;
use crate::judge::who::{Known, Who};
pub use crate::rules::kinds::{KINDS, Severity};
use crate::simulator::Simulator;
use crate::simulator::habits::Habits;
use crate::store::effects::Effects;

/// What the server says of a client; one a fact, not one a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// Which: a name of [`KINDS`].
    pub verdict: String,
    /// The simulator's slug.
    pub server: String,
    /// How bad it is.
    pub severity: Severity,
    /// What was done, in a sentence.
    pub message: String,
    /// The requests that it is about, by their ids.
    pub requests: Vec<u64>,
    /// What to do instead, in a sentence.
    pub advice: String,
}

/// How a request came.
#[derive(Clone, Copy, Debug)]
pub struct Arrival {
    /// When, in simulated time.
    pub at: Timestamp,
    /// From where: the hash of address and port, one for each connection.
    pub peer: u64,
    /// Whether its client could not read the answer: lost, cut, broken, or the client was gone.
    pub is_unread: bool,
    /// Whether the answer is still being sent, slowly: [`Judge::answered`] says later what became of it.
    pub is_under_way: bool,
    /// When its connection was opened, where this is the first request on it.
    pub opened: Option<Instant>,
}

/// A request that has ended, with all that the judge may know of it.
pub struct Finished<'a> {
    /// The request and its answer, as the journal has it.
    pub entry: &'a Entry,
    /// How it came.
    pub arrival: &'a Arrival,
    /// The simulator.
    pub sim: &'static Simulator,
    /// Its entities.
    pub model: &'a Model,
    /// The switch with the lifetime of tokens in seconds, where it has one.
    pub lifetime: Option<i64>,
    /// The time zone of the simulator's local times.
    pub zone: &'a str,
    /// Real time at its end, in microseconds.
    pub real_us: u64,
    /// The same moment, as what was timed counts.
    pub ended: Instant,
}

/// A moment, by both clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    real_us: u64,
    simulated_us: i64,
}

/// What one sandbox's judge knows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Judge {
    known: Known,
    twice: Twice,
    refusals: Refusals,
    overwritten: Overwritten,
    pace: Pace,
    sessions: Sessions,
    licences: Licences,
    lists: Lists,
    sent: SentForNothing,
    exports: Exports,
    waste: Waste,
}

impl Judge {
    /// Takes note of a request that has ended.
    pub fn observe(&mut self, finished: &Finished<'_>) {
        self.known.tick += 1;
        let who = self.sessions.observe(finished, &mut self.known);
        let seen = Observed { finished, who: &who, known: &self.known, tick: self.known.tick };
        self.licences.observe(&seen);
        self.pace.observe(&seen);
        self.twice.observe(&seen);
        self.refusals.observe(&seen);
        self.overwritten.observe(&seen);
        self.exports.observe(&seen, &self.overwritten);
        self.lists.observe(&seen);
        self.waste.observe(&seen, &self.overwritten);
        self.sent.observe(&seen, &self.overwritten);
        // What the client has read now it knows from now on.
        self.overwritten.read(&seen);
        self.known.count(&finished.entry.effects, finished.sim.slug, &who, finished);
    }

    /// Takes note that the answer to a request was sent at last; `was_read` is whether its client took it to the end.
    pub fn answered(&mut self, request: u64, was_read: bool) {
        self.twice.answered(request, was_read);
    }

    /// Takes note of what somebody else has done: control, steps, actions.
    pub fn observe_outside(&mut self, server: &'static str, effects: &Effects) {
        self.known.tick += 1;
        self.overwritten.somebody_else(effects, self.known.tick);
        self.sessions.ended(server, &effects.tokens);
        self.licences.given_back(server, &effects.licences);
        self.known.count_outside(effects, server);
    }

    /// What there is to say of the clients by now, worst first.
    pub fn verdicts(&self, now: Timestamp) -> Vec<Verdict> {
        let mut found = Vec::new();
        self.twice.tell(&mut found);
        self.refusals.tell(&mut found);
        self.overwritten.tell(&mut found);
        self.pace.tell(&mut found);
        self.sessions.tell(&mut found, now);
        self.licences.tell(&mut found);
        self.lists.tell(&mut found);
        self.exports.tell(&mut found);
        self.sent.tell(&mut found);
        self.waste.tell(&mut found);
        found.sort_by_key(|verdict| std::cmp::Reverse(verdict.severity));
        found
    }

    /// Whether its memory was cut: there were more requests and records than it can remember.
    pub fn was_cut(&self) -> bool {
        self.twice.was_cut()
            || self.refusals.was_cut()
            || self.overwritten.was_cut()
            || self.pace.was_cut()
            || self.lists.was_cut()
    }
}

/// A finished request as the parts of the judge see it.
pub(crate) struct Observed<'a> {
    pub(crate) finished: &'a Finished<'a>,
    pub(crate) who: &'a Who,
    pub(crate) known: &'a Known,
    pub(crate) tick: u64,
}

impl Observed<'_> {
    pub(crate) fn entry(&self) -> &Entry {
        self.finished.entry
    }

    pub(crate) fn effects(&self) -> &Effects {
        &self.finished.entry.effects
    }

    pub(crate) fn server(&self) -> &'static str {
        self.finished.sim.slug
    }

    pub(crate) fn habits(&self) -> &'static Habits {
        &self.finished.sim.habits
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.finished.model.profile.marks
    }

    pub(crate) fn id(&self) -> u64 {
        self.finished.entry.id
    }

    /// Whether it is one that writes, whatever came of it.
    pub(crate) fn is_write(&self) -> bool {
        let Entry { method, path, body, .. } = self.entry();
        self.habits().is_write(method, path, body)
    }

    /// When it came.
    pub(crate) fn came(&self) -> Moment {
        self.began(self.entry().arrived)
    }

    /// When the connection was opened that this is the first request on, if that was just before.
    pub(crate) fn opened(&self) -> Option<Moment> {
        let arrived = self.entry().arrived;
        let opened = self.finished.arrival.opened?;
        (arrived.duration_since(opened) < CONNECTING).then(|| self.began(opened))
    }

    fn began(&self, at: Instant) -> Moment {
        let ago = self.finished.ended.saturating_duration_since(at);
        let ago = u64::try_from(ago.as_micros()).unwrap_or(u64::MAX);
        Moment {
            real_us: self.finished.real_us.saturating_sub(ago),
            simulated_us: self.finished.arrival.at.as_microsecond(),
        }
    }

    /// When its answer was sent.
    pub(crate) fn sent(&self) -> Moment {
        Moment { real_us: self.finished.real_us, simulated_us: self.entry().at.as_microsecond() }
    }

    /// The operation: the contract's, told apart by the entity in its path and the calls named in its body.
    pub(crate) fn operation(&self) -> String {
        let entry = self.entry();
        let operation = entry.operation.and_then(|place| entry.contract.operations.get(place));
        let path = operation.map_or(entry.path.as_str(), |known| known.path.as_str());
        let mut name = [entry.method.as_str(), path].join(" ");
        let named = entry.path.split('/').filter(|segment| !segment.is_empty());
        for entity in named.filter(|segment| self.finished.model.table(segment).is_some()) {
            name.push(' ');
            name.push_str(entity);
        }
        for call in self.habits().calls.iter().filter(|call| contains(&entry.body, call.as_bytes())) {
            name.push(' ');
            name.push_str(call);
        }
        name
    }
}

impl Moment {
    /// How long it is since `earlier`, in microseconds: the longer of real and simulated time. Nothing when it is earlier.
    pub(crate) fn since(self, earlier: Self) -> Option<u64> {
        let real = self.real_us.checked_sub(earlier.real_us)?;
        Some(real.max(u64::try_from(self.simulated_us.saturating_sub(earlier.simulated_us)).unwrap_or(0)))
    }
}

impl Verdict {
    /// One of `kind`, as usual.
    pub(crate) fn new(kind: &str, server: &str, message: String, requests: Vec<u64>) -> Self {
        let (verdict, severity, advice) =
            KINDS.iter().find(|(name, _, _)| *name == kind).copied().unwrap_or((kind, Severity::Advice, ""));
        Self {
            verdict: verdict.to_owned(),
            server: server.to_owned(),
            severity,
            message,
            requests,
            advice: advice.to_owned(),
        }
    }

    /// The same, of less weight.
    pub(crate) fn into_advice(self) -> Self {
        Self { severity: Severity::Advice, ..self }
    }

    /// It, for users.
    pub fn to_json(&self) -> Value {
        json!(self)
    }
}

/// A connection on which a request comes within this time was opened for it, or nearly.
const CONNECTING: Duration = Duration::from_millis(200);

/// How many requests a verdict names.
const NAMED: usize = 50;

/// Adds the id of a request, unless it is there or there are many.
pub(crate) fn name_request(requests: &mut Vec<u64>, id: u64) {
    if requests.len() < NAMED && requests.last() != Some(&id) {
        requests.push(id);
    }
}

/// Whether `part` stands in `text`.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
