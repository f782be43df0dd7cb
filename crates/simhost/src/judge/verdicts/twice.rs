//! `done_twice`: a record made again because the answer to the first was not read.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Observed, Verdict, name_request};
use crate::store::effects::{Part, Row, hash};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Twice {
    /// What a principal has made and does not know of: by what it said of it.
    unread: Memory<u64, Vec<u64>>,
    /// The rows of those, with what was said of each and the request that made it.
    rows: Memory<u64, (u64, u64)>,
    /// What requests have made whose answers are still being sent.
    under_way: Memory<u64, Vec<Made>, 256>,
    told: Memory<u64, Told>,
}

/// A record, or a part of one, that was made.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Made {
    /// Of whom and what: equal for two that agree in all that was said of them.
    key: u64,
    row: u64,
    server: String,
    what: String,
    /// The requests that made the same before it was known whether the answer to this one was read.
    again: Vec<u64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    what: String,
    requests: Vec<u64>,
}

impl Twice {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        let effects = seen.effects();
        for row in &effects.deleted {
            self.forget(row.id());
        }
        for part in effects.parts.iter().filter(|part| part.fingerprint.is_none()) {
            self.forget(list_id(part));
        }
        let arrival = seen.finished.arrival;
        let is_idle = self.unread.is_empty() && self.under_way.is_empty();
        if is_idle && !arrival.is_unread && !arrival.is_under_way {
            return;
        }
        let made = made(seen);
        for one in &made {
            self.make(one, seen.id());
            if arrival.is_unread {
                self.miss(one, seen.id());
            }
        }
        if arrival.is_under_way && !made.is_empty() {
            self.under_way.insert(seen.id(), made);
        }
    }

    /// The answer to a request was sent, slowly; `was_read` is whether its client took it to the end.
    pub(crate) fn answered(&mut self, request: u64, was_read: bool) {
        for one in self.under_way.remove(&request).into_iter().flatten().filter(|_| !was_read) {
            self.miss(&one, request);
            for again in &one.again {
                self.make(&one, *again);
            }
        }
    }

    /// A request has made this; whether it is the second time is known, or will be.
    fn make(&mut self, made: &Made, request: u64) {
        if let Some(before) =
            self.unread.get(&made.key).filter(|before| before.first().is_some_and(|first| *first < request))
        {
            let new =
                || Told { server: made.server.clone(), what: made.what.clone(), requests: before.clone() };
            name_request(&mut self.told.at(made.key, new).requests, request);
        }
        if self.under_way.is_empty() {
            return;
        }
        let same = self.under_way.values_mut().flatten().filter(|known| known.key == made.key);
        same.for_each(|known| name_request(&mut known.again, request));
    }

    /// The client does not know that the request has made this.
    fn miss(&mut self, made: &Made, request: u64) {
        name_request(self.unread.at(made.key, Vec::new), request);
        self.rows.insert(made.row, (made.key, request));
    }

    /// A record that is gone does no harm when it is made again.
    fn forget(&mut self, row: u64) {
        let Some((key, request)) = self.rows.remove(&row) else { return };
        let Some(requests) = self.unread.get_mut(&key) else { return };
        requests.retain(|known| *known != request);
        if requests.is_empty() {
            self.unread.remove(&key);
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, Told { server, what, requests }) in self.told.iter() {
            let often = match requests.len() {
                2 => "twice".to_owned(),
                times => format!("{times} times"),
            };
            let message = format!("the same {what} was made {often}: the answer to the first was not read");
            found.push(Verdict::new("done_twice", server, message, requests.clone()));
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.unread.was_cut()
    }
}

/// What a request has made: records, and parts of records that were there.
fn made(seen: &Observed<'_>) -> Vec<Made> {
    let made = |row: &Row, field: &str, fingerprint: u64, id: u64| {
        let of = (seen.server(), seen.who.principal, &row.entity, &row.company, fingerprint);
        let (key, what) = match field {
            "" => (hash(&of), row.entity.clone()),
            field => (hash(&(of, row.row, field)), format!("part of {} (`{field}`)", row.entity)),
        };
        Made { key, row: id, server: seen.server().to_owned(), what, again: Vec::new() }
    };
    let effects = seen.effects();
    let records = effects
        .created
        .iter()
        .filter_map(|created| Some(made(&created.row, "", created.fingerprint?, created.row.id())));
    let parts = effects
        .parts
        .iter()
        .filter_map(|part| Some(made(&part.row, &part.field, part.fingerprint?, list_id(part))));
    records.chain(parts).collect()
}

fn list_id(part: &Part) -> u64 {
    hash(&(part.row.id(), &part.field))
}
