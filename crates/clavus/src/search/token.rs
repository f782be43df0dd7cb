//! Texts to words, as the search engine behind the vendor's server does it: `charabia` is that engine's own tokenizer.
//! Which separators part words hard is a table by era (fact sheet 4.3).

use std::sync::LazyLock;

use charabia::separators::DEFAULT_SEPARATORS;
use charabia::{Tokenizer, TokenizerBuilder};

/// How far a hard separator sets two words apart; a soft one sets them 1 apart.
pub(crate) const HARD: u32 = 8;

/// What parts words, beyond charabia's own table (4.3).
static SEPARATORS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let ours = ["^", "~", "+", "=", "*", "|", "\t", "\n", "\r", "<", ">", "`"];
    DEFAULT_SEPARATORS.iter().copied().chain(ours).collect()
});

static TOKENIZER: LazyLock<Tokenizer<'static>> = LazyLock::new(|| {
    let mut builder: TokenizerBuilder<'static, Vec<u8>> = TokenizerBuilder::default();
    builder.separators(&SEPARATORS);
    builder.into_tokenizer()
});

/// Which separators are hard: a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As the vendor's page words it.
    Seed,
    /// Meilisearch up to 1.2: the comma is hard.
    Meili12,
    /// Meilisearch from 1.3 on: dots and commas only before a space.
    Meili13,
}

impl Profile {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "meili_1_2" => Self::Meili12,
            "meili_1_3" => Self::Meili13,
            _ => Self::Seed,
        }
    }

    /// Whether a run of separators has a hard one in it.
    pub(crate) fn is_hard(self, run: &str) -> bool {
        match self {
            Self::Seed => run.contains(['.', ';', '!', '?', '(', ')', '[', ']', '{', '}', '|']),
            Self::Meili12 => run.contains(['.', ';', ',', '!', '?', '(', ')', '[', ']', '{', '}', '|']),
            Self::Meili13 => {
                run.contains(['!', ';', '?', '¡', '§', '¶', '¿', '。', '！', '？', '；', '؟', '؛', '।'])
                    || run.contains(". ")
                    || run.contains(", ")
            }
        }
    }
}

/// A word of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    /// Without case, accents and compatibility forms.
    pub(crate) text: String,
    /// Its place; neighbours are 1 apart.
    pub(crate) position: u32,
    /// The bytes of the text it stands at.
    pub(crate) begin: usize,
    pub(crate) end: usize,
}

/// The words of `text`. What has neither letter nor digit is a separator.
pub(crate) fn words(text: &str, profile: Profile) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    for token in TOKENIZER.tokenize(text) {
        if !token.lemma().chars().any(char::is_alphanumeric) {
            continue;
        }
        let position = match words.last() {
            None => 0,
            Some(last) => {
                let run = text.get(last.end..token.byte_start).unwrap_or_default();
                last.position + if profile.is_hard(run) { HARD } else { 1 }
            }
        };
        words.push(Word {
            text: token.lemma().to_owned(),
            position,
            begin: token.byte_start,
            end: token.byte_end,
        });
    }
    words
}

/// A text without case, accents and compatibility forms, its separators kept: what `CONTAINS` and sorting compare.
pub(crate) fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    TOKENIZER.tokenize(text).map(|token| token.lemma().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::{Profile, folded, words};

    fn placed(text: &str, profile: Profile) -> Vec<(String, u32)> {
        words(text, profile).into_iter().map(|word| (word.text, word.position)).collect()
    }

    #[test]
    fn separators_set_words_apart_as_the_profile_says() {
        use Profile::{Meili12, Meili13, Seed};
        for (text, apart) in [
            ("a b", [1, 1, 1]),
            ("a-b", [1, 1, 1]),
            ("a_b", [1, 1, 1]),
            ("a'b", [1, 1, 1]),
            ("a’b", [1, 1, 1]),
            ("a:b", [1, 1, 1]),
            ("a/b", [1, 1, 1]),
            ("a\\b", [1, 1, 1]),
            ("a@b", [1, 1, 1]),
            ("a\"b", [1, 1, 1]),
            ("a+b", [1, 1, 1]),
            ("a~b", [1, 1, 1]),
            ("a=b", [1, 1, 1]),
            ("a^b", [1, 1, 1]),
            ("a*b", [1, 1, 1]),
            ("a#b", [1, 1, 1]),
            ("a,b", [1, 8, 1]),
            ("a, b", [1, 8, 8]),
            ("a.b", [8, 8, 1]),
            ("a. b", [8, 8, 8]),
            ("a;b", [8, 8, 8]),
            ("a!b", [8, 8, 8]),
            ("a?b", [8, 8, 8]),
            ("a(b", [8, 8, 1]),
            ("a] b", [8, 8, 1]),
            ("a|b", [8, 8, 1]),
            ("a - . - b", [8, 8, 8]),
        ] {
            for (profile, apart) in [Seed, Meili12, Meili13].into_iter().zip(apart) {
                let expected = vec![("a".to_owned(), 0), ("b".to_owned(), apart)];
                assert_eq!(placed(text, profile), expected, "{text} {profile:?}");
            }
        }
    }

    #[test]
    fn words_lose_case_and_accents() {
        assert_eq!(placed("Nîmes", Profile::Seed), [("nimes".to_owned(), 0)]);
        assert_eq!(folded("L'Été À Œuvre ½"), folded("l'ete a œuvre ½"));
        assert_eq!(folded("Équipe B, 2"), "equipe b, 2");
    }
}
