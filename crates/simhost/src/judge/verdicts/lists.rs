//! `list_not_finished`, `row_missed`, `unordered_pages`, and what of `wasted_calls` is about pages: lists as they are read,
//! page by page.

use serde::{Deserialize, Serialize};

use crate::base::urlencoded::pairs;
use crate::judge::memory::Memory;
use crate::judge::{Observed, Verdict, name_request};
use crate::rules::expect::often;
use crate::store::effects::{Delivered, hash};

/// A list of which so many rows or fewer were asked for is a view of its top.
const TOP: u64 = 10;

/// A list that is read whole again is worth a word from so many rows on.
const WHOLE: u64 = 10;

/// Pages smaller than this are small for a list longer than that.
const SMALL_PAGE: u64 = 10;
const LONG_LIST: u64 = 50;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Lists {
    lists: Memory<u64, List, 512>,
    /// The list that each principal read last of each entity: keyset paging reads one list after another.
    last: Memory<u64, u64, 512>,
}

/// One list, as one principal reads it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own that any other may go with")]
struct List {
    server: String,
    entity: String,
    /// The requests of the pages since it was begun.
    requests: Vec<u64>,
    pages: u64,
    full_pages: u64,
    /// Where the next page begins.
    next: u64,
    total: u64,
    /// The rows of the last page, and the client that read it.
    rows: Vec<i64>,
    client: u64,
    /// How many of them the client has written since.
    worked: u64,
    /// How often its entity had been changed when it was begun.
    changes: u64,
    is_top: bool,
    is_finished: bool,
    goes_on: bool,
    is_small: bool,
    is_unordered: bool,
    is_queue: bool,
    past_the_end: u64,
    /// Whether it is being read again with nothing changed; and how often that was done.
    again: bool,
    read_again: u64,
    missed: Vec<u64>,
    twice: Vec<u64>,
    repeated: Vec<u64>,
}

impl Lists {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>) {
        for list in seen.effects().delivered.iter().filter(|list| list.list != 0) {
            self.page(seen, list);
        }
        self.work(seen);
    }

    fn page(&mut self, seen: &Observed<'_>, page: &Delivered) {
        let id = hash(&(seen.server(), seen.who.principal, page.list));
        let changes = seen.known.changes_of(seen.server(), &page.entity);
        let place = hash(&(seen.server(), seen.who.principal, &page.entity, &page.company));
        let before = if page.offset == 0 { self.gone_on_from(id, place, page) } else { None };
        let list = self.lists.at(id, List::default);
        if page.offset == 0 {
            list.begin(seen, page, changes);
            if let Some(before) = &before {
                list.requests.splice(0..0, before.iter().copied());
                list.is_top = false;
            }
        } else if list.pages > 0 && page.offset == list.next {
            list.look_for_moved(seen, page);
        }
        list.add(seen, page, changes);
        self.last.insert(place, id);
    }

    /// The requests of the list that this one goes on with, when it does: its rows are those that were left of it.
    fn gone_on_from(&mut self, id: u64, place: u64, page: &Delivered) -> Option<Vec<u64>> {
        let before = *self.last.get(&place).filter(|before| **before != id)?;
        let list = self.lists.get_mut(&before)?;
        let again = page.ids.iter().filter(|(row, _)| list.rows.contains(row)).count() as u64;
        let left = list.total.saturating_sub(list.next);
        let is_rest =
            left > 0 && page.total.saturating_sub(again) <= left && (again < page.rows || page.rows == 0);
        // As rows come and go meanwhile, the rest may be shorter; it is the same rest while it has no row of before it.
        if !is_rest || list.full_pages == 0 || page.total + list.next + WHOLE < list.total {
            return None;
        }
        list.goes_on = true;
        Some(list.requests.clone())
    }

    /// What a client writes of the rows of its last page: it works through a queue.
    fn work(&mut self, seen: &Observed<'_>) {
        let effects = seen.effects();
        let changed = effects.changed.iter().map(|change| &change.row);
        for row in changed.chain(&effects.deleted) {
            let place = hash(&(seen.server(), seen.who.principal, &row.entity, &row.company));
            let Some(list) = self.last.get(&place).copied().and_then(|id| self.lists.get_mut(&id)) else {
                continue;
            };
            list.worked += u64::from(list.rows.contains(&row.row));
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        for (_, list) in self.lists.iter() {
            list.tell(found);
        }
    }

    pub(crate) fn was_cut(&self) -> bool {
        self.lists.was_cut()
    }
}

impl List {
    /// Reads it from its beginning.
    fn begin(&mut self, seen: &Observed<'_>, page: &Delivered, changes: u64) {
        let was_whole = self.pages > 0 && self.next >= self.total && self.total > WHOLE;
        let is_same =
            was_whole && self.changes == changes && self.client == seen.who.client && !page.is_queue;
        let asked = asked(seen);
        *self = Self {
            server: seen.server().to_owned(),
            entity: page.entity.clone(),
            is_top: asked.is_some_and(|asked| asked <= TOP),
            is_finished: self.is_finished,
            is_queue: page.is_queue || self.is_queue,
            changes,
            again: is_same,
            read_again: self.read_again,
            past_the_end: self.past_the_end,
            missed: std::mem::take(&mut self.missed),
            twice: std::mem::take(&mut self.twice),
            repeated: std::mem::take(&mut self.repeated),
            ..Self::default()
        };
    }

    /// Whether rows have moved across the border of this page since the one before.
    fn look_for_moved(&mut self, seen: &Observed<'_>, page: &Delivered) {
        let last = self.rows.last().copied();
        if page.before.is_some() && page.before != last {
            let is_again = last.is_some_and(|last| page.ids.iter().any(|(row, _)| *row == last));
            name_request(if is_again { &mut self.twice } else { &mut self.missed }, seen.id());
        } else if page.before.is_none() && self.total > self.next && page.total < self.next {
            // Rows that were delivered are gone, and the rest has moved to where this client has been.
            name_request(&mut self.missed, seen.id());
        }
    }

    fn add(&mut self, seen: &Observed<'_>, page: &Delivered, changes: u64) {
        if self.server.is_empty() {
            seen.server().clone_into(&mut self.server);
            self.entity.clone_from(&page.entity);
            self.changes = changes;
        }
        self.pages += 1;
        self.full_pages += u64::from(page.limit == Some(page.rows) && page.rows > 0);
        self.next = page.offset + page.rows;
        self.total = page.total;
        self.rows = page.ids.iter().map(|(row, _)| *row).collect();
        self.client = seen.who.client;
        self.worked = 0;
        name_request(&mut self.requests, seen.id());
        let is_past = page.rows == 0 && page.offset > 0 && page.offset >= page.total;
        self.past_the_end += u64::from(is_past);
        let is_whole = self.next >= self.total;
        self.is_finished |= is_whole;
        if is_whole && self.again && self.changes == changes && !is_past {
            self.read_again += 1;
            self.again = false;
            name_request(&mut self.repeated, seen.id());
        }
        self.is_small |=
            page.offset > 0 && asked(seen).is_some_and(|asked| asked < SMALL_PAGE) && page.total > LONG_LIST;
        let order = seen.habits().order;
        let is_ordered = order.is_empty() || parameter(seen, order).is_some() || !takes(seen, order);
        self.is_unordered |= page.offset > 0 && self.pages > 1 && !is_ordered;
    }

    fn tell(&self, found: &mut Vec<Verdict>) {
        let Self { server, entity, requests, next, total, .. } = self;
        let mut say = |kind: &str, message: String, requests: &[u64]| {
            found.push(Verdict::new(kind, server, message, requests.to_vec()));
        };
        let is_view = self.is_top && self.pages == 1;
        let is_worked_through = self.worked > 0 && self.worked * 2 >= self.rows.len() as u64;
        let has_stopped = self.full_pages > 0 && next < total && !self.is_finished && !self.goes_on;
        if has_stopped && !is_view && !is_worked_through {
            say(
                "list_not_finished",
                format!("{next} rows of {entity} were read, and there are {total}"),
                requests,
            );
        }
        if !self.missed.is_empty() {
            let message =
                format!("rows of {entity} went or moved between two pages, so that one was never delivered");
            say("row_missed", message, &self.missed);
        }
        if !self.twice.is_empty() {
            let message =
                format!("rows of {entity} came or moved between two pages, so that one was delivered twice");
            say("row_missed", message, &self.twice);
        }
        if self.is_unordered {
            say("unordered_pages", format!("{entity} was read page by page in no order"), requests);
        }
        if self.past_the_end > 1 {
            let message =
                format!("{} empty pages past the end of {entity} were asked for", self.past_the_end);
            say("wasted_calls", message, requests);
        }
        if self.is_small {
            say(
                "wasted_calls",
                format!("{total} rows of {entity} were read in pages of fewer than {SMALL_PAGE}"),
                requests,
            );
        }
        if self.read_again > 0 {
            let message = format!(
                "all {total} rows of {entity} were read again {} with none changed",
                often(self.read_again)
            );
            say("wasted_calls", message, &self.repeated);
        }
    }
}

/// How many rows the request asked for, whatever it got: the number that follows the parameter, in the query or the body.
fn asked(seen: &Observed<'_>) -> Option<u64> {
    let mut sizes = seen.finished.sim.paging.iter().map(|(size, _)| *size);
    sizes.find_map(|size| {
        parameter(seen, size).and_then(|text| text.parse().ok()).or_else(|| in_body(seen, size))
    })
}

/// The value of a query parameter.
fn parameter(seen: &Observed<'_>, name: &str) -> Option<String> {
    let found = pairs(&seen.entry().query).find(|(key, _)| key.trim().eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim().to_owned())
}

/// Whether the operation has a query parameter of that name.
fn takes(seen: &Observed<'_>, name: &str) -> bool {
    let entry = seen.entry();
    let operation = entry.operation.and_then(|place| entry.contract.operations.get(place));
    operation.is_some_and(|operation| {
        operation.parameters.iter().any(|known| known.name.eq_ignore_ascii_case(name))
    })
}

/// The first number that follows `name` and a colon in the body: a member, a variable or an argument.
fn in_body(seen: &Observed<'_>, name: &str) -> Option<u64> {
    let text = std::str::from_utf8(&seen.entry().body).ok()?;
    text.match_indices(name).find_map(|(place, _)| {
        let rest = text[place + name.len()..].trim_start_matches(['"', '\\', ':', ' ']);
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok()
    })
}
