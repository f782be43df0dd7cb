//! What holds for every text.

use graphql_js::ast::Document;
use graphql_js::limits::{self, Limits};
use graphql_js::{Refusal, Rules, Scalars, Schema, locations, parse, validate, variables};
use proptest::prelude::*;
use serde_json::Map;

const SDL: &str = "type Query { a(b: Int! = 1, c: [In!], d: E): T! e: String @deprecated } type T { f(g: ID): [T] h: Float }
    input In { i: String!, j: In } enum E { K L } scalar S type Mutation { m(s: S): Boolean }";

/// Words and marks that documents are made of, valid or not.
fn tokens() -> impl Strategy<Value = String> {
    let words = [
        "query",
        "mutation",
        "fragment",
        "on",
        "a",
        "b",
        "f",
        "T",
        "Query",
        "E",
        "K",
        "$x",
        "$",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        ":",
        "!",
        "=",
        "@",
        "@skip(if: true)",
        "...",
        "... on T {",
        "...F",
        "1",
        "-0.5e3",
        "\"s\"",
        "\"\"\"b\"\"\"",
        "\"\\u{1F600}\"",
        "\"",
        "\\",
        "null",
        "true",
        "type",
        "extend",
        "directive",
        "|",
        "&",
        "#c\n",
        ",",
        "\u{feff}",
        "é",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..60).prop_map(|words| words.join(" "))
}

/// Documents that are well formed.
fn documents() -> impl Strategy<Value = String> {
    let value = prop_oneof![
        Just("1".to_owned()),
        Just("-2.50e-3".to_owned()),
        Just("$x".to_owned()),
        Just("K".to_owned()),
        any::<String>().prop_map(|text| serde_json::Value::from(text).to_string()),
        "[ -!#-\\[\\]-~]{0,40}( *\n *[a-z]{1,3})*"
            .prop_map(|text| format!("\"\"\"{}\"\"\"", text.trim_end_matches('"'))),
    ];
    let value = value.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(" "))),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("{{i: {}}}", items.join(", j: "))),
        ]
        .prop_filter("an object has values", |text| !text.contains("{i: }"))
    });
    let leaf = (value, prop::sample::select(vec!["a", "f", "h: e", "__typename"]))
        .prop_map(|(value, name)| format!("{name}(b: {value}) @skip(if: {value})"));
    let selection = leaf.prop_recursive(4, 24, 4, |inner| {
        let several = prop::collection::vec(inner, 1..4).prop_map(|items| items.join(" "));
        (several, prop::sample::select(vec!["x: f", "... on T", "...", "a", "...F f"]))
            .prop_map(|(inner, name)| format!("{name} {{ {inner} }}"))
    });
    (selection.clone(), selection).prop_map(|(one, other)| {
        format!("query Q($x: [Int!]! = [1]) @include(if: $x) {{ {one} }} fragment F on T {{ {other} }}")
    })
}

/// Reads, limits, judges and prints: all of it ends, and every place is one in the text.
fn judge(text: &str) -> Option<Document> {
    let schema = Schema::new(SDL).expect("a schema");
    let document = match parse(text, 40) {
        Ok(document) => document,
        Err(Refusal::Syntax(problem)) => {
            assert!(problem.at.iter().all(|at| *at <= text.len()), "{problem:?}");
            return None;
        }
        Err(Refusal::TooDeep(at)) => {
            assert!(at <= text.len());
            return None;
        }
    };
    let limits = Limits { depth: 20, complexity: 200, aliases: 200 };
    if limits::check(&document, limits).is_err() {
        return Some(document);
    }
    let rules = Rules { schema: &schema, scalars: Scalars::ANYTHING, interchange: true };
    let problems = validate(rules, &document);
    assert!(problems.len() <= 101);
    for problem in &problems {
        assert!(problem.at.iter().all(|at| text.is_char_boundary(*at)), "{problem:?}");
        locations(text, &problem.at);
    }
    if problems.is_empty()
        && let Ok(operation) = graphql_js::operation(&document, None)
    {
        variables(&schema, Scalars::ANYTHING, operation, &Map::new()).ok();
    }
    Some(document)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        judge(&text);
    }

    #[test]
    fn no_tokens_panic(text in tokens()) {
        judge(&text);
    }

    #[test]
    fn what_is_printed_reads_the_same(text in documents()) {
        let document = judge(&text);
        prop_assert!(document.is_some(), "{}: {:?}", text, parse(&text, 40).err());
        let printed = document.expect("a document").to_string();
        let again = parse(&printed, 40);
        prop_assert!(again.is_ok(), "{}: {:?}", printed, again.err());
        prop_assert_eq!(again.expect("a document").to_string(), printed);
    }
}
