//! The kept corpus, and random mutations of it: what the fuzzer does, for machines where it cannot be had.

#![expect(clippy::disallowed_methods, reason = "tests read what they were given")]

use std::path::{Path, PathBuf};

use fuzz_targets::TARGETS;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Words that one target or the other knows.
const WORDS: &[&str] = &[
    "'",
    "\"",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\\",
    "\u{0}",
    "\u{1F600}",
    "é",
    "-1",
    "0",
    "1e999",
    "null",
    "99999999999999999999",
    " eq ",
    " and ",
    "not ",
    "contains(",
    "any(x:",
    " in (",
    "extends: ",
    "generate: ",
    "&a ",
    "*a",
    "<<: ",
    "!!int ",
    "$q",
    "...",
    "fragment ",
    "@skip(if: true)",
    "\"\"\"",
    "customer",
    "\u{202e}",
];

/// One change of an input.
#[derive(Clone, Debug)]
enum Mutation {
    Flip(usize, u8),
    Cut(usize, usize),
    Word(usize, usize),
    Repeat(usize, usize, usize),
    Splice(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<u16>().prop_map(usize::from);
    prop_oneof![
        (at.clone(), any::<u8>()).prop_map(|(at, byte)| Mutation::Flip(at, byte)),
        (at.clone(), 0..40usize).prop_map(|(at, length)| Mutation::Cut(at, length)),
        (at.clone(), 0..WORDS.len()).prop_map(|(at, word)| Mutation::Word(at, word)),
        (at.clone(), 0..40usize, 2..40usize)
            .prop_map(|(at, length, times)| Mutation::Repeat(at, length, times)),
        (at, any::<u16>()).prop_map(|(at, other)| Mutation::Splice(at, usize::from(other))),
    ]
}

fn mutate(input: &mut Vec<u8>, corpus: &[Vec<u8>], mutation: &Mutation) {
    let size = input.len() + 1;
    match mutation {
        Mutation::Flip(at, byte) => {
            if let Some(place) = input.get_mut(at % size) {
                *place ^= byte;
            }
        }
        Mutation::Cut(at, length) => {
            let from = at % size;
            input.drain(from..input.len().min(from + length));
        }
        Mutation::Word(at, word) => {
            let at = at % size;
            input.splice(at..at, WORDS[*word].bytes());
        }
        Mutation::Repeat(at, length, times) => {
            let from = at % size;
            let part = input[from..input.len().min(from + length)].repeat(*times);
            input.splice(from..from, part);
        }
        Mutation::Splice(at, other) => {
            let other = &corpus[other % corpus.len()];
            let at = at % size;
            input.truncate(at);
            input.extend_from_slice(&other[at.min(other.len())..]);
        }
    }
}

fn corpus(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = std::fs::read_dir(&folder).expect("a corpus");
    let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("bytes"))).collect()
}

#[test]
fn the_kept_corpus_finds_nothing() {
    for (name, target) in TARGETS {
        let corpus = corpus(name);
        assert!(!corpus.is_empty(), "{name} has no corpus");
        for (path, input) in corpus {
            let found = std::panic::catch_unwind(|| target(&input));
            assert!(found.is_ok(), "{}", path.display());
        }
    }
}

/// `PROPTEST_CASES` says how many inputs there are for each target.
fn mutations_find_nothing(name: &str) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target");
    let corpus: Vec<Vec<u8>> = corpus(name).into_iter().map(|(_, input)| input).collect();
    let inputs = (any::<u16>(), proptest::collection::vec(mutation(), 1..8)).prop_map(|(seed, mutations)| {
        let mut input = corpus[usize::from(seed) % corpus.len()].clone();
        for mutation in &mutations {
            mutate(&mut input, &corpus, mutation);
        }
        input
    });
    let config = Config { failure_persistence: None, ..Config::default() };
    let found = TestRunner::new(config).run(&inputs, |input| {
        target(&input);
        Ok(())
    });
    if let Err(found) = found {
        panic!("{name}: {found}\nkeep the input in fuzz/corpus/{name}");
    }
}

#[test]
fn odata() {
    mutations_find_nothing("odata");
}

#[test]
fn scenario() {
    mutations_find_nothing("scenario");
}

#[test]
fn search() {
    mutations_find_nothing("search");
}

#[test]
fn weavy_dataset() {
    mutations_find_nothing("weavy_dataset");
}

#[test]
fn graphql() {
    mutations_find_nothing("graphql");
}
