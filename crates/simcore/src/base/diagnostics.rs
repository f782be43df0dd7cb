//! Mistakes in files, in words: where they are, and what was probably meant.

use std::borrow::Cow;

use crate::base::places::{Node, Place, Step};
use crate::base::text::shown;

/// A mistake in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// The file, where it is not the one that is being checked.
    pub file: Option<String>,
    /// The way to what is wrong.
    pub steps: Vec<Step>,
    /// Where it is, when that is known without the way.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
}

impl Mistake {
    /// Something wrong at the end of `steps`.
    pub fn at(steps: Vec<Step>, message: impl Into<String>) -> Self {
        Self { steps, message: message.into(), ..Self::default() }
    }

    /// Something wrong at a known place of a file.
    pub fn in_file(file: &str, place: Option<Place>, message: impl Into<String>) -> Self {
        Self { file: Some(file.to_owned()), place, message: message.into(), ..Self::default() }
    }

    /// The mistake with file, line, column and a snippet; `name` is the file that `text` is of, and `node` its content.
    /// Where the way leads nowhere, the name that the message quotes first is looked for.
    pub fn told(&self, name: Option<&str>, text: &str, node: Option<&Node>) -> String {
        if self.file.is_some() {
            return located(self.file.as_deref(), self.place, &self.message);
        }
        let found = self.place.or_else(|| {
            let node = node.filter(|_| !self.steps.is_empty())?;
            Some(node.find(&self.steps))
        });
        match found {
            Some(place) => {
                let line = text.lines().nth(place.line - 1).unwrap_or_default();
                let length = line.chars().skip(place.column - 1).take_while(|it| is_word(*it)).count();
                let snippet = snippet(place, line, length.max(1));
                format!("{}\n{snippet}", located(name, Some(place), &self.message))
            }
            None => located(name, None, &explain(text, &self.message)),
        }
    }
}

fn located(file: Option<&str>, place: Option<Place>, message: &str) -> String {
    let message = &*short(message, MAX_MESSAGE);
    let place = place.map(|place| format!("{}:{}", place.line, place.column));
    let place: Vec<&str> = file.into_iter().chain(place.as_deref().filter(|_| file.is_some())).collect();
    if place.is_empty() { message.to_owned() } else { format!("{}: {message}", place.join(":")) }
}

fn snippet(place: Place, line: &str, length: usize) -> String {
    let (row, column) = (place.line, place.column);
    let (margin, marks) = (" ".repeat(row.to_string().len()), "^".repeat(length.min(MAX_NAME)));
    // Of a long line, what stands around the mistake.
    let from = (column - 1).saturating_sub(MAX_LINE);
    let line: String = line.chars().skip(from).take(2 * MAX_LINE + MAX_NAME).collect();
    let indent = " ".repeat(column - 1 - from);
    format!("{margin}--> line {row}, column {column}\n{margin} |\n{row} | {line}\n{margin} | {indent}{marks}")
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-')
}

/// `why`, with the place in `text` of the name that it quotes first: line, column and a snippet.
pub fn explain(text: &str, why: &str) -> String {
    let quoted = why.split('`').nth(1).unwrap_or_default();
    // Of a path, `LigneFacture[0].QteFacture`, the last name is to be looked for.
    let last = quoted.rsplit('.').next().and_then(|last| last.split('[').next()).unwrap_or_default();
    let mut names = [quoted, last].into_iter().filter(|name| !name.is_empty());
    let found = names.find_map(|name| Some((name, find(text, name)?)));
    let Some((name, (row, column, line))) = found else {
        return short(why, MAX_MESSAGE).into_owned();
    };
    let why = short(why, MAX_MESSAGE);
    format!("{why}\n{}", snippet(Place { line: row, column }, line, name.chars().count()))
}

/// How many characters of a name are repeated to whoever sent it.
pub const MAX_NAME: usize = 200;

/// How many characters a message has at most.
pub const MAX_MESSAGE: usize = 4000;

/// How much of a line is shown on both sides of a mistake.
const MAX_LINE: usize = 120;

/// `text` itself, or its first `longest` characters where it is longer.
pub fn short(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Where `name` stands, as a whole word: as a key, or else as anything but a comment. Line and column from 1 on, and
/// the line.
fn find<'t>(text: &'t str, name: &str) -> Option<(usize, usize, &'t str)> {
    let places = || {
        text.lines().enumerate().flat_map(|(row, line)| {
            let code = without_comment(line);
            let places = code.match_indices(name).map(|(at, _)| at).filter(|at| is_whole(code, *at, name));
            places.map(move |at| (row + 1, at, line))
        })
    };
    let is_key = |(_, at, line): &(usize, usize, &str)| {
        let after = line[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
        after.starts_with(':')
    };
    let (row, at, line) = places().find(is_key).or_else(|| places().next())?;
    Some((row, line[..at].chars().count() + 1, line))
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') { "" } else { line.split(" #").next().unwrap_or(line) }
}

fn is_whole(line: &str, at: usize, name: &str) -> bool {
    let word = |letter: Option<char>| letter.is_some_and(|letter| letter.is_alphanumeric() || letter == '_');
    !word(line[..at].chars().next_back()) && !word(line[at + name.len()..].chars().next())
}

/// What the reader of YAML says, after the nearest name where it only lists those that there are, and with kinds in
/// words.
pub fn read(error: &str) -> String {
    let words = [
        ("invalid u64", "not a whole number from 0 on"),
        ("invalid boolean", "neither true nor false"),
        ("expected sequence start", "a list is expected"),
        ("expected mapping start", "a mapping is expected"),
    ];
    let error = short(error, MAX_MESSAGE);
    let error = words.iter().fold(error.into_owned(), |error, (theirs, ours)| error.replace(theirs, ours));
    nearest_key(&error).map_or_else(|| error.clone(), |nearest| format!("{nearest}\n{error}"))
}

/// What serde says of an unknown field or variant, as [`unknown`] says it; nothing when it says something else.
pub fn nearest_key(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("unknown field `").or_else(|| said.split_once("unknown variant `"))?;
    let (name, rest) = rest.split_once('`')?;
    let (_, listed) = rest.split_once("expected ")?;
    let listed = listed.lines().next()?.split(" at line ").next()?;
    let words = listed.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    let known =
        words.filter(|word| !matches!(*word, "" | "one" | "of" | "or" | "there" | "are" | "no" | "fields"));
    Some(unknown("key", name, known))
}

/// "unknown WHAT `NAME`, did you mean `NEAREST`?", or the list of all when nothing is near.
pub fn unknown<'a>(what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let name = short(name, MAX_NAME);
    let name = &shown(&name);
    match nearest(name, known.iter().copied()) {
        Some(nearest) => format!("unknown {what} `{name}`, did you mean `{nearest}`?"),
        None => format!("unknown {what} `{name}`, there are: {}", known.join(", ")),
    }
}

/// The known name that `name` was probably meant to be.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    likest(name, known).filter(|(likeness, _)| *likeness > 0.75).map(|(_, nearest)| nearest)
}

/// The known name that is most like `name`, however little that is, and how much: 1 is the same.
pub fn likest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<(f64, &'a str)> {
    // What is longer than any name was meant to be none, and looking for it would take long.
    if name.len() > 4 * MAX_NAME {
        return None;
    }
    let likeness = |known: &str| {
        // Vendors put a prefix before names: `email` is `cliEmail` there.
        let likeness = strsim::jaro_winkler(name, known);
        if is_prefixed(name, known) { likeness.max(0.9) } else { likeness }
    };
    let alike = known.map(|known| (likeness(known), known));
    alike.max_by(|(left, _), (right, _)| left.total_cmp(right))
}

/// Whether `known` is `name` behind a short prefix: `cliEmail`, `art_ref`.
fn is_prefixed(name: &str, known: &str) -> bool {
    let Some(at) = known.len().checked_sub(name.len()).filter(|at| (1..=5).contains(at)) else {
        return false;
    };
    let (Some(prefix), Some(rest)) = (known.get(..at), known.get(at..)) else { return false };
    let begins = prefix.ends_with('_')
        || prefix.chars().all(char::is_lowercase) && rest.starts_with(char::is_uppercase);
    name.len() >= 3 && begins && rest.eq_ignore_ascii_case(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_before_a_word_and_comments_do_not_count() {
        let text = "# the robot\nname: robot # robot: x\nservers: { \"robot\": 5 }\n";
        assert_eq!(find(text, "robot").map(|(row, column, _)| (row, column)), Some((3, 13)));
        assert_eq!(find("name: robots\nother: robot", "robot").map(|(row, ..)| row), Some(2));
        assert_eq!(find("# robot", "robot"), None);
        let why = explain("lines: [ { Qty: x } ]", "invoice: `lines[0].Qty`: must be of kind decimal");
        assert!(why.contains("line 1, column 12"), "{why}");
    }

    #[test]
    fn a_vendors_prefix_is_no_difference() {
        let known = ["cliEmail", "cliNom", "emailing", "art_ref"];
        assert_eq!(nearest("email", known.into_iter()), Some("emailing"), "what begins alike is nearer");
        assert_eq!(nearest("email", ["cliEmail", "cliNom"].into_iter()), Some("cliEmail"));
        assert_eq!(nearest("ref", known.into_iter()), Some("art_ref"));
        assert_eq!(nearest("nom", known.into_iter()), Some("cliNom"));
    }

    #[test]
    fn what_serde_lists_gets_a_nearest() {
        let error =
            read("error: line 2 column 1: unknown field `seeed`, expected one of name, seed\n --> 2:1");
        assert!(error.starts_with("unknown key `seeed`, did you mean `seed`?\nerror: line 2"), "{error}");
        assert_eq!(read("line 1: invalid u64"), "line 1: not a whole number from 0 on");
    }
}
