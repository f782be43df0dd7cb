//! `refusal_ignored`: writes that were refused, and what the client made of it.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::judge::memory::Memory;
use crate::judge::{Observed, Verdict, contains, name_request};
use crate::store::effects::{Refused, hash};

/// How many refusals of a principal are open at a time.
const OPEN: usize = 64;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Refusals {
    /// Refused writes as they were sent, with what might have helped by then.
    sent: Memory<u64, Sent>,
    /// What each principal has not come back to yet.
    open: Memory<u64, Vec<Open>>,
    again: Memory<u64, Told>,
    used: Memory<u64, Told>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Sent {
    request: u64,
    help: u64,
}

/// A refusal that the client may still come back to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Open {
    server: String,
    entity: String,
    key: Option<String>,
    /// The fields of the entity that hold its key, in lower case.
    key_fields: Vec<String>,
    look_in: String,
    request: u64,
    call: u64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kind {
    /// It stood under a 2xx.
    Hidden,
    /// It may pass by itself.
    Temporary,
    /// A record that does not exist now.
    NotMade,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Told {
    server: String,
    entity: String,
    requests: Vec<u64>,
}

impl Refusals {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        self.come_back(seen);
        let refused = &seen.effects().refused;
        if refused.is_empty() || !seen.is_write() || seen.who.is_sign_in {
            return;
        }
        let is_again = self.sent_again(seen, refused);
        let is_hidden = seen.entry().status.is_some_and(|status| status < 300);
        // Nobody comes back by sending the same again: that is told already.
        if is_again && is_hidden {
            return;
        }
        for refusal in &refused[refused.len().saturating_sub(OPEN)..] {
            self.open(seen, refusal);
        }
    }

    /// Whether the request was refused before as it is now, with nothing done about it in between.
    fn sent_again(&mut self, seen: &Observed<'_>, refused: &[Refused]) -> bool {
        let entry = seen.entry();
        if refused.iter().all(|refusal| refusal.is_temporary) || seen.finished.arrival.is_unread {
            return false;
        }
        let key = hash(&(
            seen.server(),
            seen.who.principal,
            entry.method.as_str(),
            &entry.path,
            &entry.query,
            entry.headers.get(seen.finished.sim.habits.company).map(axum::http::HeaderValue::as_bytes),
            &*entry.body,
        ));
        let help = seen.known.help(seen);
        let before = self.sent.get(&key).filter(|before| before.help == help);
        let is_again = before.is_some();
        if let Some(before) = before {
            let entity = refused.first().map(|refusal| refusal.entity.clone()).unwrap_or_default();
            let new = || Told { server: seen.server().to_owned(), entity, requests: vec![before.request] };
            name_request(&mut self.again.at(key, new).requests, entry.id);
        }
        self.sent.insert(key, Sent { request: entry.id, help });
        is_again
    }

    fn open(&mut self, seen: &Observed<'_>, refusal: &Refused) {
        let entry = seen.entry();
        let is_hidden = entry.status.is_some_and(|status| status < 300);
        let kind = match (refusal.is_temporary, is_hidden) {
            (true, _) => Kind::Temporary,
            (false, true) => Kind::Hidden,
            // Only a record that would be new has a key that nobody has.
            (false, false) if entry.method == "POST" && refusal.key.is_some() && !refusal.exists => {
                Kind::NotMade
            }
            (false, false) => return,
        };
        let table = seen.finished.model.table(&refusal.entity);
        let key_fields = table.map(|table| table.entity.keys.iter().map(|key| key.to_lowercase()).collect());
        let open = self.open.at(seen.who.principal, Vec::new);
        if open.len() >= OPEN {
            open.remove(0);
        }
        open.push(Open {
            server: seen.server().to_owned(),
            entity: refusal.entity.clone(),
            key: refusal.key.clone(),
            key_fields: key_fields.unwrap_or_default(),
            look_in: refusal.look_in.to_owned(),
            request: entry.id,
            call: call(seen),
            kind,
        });
    }

    /// What the request comes back to is no longer open; what uses a key that no record has is told.
    fn come_back(&mut self, seen: &Observed<'_>) {
        let Some(open) = self.open.get_mut(&seen.who.principal) else { return };
        let same = call(seen);
        let mut used = Vec::new();
        open.retain(|one| match one.kind {
            Kind::Temporary => one.call != same,
            Kind::Hidden => !is_about(seen, one),
            Kind::NotMade => {
                if one.call == same || made(seen, one) {
                    return one.call == same && !made(seen, one) && !is_corrected(seen, one);
                }
                let uses = seen.is_write() && uses_key(seen, one);
                if uses {
                    used.push(one.clone());
                }
                !uses
            }
        });
        for one in used {
            let new = || Told { server: one.server, entity: one.entity, requests: vec![one.request] };
            name_request(&mut self.used.at(one.request, new).requests, seen.id());
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, Told { server, entity, requests }) in self.again.iter() {
            let message = format!(
                "a write to {entity} was refused and sent again unchanged, although nothing had changed that could help"
            );
            found.push(Verdict::new("refusal_ignored", server, message, requests.clone()));
        }
        for (_, Told { server, entity, requests }) in self.used.iter() {
            let message =
                format!("a new record of {entity} was refused, and its key was used as if it were there");
            found.push(Verdict::new("refusal_ignored", server, message, requests.clone()));
        }
        for (_, open) in self.open.iter() {
            tell_open(open, found);
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.sent.was_cut() || self.open.was_cut()
    }
}

/// What a principal has never come back to: one verdict for all items that a request was refused of one entity.
fn tell_open(open: &[Open], found: &mut Vec<Verdict>) {
    let mut facts: IndexMap<(u64, &str, bool), (&Open, u64)> = IndexMap::new();
    for one in open.iter().filter(|one| one.kind != Kind::NotMade) {
        let fact = (one.request, one.entity.as_str(), one.kind == Kind::Hidden);
        facts.entry(fact).or_insert((one, 0)).1 += 1;
    }
    for ((request, entity, is_hidden), (one, count)) in facts {
        let message = match (is_hidden, count) {
            (true, 1) => {
                format!("a refusal of {entity} stood under a 2xx, and nobody came back to that record")
            }
            (true, _) => {
                let more = if count < OPEN as u64 { "" } else { " or more" };
                format!(
                    "{count}{more} refusals of {entity} stood under a 2xx, and nobody came back to those records"
                )
            }
            (false, _) => format!("a write to {entity} was refused for the time being and never tried again"),
        };
        let verdict = Verdict::new("refusal_ignored", &one.server, message, vec![request]);
        found.push(if is_hidden { verdict } else { verdict.into_advice() });
    }
}

/// Which call it is: the verb and the path.
fn call(seen: &Observed<'_>) -> u64 {
    let entry = seen.entry();
    hash(&(seen.server(), entry.method.as_str(), entry.path.trim_end_matches('/')))
}

/// Whether a request is about the record that was refused: it names its key, gives it, or looks for it elsewhere.
fn is_about(seen: &Observed<'_>, open: &Open) -> bool {
    if open.server != seen.server() {
        return false;
    }
    let effects = seen.effects();
    let looked = effects.delivered.iter().any(|list| list.entity == open.look_in);
    let touched = |entity: &str| {
        let refused = effects.refused.iter().map(|refusal| &refusal.entity);
        let written = effects.created.iter().map(|created| &created.row.entity);
        let changed = effects.changed.iter().map(|change| &change.row.entity);
        let read = effects.delivered.iter().map(|list| &list.entity);
        refused.chain(written).chain(changed).chain(read).any(|known| known == entity)
    };
    // What has no record of its own, as a movement of stock, is mended by another one.
    let is_movement = open.look_in != open.entity;
    if is_movement && effects.created.iter().any(|created| created.row.entity == open.entity) {
        return true;
    }
    match &open.key {
        Some(key) => looked || mentions(seen, key) || lists(seen, &open.entity),
        None => looked || touched(&open.entity),
    }
}

/// Whether a whole list of the entity was read.
fn lists(seen: &Observed<'_>, entity: &str) -> bool {
    seen.effects().delivered.iter().any(|list| list.list != 0 && list.entity == entity && list.rows > 0)
}

/// Whether the key stands in the request.
fn mentions(seen: &Observed<'_>, key: &str) -> bool {
    let entry = seen.entry();
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    contains(&entry.body, key.as_bytes())
        || decoded(&entry.path).contains(key)
        || decoded(&entry.query).contains(key)
}

/// Whether a record of that key has been made by now.
fn made(seen: &Observed<'_>, open: &Open) -> bool {
    seen.effects().created.iter().any(|created| created.row.entity == open.entity)
        && mentions(seen, open.key.as_deref().unwrap_or_default())
}

/// Whether the same call was made again with another key, as one that was corrected.
fn is_corrected(seen: &Observed<'_>, open: &Open) -> bool {
    seen.effects().refused.is_empty() && !mentions(seen, open.key.as_deref().unwrap_or_default())
}

/// Whether a write uses the key: its path ends with it, or a field that is named like the key holds it.
fn uses_key(seen: &Observed<'_>, open: &Open) -> bool {
    let Some(key) = &open.key else { return false };
    let entry = seen.entry();
    let in_path = entry
        .path
        .split('/')
        .any(|segment| percent_encoding::percent_decode_str(segment).decode_utf8_lossy() == key.as_str());
    let in_body = || {
        let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        holds_key(&body, &open.key_fields, key)
    };
    open.server == seen.server() && (in_path || (contains(&entry.body, key.as_bytes()) && in_body()))
}

fn holds_key(value: &Value, fields: &[String], key: &str) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(name, value)| {
            let name = name.to_lowercase();
            let is_key = fields.iter().any(|field| name.ends_with(field) || name.starts_with(field));
            let is_it = match value {
                Value::String(text) => text == key,
                Value::Number(number) => number.as_str() == key,
                _ => false,
            };
            (is_key && is_it) || holds_key(value, fields, key)
        }),
        Value::Array(items) => items.iter().any(|item| holds_key(item, fields, key)),
        _ => false,
    }
}
