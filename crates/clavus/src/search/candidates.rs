//! Where in the readable attributes each term is found: from the vocabulary to the postings.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::api::Api;
use crate::column::Kind;
use crate::failure::Failure;

use super::parse::Term;
use super::typo;

/// One place of a folder where a term is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The attribute's rank: 0 for the name, then the columns in their order.
    pub(super) attribute: u32,
    pub(super) begin: u32,
    pub(super) end: u32,
    pub(super) typos: u32,
    /// Whether it is the word as typed.
    pub(super) exact: bool,
}

/// The places of one term by folder.
pub(super) type Places = BTreeMap<i64, Vec<Place>>;

/// A word of the vocabulary that a term means.
struct Meant {
    word: i64,
    typos: u32,
    exact: bool,
}

/// The places of each term.
pub(super) fn find(api: &Api<'_>, terms: &[Term]) -> Result<Vec<Places>, Failure> {
    let finder = Finder { api, ranks: ranks(api) };
    terms
        .iter()
        .map(|term| match term {
            Term::Phrase(words) => finder.phrase(words),
            Term::Word { text, prefix } => finder.word(text, *prefix),
        })
        .collect()
}

/// The attributes that are searched, by their number in the index, with their ranks. Columns that the key may not
/// read are not among them: their words lead nowhere.
fn ranks(api: &Api<'_>) -> HashMap<i64, u32> {
    let columns = api.columns.0.iter().filter(|column| column.kind != Kind::File).map(|column| column.row);
    let columns = columns.filter(|_| api.ctx.settings.text("search_scope") == "all");
    std::iter::once(0).chain(columns).zip(0..).collect()
}

struct Finder<'a> {
    api: &'a Api<'a>,
    ranks: HashMap<i64, u32>,
}

impl Finder<'_> {
    /// Every place where `word` stands, as folder, attribute's rank and position.
    fn postings(&self, word: i64) -> Result<Vec<(i64, u32, u32)>, Failure> {
        let text = "SELECT folder, attribute, position FROM _postings WHERE word = ?";
        let mut statement = self.api.db.conn.prepare_cached(text)?;
        let mut rows = statement.query([word])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            if let Some(rank) = self.ranks.get(&row.get(1)?) {
                found.push((row.get(0)?, *rank, row.get(2)?));
            }
        }
        Ok(found)
    }

    fn number(&self, word: &str) -> Result<Option<i64>, Failure> {
        let text = "SELECT id FROM _vocabulary WHERE word = ?";
        let mut statement = self.api.db.conn.prepare_cached(text)?;
        let mut rows = statement.query([word])?;
        Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
    }

    /// Words strictly consecutive in one attribute (4.2, step 5).
    fn phrase(&self, words: &[String]) -> Result<Places, Failure> {
        let mut ends: HashSet<(i64, u32, u32)> = HashSet::new();
        for (place, word) in words.iter().enumerate() {
            let found = match self.number(word)? {
                Some(word) => self.postings(word)?,
                None => return Ok(Places::new()),
            };
            let follows = |&(folder, attribute, position): &(i64, u32, u32)| {
                place == 0 || (position > 0 && ends.contains(&(folder, attribute, position - 1)))
            };
            ends = found.into_iter().filter(follows).collect();
        }
        let length = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let mut places = Places::new();
        for (folder, attribute, end) in ends {
            let begin = end.saturating_sub(length.saturating_sub(1));
            let place = Place { attribute, begin, end, typos: 0, exact: true };
            places.entry(folder).or_default().push(place);
        }
        Ok(places)
    }

    fn word(&self, text: &str, prefix: bool) -> Result<Places, Failure> {
        let mut places = Places::new();
        for Meant { word, typos, exact } in self.meant(text, prefix)? {
            for (folder, attribute, position) in self.postings(word)? {
                let place = Place { attribute, begin: position, end: position, typos, exact };
                places.entry(folder).or_default().push(place);
            }
        }
        Ok(places)
    }

    /// The words that a term means: itself, those it begins, those a typo away (4.4).
    fn meant(&self, text: &str, prefix: bool) -> Result<Vec<Meant>, Failure> {
        let typed: Vec<char> = text.chars().collect();
        let tolerant = self.api.ctx.settings.flag("typo_tolerance");
        let most = if tolerant { typo::allowed(typed.len()) } else { 0 };
        if most == 0 && !prefix {
            let exact = |word| Meant { word, typos: 0, exact: true };
            return Ok(self.number(text)?.map(exact).into_iter().collect());
        }
        // Without typos only words that begin with what was typed come into question; they are neighbours.
        let (from, to) =
            if most == 0 { (text, format!("{text}\u{10ffff}")) } else { ("", "\u{10ffff}".to_owned()) };
        let text_sql = "SELECT id, word FROM _vocabulary WHERE word >= ? AND word <= ?";
        let mut statement = self.api.db.conn.prepare_cached(text_sql)?;
        let mut rows = statement.query((from, to))?;
        let mut meant = Vec::new();
        let mut letters = Vec::new();
        while let Some(row) = rows.next()? {
            let known = row.get_ref(1)?.as_str().unwrap_or_default();
            letters.clear();
            letters.extend(known.chars());
            if let Some(typos) = typo::typos(&typed, &letters, prefix, most) {
                meant.push(Meant { word: row.get(0)?, typos, exact: known == text });
            }
        }
        Ok(meant)
    }
}
