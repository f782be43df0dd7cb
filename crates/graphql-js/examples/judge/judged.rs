//! What is wrong with a request, as its execution would come to it: syntax, rules, operation, variables.

use graphql_js::{Problem, Refusal, Rules, Scalars, Schema, operation, parse, validate, variables};
use serde_json::{Map, Value};

/// How deep a document may nest: deeper than any that is compared.
const LEVELS: usize = 200;

/// The errors of a document with one operation, under these variables.
pub(crate) fn judged(schema: &Schema, text: &str, given: &Map<String, Value>) -> Vec<Problem> {
    let document = match parse(text, LEVELS) {
        Ok(document) => document,
        Err(Refusal::Syntax(problem)) => return vec![problem],
        Err(Refusal::TooDeep(at)) => return vec![Problem::new("too deep", at)],
    };
    let scalars = Scalars::ANYTHING;
    let problems = validate(Rules { schema, scalars, interchange: false }, &document);
    if !problems.is_empty() {
        return problems;
    }
    match operation(&document, None) {
        Ok(operation) => variables(schema, scalars, operation, given).err().unwrap_or_default(),
        Err(message) => vec![Problem { message, at: Vec::new() }],
    }
}
