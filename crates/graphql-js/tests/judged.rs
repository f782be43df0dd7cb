//! Documents with the errors that graphql-js 16 finds in them, word by word and place by place, in its order.
//!
//! `judged/documents.jsonl` has a document a line with `variables` and `errors`: each error its message and its places.
//! graphql-js itself wrote the errors (`.ci/clients/graphql-js/judged.mjs`); none is of the rule that is left out, a subscription's only field.

#![expect(clippy::disallowed_methods, reason = "the test reads its own file")]

#[path = "../examples/judge/judged.rs"]
mod judged;

use std::fs;

use graphql_js::{Problem, Rules, Scalars, Schema, location, parse, validate};
use serde_json::Value;

use crate::judged::judged;

#[test]
fn documents_have_the_errors_that_graphql_js_finds() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/judged");
    let schema = Schema::new(include_str!("judged/schema.graphql")).expect("a schema");
    let lines = fs::read_to_string(format!("{folder}/documents.jsonl")).expect("a file");
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let kept: Value = serde_json::from_str(line).expect("a line");
        let text = kept["query"].as_str().expect("a document");
        let given = kept["variables"].as_object().expect("variables");
        let found = judged(&schema, text, given);
        let shown = |problem: &Problem| {
            let places = problem.at.iter().map(|at| location(text, *at));
            let places = places.map(|(line, column)| format!("{line}:{column}"));
            [problem.message.clone()].into_iter().chain(places).collect::<Value>()
        };
        let found: Value = found.iter().map(shown).collect();
        if found != kept["errors"] {
            wrong.push(format!("{text}\n  graphql-js {}\n  ours       {found}", kept["errors"]));
        }
    }
    assert!(lines.lines().count() > 100);
    assert!(wrong.is_empty(), "{} documents:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn texts_and_ids_take_each_others_variables_only_where_that_is_asked_for() {
    let schema = Schema::new(include_str!("judged/schema.graphql")).expect("a schema");
    let text =
        "mutation ($i: ID, $s: String, $n: Int) { putPerson(firstName: $i, id: $s, lastName: $n) { id } }";
    let document = parse(text, 20).expect("a document");
    for (interchange, count) in [(false, 3), (true, 1)] {
        let rules = Rules { schema: &schema, scalars: Scalars::ANYTHING, interchange };
        let problems = validate(rules, &document);
        assert_eq!(problems.len(), count, "{problems:?}");
        assert!(problems[count - 1].message.starts_with("Variable \"$n\""), "{problems:?}");
    }
}
