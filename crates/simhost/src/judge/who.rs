//! Who a client is, and what the judge knows of the world.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::judge::memory::Memory;
use crate::judge::{Finished, Observed};
use crate::store::effects::{Effects, hash};

/// Who has asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Who {
    /// The principal at its server; what it signs in with, when it was never let in.
    pub(crate) principal: u64,
    /// The principal and its token, or the one that this token was asked for in place of.
    pub(crate) client: u64,
    /// Whether what it signs in with was good before.
    pub(crate) was_let_in: bool,
    /// Whether the request asks for a token.
    pub(crate) is_sign_in: bool,
}

/// Counters of what has changed, and who signs in with what.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    /// Counts requests and what somebody else has done.
    pub(crate) tick: u64,
    /// How often anything was changed at a server.
    changes: BTreeMap<String, u64>,
    /// How often each entity of a server was changed.
    entities: BTreeMap<String, u64>,
    /// How often a principal has changed anything by a call of one path.
    own: Memory<u64, u64>,
    /// Who signs in with what, who has which name, and which credentials were good once.
    pub(crate) credentials: Memory<u64, u64>,
    pub(crate) names: Memory<u64, u64>,
    pub(crate) let_in: Memory<u64, bool>,
}

impl Known {
    /// How often anything was changed at a server.
    pub(crate) fn changes(&self, server: &str) -> u64 {
        self.changes.get(server).copied().unwrap_or_default()
    }

    /// How often an entity was changed.
    pub(crate) fn changes_of(&self, server: &str, entity: &str) -> u64 {
        self.entities.get(&format!("{server} {entity}")).copied().unwrap_or_default()
    }

    /// How often anything was changed that may help a refused write: not what the same client did by the same call.
    pub(crate) fn help(&self, seen: &Observed<'_>) -> u64 {
        let own = self.own.get(&by_call(seen.server(), seen.who, seen.finished)).copied().unwrap_or_default();
        self.changes(seen.server()).saturating_sub(own)
    }

    pub(super) fn count(&mut self, effects: &Effects, server: &str, who: &Who, finished: &Finished<'_>) {
        if effects.has_changed_anything() {
            *self.own.at(by_call(server, who, finished), || 0) += 1;
        }
        self.count_outside(effects, server);
    }

    pub(super) fn count_outside(&mut self, effects: &Effects, server: &str) {
        if !effects.has_changed_anything() {
            return;
        }
        *self.changes.entry(server.to_owned()).or_default() += 1;
        let mut before = "";
        for row in effects.written() {
            if row.entity != before {
                *self.entities.entry(format!("{server} {}", row.entity)).or_default() += 1;
                before = &row.entity;
            }
        }
    }
}

fn by_call(server: &str, who: &Who, finished: &Finished<'_>) -> u64 {
    hash(&(server, who.principal, finished.entry.method.as_str(), &finished.entry.path))
}
