//! Profiles that correct a simulator: refusals, paths, names and entities, on every server.

use std::io::Write as _;

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};
use simcore::Loaded;

use crate::support::samples::Client;
use crate::support::{Answer, App, basic, send};

mod answers;
mod mistakes;
mod names;
mod taken;
mod tenant;

/// Every server of `text`'s one, corrected by `text`.
async fn corrected(slug: &str, text: &str) -> App {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let profiles = [(slug.to_owned(), file.path().to_owned())].into_iter().collect();
    App::with(Config { profiles, ..Config::default() }).await
}

async fn get(client: &Client<'_>, path: &str) -> Answer {
    send(client.request(Method::GET, path, String::new())).await
}

/// What is wrong with a profile; nothing when it is good.
fn wrong(slug: &str, text: &str) -> String {
    let sim = erpsatz::registry::find(slug).unwrap();
    Loaded::new(sim, Some(("ours.yaml", text))).err().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_has_the_status_the_code_and_the_sentence_of_the_profile() {
    for (slug, text, path, status, holds) in [
        (
            "8sens",
            "{ NOT_FOUND: { status: 410, code: PARTI, message: Parti } }",
            "/v1/client/99999",
            410,
            vec!["PARTI", "Parti"],
        ),
        (
            "comarch-xt",
            "{ RECORD_NOT_FOUND: { status: 410, message: 'weg: {id}' } }",
            "/api2/public/products/99999",
            410,
            vec!["weg: 99999", "EntityNotFoundException"],
        ),
        (
            "comarch-xt",
            "{ RECORD_NOT_FOUND: { code: null } }",
            "/api2/public/products/99999",
            404,
            vec!["No row"],
        ),
        (
            "weavy",
            "{ RECORD_UNKNOWN: { status: 410, message: 'gone: {code}' } }",
            "/v1/Data/DEMO/customer/NIX",
            410,
            vec!["gone: NIX"],
        ),
        (
            "clavus",
            "{ PARAMETER_NOT_JSON: { status: 422, code: NO_JSON, message: 'bad {name}' } }",
            "/api/external/graphql?query=x&variables=x",
            422,
            vec!["NO_JSON", "bad variables"],
        ),
    ] {
        let app = corrected(slug, &format!("errors: {text}")).await;
        let client = Client::of(&app, slug).await;
        let answer = get(&client, path).await;
        assert_eq!(answer.status, status, "{slug}: {}", answer.body);
        for part in &holds {
            assert!(answer.body.contains(part), "{slug}: {part} in {}", answer.body);
        }
        assert_eq!(
            answer.body.contains("Exception"),
            holds.contains(&"EntityNotFoundException"),
            "{}",
            answer.body
        );
        let (_, contract) = Client::contract(&app, slug).await;
        assert!(contract.contains(&status.to_string()), "{slug}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sentence_is_corrected_in_the_language_of_the_edition() {
    let text = "errors: { ID_INVALID: { message: { pl: 'zły {id}' } } }";
    let app = corrected("comarch-xt", text).await;
    app.load("default", "servers: { comarch-xt: { settings: { edition: pl } } }").await;
    let client = Client::of(&app, "comarch-xt").await;
    assert_eq!(get(&client, "/api2/public/products/x1").await.json()["Message"], "zły x1");
    app.load("default", "servers: { comarch-xt: {} }").await;
    let client = Client::of(&app, "comarch-xt").await;
    assert_eq!(
        get(&client, "/api2/public/products/x1").await.json()["Message"],
        "'x1' ist keine gültige Id."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_assumed_of_a_refusal_is_said_and_what_was_recorded_is_not() {
    for (evidence, is_assumed) in [("assumed", true), ("recorded", false)] {
        let text = format!("errors: {{ NOT_FOUND: {{ message: Parti, evidence: {evidence} }} }}");
        let app = corrected("8sens", &text).await;
        get(&Client::of(&app, "8sens").await, "/v1/client/99999").await;
        let assumptions = app.last().await["assumptions"].to_string();
        assert_eq!(assumptions.contains("refusal"), is_assumed, "{assumptions}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_replaces_the_body_of_refusals_on_every_server() {
    for (slug, path) in [
        ("onlineerp", "/api/Entity/Product/NIX"),
        ("8sens", "/v1/client/99999"),
        ("comarch-xt", "/api2/public/products/99999"),
        ("weavy", "/v1/Data/DEMO/customer/NIX"),
        ("clavus", "/api/downloadFile"),
    ] {
        let template = "{ settings: { error_template: { default: { fehler: ['{message}', '{status}'] } } } }";
        let app = corrected(slug, template).await;
        let answer = get(&Client::of(&app, slug).await, path).await;
        let body = answer.json();
        let members: Vec<&String> = body.as_object().unwrap().keys().collect();
        assert_eq!(members, ["fehler"], "{slug}: {body}");
        assert_eq!(body["fehler"][1], answer.status.as_str(), "{slug}: {body}");
        let setting = "{ settings: { error_template: { texte: '{message}' } } }";
        app.load("default", &format!("servers: {{ {slug}: {setting} }}")).await;
        let body = get(&Client::of(&app, slug).await, path).await.json();
        assert!(body["texte"].is_string() && body.get("fehler").is_none(), "{slug}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_elsewhere_or_not_there() {
    for (slug, usual, other, path) in [
        ("onlineerp", "/api/Entity/Product/{id}", "/api/articles/{id}", "/api/articles/BOLT-M8"),
        ("8sens", "GET /v1/client", "/v1/tiers", "/v1/tiers"),
        ("comarch-xt", "/api2/public/products", "/api2/public/artikel", "/api2/public/artikel"),
        ("weavy", "/v1/Dictionary/{project}", "/v1/Schema/{project}", "/v1/Schema/DEMO"),
        ("clavus", "/api/external/graphql", "/graphql", "/graphql?query=%7B__typename%7D"),
    ] {
        let app = corrected(slug, &format!("routes: {{ '{usual}': '{other}' }}")).await;
        let client = Client::of(&app, slug).await;
        let answer = get(&client, path).await;
        assert_eq!(answer.status, 200, "{slug}: {}", answer.body);
        let from = usual.trim_start_matches("GET ").replace("{id}", "BOLT-M8").replace("{project}", "DEMO");
        let usual_answer = get(&client, &path.replace(path.split('?').next().unwrap(), &from)).await;
        assert!([404, 405].contains(&usual_answer.status.as_u16()), "{slug}: {}", usual_answer.status);
        let app = corrected(slug, &format!("routes: {{ '{usual}': null }}")).await;
        let answer = get(&Client::of(&app, slug).await, &from).await;
        assert!([404, 405].contains(&answer.status.as_u16()), "{slug}: {} {}", answer.status, answer.body);
    }
}

#[test]
fn every_mistake_is_found_with_its_place_and_the_nearest_name() {
    let found = wrong(
        "onlineerp",
        "settings:\n  robott: { default: offline }\nerrors:\n  DUPLICATE: { message: '{entiti}' }\n  LOKED: {}\nentities:\n  Product:\n    access: { acmba: [GET] }\n  Nouveau: {}\n",
    );
    for part in [
        "ours.yaml:2:3: unknown setting `robott`, did you mean `robot`?",
        "ours.yaml:4:",
        "unknown placeholder `entiti`, did you mean `entity`?",
        "ours.yaml:5:3: unknown refusal `LOKED`, did you mean `LOCKED`?",
        "ours.yaml:8:15: unknown variant `acmba`, did you mean `acomba`?",
        "ours.yaml:9:3: the new entity `Nouveau` needs `fields`",
    ] {
        assert!(found.contains(part), "{part} in\n{found}");
    }
    for (slug, text, part) in [
        ("8sens", "entities: { machine: { fields: {} } }", "new ones get no calls on this server"),
        ("comarch-xt", "errors: { ID_INVALID: { message: { fr: x } } }", "unknown language `fr`"),
        ("8sens", "errors: { NOT_FOUND: { message: { de: x } } }", "this sentence has one language"),
        ("8sens", "routes: { 'GET /v1/client/{id}': /x }", "`/x`: it must have {id}"),
        ("8sens", "- x", "a mapping is expected"),
        ("8sens", "a: [", "cannot be read"),
        ("weavy", "entities: { customer: null }", "cannot be taken away"),
    ] {
        let found = wrong(slug, text);
        assert!(found.contains(part), "{slug} {text}: {found}");
    }
}

/// What the words of refusals are used for: every name that a vendor's code says is in its profile, and is the other way
/// round, with the same placeholders.
#[test]
fn every_refusal_of_a_profile_is_one_that_the_server_makes() {
    let repository = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders = std::fs::read_dir(repository.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let folders: Vec<_> = folders.chain([repository.join("examples/vendor-template")]).collect();
    for sim in erpsatz::registry::ALL.iter().copied().chain([&vendor_template::SIMULATOR]) {
        let slug = sim.slug;
        let is_its = |folder: &&std::path::PathBuf| {
            let text = std::fs::read_to_string(folder.join("src/lib.rs")).unwrap_or_default();
            text.contains(&format!("slug: \"{slug}\""))
        };
        let folder = folders.iter().find(is_its).unwrap_or_else(|| panic!("no crate has `slug: \"{slug}\"`"));
        let source = sources(folder);
        let loaded = Loaded::new(sim, None).unwrap();
        let errors = &loaded.model.profile.errors;
        for said in source.split("said!(").skip(1) {
            let name: String = said
                .chars()
                .take_while(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || *letter == '_')
                .collect();
            assert!(errors.contains_key(&name), "{slug}: {name} is not in the profile");
        }
        for (name, refusal) in errors {
            let is_cores = !refusal.kinds.is_empty()
                || !refusal.statuses.is_empty()
                || name.starts_with("RULE_")
                || ["NOT_FOUND", "NO_REFERENCE", "TAKEN"].contains(&name.as_str());
            let is_said = [format!("said!({name}"), format!("\"{name}\"")]
                .iter()
                .any(|word| source.contains(word.as_str()));
            assert!(is_cores || is_said, "{slug}: {name} is never said");
        }
        for read in source.split("settings.").skip(1).filter_map(|rest| rest.split_once("(\"")) {
            let (method, name) = (read.0, read.1.split('"').next().unwrap_or_default());
            let reads = ["flag", "given", "integer", "text", "texts", "value"].contains(&method);
            let is_there = loaded.model.profile.settings.contains_key(name);
            assert!(is_there || !reads, "{slug}: the setting {name} is not in the profile");
        }
    }
}

fn sources(folder: &std::path::Path) -> String {
    let mut text = String::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() {
            text += &sources(&path);
        } else if path.extension().is_some_and(|it| it == "rs") {
            text += &std::fs::read_to_string(path).unwrap();
        }
    }
    text
}
