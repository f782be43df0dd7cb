//! What the checks that run on every simulator know of each is there, and true.

use std::collections::HashSet;

use reqwest::Method;
use serde_json::{Value, json};
use simcore::simulator::Loaded;

use super::{app_of_all, everyone};
use crate::support::samples::{self, Client};
use crate::support::send;

#[tokio::test(flavor = "multi_thread")]
async fn every_simulator_has_a_sample_that_works() {
    let app = app_of_all().await;
    for sim in everyone() {
        let sample = samples::of(sim.slug);
        assert!(sample.calls.len() >= 4, "{}: too few random operations", sim.slug);
        let client = Client::of(&app, sim.slug).await;
        let answer = send(client.read()).await;
        assert_eq!(answer.status, 200, "{}: {}", sim.slug, answer.body);
        let answer = send(client.write(7)).await;
        assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
        assert_eq!(client.written().await, HashSet::from([7]), "{}: the mark of its write", sim.slug);
    }
    assert_eq!(samples::ALL.len() + 1, everyone().count(), "a sample of nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_samples_change_an_answer() {
    let app = app_of_all().await;
    let mut tried = 0;
    for sim in everyone() {
        for (given, (method, path, body), status) in samples::of(sim.slug).settings {
            let mut answers = Vec::new();
            for settings in ["", *given] {
                let slug = sim.slug;
                let scenario =
                    format!("name: tried\nservers: {{ {slug}: {{ settings: {{ {settings} }} }} }}");
                app.load("default", &scenario).await;
                let client = Client::of(&app, slug).await;
                let answer = send(client.request(method.clone(), path, (*body).to_owned())).await;
                answers.push((answer.status.as_u16(), answer.body));
            }
            assert_eq!(answers[1].0, *status, "{}: {given}: {}", sim.slug, answers[1].1);
            assert_ne!(answers[0], answers[1], "{}: {given} changes nothing", sim.slug);
            tried += 1;
        }
    }
    assert!(tried >= 3, "{tried}");
}

/// What documents, packages and the control API say of every server is there to be said.
#[test]
fn every_simulator_says_what_users_are_promised() {
    for sim in everyone() {
        let slug = sim.slug;
        assert!(!sim.credentials.is_empty() && !sim.secrets.is_empty(), "{slug}: nothing to sign in with");
        assert!(sim.first_call.contains("{url}"), "{slug}: no first call");
        let loaded = Loaded::new(sim, None).expect("a profile");
        let profile = &loaded.model.profile;
        assert!(profile.settings.contains_key("error_template"), "{slug}: no setting error_template");
        let refuses = profile.errors.values().any(|refusal| refusal.status.is_some());
        assert!(refuses, "{slug}: no refusal that a profile of a user's can correct");
        // The judge reads lists by these.
        let (_, document) = loaded.usual_contract().document(sim.title, "");
        for word in sim.paging.iter().flat_map(|(size, from)| [size, from]) {
            let is_there =
                document.contains(&format!("\"{word}\"")) || document.contains(&format!("{word}:"));
            assert!(is_there, "{slug}: `paging` names {word}, which the contract does not have");
        }
        let pages =
            ["\"limit\"", "\"offset\"", "\"skip\"", "\"page\""].iter().any(|word| document.contains(word));
        assert!(!pages || !sim.paging.is_empty(), "{slug}: its lists have pages, and no `paging`");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_a_key_says_what_requests_carry() {
    let app = app_of_all().await;
    let all = send(app.control(Method::GET, "/servers")).await.json();
    let headers = |slug: &str| {
        let items = all["items"].as_array().expect("items");
        items.iter().find(|one| one["slug"] == slug).map(|one| one["headers"].clone()).expect("a server")
    };
    assert_eq!(headers("helpdesk"), json!({ "X-Api-Key": "demo-key" }));
    // A token comes first, or another scheme.
    assert_eq!((headers("8sens"), headers("onlineerp")), (Value::Null, Value::Null));
}
