//! Text to tokens, one at a time: a text that is refused early costs nothing
//! for its remainder.

use rust_decimal::Decimal;

use crate::date;
use crate::error::{Error, ErrorKind, shorten};

/// One word of the text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Token {
    /// A path of one or more identifiers; keywords are paths of one.
    Word(Vec<String>),
    /// A string, without its quotes.
    Text(String),
    /// A number.
    Number(Decimal),
    /// A valid date or date-time, as written.
    Date(String),
    /// `(`
    Open,
    /// `)`
    Close,
    /// `,`
    Comma,
    /// End of the text.
    End,
}

impl Token {
    /// Whether this is the keyword, all in lower case or all in upper case.
    /// A mixed case is a field: `Or` is gold in French.
    pub(crate) fn is_keyword(&self, lower: &str) -> bool {
        match self {
            Self::Word(segments) => match segments.as_slice() {
                [word] => word == lower || *word == lower.to_ascii_uppercase(),
                _ => false,
            },
            _ => false,
        }
    }

    /// The error for this token standing where something else should.
    pub(crate) fn unexpected(&self, position: usize, expected: &'static str) -> Error {
        let found = match self {
            Self::Word(segments) => Some(shorten(&segments.join("."))),
            Self::Text(text) => Some(shorten(text)),
            Self::Number(number) => Some(number.to_string()),
            Self::Date(date) => Some(shorten(date)),
            Self::Open => Some("(".to_owned()),
            Self::Close => Some(")".to_owned()),
            Self::Comma => Some(",".to_owned()),
            Self::End => None,
        };
        ErrorKind::Unexpected { found, expected }.at(position)
    }
}

/// Reads tokens from the start of a text.
pub(crate) struct Lexer<'a> {
    rest: &'a str,
    /// Characters already read.
    position: usize,
}

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { rest: text, position: 0 }
    }

    /// The next token and its position; `End` again and again at the end.
    pub(crate) fn token(&mut self) -> Result<(Token, usize), Error> {
        self.take_while(char::is_whitespace);
        let start = self.position;
        let token = match self.peek() {
            None => Token::End,
            Some('(') => self.single(Token::Open),
            Some(')') => self.single(Token::Close),
            Some(',') => self.single(Token::Comma),
            Some(c) if is_quote(c) => Token::Text(self.string()?),
            Some(c) if c == '-' || c.is_ascii_digit() => self.number_or_date()?,
            Some(_) => self.word()?,
        };
        Ok((token, start))
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        self.rest = chars.as_str();
        self.position += 1;
        Some(first)
    }

    fn single(&mut self, token: Token) -> Token {
        self.bump();
        token
    }

    fn take_while(&mut self, keep: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !keep(c)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.position += taken.chars().count();
        taken
    }

    /// A string from its opening quote. A straight quote is closed by a straight
    /// one only, so that an apostrophe typed by a word processor is plain text.
    fn string(&mut self) -> Result<String, Error> {
        let start = self.position;
        let straight = self.bump() == Some('\'');
        let mut text = String::new();
        while let Some(c) = self.bump() {
            if !is_quote(c) || (c == '\'') != straight {
                text.push(c);
                // A doubled apostrophe means one between typographic quotes too.
                if c == '\'' && self.peek() == Some(c) {
                    self.bump();
                }
                continue;
            }
            if self.peek() != Some(c) {
                return Ok(text);
            }
            self.bump();
            text.push(c);
        }
        Err(ErrorKind::UnterminatedString.at(start))
    }

    /// Takes all that sticks to the number, so that `12abc` is an error.
    fn number_or_date(&mut self) -> Result<Token, Error> {
        let start = self.position;
        let (year, after) = self.rest.split_at_checked(4).unwrap_or_default();
        let is_date = after.starts_with('-') && year.bytes().all(|b| b.is_ascii_digit());
        let text = self.take_while(|c| c.is_alphanumeric() || "-+.:_".contains(c));
        if is_date {
            return checked_date(text, start);
        }
        decimal(text).map(Token::Number).ok_or_else(|| ErrorKind::BadNumber(shorten(text)).at(start))
    }

    /// A path, or a `datetime'…'` literal.
    fn word(&mut self) -> Result<Token, Error> {
        let start = self.position;
        let first = self.identifier()?;
        if first.eq_ignore_ascii_case("datetime") && self.peek().is_some_and(is_quote) {
            return checked_date(&self.string()?, start);
        }
        let mut segments = vec![first];
        while let Some('.' | '/') = self.peek() {
            self.bump();
            segments.push(self.identifier()?);
        }
        Ok(Token::Word(segments))
    }

    fn identifier(&mut self) -> Result<String, Error> {
        let start = self.position;
        match self.peek() {
            Some(first) if first.is_alphabetic() || first == '_' || first == '$' => {
                self.bump();
                Ok(format!("{first}{}", self.take_while(continues_identifier)))
            }
            other => {
                Err(ErrorKind::Unexpected { found: other.map(String::from), expected: "a field name" }
                    .at(start))
            }
        }
    }
}

fn is_quote(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’')
}

/// Combining accents count: `é` may come as `e` and an accent.
fn continues_identifier(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || ('\u{300}'..='\u{36f}').contains(&c)
}

fn checked_date(text: &str, position: usize) -> Result<Token, Error> {
    match date::date(text) {
        Some(_) => Ok(Token::Date(text.to_owned())),
        None => Err(ErrorKind::BadDate(shorten(text)).at(position)),
    }
}

/// A plain decimal number: digits, an optional sign `-` and an optional
/// fraction; `None` for anything else and when it does not fit exactly.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if plain(whole) && plain(fraction) { Decimal::from_str_exact(text).ok() } else { None }
}
