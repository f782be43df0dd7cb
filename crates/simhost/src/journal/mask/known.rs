//! Secrets that a sandbox has met: a name told them once, and they are masked wherever they stand.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use aho_corasick::{AhoCorasick, MatchKind};
use axum::http::HeaderMap;
use indexmap::IndexMap;
use serde_json::Value;

use super::{MASK, secret_places};
use crate::base::secret::basic;
use crate::base::urlencoded::segment;

/// How many bytes of its clients' secrets a sandbox remembers; the oldest go first.
const MAX_MET: usize = 64 << 10;

/// Texts up to here are searched for one secret after the other: most are paths, and most sandboxes know two secrets.
const SHORT: usize = 1 << 10;

/// Headers that carry credentials, whatever the server.
const CREDENTIALS: [&str; 2] = ["authorization", "proxy-authorization"];

/// Whether a secret is so long, and so little of a word, that no text holds it by chance.
pub fn is_rare(value: &str) -> bool {
    let is_number = value.bytes().all(|letter| letter.is_ascii_digit());
    let is_word = value.chars().all(char::is_alphabetic);
    !is_number && (value.len() >= 16 || value.len() >= 8 && !is_word)
}

/// A secret as it stands in paths and queries, where that is another text.
fn in_path(value: &str) -> Option<String> {
    let encoded = segment(value);
    (encoded != value).then(|| encoded.into_owned())
}

/// The secrets of one sandbox that are masked wherever they stand.
#[derive(Debug, Default)]
pub struct Known {
    all: RwLock<All>,
}

#[derive(Debug, Default)]
struct All {
    /// What scenario and profiles hold.
    given: Arc<[String]>,
    /// What clients and control have said, and the secrets in it.
    met: IndexMap<String, Vec<String>>,
    bytes: usize,
    finder: OnceLock<Option<AhoCorasick>>,
}

impl Known {
    /// What the scenario that is in force holds, in the place of what the one before held.
    pub fn give(&self, given: Arc<[String]>) {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.given = given;
        all.finder = OnceLock::new();
    }

    /// The credentials of a request; `names` are the simulator's own headers.
    pub fn meet_headers(&self, headers: &HeaderMap, names: &[&str]) {
        let is_known =
            |name: &str| CREDENTIALS.iter().chain(names).any(|known| known.eq_ignore_ascii_case(name));
        let values = headers.iter().filter(|(name, _)| is_known(name.as_str())).map(|(_, value)| value);
        values.filter_map(|value| value.to_str().ok()).for_each(|value| self.meet(value));
    }

    /// What stands under the names of secrets in a text.
    pub fn meet_text(&self, text: &str, names: &[&str]) {
        for place in secret_places(text, names) {
            self.meet(&text[place]);
        }
    }

    /// A secret, with the scheme before it where it is the value of a header.
    pub fn meet(&self, value: &str) {
        if !is_rare(value) || value.len() > MAX_MET {
            return;
        }
        if self.all.read().unwrap_or_else(PoisonError::into_inner).met.contains_key(value) {
            return;
        }
        let secrets = secrets_of(value);
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.bytes += size(value, &secrets);
        all.met.insert(value.to_owned(), secrets);
        while all.bytes > MAX_MET {
            let Some((value, secrets)) = all.met.shift_remove_index(0) else { break };
            all.bytes -= size(&value, &secrets);
        }
        all.finder = OnceLock::new();
    }

    /// The text with masks in the place of all of them.
    pub fn hide<'a>(&self, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let text = text.into();
        match self.finder(&text) {
            Some(finder) if finder.is_match(&*text) => {
                let masks = vec![MASK; finder.patterns_len()];
                Cow::Owned(finder.replace_all(&text, &masks))
            }
            _ => text,
        }
    }

    /// What finds them all; nothing where there are none, or none in a short text. Who searches long holds nobody up.
    fn finder(&self, text: &str) -> Option<AhoCorasick> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        let is_long = text.len() > SHORT;
        let is_worth_it = || is_long || all.secrets().any(|secret| text.contains(secret));
        all.finder_of(is_worth_it)
    }

    /// The same for bytes that are no text.
    pub fn hide_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        let finder = self.all.read().unwrap_or_else(PoisonError::into_inner).finder_of(|| true);
        match finder {
            Some(finder) => finder.replace_all_bytes(&bytes, &vec![MASK; finder.patterns_len()]),
            None => bytes,
        }
    }

    /// The same for all texts of JSON that is shown; names stay.
    pub fn hide_in(&self, shown: &mut Value) {
        match shown {
            Value::String(text) => {
                if let Cow::Owned(hidden) = self.hide(text.as_str()) {
                    *text = hidden;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(members) => members.values_mut().for_each(|member| self.hide_in(member)),
            _ => {}
        }
    }
}

impl All {
    fn secrets(&self) -> impl Iterator<Item = &str> {
        self.given.iter().chain(self.met.values().flatten()).map(String::as_str)
    }

    fn finder_of(&self, is_worth_it: impl FnOnce() -> bool) -> Option<AhoCorasick> {
        if !is_worth_it() {
            return None;
        }
        let make = || {
            let secrets: HashSet<&str> = self.secrets().collect();
            let finder = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&secrets).ok();
            finder.filter(|_| !secrets.is_empty())
        };
        self.finder.get_or_init(make).clone()
    }
}

/// What is secret in the value of a header or a field: without the scheme; of Basic the password, and both as they are sent.
fn secrets_of(value: &str) -> Vec<String> {
    let scheme = value.split_once(' ').filter(|(scheme, _)| {
        ["basic", "bearer", "digest", "token"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    });
    let secret = scheme.map_or(value, |(_, rest)| rest);
    let password = scheme
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
        .and_then(|(_, encoded)| basic(encoded))
        .map(|(_, password)| password);
    let plain = [Some(secret.to_owned()), password];
    forms(plain.into_iter().flatten())
}

/// Those that are rare, each also as it stands in paths.
pub fn forms(secrets: impl IntoIterator<Item = String>) -> Vec<String> {
    let rare = secrets.into_iter().filter(|secret| is_rare(secret));
    rare.flat_map(|secret| [in_path(&secret), Some(secret)]).flatten().collect()
}

fn size(value: &str, secrets: &[String]) -> usize {
    value.len() + secrets.iter().map(String::len).sum::<usize>()
}
