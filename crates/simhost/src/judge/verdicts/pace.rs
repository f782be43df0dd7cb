//! `ignored_retry_after` and `retried_without_pause`: how fast a client asks again.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Moment, Seen, Verdict, name_request};
use crate::rules::expect::often;
use crate::store::effects::hash;

/// How often the same request fails in a row before it is said.
const FAILURES: u64 = 4;

/// A pause that is longer than the one before by less is no longer one: clients and machines are not exact.
const NOISE_US: u64 = 50_000;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Pace {
    /// What an answer asked a principal to wait before it calls an operation again.
    waits: Memory<u64, Wait>,
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

impl Pace {
    pub(crate) fn observe(&mut self, seen: &Seen<'_>) {
        self.waiting(seen);
        self.failing(seen);
    }

    fn waiting(&mut self, seen: &Seen<'_>) {
        let entry = seen.entry();
        let operation = seen.operation();
        let key = hash(&(seen.server(), seen.who.principal, &operation));
        if let Some(wait) = self.waits.get(&key)
            && let Some(waited) = seen.came().since(wait.sent)
            && waited < wait.us
        {
            let new =
                || Told { server: seen.server().to_owned(), what: operation, requests: Vec::new(), count: 0 };
            let told = self.ignored.at(key, new);
            told.count += 1;
            name_request(&mut told.requests, wait.request);
            name_request(&mut told.requests, entry.id);
        }
        match asked_to_wait(seen) {
            Some(us) => self.waits.insert(key, Wait { sent: seen.sent(), us, request: entry.id }),
            // What has been answered otherwise since is no longer to be waited for.
            None if entry.status.is_some() => drop(self.waits.remove(&key)),
            None => {}
        }
    }

    fn failing(&mut self, seen: &Seen<'_>) {
        let entry = seen.entry();
        let key = hash(&(
            seen.server(),
            seen.who.principal,
            entry.method.as_str(),
            &entry.path,
            &entry.query,
            &*entry.body,
        ));
        let Some(status) = entry.status else { return };
        let is_dead_token = status == 401 && seen.who.was_let_in && !seen.who.is_sign_in;
        if !(status == 429 || status >= 500 || is_dead_token) {
            self.streaks.remove(&key);
            return;
        }
        let streak = self.streaks.at(key, Streak::default);
        if streak.failures > 0 {
            // One that was under way already is not tried again.
            let Some(pause) = seen.came().since(streak.sent) else { return };
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
            self.retried.insert(key, told);
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, Told { server, what, requests, count }) in self.ignored.iter() {
            let message = format!(
                "{what} was asked again {} before the time that Retry-After had named",
                often(*count)
            );
            found.push(Verdict::new("ignored_retry_after", server, message, requests.clone()));
        }
        for (_, Told { server, what, requests, count }) in self.retried.iter() {
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

/// What an answer that the client has read asks it to wait, in microseconds: seconds or an HTTP date.
fn asked_to_wait(seen: &Seen<'_>) -> Option<u64> {
    let entry = seen.entry();
    if seen.finished.arrival.is_unread || entry.status.is_none() {
        return None;
    }
    let text = entry.response_headers.get("retry-after")?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.checked_mul(1_000_000);
    }
    let until = jiff::fmt::strtime::parse("%a, %d %b %Y %H:%M:%S GMT", text).ok()?.to_datetime().ok()?;
    let until = jiff::tz::TimeZone::UTC.to_timestamp(until).ok()?;
    u64::try_from(until.as_microsecond() - entry.at.as_microsecond()).ok()
}
