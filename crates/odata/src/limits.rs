//! Limits that keep the stack and `SQLite` out of danger whatever the text.

use crate::error::{Error, ErrorKind};

/// Most nested parentheses and `not` in a filter.
pub const MAX_DEPTH: usize = 100;

/// Most conditions in a filter.
///
/// `SQLite` refuses expressions more than 1,000 levels high. The SQL of a filter
/// is written as a balanced tree, so that this many conditions at the worst
/// nesting stay under 700 levels.
pub const MAX_CONDITIONS: usize = 1_000;

/// Most values in one `in` list.
pub const MAX_LIST: usize = 1_000;

/// Most values in all the `in` lists of a filter.
///
/// `SQLite` refuses more than 32,766 binds in a statement; a filter uses at most
/// this many plus two for each condition.
pub const MAX_VALUES: usize = 10_000;

/// Most paths in `$select`, `$expand` or `$orderby`.
///
/// `SQLite` refuses more than 2,000 terms in `ORDER BY`.
pub const MAX_PATHS: usize = 1_000;

/// Highest tree the parser can make: each level of nesting brings at most an
/// `or` and an `and`, the top level too, and there is a leaf at the end.
pub(crate) const MAX_HEIGHT: usize = 2 * MAX_DEPTH + 3;

/// Counts the conditions and the values of one filter.
#[derive(Default)]
pub(crate) struct Budget {
    conditions: usize,
    values: usize,
}

impl Budget {
    /// Counts one more condition.
    pub(crate) fn condition(&mut self, position: usize) -> Result<(), Error> {
        self.conditions += 1;
        check(self.conditions, "conditions", MAX_CONDITIONS, position)
    }

    /// Counts one more value, the `rank`th (from 1) of its list.
    pub(crate) fn value(&mut self, rank: usize, position: usize) -> Result<(), Error> {
        self.values += 1;
        check(rank, "values in a list", MAX_LIST, position)?;
        check(self.values, "values in lists", MAX_VALUES, position)
    }
}

/// Refuses a count above its limit.
pub(crate) fn check(count: usize, what: &'static str, limit: usize, position: usize) -> Result<(), Error> {
    if count > limit {
        return Err(ErrorKind::TooMany { what, limit }.at(position));
    }
    Ok(())
}
