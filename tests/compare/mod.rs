//! Twins of the servers stand in for the real services: what is planted in them is found, nothing is where nothing was planted.

mod archives;
mod canaries;
mod kinds;
mod plants;
mod session;

use std::collections::BTreeSet;
use std::path::Path;

use compare::{Compared, Comparison, Recording};
use erpsatz::{Config, load_library, load_simulators};
use serde_json::{Value, json};
use simcore::Simulator;
use simcore::entity::profile::Profile;
use simhost::journal::har;

use crate::support::App;

const ALL: [&str; 5] = ["onlineerp", "8sens", "comarch-xt", "weavy", "clavus"];

fn simulator(slug: &str) -> &'static Simulator {
    erpsatz::registry::find(slug).unwrap()
}

fn config(slug: &str, folder: &Path, profile: Option<&Value>) -> Config {
    let profiles = profile
        .map(|profile| {
            let file = folder.join(format!("{slug}.yaml"));
            std::fs::write(&file, profile.to_string()).unwrap();
            (slug.to_owned(), file)
        })
        .into_iter()
        .collect();
    Config { only: vec![slug.to_owned()], profiles, ..Config::default() }
}

/// What a client and a twin with this profile said to each other.
async fn recorded(slug: &'static str, profile: Option<&Value>) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let app = App::with(config(slug, folder.path(), profile)).await;
    session::recorded(&app, slug, profile).await
}

/// The archive compared with the simulator with this profile.
async fn compared(slug: &'static str, archive: &[u8], profile: Option<&Value>) -> Compared {
    let folder = tempfile::tempdir().unwrap();
    let config = config(slug, folder.path(), profile);
    let loaded = load_simulators(&config).unwrap();
    let library = load_library(&config).unwrap();
    let recording = Recording::new(har::read(archive).unwrap().entries, &loaded, Some(slug));
    let profiles = profile.map(|profile| (slug.to_owned(), profile.clone())).into_iter().collect();
    let comparison =
        Comparison { loaded: &loaded, profiles, library: &library, keeps_values: false, progress: &|| () };
    let compared = comparison.compare(&recording).await.unwrap();
    assert!(compared.asked > 5, "{}", compared.asked);
    compared
}

fn told(compared: &Compared) -> String {
    compared.items.iter().map(|item| item.line() + "\n").collect()
}

fn kinds(compared: &Compared) -> BTreeSet<&'static str> {
    compared.items.iter().map(|item| item.kind().name()).collect()
}

/// What of the rows and requests of an archive could be nobody's but the tenant's.
fn canaries(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        // What GraphQL refuses under a 200 is a sentence of the server's.
        Value::Object(members) => {
            let told = members.iter().filter(|(name, _)| *name != "errors");
            told.for_each(|(_, value)| canaries(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| canaries(value, found)),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => canaries(&inner, found),
            _ => drop(found.insert(text.clone())),
        },
        _ => {}
    }
}

/// Fails when a value of the archive stands in `text`.
fn holds_no_value(archive: &[u8], text: &str) {
    let archive: Value = serde_json::from_slice(archive).unwrap();
    let mut values = BTreeSet::new();
    // The day of the recording is told.
    let day = archive["log"]["entries"][0]["startedDateTime"].as_str().unwrap()[..10].to_owned();
    for entry in archive["log"]["entries"].as_array().unwrap() {
        let status = entry["response"]["status"].as_u64().unwrap();
        canaries(&entry["request"]["postData"]["text"], &mut values);
        if status < 300 {
            canaries(&entry["response"]["content"]["text"], &mut values);
        }
    }
    let is_telling = |value: &&String| {
        value.len() >= 8 && value.contains([' ', '-', '@', '.']) && !value.contains(['{', '/'])
    };
    values.remove(&day);
    let leaked: Vec<&String> =
        values.iter().filter(is_telling).filter(|value| text.contains(value.as_str())).collect();
    assert!(leaked.is_empty(), "{leaked:?}\n{text}");
    assert!(!text.to_lowercase().contains("canary"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_equal_twin_shows_no_difference() {
    for slug in ALL {
        let archive = recorded(slug, None).await;
        let compared = compared(slug, &archive, None).await;
        assert_eq!(told(&compared), "", "{slug}");
    }
}

/// A twin whose refusals say something else, whose records have other fields, names and orders, which lacks a call, has
/// others elsewhere and with other statuses, and is set otherwise.
fn twin(slug: &str) -> Value {
    let sim = simulator(slug);
    let mut twin = plants::refusals(sim);
    twin["entities"] = plants::fields(sim)["entities"].take();
    merge(&mut twin["entities"], &plants::taken(slug));
    twin["routes"] = plants::calls(slug);
    merge(&mut twin, &plants::elsewhere(slug));
    twin
}

fn merge(known: &mut Value, more: &Value) {
    match (known, more) {
        (Value::Object(known), Value::Object(more)) => {
            more.iter()
                .for_each(|(name, value)| merge(known.entry(name.as_str()).or_insert(Value::Null), value));
        }
        (known, more) => known.clone_from(more),
    }
}

/// What is planted in a twin is found, learned, and gone with what was learned.
async fn planted(slug: &'static str) {
    let archive = recorded(slug, Some(&twin(slug))).await;
    let found = compared(slug, &archive, None).await;
    let text =
        format!("{}{}{}", told(&found), found.to_json(), found.learned.values().cloned().collect::<String>());
    holds_no_value(&archive, &text);
    let kinds = kinds(&found);
    let expected: &[&str] = match slug {
        // A client of GraphQL gets what it asks for, or nothing.
        "clavus" => &["error", "field_missing", "status"],
        "weavy" => &["error", "field_extra", "field_missing", "status"],
        _ => &["error", "field_extra", "field_missing", "path", "status"],
    };
    assert!(expected.iter().all(|kind| kinds.contains(kind)), "{slug}: {kinds:?}\n{}", told(&found));
    assert!(found.items.len() >= 50, "{slug}: {}", told(&found));
    let overlay = found.learned.get(slug).unwrap_or_else(|| panic!("{slug}: {}", told(&found)));
    let overlay = simcore::entity::overlay::tree(overlay).unwrap();
    let left = compared(slug, &archive, Some(&overlay)).await;
    let learnable: String =
        left.items.iter().filter(|item| item.is_learnable()).map(|item| item.line() + "\n").collect();
    assert_eq!(learnable, "", "{slug}");
    let unlearnable = found.items.iter().filter(|item| !item.is_learnable()).count();
    assert!(left.items.len() <= unlearnable + 3, "{slug}:\n{}\nof\n{}", told(&left), told(&found));
    assert!(left.confirmed.len() > left.contradicted.len(), "{slug}: {:?}", left.contradicted);
}

macro_rules! planted_differences_are_found_learned_and_gone {
    ($($test:ident: $slug:literal),*) => {
        mod planted_differences_are_found_learned_and_gone {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $test() {
                super::planted($slug).await;
            })*
        }
    };
}

planted_differences_are_found_learned_and_gone! {
    onlineerp: "onlineerp", eightsens: "8sens", comarch_xt: "comarch-xt", weavy: "weavy", clavus: "clavus"
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fault_rules_plant_is_found_where_it_was_planted() {
    for slug in ALL {
        let app = App::start().await;
        for (path, nth, then, _) in plants::faults(slug) {
            let when = json!({ "path": path, "nth": nth });
            let rule = json!({ "server": slug, "when": when, "then": then, "undocumented": true });
            app.fault(rule).await;
        }
        let archive = session::recorded(&app, slug, None).await;
        let found = compared(slug, &archive, None).await;
        let kinds = kinds(&found);
        for (path, _, _, kind) in plants::faults(slug) {
            assert!(kinds.contains(kind), "{slug} {path} {kind}: {}", told(&found));
        }
        let entries: Value = serde_json::from_slice(&archive).unwrap();
        let faulty: BTreeSet<usize> = (1..)
            .zip(entries["log"]["entries"].as_array().unwrap())
            .filter(|(_, entry)| {
                let url = entry["request"]["url"].as_str().unwrap();
                plants::faults(slug).iter().any(|(path, ..)| url.ends_with(path))
            })
            .map(|(number, _)| number)
            .collect();
        let requests: BTreeSet<usize> = found.items.iter().flat_map(|item| item.requests.clone()).collect();
        assert!(requests.is_subset(&faulty), "{slug}: {}", told(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_only_we_have_is_found_and_taken_away() {
    for slug in ["onlineerp", "8sens", "weavy"] {
        let archive = recorded(slug, None).await;
        let ours = plants::fields(simulator(slug));
        let found = compared(slug, &archive, Some(&ours)).await;
        assert_eq!(kinds(&found), BTreeSet::from(["field_extra"]), "{slug}: {}", told(&found));
        assert!(found.items.len() >= 12, "{slug}: {}", told(&found));
        assert!(found.items.iter().all(compare::Item::is_learnable), "{slug}: {}", told(&found));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_recorded_fact_says_is_confirmed_or_contradicted() {
    let slug = "onlineerp";
    let archive = recorded(slug, None).await;
    let profile = Profile::load(simulator(slug).profile).unwrap();
    let name = "RECORD_NOT_FOUND";
    assert!(profile.errors.contains_key(name));
    let agrees = json!({ "errors": { name: { "evidence": "recorded" } } });
    let confirmed = compared(slug, &archive, Some(&agrees)).await.confirmed;
    assert_eq!(confirmed.into_iter().collect::<Vec<_>>(), [(slug, format!("errors.{name}"))]);
    let denies = json!({ "errors": { name: { "status": 410, "evidence": "recorded" } } });
    let contradicted = compared(slug, &archive, Some(&denies)).await.contradicted;
    assert_eq!(contradicted.into_iter().collect::<Vec<_>>(), [(slug, format!("errors.{name}"))]);
}
