//! `ignored_retry_after` and `retried_without_pause`: how fast a client asks again.

use std::collections::HashMap;

use axum::http::header::RETRY_AFTER;
use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Moment, Observed, Verdict, name_request};
use crate::rules::expect::often;
use crate::store::effects::hash;

/// How often the same request fails in a row before it is said.
const FAILURES: u64 = 4;

/// Requests that a client sends at a time come within this time, in microseconds; so many connections are remembered.
const TOGETHER_US: u64 = 100_000;
const PEERS: usize = 32;

/// After such a pause a client begins anew.
const PAUSE_US: u64 = 1_000_000;

/// A pause that is longer than the one before by less is no longer one: clients and machines are not exact.
const NOISE_US: u64 = 50_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pace {
    /// What an answer asked a principal to wait before it calls an operation again.
    waits: Memory<u64, Wait>,
    /// How each principal calls an operation: one request after another, or several at a time.
    rounds: Memory<u64, Round>,
    streaks: Memory<u64, Streak>,
    ignored: Memory<u64, Told>,
    retried: Memory<u64, Told>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Wait {
    sent: Moment,
    us: u64,
    request: u64,
}

/// How a principal calls an operation, from one pause to the next.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Round {
    /// When it was last answered.
    answered: Moment,
    /// When the first and the last failure were answered.
    first: Option<Moment>,
    last: Moment,
    /// Whether several requests were under way at a time, and how many connections speak for it: opened before an answer
    /// to another request, and used after it. One may be a spare one of a client that asks one request after another.
    is_parallel: bool,
    connections: u32,
    /// The connections on which a failure was answered.
    peers: Vec<u64>,
    /// What is held against the client unless several requests were under way at a time.
    early: Option<Told>,
    streak: Option<(u64, Told)>,
}

/// A request as [`Round`] sees it: when it came, when it was answered, on which connection.
#[derive(Clone, Copy)]
struct Turn {
    came: Moment,
    opened: Option<Moment>,
    sent: Moment,
    peer: u64,
    is_failure: bool,
}

/// Whether a failure before a request could have held it back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// It was under way, or is one of several that the client sends at a time.
    No,
    /// It follows closely on a connection of its own: it is one of several, if the client ever sends several at a time.
    Perhaps,
    Yes,
}

impl Round {
    /// Whether the client has paused before a request that came then.
    fn is_over(&self, came: Moment) -> bool {
        came.since(self.answered).is_some_and(|pause| pause > PAUSE_US)
    }

    /// Takes note of a request.
    fn take(&mut self, turn: Turn) -> Held {
        let Turn { came, opened, sent, peer, is_failure } = turn;
        let is_before = |moment: Moment| moment.real_us < self.answered.real_us;
        self.connections += u32::from(opened.is_some_and(is_before));
        self.is_parallel |= is_before(came) || self.connections > 1;
        if self.is_parallel {
            (self.early, self.streak) = (None, None);
        }
        let is_close = |first: Moment| came.real_us.saturating_sub(first.real_us) < TOGETHER_US;
        let held = match self.first {
            Some(_) if came.since(self.last).is_none() => Held::No,
            Some(first) if is_close(first) && !self.peers.contains(&peer) => {
                if self.is_parallel {
                    Held::No
                } else {
                    Held::Perhaps
                }
            }
            _ => Held::Yes,
        };
        if sent.real_us > self.answered.real_us {
            self.answered = sent;
        }
        if is_failure {
            self.first.get_or_insert(sent);
            self.last = sent;
            if self.peers.len() < PEERS {
                self.peers.push(peer);
            }
        }
        held
    }
}

/// Failures of the same request in a row.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Streak {
    requests: Vec<u64>,
    failures: u64,
    sent: Moment,
    /// What its last answer asked to wait.
    asked_us: Option<u64>,
    pause_us: Option<u64>,
    has_grown: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    what: String,
    requests: Vec<u64>,
    count: u64,
}

impl Told {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        for request in &other.requests {
            name_request(&mut self.requests, *request);
        }
    }
}

impl Pace {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        let operation = seen.operation();
        let key = hash(&(seen.server(), seen.who.principal, &operation));
        let turn = Turn {
            came: seen.came(),
            opened: seen.opened(),
            sent: seen.sent(),
            peer: seen.finished.arrival.peer,
            is_failure: is_failure(seen),
        };
        let round = self.rounds.at(key, Round::default);
        let over = round.is_over(turn.came).then(|| std::mem::take(round));
        let held = round.take(turn);
        self.hold_against(key, over);
        if held == Held::Yes {
            let round = self.rounds.get_mut(&key);
            let doubt = round.map(|round| (round.early.take(), round.streak.take()));
            let (early, streak) = doubt.unwrap_or_default();
            self.hold_against(key, Some(Round { early, streak, ..Round::default() }));
        }
        self.waiting(seen, key, operation, held);
        self.failing(seen, key, held);
    }

    /// What was in doubt in a round is in doubt no longer.
    fn hold_against(&mut self, key: u64, round: Option<Round>) {
        let Some(Round { early, streak, .. }) = round else { return };
        if let Some(early) = early {
            self.ignored.at(key, || Told { requests: Vec::new(), count: 0, ..early.clone() }).add(&early);
        }
        if let Some((streak, told)) = streak {
            self.retried.insert(streak, told);
        }
    }

    fn waiting(&mut self, seen: &Observed<'_>, key: u64, operation: String, held: Held) {
        let entry = seen.entry();
        if let Some(wait) = self.waits.get(&key).filter(|_| held != Held::No)
            && let Some(waited) = seen.came().since(wait.sent)
            && waited < wait.us
        {
            let requests = vec![wait.request, entry.id];
            let told = Told { server: seen.server().to_owned(), what: operation, requests, count: 1 };
            let new = || Told { requests: Vec::new(), count: 0, ..told.clone() };
            if held == Held::Yes {
                self.ignored.at(key, new).add(&told);
            } else {
                self.rounds.at(key, Round::default).early.get_or_insert_with(new).add(&told);
            }
        }
        match asked_to_wait(seen) {
            Some(us) => self.waits.insert(key, Wait { sent: seen.sent(), us, request: entry.id }),
            // What has been answered otherwise since is no longer to be waited for.
            None if entry.status.is_some() => drop(self.waits.remove(&key)),
            None => {}
        }
    }

    fn failing(&mut self, seen: &Observed<'_>, round: u64, held: Held) {
        let entry = seen.entry();
        let is_failure = is_failure(seen);
        if entry.status.is_none() || !is_failure && self.streaks.is_empty() {
            return;
        }
        let key = hash(&(
            seen.server(),
            seen.who.principal,
            entry.method.as_str(),
            &entry.path,
            &entry.query,
            &*entry.body,
        ));
        if !is_failure {
            self.streaks.remove(&key);
            return;
        }
        let streak = self.streaks.at(key, Streak::default);
        if streak.failures > 0 {
            // One that was under way already is not tried again.
            let Some(pause) = seen.came().since(streak.sent).filter(|_| held != Held::No) else {
                return;
            };
            let is_longer = |than: u64| pause > than + than / 5 + NOISE_US;
            let has_obeyed = streak.asked_us.is_some_and(|asked| pause >= asked);
            streak.has_grown |= has_obeyed || streak.pause_us.is_some_and(is_longer);
            streak.pause_us = Some(pause);
        }
        streak.failures += 1;
        streak.sent = seen.sent();
        streak.asked_us = asked_to_wait(seen);
        name_request(&mut streak.requests, entry.id);
        if streak.failures >= FAILURES && !streak.has_grown {
            let what = format!("{} {}", entry.method, entry.path);
            let told = Told {
                server: seen.server().to_owned(),
                what,
                requests: streak.requests.clone(),
                count: streak.failures,
            };
            if held == Held::Yes {
                self.retried.insert(key, told);
            } else {
                self.rounds.at(round, Round::default).streak = Some((key, told));
            }
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        let mut ignored: HashMap<u64, Told> =
            self.ignored.iter().map(|(key, told)| (*key, told.clone())).collect();
        let mut retried: HashMap<u64, &Told> = self.retried.iter().map(|(key, told)| (*key, told)).collect();
        for (key, Round { early, streak, .. }) in self.rounds.iter() {
            if let Some(early) = early {
                let new = || Told { requests: Vec::new(), count: 0, ..early.clone() };
                ignored.entry(*key).or_insert_with(new).add(early);
            }
            retried.extend(streak.iter().map(|(key, told)| (*key, told)));
        }
        for Told { server, what, requests, count } in ignored.into_values() {
            let often = often(count);
            let message =
                format!("{what} was asked again {often} before the time that Retry-After had named");
            found.push(Verdict::new("ignored_retry_after", &server, message, requests));
        }
        for Told { server, what, requests, count } in retried.into_values() {
            let message = format!(
                "{what} failed {count} times in a row, and no pause between was longer than the one before"
            );
            found.push(Verdict::new("retried_without_pause", server, message, requests.clone()));
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.waits.was_cut() || self.streaks.was_cut()
    }
}

/// Whether the answer is one after which a client should pause: 429, 5xx, or 401 by a token that was good once.
fn is_failure(seen: &Observed<'_>) -> bool {
    let Some(status) = seen.entry().status else { return false };
    let is_dead_token = status == 401 && seen.who.was_let_in && !seen.who.is_sign_in;
    status == 429 || status >= 500 || is_dead_token
}

/// What an answer that the client has read asks it to wait, in microseconds: seconds or an HTTP date.
fn asked_to_wait(seen: &Observed<'_>) -> Option<u64> {
    let entry = seen.entry();
    if seen.finished.arrival.is_unread || entry.status.is_none() {
        return None;
    }
    let text = entry.response_headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.checked_mul(1_000_000);
    }
    let until = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?.to_datetime().ok()?;
    let until = jiff::tz::TimeZone::UTC.to_timestamp(until).ok()?;
    u64::try_from(until.as_microsecond() - entry.at.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(from_us: u64, to_us: u64, peer: u64) -> Turn {
        let moment = |real_us| Moment { real_us: 1_000_000 + real_us, simulated_us: 0 };
        let opened = Some(moment(from_us));
        Turn { came: moment(from_us), opened, sent: moment(to_us), peer, is_failure: true }
    }

    #[test]
    fn several_at_a_time_could_not_be_held_back() {
        let mut round = Round::default();
        // Two overlap; the third begins right after both were refused, on a connection of its own.
        let turns = [(0, 900, 1), (300, 1200, 2), (1500, 1900, 3)];
        let held = turns.map(|(from, to, peer)| round.take(turn(from, to, peer)));
        assert_eq!(held, [Held::Yes, Held::No, Held::No]);
        assert_eq!(round.take(turn(2500, 2900, 3)), Held::Yes, "that connection was told");
        assert_eq!(round.take(turn(150_000, 150_900, 4)), Held::Yes, "by then everybody was told");
    }

    #[test]
    fn one_after_another_on_connections_of_their_own_is_in_doubt_until_the_round_is_over() {
        let mut round = Round::default();
        let turns = [(0, 900, 1), (1000, 1900, 2), (2000, 2900, 3)];
        let held = turns.map(|(from, to, peer)| round.take(turn(from, to, peer)));
        assert_eq!(held, [Held::Yes, Held::Perhaps, Held::Perhaps]);
        round.early =
            Some(Told { server: String::new(), what: String::new(), requests: Vec::new(), count: 2 });
        let opened_early = |from_us, peer| {
            let turn = turn(from_us, from_us + 500, peer);
            Turn { opened: Some(Moment { real_us: turn.came.real_us - 600, ..turn.came }), ..turn }
        };
        round.take(opened_early(3000, 4));
        assert!(!round.is_parallel && round.early.is_some(), "one connection may be a spare one");
        round.take(opened_early(3600, 5));
        assert!(round.is_parallel && round.early.is_none(), "it has several under way after all");
    }
}
