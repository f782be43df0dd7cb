//! The query options other than `$filter`.

use crate::ast::Path;
use crate::error::{Error, ErrorKind, shorten};
use crate::lexer::{Lexer, Token};
use crate::limits::{MAX_PATHS, check};

/// One term of `$orderby`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The field.
    pub path: Path,
    /// From the greatest to the least.
    pub descending: bool,
}

/// Reads a `$orderby`: `A asc, B.C desc`; ascending when nothing is said.
///
/// Errors: `Empty` for a blank text, `Unexpected` for a syntax error, `TooMany`
/// past [`MAX_PATHS`] terms.
pub fn parse_orderby(text: &str) -> Result<Vec<Order>, Error> {
    if text.trim().is_empty() {
        return Err(ErrorKind::Empty.at(0));
    }
    let mut lexer = Lexer::new(text);
    let mut orders = Vec::new();
    loop {
        let path = match lexer.token()? {
            (Token::Word(segments), position) => Path { segments, position },
            (other, position) => return Err(other.unexpected(position, "a field")),
        };
        check(orders.len() + 1, "fields", MAX_PATHS, path.position)?;
        let (mut token, mut position) = lexer.token()?;
        let descending = token.is_keyword("desc");
        if descending || token.is_keyword("asc") {
            (token, position) = lexer.token()?;
        }
        orders.push(Order { path, descending });
        match token {
            Token::Comma => {}
            Token::End => return Ok(orders),
            other => return Err(other.unexpected(position, "asc, desc or \",\"")),
        }
    }
}

/// Reads a `$select` or a `$expand`: paths separated by commas. Empty items are
/// skipped, so that a blank text gives an empty list.
///
/// Errors: `Unexpected` for anything but paths, `TooMany` past [`MAX_PATHS`].
pub fn parse_paths(text: &str) -> Result<Vec<Path>, Error> {
    let mut lexer = Lexer::new(text);
    let mut paths = Vec::new();
    loop {
        let (mut token, mut position) = lexer.token()?;
        if let Token::Word(segments) = token {
            check(paths.len() + 1, "fields", MAX_PATHS, position)?;
            paths.push(Path { segments, position });
            (token, position) = lexer.token()?;
        }
        match token {
            Token::Comma => {}
            Token::End => return Ok(paths),
            other => return Err(other.unexpected(position, "fields separated by \",\"")),
        }
    }
}

/// Reads a `$top` or a `$skip`: digits only, with spaces around at most.
///
/// Errors: `Empty` for a blank text, `BadCount` for anything that is not an
/// integer from 0 to `i64::MAX`.
pub fn parse_count(text: &str) -> Result<u64, Error> {
    let position = text.chars().take_while(|c| c.is_whitespace()).count();
    let digits = text.trim();
    if digits.is_empty() {
        return Err(ErrorKind::Empty.at(0));
    }
    let bad = || ErrorKind::BadCount(shorten(digits)).at(position);
    // `parse` alone would take a leading "+".
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(bad());
    }
    match digits.parse::<u64>() {
        Ok(count) if i64::try_from(count).is_ok() => Ok(count),
        _ => Err(bad()),
    }
}
