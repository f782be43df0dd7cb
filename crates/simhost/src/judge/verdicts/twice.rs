//! `done_twice`: a record made again because the answer to the first was not read.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Seen, Verdict, name_request};
use crate::store::effects::hash;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Twice {
    /// What a principal has made and does not know of: by what it said of it.
    unread: Memory<u64, Vec<u64>>,
    /// The rows of those, with what was said of each and the request that made it.
    rows: Memory<u64, (u64, u64)>,
    told: Memory<u64, Told>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    entity: String,
    requests: Vec<u64>,
}

impl Twice {
    pub(crate) fn observe(&mut self, seen: &Seen<'_>) {
        for row in &seen.effects().deleted {
            self.forget(row.id());
        }
        if seen.effects().created.is_empty() || (self.unread.is_empty() && !seen.finished.arrival.is_unread) {
            return;
        }
        let id = seen.id();
        for created in &seen.effects().created {
            let Some(fingerprint) = created.fingerprint else { continue };
            let key = hash(&(
                seen.server(),
                seen.who.principal,
                &created.row.entity,
                &created.row.company,
                fingerprint,
            ));
            if let Some(before) =
                self.unread.get(&key).filter(|before| before.first().is_some_and(|first| *first < id))
            {
                let new = || Told {
                    server: seen.server().to_owned(),
                    entity: created.row.entity.clone(),
                    requests: before.clone(),
                };
                name_request(&mut self.told.at(key, new).requests, id);
            }
            if seen.finished.arrival.is_unread {
                name_request(self.unread.at(key, Vec::new), id);
                self.rows.insert(created.row.id(), (key, id));
            }
        }
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
        for (_, Told { server, entity, requests }) in self.told.iter() {
            let often = match requests.len() {
                2 => "twice".to_owned(),
                times => format!("{times} times"),
            };
            let message = format!("the same {entity} was made {often}: the answer to the first was not read");
            found.push(Verdict::new("done_twice", server, message, requests.clone()));
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.unread.was_cut()
    }
}
