//! Mistakes in files, in words: where they are, and what was probably meant.

use std::borrow::Cow;

use crate::base::places::{Node, Position, Step};
use crate::base::text::shown;

/// A mistake in a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistake {
    /// The file, where it is not the one that is being checked.
    pub file: Option<String>,
    /// The way to what is wrong.
    pub steps: Vec<Step>,
    /// Where it is, when that is known without the way.
    pub place: Option<Position>,
    /// What is wrong.
    pub message: String,
}

impl Mistake {
    /// Something wrong at the end of `steps`.
    pub fn at(steps: Vec<Step>, message: impl Into<String>) -> Self {
        Self { steps, message: message.into(), ..Self::default() }
    }

    /// Something wrong at a known place of a file.
    pub fn in_file(file: &str, place: Option<Position>, message: impl Into<String>) -> Self {
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
            let (from, to) = node.extent(&self.steps);
            Some(self.quoted(text, from, to).unwrap_or(from))
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

impl Mistake {
    /// Where the name that the message quotes first stands, between two lines.
    fn quoted(&self, text: &str, from: Position, to: usize) -> Option<Position> {
        let quoted = self.message.split('`').nth(1).filter(|name| !name.is_empty())?;
        let last = quoted.rsplit('.').next().and_then(|last| last.split('[').next()).unwrap_or(quoted);
        let part: Vec<&str> = text.lines().skip(from.line - 1).take(to + 1 - from.line).collect();
        let part = part.join("\n");
        let (row, column, _) = find(&part, quoted).or_else(|| find(&part, last))?;
        Some(Position { line: from.line + row - 1, column })
    }
}

fn located(file: Option<&str>, place: Option<Position>, message: &str) -> String {
    let message = &*short(message, MAX_MESSAGE);
    let place = place.map(|place| format!("{}:{}", place.line, place.column));
    let place: Vec<&str> = file.into_iter().chain(place.as_deref().filter(|_| file.is_some())).collect();
    if place.is_empty() { message.to_owned() } else { format!("{}: {message}", place.join(":")) }
}

fn snippet(place: Position, line: &str, length: usize) -> String {
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
    // Of a path, `lines[0].quantity`, the last name is to be looked for.
    let last = quoted.rsplit('.').next().and_then(|last| last.split('[').next()).unwrap_or_default();
    let mut names = [quoted, last].into_iter().filter(|name| !name.is_empty());
    let found = names.find_map(|name| Some((name, find(text, name)?)));
    let Some((name, (row, column, line))) = found else {
        return short(why, MAX_MESSAGE).into_owned();
    };
    let why = short(why, MAX_MESSAGE);
    format!("{why}\n{}", snippet(Position { line: row, column }, line, name.chars().count()))
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

/// What the reader of YAML says first, with its place: the nearest name where it only lists those that there are, and
/// kinds in words.
pub fn read(error: &str) -> Mistake {
    let words = [
        ("invalid u64", "not a whole number from 0 on"),
        ("invalid boolean", "neither true nor false"),
        ("expected sequence start", "a list is expected"),
        ("expected mapping start", "a mapping is expected"),
        ("<input>", "the file"),
    ];
    let said = short(error.lines().next().unwrap_or_default(), MAX_MESSAGE);
    let said = said.strip_prefix("error: ").unwrap_or(&said);
    let (place, why) = place_of(said).map_or((None, said), |(place, why)| (Some(place), why));
    let in_words = || words.iter().fold(plain(why), |why, (theirs, ours)| why.replace(theirs, ours));
    Mistake { place, message: nearest_key(why).unwrap_or_else(in_words), ..Mistake::default() }
}

/// `line 2 column 17: why` taken apart.
fn place_of(said: &str) -> Option<(Position, &str)> {
    let (line, rest) = said.strip_prefix("line ")?.split_once(" column ")?;
    let (column, why) = rest.split_once(": ")?;
    Some((Position { line: line.parse().ok()?, column: column.parse().ok()? }, why))
}

/// What serde says of a value that is of another kind, in words that users of it have never to learn.
pub fn plain(said: &str) -> String {
    const KINDS: [(&str, &str); 8] = [
        ("struct", "a mapping"),
        ("map", "a mapping"),
        ("sequence", "a list"),
        ("string", "a text"),
        ("timestamp", "an instant (2026-03-02T08:00:00Z)"),
        ("boolean", "true or false"),
        ("u64", "a whole number from 0 on"),
        ("i64", "a whole number"),
    ];
    let kind = |theirs: &str| {
        let known = |word: &str| KINDS.iter().find(|(kind, _)| *kind == word).map(|(_, ours)| *ours);
        theirs.split([' ', ',']).take(2).find_map(known)
    };
    if said.contains("budget breached") {
        return "it is larger, or nested more deeply, than a file may be".to_owned();
    }
    if said.contains("did not match any variant") {
        return "this has none of the forms that it can have".to_owned();
    }
    let Some((before, rest)) = ["invalid type: ", "invalid value: ", "invalid length "]
        .into_iter()
        .find_map(|error| said.split_once(error))
    else {
        return said.to_owned();
    };
    let Some((found, rest)) = rest.split_once(", expected ") else { return said.to_owned() };
    let (wanted, place) =
        rest.split_once(" at line ").map_or((rest, None), |(wanted, place)| (wanted, Some(place)));
    let Some(wanted) = kind(wanted) else { return said.to_owned() };
    let found = match found {
        "map" => "a mapping",
        "sequence" => "a list",
        "null" | "unit value" => "nothing",
        // How long a list is that should not be one.
        length if length.bytes().all(|byte| byte.is_ascii_digit()) => "a list",
        found => found,
    };
    let place = place.map(|place| format!(" at line {place}")).unwrap_or_default();
    format!("{before}{wanted} is expected, not {found}{place}")
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
        // Vendors put a prefix before names: `email` is `cusEmail` there.
        let likeness = strsim::jaro_winkler(name, known);
        if is_prefixed(name, known) { likeness.max(0.9) } else { likeness }
    };
    let alike = known.map(|known| (likeness(known), known));
    alike.max_by(|(left, _), (right, _)| left.total_cmp(right))
}

/// Whether `known` is `name` behind a short prefix: `cusEmail`, `art_ref`.
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
    fn a_mistake_is_told_with_its_place_and_what_stands_there() {
        let text = "name: x\nfaults:\n  - id: one\n    colour-of_it: red\n    other: colour-of_it\n";
        let node = crate::base::places::read(text).expect("it is YAML");
        let steps = || crate::base::places::steps("faults[0]");
        let told = |mistake: Mistake| mistake.told(Some("shop.yaml"), text, Some(&node));
        assert_eq!(
            told(Mistake::at(steps(), "unknown key `colour-of_it`")),
            "shop.yaml:4:5: unknown key `colour-of_it`\n --> line 4, column 5\n  |\n4 |     colour-of_it: red\n  |     ^^^^^^^^^^^^"
        );
        assert_eq!(
            told(Mistake::at(steps(), "`nothing` is missing")),
            "shop.yaml:3:5: `nothing` is missing\n --> line 3, column 5\n  |\n3 |   - id: one\n  |     ^^"
        );
        assert_eq!(told(Mistake::at(Vec::new(), "it is late")), "shop.yaml: it is late");
        let place = Position { line: 2, column: 7 };
        let other = Mistake::in_file("data.json", Some(place), "it is wrong");
        assert_eq!(told(other), "data.json:2:7: it is wrong");
    }

    #[test]
    fn of_a_long_line_what_stands_around_the_mistake_is_shown() {
        let text = format!("{}bad {}", " ".repeat(199), "y".repeat(900));
        let place = Some(Position { line: 1, column: 200 });
        let told = Mistake { place, message: "bad".to_owned(), ..Mistake::default() }.told(None, &text, None);
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[4], format!("  | {}^^^", " ".repeat(MAX_LINE)));
        assert!(lines[3].starts_with(&format!("1 | {}bad y", " ".repeat(MAX_LINE))), "{told}");
        assert!(lines[3].len() < 2 * MAX_LINE + MAX_NAME + 10, "{told}");
    }

    #[test]
    fn what_serde_lists_gets_a_nearest() {
        let error = read(
            "error: line 2 column 1: unknown field `seeed`, expected one of name, seed\n --> <input>:2:1",
        );
        assert_eq!(error.message, "unknown key `seeed`, did you mean `seed`?");
        assert_eq!(error.place, Some(Position { line: 2, column: 1 }));
        let error = read("line 3 column 7: invalid u64");
        let place = error.place.map(|place| (place.line, place.column));
        assert_eq!((error.message.as_str(), place), ("not a whole number from 0 on", Some((3, 7))));
        assert_eq!(read("something else").message, "something else");
    }

    #[test]
    fn kinds_are_told_in_plain_words() {
        for (said, told) in [
            ("invalid type: number, expected struct Expectation", "a mapping is expected, not number"),
            (
                "invalid type: integer `5`, expected struct Then at line 1 column 26",
                "a mapping is expected, not integer `5` at line 1 column 26",
            ),
            (
                "invalid length 0, expected struct Change with 3 elements at line 1 column 2",
                "a mapping is expected, not a list at line 1 column 2",
            ),
            (
                "invalid type: string \"x\", expected u64",
                "a whole number from 0 on is expected, not string \"x\"",
            ),
            ("invalid type: sequence, expected a string", "a text is expected, not a list"),
            (
                "error: budget breached: Nodes { nodes: 250001 }",
                "it is larger, or nested more deeply, than a file may be",
            ),
            ("missing field `server`", "missing field `server`"),
        ] {
            assert_eq!(plain(said), told);
        }
    }
}
