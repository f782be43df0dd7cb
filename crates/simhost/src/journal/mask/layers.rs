//! Texts that stand in other texts, escaped in one way or another.

use std::ops::Range;

use super::fields::secrets;

/// The entities of XML that a text of fields needs.
const ENTITIES: [(&str, char); 6] =
    [("&quot;", '"'), ("&apos;", '\''), ("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&#34;", '"')];

/// A text, and where in the text that it stands in each of its bytes begins.
pub(super) struct Layer {
    text: String,
    places: Vec<usize>,
}

impl Layer {
    /// The outermost one.
    pub(super) fn of(text: &str) -> Self {
        Self { text: text.to_owned(), places: (0..=text.len()).collect() }
    }

    /// Adds what is to be masked, as places of the outermost text.
    pub(super) fn cut(&self, names: &[&str], levels: usize, cuts: &mut Vec<Range<usize>>) {
        for found in secrets(&self.text, names) {
            cuts.push(self.places[found.start]..self.places[found.end]);
        }
        if levels == 0 {
            return;
        }
        for inner in [self.unescaped(), self.decoded(), self.without_entities()].into_iter().flatten() {
            inner.cut(names, levels - 1, cuts);
        }
    }

    /// What stands in it as a string of JSON.
    fn unescaped(&self) -> Option<Self> {
        if !self.text.contains("\\\"") && !self.text.contains("\\u00") {
            return None;
        }
        Some(self.read(|rest| {
            let mut letters = rest.chars();
            let letter = match (letters.next()?, letters.next()) {
                ('\\', Some('n')) => '\n',
                ('\\', Some('r')) => '\r',
                ('\\', Some('t')) => '\t',
                ('\\', Some('u')) => {
                    let code = rest.get(2..6).and_then(|code| u32::from_str_radix(code, 16).ok());
                    return Some(code.and_then(char::from_u32).map_or(('\\', 1), |letter| (letter, 6)));
                }
                ('\\', Some(escaped @ ('"' | '\\' | '/'))) => escaped,
                (letter, _) => return Some((letter, letter.len_utf8())),
            };
            Some((letter, 2))
        }))
    }

    /// What stands in it percent-encoded.
    fn decoded(&self) -> Option<Self> {
        let code = |rest: &str| {
            let code = u8::from_str_radix(rest.strip_prefix('%')?.get(..2)?, 16).ok()?;
            code.is_ascii().then(|| char::from(code))
        };
        self.text.match_indices('%').find(|(at, _)| code(&self.text[*at..]).is_some())?;
        Some(self.read(|rest| match code(rest) {
            Some(letter) => Some((letter, 3)),
            None => rest.chars().next().map(|letter| (letter, letter.len_utf8())),
        }))
    }

    /// What stands in it as the text of an element or an attribute.
    fn without_entities(&self) -> Option<Self> {
        let entity = |rest: &str| {
            let known = |(name, letter): &(&'static str, char)| {
                rest.starts_with(name).then_some((*letter, name.len()))
            };
            ENTITIES.iter().find_map(known)
        };
        self.text.match_indices('&').find(|(at, _)| entity(&self.text[*at..]).is_some())?;
        Some(self.read(|rest| {
            entity(rest).or_else(|| rest.chars().next().map(|letter| (letter, letter.len_utf8())))
        }))
    }

    /// Reads it letter by letter: each with how many bytes it takes.
    fn read(&self, next: impl Fn(&str) -> Option<(char, usize)>) -> Self {
        let (mut text, mut places, mut at) = (String::with_capacity(self.text.len()), Vec::new(), 0);
        while let Some((letter, length)) = next(&self.text[at..]) {
            places.extend(std::iter::repeat_n(self.places[at], letter.len_utf8()));
            text.push(letter);
            at += length;
        }
        places.push(self.places[at]);
        Self { text, places }
    }
}
