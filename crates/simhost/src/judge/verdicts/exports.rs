//! `stale_export`: rows that wait to be fetched, and are not validated as they were delivered.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::verdicts::overwritten::Overwritten;
use crate::judge::{Observed, Verdict, name_request};
use crate::store::effects::hash;

/// How often rows are read again before it is said.
const AGAIN: u64 = 2;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Exports {
    /// The queues of each principal, by entity.
    queues: Memory<u64, Queue, 256>,
    /// Validations with another date than the one delivered.
    other_date: Memory<u64, Told>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Queue {
    told: Told,
    first_rows: Vec<i64>,
    again: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    entity: String,
    requests: Vec<u64>,
}

/// How many rows of a queue's page are compared.
const COMPARED: usize = 16;

impl Exports {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>, overwritten: &Overwritten) {
        let key = |entity: &str| hash(&(seen.server(), seen.who.principal, entity));
        let told = |entity: &str| Told {
            server: seen.server().to_owned(),
            entity: entity.to_owned(),
            requests: Vec::new(),
        };
        for validated in &seen.effects().validated {
            let entity = &validated.row.entity;
            if let Some(queue) = self.queues.get_mut(&key(entity)) {
                queue.again = 0;
                queue.first_rows.clear();
                queue.told.requests.clear();
            }
            let read = overwritten.read_of(seen.who.client, validated.row.id());
            if read.is_some_and(|read| read.stamp != validated.stamp) {
                name_request(&mut self.other_date.at(key(entity), || told(entity)).requests, seen.id());
            }
        }
        for list in seen.effects().delivered.iter().filter(|list| list.is_queue && list.offset == 0) {
            let rows: Vec<i64> = list.ids.iter().take(COMPARED).map(|(row, _)| *row).collect();
            let new = || Queue { told: told(&list.entity), first_rows: Vec::new(), again: 0 };
            let queue = self.queues.at(key(&list.entity), new);
            if rows.iter().any(|row| queue.first_rows.contains(row)) {
                queue.again += 1;
            }
            queue.first_rows = rows;
            name_request(&mut queue.told.requests, seen.id());
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, Told { server, entity, requests }) in self.other_date.iter() {
            let message = format!("rows of {entity} were validated with another date than the one delivered");
            found.push(Verdict::new("stale_export", server, message, requests.clone()));
        }
        let often = self.queues.iter().filter(|(_, queue)| queue.again >= AGAIN);
        for (_, Queue { told: Told { server, entity, requests }, again, .. }) in often {
            let message = format!("rows of {entity} were never validated, and read again {again} times");
            found.push(Verdict::new("stale_export", server, message, requests.clone()));
        }
    }
}
