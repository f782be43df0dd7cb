//! What a request did to the world and what it was given of it: noted where rows are read and written.

mod notes;
mod sent;
mod weight;

use std::hash::{BuildHasher as _, Hash, Hasher as _};
use std::sync::{Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use foldhash::quality::FixedState;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

pub use self::notes::{LicenceNote, Part, TokenNote, Validated};
pub use self::sent::Sent;
pub(crate) use self::sent::canonical;

/// How many records of a kind a request's effects name; more are counted in [`Effects::more`].
pub const MOST: usize = 10_000;

/// The effects of one request. What was rolled back is not there; tokens are not shown.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// Records that did not exist before.
    pub created: Vec<Created>,
    /// Records that are not what they were.
    pub changed: Vec<Change>,
    /// Records that were written, and in which nothing differs but the server's own stamps.
    pub unchanged: Vec<Row>,
    /// Records that are gone, or marked as deleted.
    pub deleted: Vec<Row>,
    /// Lists and records that the answer gave the client.
    pub delivered: Vec<Delivered>,
    /// What was refused, whatever the status of the answer.
    pub refused: Vec<Refused>,
    /// Records that stand in the answer to a write.
    pub told: Vec<Delivered>,
    /// Rows that the client says it has read as they were at a time.
    pub validated: Vec<Validated>,
    /// Parts that were added to records: elements of their lists.
    pub parts: Vec<Part>,
    /// What happened to tokens and sessions.
    pub tokens: Vec<TokenNote>,
    /// What happened to licences that accounts take.
    pub licences: Vec<LicenceNote>,
    /// Whether anything was changed that is no record: a switch.
    pub switched: bool,
    /// How many records [`MOST`] has left out.
    pub more: u64,
}

/// A record, by the names that users have for it and by its row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The entity.
    pub entity: String,
    /// The company that the record belongs to; empty where there are none.
    pub company: String,
    /// Its technical key.
    pub key: String,
    /// Its row id.
    pub row: i64,
}

/// A new record.
#[derive(Clone, Debug)]
pub struct Created {
    /// Which.
    pub row: Row,
    /// What of it the client said, as [`Sent::fingerprint`] sums it up.
    pub fingerprint: Option<u64>,
    /// The hash of the server's stamp in it, where its entity has one.
    pub stamp: u64,
}

/// A record that was changed.
#[derive(Clone, Debug)]
pub struct Change {
    /// Which.
    pub row: Row,
    /// What differs.
    pub fields: Vec<FieldChange>,
    /// The hash of the server's stamp in it now, where its entity has one.
    pub stamp: u64,
}

/// A field, or a member of an object (`Address.City`), that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its path.
    pub name: String,
    /// The hash of its value before.
    pub before: u64,
    /// The hash of its value now.
    pub after: u64,
    /// Whether it had a value and has none now.
    pub is_emptied: bool,
}

/// A list or a record that the answer gave the client.
#[derive(Clone, Debug, Default)]
pub struct Delivered {
    /// The entity.
    pub entity: String,
    /// The company; empty where there are none.
    pub company: String,
    /// How many rows.
    pub rows: u64,
    /// How many there are after the filter.
    pub total: u64,
    /// How many were passed over.
    pub offset: u64,
    /// How many rows a page has at most; none when the list is not paged.
    pub limit: Option<u64>,
    /// Which list: the hash of entity, conditions and order. 0 for a record by its key.
    pub list: u64,
    /// The row before the first one, when rows were passed over.
    pub before: Option<i64>,
    /// Each row, at most [`MOST`], with the hash of the server's stamp in it.
    pub ids: Vec<(i64, u64)>,
    /// Whether the list is one of rows that wait to be fetched, and leave it when they are validated.
    pub is_queue: bool,
}

/// Something that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refused {
    /// The entity.
    pub entity: String,
    /// The company; empty where there are none.
    pub company: String,
    /// The key of the record that was meant, where it is known.
    pub key: Option<String>,
    /// Its place in the batch, where it was one of several.
    pub index: Option<usize>,
    /// The vendor's code, or what the status says; never a value of a field.
    pub reason: String,
    /// Whether it may pass by itself: somebody else has the record open, the server is busy.
    pub is_temporary: bool,
    /// Whether there is a record of that key nevertheless.
    pub exists: bool,
    /// The entity in which the record is to be looked for, where that is another one.
    pub look_in: &'static str,
}

/// How many bytes a body has at most whose JSON is held as long as its request.
const MOST_HELD: usize = 64 << 10;

/// What is gathered of one request on its way.
#[derive(Debug, Default)]
pub struct Trace {
    body: Bytes,
    json: OnceLock<Option<Value>>,
    sent: OnceLock<Sent>,
    effects: Mutex<Effects>,
}

/// A hash that is the same in every run. Every request is hashed several times: what a client could do with texts that
/// collide is to confuse the verdicts on itself.
pub fn hash(value: &(impl Hash + ?Sized)) -> u64 {
    STATE.hash_one(value)
}

/// What every hash begins with.
const STATE: FixedState = FixedState::with_seed(0);

/// The [`Row::id`] of rows of one entity: what is hashed of its name is so once.
pub fn row_ids(entity: &str) -> impl Fn(i64) -> u64 {
    let mut of_entity = STATE.build_hasher();
    entity.hash(&mut of_entity);
    move |row| {
        let mut hasher = of_entity.clone();
        row.hash(&mut hasher);
        hasher.finish()
    }
}

impl Trace {
    /// That of a request with this body.
    pub fn new(body: Bytes) -> Self {
        Self { body, ..Self::default() }
    }

    /// Adds what one transaction did.
    pub(crate) fn add(&self, effects: Effects) {
        if effects.is_empty() {
            return;
        }
        self.effects.lock().unwrap_or_else(PoisonError::into_inner).extend(effects);
    }

    /// Notes a refusal that the answer's status does not tell.
    pub fn refuse(&self, refused: Refused) {
        self.add(Effects { refused: vec![refused], ..Effects::default() });
    }

    /// Whether a refusal was noted.
    pub fn has_refusal(&self) -> bool {
        !self.effects.lock().unwrap_or_else(PoisonError::into_inner).refused.is_empty()
    }

    /// All that was noted.
    pub fn take(&self) -> Effects {
        std::mem::take(&mut *self.effects.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The body as JSON, read once for all who ask; nothing where it is none, or so large that what it says is not to be
    /// held beside it.
    pub fn json(&self) -> Option<&Value> {
        let is_held = (1..=MOST_HELD).contains(&self.body.len());
        self.json.get_or_init(|| is_held.then(|| serde_json::from_slice(&self.body).ok()).flatten()).as_ref()
    }

    /// The same of a body that a handler was given: nothing where that is another one.
    pub fn json_of(&self, body: &[u8]) -> Option<&Value> {
        if std::ptr::eq(body, &raw const *self.body) { self.json() } else { None }
    }

    /// The names in the body.
    pub(crate) fn sent(&self) -> &Sent {
        self.sent.get_or_init(|| self.json().map_or_else(|| Sent::of(&self.body), Sent::in_json))
    }
}

impl Effects {
    /// The rows of all records that are not what they were: new, changed and gone ones.
    pub fn written(&self) -> impl Iterator<Item = &Row> {
        let created = self.created.iter().map(|created| &created.row);
        let changed = self.changed.iter().map(|change| &change.row);
        created.chain(changed).chain(&self.deleted)
    }

    /// The rows of records that were there before and were written to, whether anything differs now or not.
    pub fn written_over(&self) -> impl Iterator<Item = &Row> {
        self.changed.iter().map(|change| &change.row).chain(&self.unchanged)
    }

    /// Counts one more new record where there are too many to name it.
    pub(super) fn leaves_out_created(&mut self) -> bool {
        let is_full = self.created.len() >= MOST && self.deleted.is_empty();
        self.more += u64::from(is_full);
        is_full
    }

    /// Adds what happened after it: a record is told of once.
    pub fn extend(&mut self, later: Self) {
        for created in later.created {
            // A logically deleted one made way for it.
            self.deleted.pop_if(|gone| gone.is_same_key(&created.row));
            push(&mut self.created, created, &mut self.more);
        }
        for change in later.changed {
            self.add_change(change);
        }
        for row in later.unchanged {
            let known = recent(&self.created).any(|created| created.row.is(&row))
                || recent(&self.changed).any(|change| change.row.is(&row))
                || recent(&self.unchanged).any(|known| known.is(&row));
            if !known {
                push(&mut self.unchanged, row, &mut self.more);
            }
        }
        for row in later.deleted {
            let created = self.created.len();
            self.created.retain(|created| !created.row.is(&row));
            self.changed.retain(|change| !change.row.is(&row));
            self.unchanged.retain(|known| !known.is(&row));
            if created == self.created.len() {
                push(&mut self.deleted, row, &mut self.more);
            }
        }
        self.delivered.extend(later.delivered);
        self.told.extend(later.told);
        for refused in later.refused {
            push(&mut self.refused, refused, &mut self.more);
        }
        for validated in later.validated {
            push(&mut self.validated, validated, &mut self.more);
        }
        self.parts.extend(later.parts);
        self.tokens.extend(later.tokens);
        self.licences.extend(later.licences);
        self.switched |= later.switched;
        self.more += later.more;
    }

    fn add_change(&mut self, change: Change) {
        let created = recent(&mut self.created).find(|created| created.row.is(&change.row));
        if let Some(created) = created {
            created.stamp = change.stamp;
            return;
        }
        let Some(known) = recent(&mut self.changed).find(|known| known.row.is(&change.row)) else {
            let row = change.row.clone();
            if let Some(place) = self.unchanged.iter().rev().take(RECENT).position(|known| known.is(&row)) {
                self.unchanged.remove(self.unchanged.len() - 1 - place);
            }
            push(&mut self.changed, change, &mut self.more);
            return;
        };
        known.stamp = change.stamp;
        for field in change.fields {
            match known.fields.iter_mut().find(|known| known.name == field.name) {
                Some(known) => {
                    known.after = field.after;
                    known.is_emptied = field.is_emptied;
                }
                None => known.fields.push(field),
            }
        }
    }

    /// Whether records or switches are not what they were.
    pub fn has_changed_anything(&self) -> bool {
        self.switched || !(self.created.is_empty() && self.changed.is_empty() && self.deleted.is_empty())
    }

    /// They, for users; empty parts are left out. `with_company` where records belong to companies.
    pub fn to_json(&self, with_company: bool) -> Value {
        let mut shown = Map::new();
        let mut put = |name: &str, items: Vec<Value>| {
            if !items.is_empty() {
                shown.insert(name.to_owned(), items.into());
            }
        };
        let company = |mut item: Value, company: &str| {
            if with_company {
                item["company"] = company.into();
            }
            item
        };
        let row = |row: &Row| company(json!({ "entity": row.entity, "key": row.key }), &row.company);
        put("created", self.created.iter().map(|created| row(&created.row)).collect());
        put(
            "changed",
            self.changed
                .iter()
                .map(|change| {
                    let mut item = row(&change.row);
                    item["fields"] = change.names().into();
                    item
                })
                .collect(),
        );
        put("unchanged", self.unchanged.iter().map(row).collect());
        put("deleted", self.deleted.iter().map(row).collect());
        put("delivered", self.delivered.iter().map(|list| {
            let item = json!({ "entity": list.entity, "rows": list.rows, "total": list.total, "offset": list.offset });
            company(item, &list.company)
        }).collect());
        put(
            "refused",
            self.refused
                .iter()
                .map(|refused| {
                    let mut item =
                        Map::from_iter([("entity".to_owned(), Value::from(refused.entity.as_str()))]);
                    if let Some(key) = &refused.key {
                        item.insert("key".to_owned(), key.as_str().into());
                    }
                    if let Some(index) = refused.index {
                        item.insert("index".to_owned(), index.into());
                    }
                    item.insert("reason".to_owned(), refused.reason.as_str().into());
                    company(Value::Object(item), &refused.company)
                })
                .collect(),
        );
        if self.more > 0 {
            shown.insert("more".to_owned(), self.more.into());
        }
        Value::Object(shown)
    }
}

impl Row {
    /// Whether both are the same row.
    pub fn is(&self, other: &Self) -> bool {
        self.row == other.row && self.entity == other.entity
    }

    fn is_same_key(&self, other: &Self) -> bool {
        self.entity == other.entity && self.company == other.company && self.key == other.key
    }

    /// The row's own hash, by which the judge remembers it.
    pub fn id(&self) -> u64 {
        row_ids(&self.entity)(self.row)
    }
}

impl Change {
    /// The fields of the record that were changed, each once.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for field in &self.fields {
            let name = field.name.split('.').next().unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// How far back a record is looked for among those that were written before it in the same request: what is written twice
/// is mostly written right after, and long lists are not searched through.
const RECENT: usize = 64;

/// The last items of a list, the newest first.
fn recent<I: IntoIterator<IntoIter: DoubleEndedIterator>>(list: I) -> impl Iterator<Item = I::Item> {
    list.into_iter().rev().take(RECENT)
}

fn push<T>(list: &mut Vec<T>, item: T, more: &mut u64) {
    if list.len() < MOST { list.push(item) } else { *more += 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_a_record_in_one_request_is_told_once() {
        let row = |key: &str, row| Row { entity: "e".into(), key: key.into(), row, ..Row::default() };
        let field = |before, after| FieldChange { name: "f".into(), before, after, is_emptied: false };
        let change = |id, before, after| Effects {
            changed: vec![Change { row: row("k", id), fields: vec![field(before, after)], stamp: 0 }],
            ..Effects::default()
        };
        let mut effects = Effects::default();
        effects.extend(change(1, 1, 2));
        effects.extend(change(1, 2, 3));
        assert_eq!((effects.changed.len(), effects.changed[0].fields[0].after), (1, 3));
        effects.extend(Effects { deleted: vec![row("k", 1)], ..Effects::default() });
        assert!(effects.changed.is_empty() && effects.deleted.len() == 1);
        let created = Created { row: row("k", 2), fingerprint: None, stamp: 0 };
        effects.extend(Effects { created: vec![created], ..Effects::default() });
        assert!(effects.deleted.is_empty(), "it was put in its place");
        effects.extend(Effects { deleted: vec![row("k", 2)], ..Effects::default() });
        assert!(effects.created.is_empty() && effects.deleted.is_empty());
        effects.extend(Effects { switched: true, more: 2, ..Effects::default() });
        effects.extend(Effects { more: 1, ..Effects::default() });
        assert_eq!((effects.switched, effects.more), (true, 3));
    }
}
