//! A query to phrases and terms (fact sheet 4.2, steps 3 and 4).

use super::token::{HARD, Profile, words};

/// After so many terms the rest of the query is ignored.
const MOST: usize = 10;

/// One thing a document should have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Term {
    /// These words, one right after the other, letter by letter.
    Phrase(Vec<String>),
    /// A word, typos allowed; as the beginning of one when `prefix`.
    Word { text: String, prefix: bool },
}

/// The terms in the order of the query; none for a blank one.
pub(super) fn parse(query: &str, profile: Profile) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut at = 0;
    for (place, part) in query.split('"').enumerate() {
        let is_last = at + part.len() == query.len();
        at += part.len() + 1;
        let words = words(part, profile);
        if place % 2 == 1 {
            let mut phrase: Vec<String> = Vec::new();
            let mut last = 0;
            for word in words {
                if word.position >= last + HARD && !phrase.is_empty() {
                    terms.push(Term::Phrase(std::mem::take(&mut phrase)));
                }
                last = word.position;
                phrase.push(word.text);
            }
            if !phrase.is_empty() {
                terms.push(Term::Phrase(phrase));
            }
        } else {
            for word in words {
                let prefix = is_last && word.end == part.len();
                terms.push(Term::Word { text: word.text, prefix });
            }
        }
    }
    terms.truncate(MOST);
    terms
}

#[cfg(test)]
mod tests {
    use super::{Profile, Term, parse};

    fn phrase(words: &[&str]) -> Term {
        Term::Phrase(words.iter().map(ToString::to_string).collect())
    }

    fn word(text: &str, prefix: bool) -> Term {
        Term::Word { text: text.to_owned(), prefix }
    }

    #[test]
    fn quotes_hard_separators_and_the_last_word() {
        for (query, expected) in [
            ("", vec![]),
            ("  \t", vec![]),
            ("\"\"", vec![]),
            ("dupont tou", vec![word("dupont", false), word("tou", true)]),
            ("dupont tou ", vec![word("dupont", false), word("tou", false)]),
            ("dupont tou.", vec![word("dupont", false), word("tou", false)]),
            ("\"Octavia.Butler\"", vec![phrase(&["octavia"]), phrase(&["butler"])]),
            ("\"Octavia\" \"Butler\"", vec![phrase(&["octavia"]), phrase(&["butler"])]),
            ("\"octavia-butler\"", vec![phrase(&["octavia", "butler"])]),
            ("\"jean dupont\" toulouse", vec![phrase(&["jean", "dupont"]), word("toulouse", true)]),
            ("\"jean dup", vec![phrase(&["jean", "dup"])]),
            ("jean \"dupont\"", vec![word("jean", false), phrase(&["dupont"])]),
            ("-jean", vec![word("jean", true)]),
        ] {
            assert_eq!(parse(query, Profile::Seed), expected, "{query}");
        }
    }

    #[test]
    fn ten_terms_count() {
        assert_eq!(parse("a b c d e f g h i j k l", Profile::Seed).len(), 10);
    }
}
