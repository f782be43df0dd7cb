//! `lost_update` and `emptied_fields`: what a client writes over that it did not mean to. What each client has read, and
//! who has changed which field, is known here.

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Observed, Verdict, name_request};
use crate::store::effects::{Change, Effects, Sent, hash, row_ids};

/// How many rows and fields are remembered, twice.
const MOST: usize = 20_000;

/// Whose work it is when it is no client's.
const SOMEBODY_ELSE: u64 = 0;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Overwritten {
    reads: Memory<(u64, u64), Read, MOST>,
    fields: Memory<(u64, u64), FieldState, MOST>,
    rows: Memory<u64, u64, MOST>,
    lost: Memory<u64, Told>,
    emptied: Memory<u64, Told>,
}

/// When a client has read a row.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Read {
    /// The tick of it.
    pub(crate) tick: u64,
    /// The hash of the server's stamp that it saw.
    pub(crate) stamp: u64,
    /// Whether it stood in a list.
    pub(crate) by_list: bool,
}

/// The last change of a field.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct FieldState {
    tick: u64,
    client: u64,
    before: u64,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    entity: String,
    fields: Vec<String>,
    requests: Vec<u64>,
}

impl Overwritten {
    /// When `client` has last read a row.
    pub(crate) fn read_of(&self, client: u64, row: u64) -> Option<Read> {
        self.reads.get(&(client, row)).copied()
    }

    /// Whether a row was written after that tick.
    pub(crate) fn has_changed_since(&self, row: u64, tick: u64) -> bool {
        self.rows.get(&row).is_some_and(|changed| *changed > tick)
    }

    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        let effects = seen.effects();
        if !effects.has_changed_anything() {
            return;
        }
        let sent = (seen.entry().method == "PUT").then(|| Sent::of(&seen.entry().body));
        for change in &effects.changed {
            let row = change.row.id();
            if let Some(read) = self.read_of(seen.who.client, row) {
                self.judge(seen, change, read, sent.as_ref());
            }
            self.note(seen.who.client, change, seen.tick);
        }
        self.note_rows(effects, seen.tick);
    }

    fn judge(&mut self, seen: &Observed<'_>, change: &Change, read: Read, sent: Option<&Sent>) {
        let row = change.row.id();
        let (mut put_back, mut emptied) = (Vec::new(), Vec::new());
        for field in &change.fields {
            let last = self.fields.get(&(row, hash(&field.name))).filter(|last| last.tick > read.tick);
            let by_somebody_else = last.filter(|last| last.client != seen.who.client);
            if by_somebody_else.is_some_and(|last| last.before == field.after) {
                put_back.push(field.name.clone());
                continue;
            }
            let had_it = last.is_none() && field.is_emptied;
            let is_left_out = |sent: &Sent| !field.name.split('.').all(|name| sent.names(name));
            if had_it && sent.is_some_and(is_left_out) {
                emptied.push(field.name.clone());
            }
        }
        for (told, fields) in [(&mut self.lost, put_back), (&mut self.emptied, emptied)] {
            if fields.is_empty() {
                continue;
            }
            let new = || Told {
                server: seen.server().to_owned(),
                entity: change.row.entity.clone(),
                fields: Vec::new(),
                requests: Vec::new(),
            };
            let told = told.at(row, new);
            name_request(&mut told.requests, seen.id());
            for field in fields {
                if !told.fields.contains(&field) {
                    told.fields.push(field);
                }
            }
        }
    }

    fn note(&mut self, client: u64, change: &Change, tick: u64) {
        for field in &change.fields {
            let state = FieldState { tick, client, before: field.before };
            self.fields.insert((change.row.id(), hash(&field.name)), state);
        }
    }

    fn note_rows(&mut self, effects: &Effects, tick: u64) {
        for row in effects.written() {
            self.rows.insert(row.id(), tick);
        }
    }

    /// Somebody else than the clients has done this.
    pub(crate) fn somebody_else(&mut self, effects: &Effects, tick: u64) {
        effects.changed.iter().for_each(|change| self.note(SOMEBODY_ELSE, change, tick));
        self.note_rows(effects, tick);
    }

    /// What the answer has given the client, it knows from now on.
    pub(crate) fn read(&mut self, seen: &Observed<'_>) {
        let client = seen.who.client;
        for delivered in seen.effects().delivered.iter().chain(&seen.effects().told) {
            let of = row_ids(&delivered.entity);
            for (row, stamp) in &delivered.ids {
                let read = Read { tick: seen.tick, stamp: *stamp, by_list: delivered.list != 0 };
                self.reads.insert((client, of(*row)), read);
            }
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, Told { server, entity, fields, requests }) in self.lost.iter() {
            let fields = fields.join("`, `");
            let message = format!(
                "a write to {entity} put back what somebody else had changed after it was read: `{fields}`"
            );
            found.push(Verdict::new("lost_update", server, message, requests.clone()));
        }
        for (_, Told { server, entity, fields, requests }) in self.emptied.iter() {
            let fields = fields.join("`, `");
            let message = format!("a PUT of {entity} emptied fields that it left out: `{fields}`");
            found.push(Verdict::new("emptied_fields", server, message, requests.clone()));
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.reads.was_cut() || self.fields.was_cut()
    }
}
