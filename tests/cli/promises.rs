//! Every option, key of a scenario file, call of the control API and limit has a test: `tests/promises.tsv` says which.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{run, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// `option serve --seed`: every option of every command, as `--help` says it.
fn options(command: &[&str], found: &mut BTreeSet<String>) {
    let help = text(&run(&[command, &["--help"]].concat()).stdout);
    let begins =
        |heading: &str| help.split(&format!("\n{heading}:\n")).nth(1).map(str::to_owned).unwrap_or_default();
    let commands = begins("Commands");
    for line in commands.lines().take_while(|line| line.starts_with("  ")) {
        let name = line.trim_start().split(' ').next().unwrap_or_default();
        if line.starts_with("  ") && !line.starts_with("   ") && !["help", ""].contains(&name) {
            options(&[command, &[name]].concat(), found);
        }
    }
    for line in begins("Options").lines() {
        let line = line.trim_start();
        let long = line
            .strip_prefix("--")
            .or_else(|| line.get(4..).filter(|_| line.starts_with('-'))?.strip_prefix("--"));
        let Some(long) = long else { continue };
        let name = long.split([' ', '=', '<', '[']).next().unwrap_or_default();
        if !["help", "version"].contains(&name) {
            found.insert(format!("option {} --{name}", command.join(" ")));
        }
    }
}

/// `key Then.drip`: every key of a scenario file, as its schema says it.
fn keys(found: &mut BTreeSet<String>) {
    let schema: Value = serde_json::from_slice(&run(&["scenario", "schema"]).stdout).expect("a schema");
    let mut add = |owner: &str, properties: &Value| {
        let names = properties.as_object().into_iter().flatten();
        found.extend(names.map(|(name, _)| format!("key {owner}{name}")));
    };
    add("", &schema["properties"]);
    for (owner, definition) in schema["$defs"].as_object().expect("definitions") {
        let owner = format!("{owner}.");
        add(&owner, &definition["properties"]);
        for form in definition["oneOf"].as_array().into_iter().flatten() {
            add(&owner, &form["properties"]);
        }
    }
}

/// `call GET /sandboxes`: every route of the control API, as its router has it.
fn calls(found: &mut BTreeSet<String>) {
    let source = read("crates/control/src/lib.rs");
    let (outer, inner) = source.split_once("fn inside()").expect("the routes inside a sandbox");
    for (prefix, text) in [("", outer), ("/sandboxes/{s}", inner)] {
        for route in text.split(".route(\"").skip(1) {
            let (path, handlers) = route.split_once('"').expect("a path");
            let handlers = handlers.split("\n        .").next().unwrap_or_default();
            for verb in ["get", "post", "put", "patch", "delete"] {
                if handlers.contains(&format!("{verb}(")) {
                    found.insert(format!("call {} {prefix}{path}", verb.to_uppercase()));
                }
            }
        }
    }
}

/// `limit sandboxes`: every row of the page on limits.
fn limits(found: &mut BTreeSet<String>) {
    let page = read("docs/reference/limits.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    found.extend(rows.filter(|row| *row != "what").map(|row| format!("limit {row}")));
}

/// What a test of that name does, in a file of the repository.
fn test_of(place: &str) -> Result<String, String> {
    let (path, name) = place.split_once("::").ok_or("a test is FILE::NAME")?;
    let source = fs::read_to_string(root().join(path)).map_err(|error| format!("{path}: {error}"))?;
    let at = source.find(&format!("fn {name}(")).ok_or_else(|| format!("{path} has no test `{name}`"))?;
    let before = source[..at].trim_end_matches("async ").trim_end();
    let is_test = before.rsplit("\n\n").next().is_some_and(|attributes| {
        attributes.contains("#[test]")
            || attributes.contains("#[tokio::test")
            || attributes.contains("proptest!")
    });
    if is_test { Ok(source) } else { Err(format!("`{name}` in {path} is no test")) }
}

/// The word by which a test must speak of a promise, in one of its forms.
fn words(promise: &str) -> Vec<String> {
    let last = promise.rsplit([' ', '.', '/']).find(|part| !part.starts_with('{')).unwrap_or_default();
    match promise.split(' ').next() {
        // A test may set an option by its variable.
        Some("option") => {
            vec![last.to_owned(), last.trim_start_matches('-').to_uppercase().replace('-', "_")]
        }
        Some("key" | "call") => vec![last.to_owned()],
        _ => vec![String::new()],
    }
}

#[test]
fn every_promise_names_its_test() {
    let mut promised = BTreeSet::new();
    options(&[], &mut promised);
    keys(&mut promised);
    calls(&mut promised);
    limits(&mut promised);
    assert!(promised.len() > 200, "only {} promises were found", promised.len());
    let list = read("tests/promises.tsv");
    let kept: BTreeMap<&str, &str> = list.lines().skip(1).filter_map(|line| line.split_once('\t')).collect();
    let mut wrong = Vec::new();
    for promise in &promised {
        match kept.get(promise.as_str()) {
            // A hole that is known stands there with its reason.
            Some(why) if why.starts_with("none: ") => {}
            None => wrong.push(format!("{promise}: no test")),
            Some(place) => match test_of(place) {
                Err(why) => wrong.push(format!("{promise}: {why}")),
                Ok(source) if !words(promise).iter().any(|word| source.contains(word)) => {
                    wrong.push(format!("{promise}: {place} does not speak of it"));
                }
                Ok(_) => {}
            },
        }
    }
    let gone = kept.keys().filter(|kept| !promised.contains(**kept));
    wrong.extend(gone.map(|promise| format!("{promise}: nobody promises it any more")));
    assert!(wrong.is_empty(), "tests/promises.tsv:\n{}", wrong.join("\n"));
}
