//! Generated records: of every entity of every server, valid, loadable, the same for the same seed.

use std::collections::HashSet;

use erpsatz::{Config, load_library, load_simulators};
use reqwest::Method;
use serde_json::{Map, Value, json};
use simcore::entity::model::Table;
use simcore::entity::profile::Unknown;
use simcore::entity::validate::{self, Purpose};
use simcore::simulator::Loaded;
use simhost::scenario::{generate, generated};

use crate::support::{App, send};

const COUNT: u64 = 50;

/// The entities that the vendor's API or its control data has.
fn entities(server: &Loaded) -> impl Iterator<Item = &Table> {
    server.model.tables.values().filter(|table| !table.entity.back_office)
}

/// What `erpsatz generate` prints.
fn printed(server: &Loaded, counts: &generate::Counts, seed: u64) -> Value {
    let library = load_library(&Config::default()).unwrap();
    let mut out = Vec::new();
    generated::print(server, &library, counts, seed, &mut out).unwrap();
    let printed: Value = serde_json::from_slice(&out).unwrap();
    if counts.len() == 1 { json!({ counts.keys().next().unwrap(): printed }) } else { printed }
}

/// Whether `record` has every field of `expected`.
fn has_all(record: &Value, expected: &Value) -> bool {
    match (record, expected) {
        (Value::Object(record), Value::Object(expected)) => {
            expected.iter().all(|(name, value)| record.get(name).is_some_and(|own| has_all(own, value)))
        }
        (Value::Array(record), Value::Array(expected)) => {
            record.len() == expected.len()
                && record.iter().zip(expected).all(|(own, value)| has_all(own, value))
        }
        (own, value) => own == value,
    }
}

fn check(table: &Table, record: &Value) {
    let record = record.as_object().unwrap();
    let body: Map<String, Value> = record
        .iter()
        .filter(|(name, _)| !name.starts_with('_'))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    for purpose in [Purpose::Load, Purpose::Create] {
        let checked = validate::check(&table.entity.fields, body.clone(), purpose, Unknown::Refuse);
        assert!(checked.is_ok(), "{}: {checked:?} of {body:?}", table.name);
    }
    for (name, value) in
        record.iter().filter(|(_, value)| value.as_str().is_some_and(|text| text.contains('@')))
    {
        assert!(value.as_str().unwrap().ends_with(".example"), "{}.{name}: {value}", table.name);
    }
}

/// Each key of the records of an entity is there once.
fn keys_differ(table: &Table, records: &[Value]) {
    for key in &table.entity.keys {
        let values: Vec<&Value> =
            records.iter().map(|record| &record[key]).filter(|value| !value.is_null()).collect();
        let different: HashSet<String> = values.iter().map(ToString::to_string).collect();
        assert_eq!(different.len(), values.len(), "{}.{key}", table.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_entity_of_every_server_can_be_generated_and_loaded_back() {
    let app = App::start().await;
    for server in load_simulators(&Config::default()).unwrap() {
        let slug = server.sim.slug;
        let counts: generate::Counts = entities(&server).map(|table| (table.name.clone(), COUNT)).collect();
        let text = printed(&server, &counts, 7);
        app.load("default", "{ \"name\": \"default\" }").await;
        let mut before = Map::new();
        for table in entities(&server) {
            before.insert(table.name.clone(), app.records(slug, &table.name).await.len().into());
        }
        let loads = [
            ("generate", json!({ "seed": 7, "servers": { slug: { "generate": counts } } })),
            ("records", json!({ "servers": { slug: { "records": text } } })),
        ];
        for (how, scenario) in loads {
            app.load("default", &scenario.to_string()).await;
            for table in entities(&server) {
                let (name, all) = (&table.name, app.records(slug, &table.name).await);
                let before = usize::try_from(before[name].as_u64().unwrap()).unwrap();
                assert_eq!(all.len(), before + 50, "{slug} {name} by {how}");
                keys_differ(table, &all);
                for (record, expected) in all[before..].iter().zip(text[name].as_array().unwrap()) {
                    // What is due follows from all documents and from today.
                    let mut expected = expected.clone();
                    expected.as_object_mut().unwrap().remove("InfoAgeDesComptes");
                    let expected = &expected;
                    assert!(has_all(record, expected), "{slug} {name} by {how}:\n{record}\n{expected}");
                    check(table, record);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn generated_records_can_be_posted() {
    let app = App::start().await;
    for server in load_simulators(&Config::default()).unwrap() {
        let slug = server.sim.slug;
        let counts: generate::Counts = entities(&server).map(|table| (table.name.clone(), 3)).collect();
        let text = printed(&server, &counts, 1);
        assert_eq!(text, printed(&server, &counts, 1), "{slug}: the same for the same seed");
        assert_ne!(text, printed(&server, &counts, 2), "{slug}: another for another seed");
        for table in entities(&server) {
            let path = format!("/sandboxes/default/data/{slug}/{}", table.name);
            let answer = send(app.control(Method::POST, &path).json(&text[&table.name])).await;
            assert_eq!(answer.status, 201, "{path}: {}", answer.body);
            assert!(has_all(&answer.json(), &text[&table.name]), "{path}: {}", answer.body);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_server_takes_generated_records() {
    let app = App::start().await;
    for server in load_simulators(&Config::default()).unwrap() {
        let slug = server.sim.slug;
        // An 8sens server with some of its set-up and not the rest does not start.
        let set_up = ["user", "racine", "nature", "transfo"];
        let tables =
            entities(&server).filter(|table| slug != "8sens" || !set_up.contains(&table.name.as_str()));
        // Three at a time, so that most of what they refer to is missing.
        for some in tables.collect::<Vec<_>>().chunks(3) {
            let counts: generate::Counts = some.iter().map(|table| (table.name.clone(), 3)).collect();
            let scenario = json!({ "servers": { slug: { "data": "none", "generate": counts } } });
            app.load("default", &scenario.to_string()).await;
            for table in some {
                assert_eq!(app.records(slug, &table.name).await.len(), 3, "{slug} {}", table.name);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_profile_corrects_what_is_generated() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.yaml");
    std::fs::write(&file, "samples: { City: [Entenhausen] }\nentities: { products: { fields: { Name: { sample: 'Ware {n:3}' } } } }\n").unwrap();
    let config =
        Config { profiles: [("comarch-xt".to_owned(), file)].into_iter().collect(), ..Config::default() };
    let app = App::with(config).await;
    app.load("default", "servers: { comarch-xt: { data: none, generate: { products: 2, customers: 1 } } }")
        .await;
    let products = app.records("comarch-xt", "products").await;
    assert_eq!(products.iter().map(|product| &product["Name"]).collect::<Vec<_>>(), ["Ware 001", "Ware 002"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalogue_that_cannot_be_made_changes_nothing() {
    let app = App::scenario("servers: { comarch-xt: { generate: { products: 5 } } }").await;
    let before = app.records("comarch-xt", "products").await;
    for (generate, words) in [
        ("{ prodcts: 5 }", &["line 3", "column 17", "did you mean `products`"][..]),
        ("{ products: -1 }", &["line 3", "-1"]),
        ("{ products: many }", &["line 3", "many"]),
        ("{ products: 1.5 }", &["line 3", "1.5"]),
        ("{ products: 1000001 }", &["line 3", "at most 1000000"]),
    ] {
        let scenario = format!("servers:\n  comarch-xt:\n    generate: {generate}\n");
        let refused = send(app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario)).await;
        assert_eq!(refused.status, 400, "{generate}");
        let message = refused.json()["error"]["message"].as_str().unwrap().to_owned();
        for word in words {
            assert!(message.contains(word), "{generate}: {message}");
        }
    }
    assert_eq!(app.records("comarch-xt", "products").await, before);
}
