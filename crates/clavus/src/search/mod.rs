//! `search` of `getFolders`: the semantics of Meilisearch in the vendor's words (fact sheet 4).

mod candidates;
mod parse;
mod rank;
pub(crate) mod token;
mod typo;

use crate::api::Api;
use crate::failure::Failure;

use self::token::Profile;

/// A folder that a search finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hit {
    /// Its row id.
    pub(crate) folder: i64,
    /// Its bucket by words, typos, proximity and attribute; the first is 0.
    pub(crate) rank: usize,
    /// How many terms are there with another word than the one typed: the last rule.
    pub(crate) inexact: usize,
}

/// The folders that `query` finds, with their ranks; nothing for a query without words, which finds all.
pub(crate) fn search(api: &Api<'_>, query: &str) -> Result<Option<Vec<Hit>>, Failure> {
    let terms = parse::parse(query, Profile::named(api.ctx.settings.text("separators")));
    if terms.is_empty() {
        return Ok(None);
    }
    let found = candidates::find(api, &terms)?;
    Ok(Some(rank::ranked(&terms, &found)))
}
