//! Text to tokens, with the words of graphql-js 16 for what is no token.

use std::fmt;

use crate::ast::At;
use crate::problem::Problem;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    End,
    Punctuator(&'static str),
    Name,
    Int,
    Float,
    String,
    BlockString,
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::End => out.write_str("<EOF>"),
            Self::Punctuator(text) => write!(out, "\"{text}\""),
            Self::Name => out.write_str("Name"),
            Self::Int => out.write_str("Int"),
            Self::Float => out.write_str("Float"),
            Self::String => out.write_str("String"),
            Self::BlockString => out.write_str("BlockString"),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    pub(crate) at: At,
    pub(crate) value: String,
}

impl fmt::Display for Token {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            Kind::End | Kind::Punctuator(_) => write!(out, "{}", self.kind),
            kind => write!(out, "{kind} \"{}\"", self.value),
        }
    }
}

pub(crate) struct Lexer<'a> {
    text: &'a str,
    at: At,
}

pub(crate) fn syntax(message: impl fmt::Display, at: At) -> Problem {
    Problem::new(format!("Syntax Error: {message}"), at)
}

const PUNCTUATORS: [&str; 13] = ["!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "|", "}"];

impl<'a> Lexer<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn skip_ignored(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                '\u{feff}' | '\t' | ' ' | ',' | '\n' | '\r' => self.at += c.len_utf8(),
                '#' => {
                    let rest = &self.text[self.at..];
                    self.at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                }
                _ => break,
            }
        }
    }

    pub(crate) fn next(&mut self) -> Result<Token, Problem> {
        self.skip_ignored();
        let at = self.at;
        let token = |kind, value: &str| Token { kind, at, value: value.to_owned() };
        let Some(c) = self.peek() else { return Ok(token(Kind::End, "")) };
        let rest = &self.text[at..];
        if let Some(mark) = PUNCTUATORS.iter().find(|mark| rest.starts_with(**mark)) {
            self.at += 1;
            return Ok(token(Kind::Punctuator(mark), ""));
        }
        if rest.starts_with("...") {
            self.at += 3;
            return Ok(token(Kind::Punctuator("..."), ""));
        }
        match c {
            '"' if rest.starts_with("\"\"\"") => self.block_string(),
            '"' => self.string(),
            'a'..='z' | 'A'..='Z' | '_' => {
                let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
                let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
                self.at += end;
                Ok(token(Kind::Name, &rest[..end]))
            }
            '0'..='9' | '-' => self.number(),
            '\'' => Err(syntax(
                "Unexpected single quote character ('), did you mean to use a double quote (\")?",
                at,
            )),
            _ => Err(syntax(format_args!("Unexpected character: {}.", printed(Some(c))), at)),
        }
    }

    fn number(&mut self) -> Result<Token, Problem> {
        let start = self.at;
        let mut kind = Kind::Int;
        if self.peek() == Some('-') {
            self.at += 1;
        }
        if self.peek() == Some('0') {
            self.at += 1;
            if let Some(c @ '0'..='9') = self.peek() {
                let message = format!("Invalid number, unexpected digit after 0: {}.", printed(Some(c)));
                return Err(syntax(message, self.at));
            }
        } else {
            self.digits()?;
        }
        if self.peek() == Some('.') {
            kind = Kind::Float;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some('e' | 'E')) {
            kind = Kind::Float;
            self.at += 1;
            if matches!(self.peek(), Some('+' | '-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        if let Some(c) = self.peek().filter(|c| *c == '.' || *c == '_' || c.is_ascii_alphabetic()) {
            let message = format!("Invalid number, expected digit but got: {}.", printed(Some(c)));
            return Err(syntax(message, self.at));
        }
        Ok(Token { kind, at: start, value: self.text[start..self.at].to_owned() })
    }

    fn digits(&mut self) -> Result<(), Problem> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        if end == 0 {
            let message = format!("Invalid number, expected digit but got: {}.", printed(self.peek()));
            return Err(syntax(message, self.at));
        }
        self.at += end;
        Ok(())
    }

    fn string(&mut self) -> Result<Token, Problem> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        loop {
            match self.peek() {
                Some('"') => {
                    self.at += 1;
                    return Ok(Token { kind: Kind::String, at: start, value });
                }
                Some('\\') => value.push(self.escape()?),
                None | Some('\n' | '\r') => return Err(syntax("Unterminated string.", self.at)),
                Some(c) => {
                    value.push(c);
                    self.at += c.len_utf8();
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let rest = &self.text[self.at..];
        let plain = match rest[1..].chars().next() {
            Some(c @ ('"' | '\\' | '/')) => c,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => return self.unicode(),
            other => {
                let shown: String = other.into_iter().collect();
                let message = format!("Invalid character escape sequence: \"\\{shown}\".");
                return Err(syntax(message, self.at));
            }
        };
        self.at += 2;
        Ok(plain)
    }

    fn unicode(&mut self) -> Result<char, Problem> {
        let rest = &self.text[self.at..];
        let (found, length) = if rest.starts_with("\\u{") { braced(rest) } else { fixed(rest) };
        if let Some(c) = found {
            self.at += length;
            return Ok(c);
        }
        let message = format!("Invalid Unicode escape sequence: \"{}\".", head(rest, length));
        Err(syntax(message, self.at))
    }

    fn block_string(&mut self) -> Result<Token, Problem> {
        let start = self.at;
        self.at += 3;
        let mut raw = String::new();
        loop {
            let rest = &self.text[self.at..];
            if rest.starts_with("\"\"\"") {
                self.at += 3;
                return Ok(Token { kind: Kind::BlockString, at: start, value: dedented(&raw) });
            }
            if rest.starts_with("\\\"\"\"") {
                raw.push_str("\"\"\"");
                self.at += 4;
                continue;
            }
            let Some(c) = self.peek() else { return Err(syntax("Unterminated string.", self.at)) };
            raw.push(c);
            self.at += c.len_utf8();
        }
    }
}

/// `\u{X…}`, or how much of it was read when it is none.
fn braced(rest: &str) -> (Option<char>, usize) {
    let mut point: u32 = 0;
    let mut length = 3;
    for unit in rest.encode_utf16().skip(3).map(Some).chain(std::iter::repeat(None)) {
        if length >= 12 {
            break;
        }
        length += 1;
        let c = unit.and_then(|unit| char::from_u32(unit.into()));
        if c == Some('}') {
            return (char::from_u32(point).filter(|_| length >= 5), length);
        }
        // JavaScript shifts signed numbers of 32 bits: what turns negative is no code point.
        let digit = c.and_then(|c| c.to_digit(16));
        let Some(next) =
            digit.map(|digit| (point << 4) | digit).filter(|next| *next <= i32::MAX.unsigned_abs())
        else {
            break;
        };
        point = next;
    }
    (None, length)
}

/// `\uXXXX`, or a surrogate pair of two of them.
fn fixed(rest: &str) -> (Option<char>, usize) {
    let hex = |from: usize| {
        let digits = rest.get(from..from + 4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    match (hex(2), rest.get(6..8), hex(8)) {
        (Some(high @ 0xd800..=0xdbff), Some("\\u"), Some(low @ 0xdc00..=0xdfff)) => {
            (char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
        }
        (Some(code), _, _) => (char::from_u32(code), 6),
        _ => (None, 6),
    }
}

/// The characters of the first `length` UTF-16 units.
fn head(text: &str, length: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, c)| {
        units += c.len_utf16();
        units > length
    });
    &text[..end.map_or(text.len(), |(end, _)| end)]
}

/// A block string without the indentation its lines share and without blank lines around it.
fn dedented(raw: &str) -> String {
    let raw = raw.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = raw.split('\n').collect();
    let blank = |line: &str| line.trim_matches([' ', '\t']).is_empty();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let common = lines.iter().skip(1).filter(|line| !blank(line)).map(|line| indent(line)).min().unwrap_or(0);
    let cut: Vec<&str> = lines
        .iter()
        .enumerate()
        .map(|(place, line)| if place == 0 { line } else { line.get(common..).unwrap_or_default() })
        .collect();
    let first = cut.iter().position(|line| !blank(line)).unwrap_or(cut.len());
    let last = cut.iter().rposition(|line| !blank(line)).map_or(first, |last| last + 1);
    cut[first..last].join("\n")
}

/// A character as messages show it.
fn printed(c: Option<char>) -> String {
    match c {
        None => "<EOF>".to_owned(),
        Some('"') => "'\"'".to_owned(),
        Some(c @ ' '..='~') => format!("\"{c}\""),
        Some(c) => format!("U+{:04X}", u32::from(c)),
    }
}
