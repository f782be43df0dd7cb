//! Where the values of secret fields stand in a text.

use std::ops::Range;

use super::comparisons::compared;
use super::{is_secret_field, is_slip, signs_off};

/// Fields whose value is a URL that only its receiver knows.
const URLS: &[&str] = &["hookurl", "webhookurl", "callbackurl"];

pub(super) fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '$')
}

/// Where the values of secret fields stand in `text`.
pub(super) fn secrets(text: &str, names: &[&str]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(is_of_name).map(|start| at + start) {
        let end = text[start..].find(|letter| !is_of_name(letter)).map_or(text.len(), |end| start + end);
        let name = &text[start..end];
        at = end;
        // What is longer is a value.
        if name.len() > 100 {
            continue;
        }
        if is_url(&signs_off(name)) {
            found.extend(value_after(text, start, end).map(|value| beyond_host(text, value)));
        } else if is_secret_field(name, names) {
            found.extend(value_after(text, start, end));
            found.extend(compared(text, start, end));
        }
    }
    found.extend(users(text));
    found
}

fn is_url(name: &str) -> bool {
    URLS.iter().any(|url| is_slip(name, url))
}

/// Of a URL, what follows its host.
fn beyond_host(text: &str, value: Range<usize>) -> Range<usize> {
    let url = &text[value.clone()];
    let host = url.find("://").map_or(0, |scheme| scheme + 3);
    let path = url[host..].find(['/', '?', '#']).map_or(url.len(), |path| host + path + 1);
    value.start + path.min(url.len())..value.end
}

/// User and password of URLs.
fn users(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (scheme, _) in text.match_indices("://") {
        let start = scheme + 3;
        let host = text[start..].find(|letter: char| letter.is_whitespace() || "/?#\"'<>\\".contains(letter));
        let host = &text[start..host.map_or(text.len(), |end| start + end)];
        found.extend(host.rfind('@').filter(|user| *user > 0).map(|user| start..start + user));
    }
    found
}

/// Where the value of a field begins and ends whose name begins and ends there.
fn value_after(text: &str, name: usize, at: usize) -> Option<Range<usize>> {
    let (before, rest) = (&text[..name], &text[at..]);
    if let Some(value) = in_xml(text, before, at).or_else(|| in_part(text, before, at)) {
        return Some(value);
    }
    // Deeper inside a text, the layer below reads it.
    if rest.starts_with('\\') {
        return None;
    }
    let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest);
    // A form names what is nested in brackets.
    let rest = rest.strip_prefix("[]").or_else(|| rest.strip_prefix(']')).unwrap_or(rest).trim_start();
    // The end of a path in a sentence is no name of a field.
    if before.ends_with('/') && rest.starts_with(':') {
        return None;
    }
    // GraphQL lets a comment stand between a name and its value.
    let rest = match rest.strip_prefix('#').and_then(|comment| comment.split_once('\n')) {
        Some((_, rest)) => rest.trim_start(),
        None => rest,
    };
    let is_form = rest.starts_with('=');
    let value = rest.strip_prefix([':', '='])?;
    let value = if is_form { value } else { value.trim_start() };
    let start = text.len() - value.len();
    let (skipped, length) = if value.starts_with('\\') {
        return None;
    } else if let Some(block) = value.strip_prefix("\"\"\"") {
        (3, end_of_block(block))
    } else if let Some(inner) = value.strip_prefix('"') {
        (1, end_of_string(inner, '"'))
    } else if let Some(inner) = value.strip_prefix('\'') {
        (1, end_of_string(inner, '\''))
    } else if value.starts_with(['[', '{']) {
        (0, end_of_nest(value))
    } else if is_form {
        // A form or a query: whatever stands there up to the next field, commas and blanks too.
        let ends: &[char] = if text.starts_with(['{', '[', '"']) { &['&', '\n', '"'] } else { &['&', '\n'] };
        (0, value.find(ends).unwrap_or(value.len()))
    } else {
        // The type of a variable stands before what it is when nothing is given.
        let end = end_of_plain(value);
        let is_type = |letter: char| letter.is_alphanumeric() || "_!".contains(letter);
        let is_variable = text[name..].starts_with('$');
        if is_variable && value[..end].ends_with('=') && value[end..].starts_with('"') {
            return Some(start + end..start + end + end_of_default(&value[end..]));
        }
        match value[end..].trim_start().strip_prefix("= ").filter(|_| value[..end].chars().all(is_type)) {
            Some(default) => (0, value.len() - default.len() + end_of_default(default)),
            None => (0, end),
        }
    };
    Some(start + skipped..start + skipped + length)
}

/// The text of an element, or what a closing tag is not.
fn in_xml(text: &str, before: &str, at: usize) -> Option<Range<usize>> {
    let prefix = before.rfind('<').map(|open| &before[open + 1..])?;
    let is_tag =
        prefix.is_empty() || (prefix.ends_with(':') && prefix[..prefix.len() - 1].chars().all(is_of_name));
    let open = text[at..].find('>').filter(|_| is_tag)?;
    if text[at..at + open].contains('<') || text[at..at + open].ends_with('/') {
        return None;
    }
    let start = at + open + 1;
    Some(start..text[start..].find("</").map_or(text.len(), |end| start + end))
}

/// The content of a part of a multipart body.
fn in_part(text: &str, before: &str, at: usize) -> Option<Range<usize>> {
    let is_part = ["name=\"", "name="].iter().any(|named| before.ends_with(named));
    let line = text[at..].find('\n').filter(|_| is_part)?;
    let head =
        text[at..].find("\r\n\r\n").map(|end| end + 4).or_else(|| text[at..].find("\n\n").map(|end| end + 2));
    let start = at + head.filter(|head| *head > line)?;
    Some(start..text[start..].find("\n--").map_or(text.len(), |end| start + end))
}

/// A plain value; the scheme of `Authorization` belongs to it.
fn end_of_plain(value: &str) -> usize {
    let scheme = ["basic ", "bearer ", "digest "]
        .iter()
        .find(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let from = scheme.map_or(0, |scheme| scheme.len());
    value[from..].find([',', '}', ']', ')', '\n', ' ', '"', '\\']).map_or(value.len(), |end| from + end)
}

/// Where what a variable is by default ends.
fn end_of_default(value: &str) -> usize {
    if let Some(block) = value.strip_prefix("\"\"\"") {
        end_of_block(block) + 6
    } else if let Some(inner) = value.strip_prefix('"') {
        end_of_string(inner, '"') + 2
    } else {
        end_of_plain(value)
    }
    .min(value.len())
}

/// Where a list or an object ends that begins `value`.
fn end_of_nest(value: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(letter) = value[at..].chars().next() {
        at += letter.len_utf8();
        match letter {
            '[' | '{' => depth += 1,
            ']' | '}' => depth -= 1,
            '"' => at += (end_of_string(&value[at..], '"') + 1).min(value.len() - at),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn end_of_string(value: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, letter) in value.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            letter if letter == quote => return at,
            _ => {}
        }
    }
    value.len()
}

/// Where a block string of GraphQL ends.
fn end_of_block(value: &str) -> usize {
    let ends = value.match_indices("\"\"\"").map(|(at, _)| at).find(|at| !value[..*at].ends_with('\\'));
    ends.unwrap_or(value.len())
}
