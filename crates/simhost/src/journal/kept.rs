//! Entries as the journal keeps them: what of an exchange is text, headers and bodies stands in one piece of a block of
//! memory that entries share, so that ten thousand of them are a few hundred allocations and take what they hold.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use bytes::{BufMut as _, Bytes, BytesMut};
use jiff::Timestamp;

use crate::contract::{Contract, Ignored, Violation};
use crate::journal::entry::{Entry, Way};
use crate::journal::mask::Known;
use crate::journal::processing::Processing;
use crate::store::effects::Effects;

/// How large a block becomes at most: large enough that what stays free at its end is little.
const MAX_BLOCK: usize = 256 << 10;

/// Which part of what is kept the newest block is: the more there is, the larger it may be.
const SHARE: usize = 16;

/// Which part of an exchange is counted beside it: the ends of blocks that stay free, blocks that have been given back and
/// are still the process's, and what the allocator needs to have some of that size ready. With a third, a full journal of
/// 64 MiB took 63 MiB of resident memory beside the 27 to 30 of an idle server; all of it is to be less than 90.
const SLACK: usize = 2;

/// What an allocation takes beside its bytes, and what these are rounded up to.
const OVERHEAD: usize = 16;

/// An entry as it is kept; [`Kept::open`] makes it an [`Entry`] again.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Counts from 1 in each sandbox.
    pub id: u64,
    /// The simulator's slug.
    pub server: &'static str,
    /// The verb.
    pub method: Method,
    /// What the client saw; none when nothing was answered.
    pub status: Option<u16>,
    at: Timestamp,
    secrets: &'static [&'static str],
    known: Arc<Known>,
    handled_status: Option<u16>,
    fault: Option<Box<str>>,
    outside: Option<Box<Outside>>,
    contract: Arc<Contract>,
    assumptions: Box<[u32]>,
    operation: Option<usize>,
    effects: Option<Box<Effects>>,
    has_companies: bool,
    unreadable: Option<Cow<'static, str>>,
    processing: Processing,
    way: Way,
    arrived: Instant,
    duration_us: u64,
    /// Path, query, principal, the request's headers and body, the answer's headers and body.
    exchange: Bytes,
    /// Where each of them ends, but the last, which goes to the end.
    ends: [usize; PARTS - 1],
}

/// What of a request is outside the contract, or was sent for nothing: most have none of it.
#[derive(Clone, Debug)]
struct Outside {
    violations: Vec<Violation>,
    ignored: Vec<Ignored>,
}

/// How many parts an exchange has.
const PARTS: usize = 7;

/// The memory that the newest entries are written into.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    newest: BytesMut,
}

impl Blocks {
    /// Keeps an entry, of a journal that holds so many bytes. What only the journal needs of it is taken out.
    pub(super) fn keep(&mut self, entry: &mut Entry, held: usize) -> Kept {
        let parts: [&[u8]; PARTS] = [
            entry.path.as_bytes(),
            entry.query.as_bytes(),
            entry.principal.as_bytes(),
            &[],
            &entry.body,
            &[],
            &entry.response_body,
        ];
        let (asked, answered) = (lines(&entry.headers), lines(&entry.response_headers));
        let size = parts.iter().map(|part| part.len()).sum::<usize>() + asked + answered;
        if self.newest.capacity() < size {
            self.newest = BytesMut::with_capacity(size.max((held / SHARE).min(MAX_BLOCK)));
        }
        let mut ends = [0; PARTS - 1];
        for (place, part) in parts.into_iter().enumerate() {
            match place {
                3 => write_lines(&entry.headers, &mut self.newest),
                5 => write_lines(&entry.response_headers, &mut self.newest),
                _ => self.newest.put_slice(part),
            }
            if let Some(end) = ends.get_mut(place) {
                *end = self.newest.len();
            }
        }
        let (violations, ignored) =
            (std::mem::take(&mut entry.violations), std::mem::take(&mut entry.ignored));
        let is_outside = !(violations.is_empty() && ignored.is_empty());
        let effects = std::mem::take(&mut entry.effects);
        Kept {
            id: entry.id,
            server: entry.server,
            method: entry.method.clone(),
            status: entry.status,
            at: entry.at,
            secrets: entry.secrets,
            known: entry.known.clone(),
            handled_status: entry.handled_status,
            fault: entry.fault.take().map(Into::into),
            outside: is_outside.then(|| Box::new(Outside { violations, ignored })),
            contract: entry.contract.clone(),
            assumptions: std::mem::take(&mut entry.assumptions).into(),
            operation: entry.operation,
            effects: (!effects.is_empty()).then(|| Box::new(effects)),
            has_companies: entry.has_companies,
            unreadable: entry.unreadable.take(),
            processing: std::mem::take(&mut entry.processing),
            way: entry.way.clone(),
            arrived: entry.arrived,
            duration_us: entry.duration_us,
            exchange: self.newest.split().freeze(),
            ends,
        }
    }

    /// The same entry in a block of its own: what it was written into may hold others that are gone.
    pub(super) fn moved(entry: &Kept) -> Kept {
        Kept { exchange: Bytes::copy_from_slice(&entry.exchange), ..entry.clone() }
    }
}

impl Kept {
    /// The request and its answer, as they came and went. Bodies are not copied.
    pub fn open(&self) -> Entry {
        let text = |place| String::from_utf8_lossy(&self.part(place)).into_owned();
        let outside = self.outside.as_deref().cloned();
        let (violations, ignored) =
            outside.map(|Outside { violations, ignored }| (violations, ignored)).unwrap_or_default();
        Entry {
            id: self.id,
            at: self.at,
            server: self.server,
            secrets: self.secrets,
            known: self.known.clone(),
            method: self.method.clone(),
            path: text(0),
            query: text(1),
            headers: read_lines(&self.part(3)),
            body: self.part(4),
            principal: text(2),
            handled_status: self.handled_status,
            status: self.status,
            fault: self.fault.as_deref().map(str::to_owned),
            violations,
            ignored,
            contract: self.contract.clone(),
            assumptions: self.assumptions.to_vec(),
            operation: self.operation,
            effects: self.effects.as_deref().cloned().unwrap_or_default(),
            has_companies: self.has_companies,
            unreadable: self.unreadable.clone(),
            processing: self.processing.clone(),
            way: self.way.clone(),
            arrived: self.arrived,
            duration_us: self.duration_us,
            response_headers: read_lines(&self.part(5)),
            response_body: self.part(6),
        }
    }

    /// What it did to the world; nothing of most.
    pub fn effects(&self) -> Option<&Effects> {
        self.effects.as_deref()
    }

    /// The path, without the sandbox prefix.
    pub fn path(&self) -> &str {
        self.exchange.get(..self.ends[0]).and_then(|path| str::from_utf8(path).ok()).unwrap_or_default()
    }

    fn part(&self, place: usize) -> Bytes {
        let begin = if place == 0 { 0 } else { self.ends[place - 1] };
        let end = self.ends.get(place).copied().unwrap_or(self.exchange.len());
        self.exchange.slice(begin..end)
    }

    /// How many bytes of memory it takes.
    pub(super) fn size(&self) -> usize {
        let outside = self.outside.as_deref().map_or(0, Outside::size);
        let fault = self.fault.as_deref().map_or(0, |fault| taken(fault.len()));
        let effects = self.effects.as_deref().map_or(0, |one| taken(size_of::<Effects>()) + one.size());
        let assumptions = taken(size_of_val(&*self.assumptions));
        // It is one of two places that count it, in the list that the journal is.
        taken(size_of::<Self>() + 2 * size_of::<usize>())
            + size_of::<usize>()
            + self.exchange.len()
            + self.exchange.len() / SLACK
            + outside
            + fault
            + effects
            + assumptions
            + self.processing.size()
    }
}

impl Outside {
    fn size(&self) -> usize {
        let text = |text: &String| taken(text.capacity());
        let further = |text: &Option<String>| text.as_ref().map_or(0, |text| taken(text.capacity()));
        let violations = self.violations.iter().map(|violation| {
            text(&violation.position) + text(&violation.message) + further(&violation.nearest)
        });
        let ignored = self
            .ignored
            .iter()
            .map(|field| text(&field.position) + further(&field.nearest) + further(&field.spoken));
        taken(size_of::<Self>())
            + taken(self.violations.capacity() * size_of::<Violation>())
            + taken(self.ignored.capacity() * size_of::<Ignored>())
            + violations.sum::<usize>()
            + ignored.sum::<usize>()
    }
}

/// What an allocation of so many bytes takes.
pub(super) fn taken(bytes: usize) -> usize {
    if bytes == 0 { 0 } else { bytes.next_multiple_of(OVERHEAD) + OVERHEAD }
}

/// How many bytes headers are, as they are kept: a line each, as HTTP writes them; no value has a line's end in it.
fn lines(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 2).sum()
}

fn write_lines(headers: &HeaderMap, into: &mut BytesMut) {
    for (name, value) in headers {
        into.put_slice(name.as_str().as_bytes());
        into.put_u8(b':');
        into.put_slice(value.as_bytes());
        into.put_u8(b'\n');
    }
}

fn read_lines(lines: &Bytes) -> HeaderMap {
    let pairs = lines.split(|sign| *sign == b'\n').filter_map(|line| {
        let colon = line.iter().position(|sign| *sign == b':')?;
        let name = HeaderName::from_bytes(&line[..colon]).ok()?;
        Some((name, HeaderValue::from_maybe_shared(lines.slice_ref(&line[colon + 1..])).ok()?))
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: u64) -> Entry {
        let mut headers = HeaderMap::new();
        for (name, value) in [("host", "a:1"), ("x-two", "one"), ("x-two", "two: and: more"), ("x-none", "")]
        {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        let mut response_headers = headers.clone();
        response_headers.insert("x-latin", HeaderValue::from_bytes(b"caf\xe9").unwrap());
        Entry {
            id,
            at: Timestamp::UNIX_EPOCH,
            server: "toy",
            secrets: &[],
            known: Arc::default(),
            method: Method::POST,
            path: "/caf\u{e9}".to_owned(),
            query: String::new(),
            headers,
            body: Bytes::from_static(b"\x00\xff\n:"),
            principal: "P/1".to_owned(),
            handled_status: Some(200),
            status: None,
            fault: Some("f".to_owned()),
            violations: vec![Violation::new("path", "/x", "no such path".to_owned(), Some("/y".to_owned()))],
            ignored: Vec::new(),
            contract: Arc::new(Contract::new("1", "")),
            assumptions: vec![1, 7],
            operation: Some(3),
            effects: Effects { more: 2, ..Effects::default() },
            has_companies: true,
            unreadable: None,
            processing: Processing::default(),
            way: Way::default(),
            #[expect(clippy::disallowed_methods, reason = "an entry has a real time")]
            arrived: Instant::now(),
            duration_us: 5,
            response_headers,
            response_body: Bytes::new(),
        }
    }

    /// All that an entry says.
    fn told(entry: &Entry) -> String {
        let headers = |headers: &HeaderMap| {
            let mut pairs: Vec<_> = headers.iter().map(|(name, value)| format!("{name} {value:?}")).collect();
            pairs.sort_by(|one, other| one.split(' ').next().cmp(&other.split(' ').next()));
            pairs
        };
        let Entry { contract: _, headers: asked, response_headers: answered, .. } = entry;
        let (asked, answered) = (headers(asked), headers(answered));
        let rest = Entry { headers: HeaderMap::new(), response_headers: HeaderMap::new(), ..entry.clone() };
        format!("{rest:?} {asked:?} {answered:?}")
    }

    #[test]
    fn an_entry_comes_back_as_it_was_kept() {
        let mut blocks = Blocks::default();
        for (id, held) in [(1, 0), (2, 1 << 20), (3, 1 << 20)] {
            let mut one = entry(id);
            let expected = told(&one);
            let kept = blocks.keep(&mut one, held);
            assert_eq!(told(&kept.open()), expected);
            assert_eq!(told(&Blocks::moved(&kept).open()), expected);
            assert_eq!(kept.path(), "/caf\u{e9}");
            assert!(one.violations.is_empty() && one.effects.is_empty(), "they are not there twice");
            assert!(kept.size() > kept.exchange.len() + size_of::<Kept>() + size_of::<Effects>());
        }
    }

    #[test]
    fn entries_share_a_block_and_an_empty_journal_has_none() {
        let mut blocks = Blocks::default();
        let first = blocks.keep(&mut entry(1), 0);
        assert_eq!(blocks.newest.capacity(), 0, "the first one is as large as its block");
        let kept: Vec<Kept> = (2..10).map(|id| blocks.keep(&mut entry(id), 1 << 20)).collect();
        let place = |kept: &Kept| kept.exchange.as_ptr() as usize;
        assert!(kept.windows(2).all(|two| place(&two[1]) == place(&two[0]) + two[0].exchange.len()));
        assert!(first.exchange.len() == kept[0].exchange.len());
    }
}
