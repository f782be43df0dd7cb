//! `sent_ignored_fields`, `imprecise_money` and `assumed_default`: what stands in a request, or does not.

use std::cell::LazyCell;
use std::collections::VecDeque;

use bytes::Bytes;
use indexmap::IndexMap;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::base::decimal;
use crate::contract::Ignored;
use crate::judge::verdicts::overwritten::Overwritten;
use crate::judge::{Observed, Verdict, contains, name_request};

/// How many fields a verdict names, and how many are remembered.
const NAMED: usize = 10;
const REMEMBERED: usize = 1000;

/// How many answers are kept to see whether a client gives back what it was told, and how many bytes of them.
const ANSWERS: usize = 256;
const BYTES: usize = 4 << 20;

/// Whether digits that may be the tail of a binary fraction stand in a body: five behind a point, or an exponent.
fn may_have_tail(body: &[u8]) -> bool {
    let is_digit = |sign: Option<&u8>| sign.is_some_and(u8::is_ascii_digit);
    body.iter().enumerate().any(|(place, sign)| match sign {
        b'.' => body[place + 1..].iter().take(5).filter(|sign| sign.is_ascii_digit()).count() == 5,
        b'e' | b'E' => place > 0 && is_digit(body.get(place - 1)),
        _ => false,
    })
}

/// Whether there are as many digits as a date and a time have.
fn may_hold_a_time(text: &[u8]) -> bool {
    text.iter().filter(|sign| sign.is_ascii_digit()).nth(11).is_some()
}

/// The farthest that clocks of two time zones are apart, in seconds; and how far a clock may be wrong.
const ZONES: i64 = 15 * 3600;
const WRONG: i64 = 120;

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct SentForNothing {
    ignored: IndexMap<String, IndexMap<String, Field>>,
    money: IndexMap<String, IndexMap<String, Field>>,
    no_company: IndexMap<String, Vec<u64>>,
    other_zone: IndexMap<String, Vec<u64>>,
    /// The last answers, with their ticks. Not kept: what a client was told before a restart is taken for told.
    #[serde(skip)]
    answers: Answers,
    /// Whether there were answers that are no longer here.
    has_forgotten: bool,
}

#[derive(Clone, Debug, Default)]
struct Answers {
    last: VecDeque<(u64, Bytes)>,
    bytes: usize,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Field {
    said: String,
    requests: Vec<u64>,
}

impl SentForNothing {
    pub(crate) fn observe(&mut self, seen: &Observed<'_>, overwritten: &Overwritten) {
        self.ignored_fields(seen, overwritten);
        if seen.is_write() {
            self.imprecise(seen);
            self.company(seen);
        }
        self.zone(seen);
        self.remember(seen);
    }

    fn remember(&mut self, seen: &Observed<'_>) {
        let body = &seen.entry().response_body;
        if body.is_empty() {
            return;
        }
        let Answers { last, bytes } = &mut self.answers;
        *bytes += body.len();
        last.push_back((seen.tick, body.clone()));
        while last.len() > ANSWERS || *bytes > BYTES {
            let Some((_, gone)) = last.pop_front() else { break };
            *bytes -= gone.len();
            self.has_forgotten = true;
        }
    }

    /// A request was done, and part of what the client said with it was not: fields that the server does not know, or that
    /// only it writes. Giving back what the server said before is no mistake.
    fn ignored_fields(&mut self, seen: &Observed<'_>, overwritten: &Overwritten) {
        let entry = seen.entry();
        if entry.ignored.is_empty()
            || !entry.handled_status.is_some_and(|status| (200..300).contains(&status))
        {
            return;
        }
        let is_known = self.knows_what_was_read(seen, overwritten);
        for field in &entry.ignored {
            let name = without_places(&field.position);
            let fields = self.ignored.entry(entry.server.to_owned()).or_default();
            if fields.len() >= REMEMBERED || fields.contains_key(&name) {
                continue;
            }
            let spoken = field.spoken.as_ref();
            let was_told = spoken.is_some_and(|spoken| {
                self.answers.last.iter().any(|(_, answer)| contains(answer, spoken.as_bytes()))
            });
            if was_told || (spoken.is_some() && !is_known) || names_the_record(seen, &name) {
                continue;
            }
            let said = said(field, entry.id);
            fields.insert(name, Field { said, requests: vec![entry.id] });
        }
    }

    /// Whether all that the client was told of the rows that it writes is still here.
    fn knows_what_was_read(&self, seen: &Observed<'_>, overwritten: &Overwritten) -> bool {
        if !self.has_forgotten {
            return true;
        }
        let oldest = self.answers.last.front().map_or(u64::MAX, |(tick, _)| *tick);
        let mut rows = seen.effects().written_over();
        rows.all(|row| overwritten.read_of(seen.who.client, row.id()).is_none_or(|read| read.tick >= oldest))
    }

    fn imprecise(&mut self, seen: &Observed<'_>) {
        let entry = seen.entry();
        if seen.marks().money.is_empty() || !may_have_tail(&entry.body) {
            return;
        }
        let Ok(body) = serde_json::from_slice::<Value>(&entry.body) else { return };
        let mut found = Vec::new();
        amounts(&body, "", &mut |name, value| {
            let is_fraction = decimal::from_json(value).is_some_and(|amount| amount.normalize().scale() > 4);
            if seen.marks().is_money(name) && is_fraction {
                found.push(name.to_owned());
            }
        });
        let fields = self.money.entry(entry.server.to_owned()).or_default();
        for name in found {
            if fields.len() < REMEMBERED || fields.contains_key(&name) {
                let new = || Field { said: format!("`{name}`"), requests: Vec::new() };
                name_request(&mut fields.entry(name.clone()).or_insert_with(new).requests, entry.id);
            }
        }
    }

    fn company(&mut self, seen: &Observed<'_>) {
        let header = seen.habits().company;
        let effects = seen.effects();
        let has_written =
            effects.has_changed_anything() || !effects.unchanged.is_empty() || !effects.refused.is_empty();
        if !header.is_empty() && has_written && !seen.entry().headers.contains_key(header) {
            name_request(self.no_company.entry(seen.server().to_owned()).or_default(), seen.id());
        }
    }

    /// A time after which something is asked for lies ahead, by as much as clocks of two zones differ.
    fn zone(&mut self, seen: &Observed<'_>) {
        let entry = seen.entry();
        if ![entry.query.as_bytes(), &entry.body].into_iter().any(may_hold_a_time) {
            return;
        }
        let (marks, zone) = (seen.marks(), seen.finished.zone);
        let query = percent_encoding::percent_decode_str(&entry.query).decode_utf8_lossy().replace('+', " ");
        let body = String::from_utf8_lossy(&entry.body);
        let now = LazyCell::new(|| {
            let zone = if marks.utc { TimeZone::UTC } else { TimeZone::get(zone).unwrap_or(TimeZone::UTC) };
            zone.to_datetime(entry.at)
        });
        let asks = marks.stamps.iter().chain(&marks.since);
        let is_ahead = |text: &str, name: &String| {
            times_after(text, name).any(|time| {
                let ahead = time.duration_since(*now).as_secs();
                (WRONG..ZONES).contains(&ahead)
            })
        };
        if asks.into_iter().any(|name| is_ahead(&query, name) || is_ahead(&body, name)) {
            name_request(self.other_zone.entry(seen.server().to_owned()).or_default(), entry.id);
        }
    }

    pub(crate) fn tell(&self, found: &mut Vec<Verdict>) {
        let all = |fields: &IndexMap<String, Field>| {
            let mut requests: Vec<u64> =
                fields.values().flat_map(|field| field.requests.iter().copied()).collect();
            requests.sort_unstable();
            requests.dedup();
            let named: Vec<&str> = fields.values().take(NAMED).map(|field| field.said.as_str()).collect();
            let more = fields.len().saturating_sub(NAMED);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            (format!("{}{rest}", named.join(", ")), requests)
        };
        for (server, fields) in self.ignored.iter().filter(|(_, fields)| !fields.is_empty()) {
            let (named, requests) = all(fields);
            let message = format!("the server took requests and ignored fields of them: {named}");
            found.push(Verdict::new("sent_ignored_fields", server, message, requests));
        }
        for (server, fields) in self.money.iter().filter(|(_, fields)| !fields.is_empty()) {
            let (named, requests) = all(fields);
            let message = format!("amounts have the tail of a binary fraction: {named}");
            found.push(Verdict::new("imprecise_money", server, message, requests));
        }
        for (server, requests) in &self.no_company {
            let (count, writes) = (requests.len(), if requests.len() == 1 { "write" } else { "writes" });
            let message = format!("{count} {writes} named no company and went to the default one");
            found.push(Verdict::new("assumed_default", server, message, requests.clone()));
        }
        for (server, requests) in &self.other_zone {
            let message =
                "a time that something is asked for since lies ahead, by as much as two zones differ";
            found.push(Verdict::new("assumed_default", server, message.to_owned(), requests.clone()));
        }
    }
}

/// Whether a field is what the written record was found by: its key is no field that the server made nothing of.
fn names_the_record(seen: &Observed<'_>, field: &str) -> bool {
    let mut rows = seen.effects().written_over();
    rows.any(|row| {
        let table = seen.finished.model.table(&row.entity);
        table.is_some_and(|table| table.entity.keys.iter().any(|key| key.eq_ignore_ascii_case(field)))
    })
}

fn said(field: &Ignored, request: u64) -> String {
    let instead = match (&field.nearest, &field.spoken) {
        (Some(nearest), _) => format!(", did you mean `{nearest}`?"),
        (None, Some(_)) => ", only the server writes it".to_owned(),
        (None, None) => String::new(),
    };
    format!("`{}` (request {request}{instead})", field.position)
}

/// Gives every number, or text that may be one, with the name of the field that holds it.
fn amounts<'v>(value: &'v Value, name: &'v str, each: &mut impl FnMut(&'v str, &'v Value)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| amounts(value, name, each)),
        Value::Array(items) => items.iter().for_each(|item| amounts(item, name, each)),
        Value::Number(_) | Value::String(_) => each(name, value),
        _ => {}
    }
}

/// The local times that stand in `text` within a few words of `name`.
fn times_after<'t>(text: &'t str, name: &str) -> impl Iterator<Item = DateTime> + 't {
    /// How far behind the name a time is looked for.
    const NEAR: usize = 80;
    let places: Vec<usize> = text.match_indices(name).map(|(place, name)| place + name.len()).collect();
    places.into_iter().filter_map(move |place| {
        let near: String = text[place..].chars().take(NEAR).collect();
        let start = near.find(|letter: char| letter.is_ascii_digit())?;
        let time: String = near[start..]
            .chars()
            .take_while(|letter| letter.is_ascii_digit() || "-:T ".contains(*letter))
            .collect();
        // One that says its zone is never mistaken for another.
        let rest = near[start + time.len()..].chars().next();
        let has_zone = rest == Some('Z') || rest == Some('+');
        let time = time.trim().replace(' ', "T");
        if has_zone || time.len() < 16 { None } else { time.get(..time.len().min(19))?.parse().ok() }
    })
}

/// `Items[3].Name` as `Items[].Name`: the same field in every element.
fn without_places(position: &str) -> String {
    let mut parts = position.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |so_far, part| {
        format!("{so_far}[{}", part.trim_start_matches(|letter: char| letter.is_ascii_digit()))
    })
}
