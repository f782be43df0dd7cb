//! Judges documents against a schema, for comparison with graphql-js: reads `{"query", "variables"}` as JSON lines,
//! answers each with its errors as `[{"message", "locations"}]`.
//!
//! The schema is the first line, as a JSON string: `cargo run -p graphql-js --example judge < lines.jsonl`

mod judged;

use std::io::{self, BufRead, Write};

use graphql_js::{Schema, locations};
use serde_json::{Value, json};

use crate::judged::judged;

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
