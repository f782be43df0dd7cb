//! Judges documents against a schema, for comparison with graphql-js: reads `{"query", "variables"}` as JSON lines,
//! answers each with its errors as `[{"message", "locations"}]`.
//!
//! The schema is the first line, as a JSON string: `cargo run -p graphql-js --example judge < lines.jsonl`

use std::io::{self, BufRead, Write};

use graphql_js::{
    Problem, Refusal, Rules, Scalars, Schema, locations, operation, parse, validate, variables,
};
use serde_json::{Map, Value, json};

/// How deep a document may nest: deeper than any that is compared.
const LEVELS: usize = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut lines = io::stdin().lock().lines();
    let sdl: String = serde_json::from_str(&lines.next().ok_or("the schema is missing")??)?;
    let schema = Schema::new(&sdl)?;
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        let request: Value = serde_json::from_str(&line?)?;
        let text = request["query"].as_str().unwrap_or_default();
        let given = request["variables"].as_object().cloned().unwrap_or_default();
        let errors: Vec<Value> = judged(&schema, text, &given)
            .iter()
            .map(|problem| json!({ "message": problem.message, "locations": locations(text, &problem.at) }))
            .collect();
        writeln!(out, "{}", Value::Array(errors))?;
    }
    Ok(())
}

fn judged(schema: &Schema, text: &str, given: &Map<String, Value>) -> Vec<Problem> {
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
