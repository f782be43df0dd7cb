//! What a filter compares a secret field with: `password eq 'x'`, `contains(password,'x')`, `'x' eq password`.

use std::ops::Range;

/// Operators of OData, and of what is taken for it.
const OPERATORS: [&str; 17] =
    ["eq", "ne", "gt", "ge", "lt", "le", "in", "has", "like", "==", "!=", "<>", ">=", "<=", "=", ">", "<"];

/// Those that are words of sentences too: what follows is a value only where nothing but a filter goes on behind it.
const WORDS: [&str; 4] = ["ne", "le", "has", "like"];

/// Where the values stand that the field is compared with whose name begins and ends there.
pub(super) fn compared(text: &str, name: usize, end: usize) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let at = |rest: &str| text.len() - rest.len();
    // A function may stand around the name.
    let rest = without_blanks(text[end..].trim_start_matches(')'));
    if let Some((operator, rest)) = operator(rest) {
        match rest.strip_prefix('(') {
            Some(list) if operator == "in" => found.extend(values(text, at(list))),
            _ if operator == "in" => {}
            _ => {
                found.extend(value(rest, operator).map(|value| at(rest) + value.start..at(rest) + value.end));
            }
        }
    } else if let Some(arguments) = rest.strip_prefix(',') {
        let argument = without_blanks(arguments);
        found.extend(quoted(argument).map(|value| at(argument) + value.start..at(argument) + value.end));
    }
    found.extend(value_before(&text[..name]));
    found
}

/// The operator that a text begins with, and what follows.
fn operator(text: &str) -> Option<(&'static str, &str)> {
    OPERATORS.iter().find_map(|operator| {
        let (start, rest) = (text.get(..operator.len())?, &text[operator.len().min(text.len())..]);
        let is_sign = !operator.starts_with(char::is_alphabetic);
        let value = without_blanks(rest);
        let is_whole = is_sign || value.len() < rest.len() || rest.starts_with(['(', '\'', '"']);
        (start.eq_ignore_ascii_case(operator) && is_whole).then_some((*operator, value))
    })
}

/// The value that a text begins with.
fn value(text: &str, operator: &str) -> Option<Range<usize>> {
    // What stands behind a sign without quotes is the value of a form or an attribute, which the name tells.
    let is_sign = !operator.starts_with(char::is_alphabetic);
    if let Some(quoted) = quoted(text) {
        return Some(quoted);
    }
    let end = text.find([' ', '+', '\t', '\n', ')', ',', '&', '"', '\\', '%']).unwrap_or(text.len());
    let behind = without_blanks(&text[end..]);
    let goes_on = behind.is_empty()
        || behind.starts_with([')', '&', '"', '\\', '}', '#'])
        || ["and ", "or ", "and+", "or+"].iter().any(|word| behind.starts_with(word));
    let is_value = end > 0 && !is_sign && (goes_on || !WORDS.contains(&operator));
    is_value.then_some(0..end)
}

/// The inside of the text in quotes that a text begins with; one that is doubled is none that ends it.
fn quoted(text: &str) -> Option<Range<usize>> {
    let quote = text.chars().next().filter(|letter| matches!(letter, '\'' | '"'))?;
    let inner = &text[1..];
    let mut from = 0;
    while let Some(end) = inner[from..].find(quote).map(|end| from + end) {
        if !inner[end + 1..].starts_with(quote) {
            return Some(1..1 + end);
        }
        from = end + 2;
    }
    Some(1..text.len())
}

/// The texts of a list that begins there.
fn values(text: &str, from: usize) -> Vec<Range<usize>> {
    let (mut found, mut at) = (Vec::new(), from);
    loop {
        at = text.len() - without_blanks(text[at..].trim_start_matches(',')).len();
        let rest = &text[at..];
        let value = quoted(rest).or_else(|| {
            let end = rest.find([',', ')', '&', '"', '\\', ' ', '+']).unwrap_or(rest.len());
            (end > 0).then_some(0..end)
        });
        let Some(value) = value else { return found };
        let is_quoted = value.start == 1;
        found.push(at + value.start..at + value.end);
        at = (at + value.end + usize::from(is_quoted)).min(text.len());
        let behind = without_blanks(&text[at..]);
        if !behind.starts_with(',') {
            return found;
        }
        at = text.len() - behind.len();
    }
}

/// The value in quotes that stands before an operator or a comma that stand before the name.
fn value_before(before: &str) -> Option<Range<usize>> {
    let before = without_blanks_behind(before);
    let rest = match before.strip_suffix(',') {
        Some(rest) => rest,
        None => OPERATORS.iter().find_map(|operator| {
            let start = before.get(before.len().checked_sub(operator.len())?..)?;
            start.eq_ignore_ascii_case(operator).then(|| &before[..before.len() - operator.len()])
        })?,
    };
    let rest = without_blanks_behind(rest);
    let is_list = before.ends_with(',');
    let inner = rest.strip_suffix('\'')?;
    let mut end = inner.len();
    while let Some(start) = inner[..end].rfind('\'') {
        match inner[..start].strip_suffix('\'') {
            Some(doubled) => end = doubled.len(),
            // The first of several arguments stands behind the bracket.
            None if is_list && !inner[..start].ends_with('(') => return None,
            None => return Some(start + 1..inner.len()),
        }
    }
    None
}

fn without_blanks(text: &str) -> &str {
    text.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '+')
}

fn without_blanks_behind(text: &str) -> &str {
    text.trim_end_matches(|letter: char| letter.is_whitespace() || letter == '+')
}
