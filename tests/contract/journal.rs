//! Every request is in the journal, no secret is.

use reqwest::Method;
use serde_json::{Value, json};

use super::{app_of_all, everyone};
use crate::support::samples::Client;
use crate::support::{App, send};

#[tokio::test(flavor = "multi_thread")]
async fn every_request_is_written_before_its_answer_goes_out() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        for n in 0..20 {
            send(client.write(n)).await;
            let last = app.journal("default").await.pop().expect("an entry");
            assert_eq!(last["server"], sim.slug);
            assert_eq!(last["path"], client.write_path());
            assert!(last["body"].is_string() && last["response"]["body"].is_string(), "{last}");
        }
        send(client.bare(Method::GET, "/nowhere")).await;
        let refused = app.journal("default").await.pop().expect("an entry");
        assert_eq!(
            (&refused["path"], &refused["principal"]),
            (&"/nowhere".into(), &"".into()),
            "{}",
            sim.slug
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_journal_or_archive() {
    let app = app_of_all().await;
    for sim in everyone() {
        let client = Client::of(&app, sim.slug).await;
        send(client.read()).await;
        let canary = "C4n4ry-5ecret";
        let secret =
            client.bare(Method::GET, "/v1/Data/*").header("authorization", format!("Bearer {canary}"));
        send(secret.header("api_key", canary).header("cookie", canary)).await;
        let journal = send(app.control(Method::GET, "/sandboxes/default/journal")).await.body;
        let archive = send(app.control(Method::GET, "/sandboxes/default/journal.har")).await.body;
        let is_public = |name: &str| ["USER", "CLIENT_ID", "PROJECT"].contains(&name);
        let public: Vec<&str> =
            sim.credentials.iter().filter(|(name, _)| is_public(name)).map(|(_, value)| *value).collect();
        // A password that is the user's name as well cannot be told from it.
        for (name, value) in
            sim.credentials.iter().filter(|(name, value)| !is_public(name) && !public.contains(value))
        {
            // What is a part of a header's name stands wherever that is named.
            let is_told = journal.contains(value) || archive.contains(value);
            assert!(
                !is_told,
                "{}: the journal has {value}, {name}: a header's name, or no secret?",
                sim.slug
            );
        }
        assert!(!journal.contains(canary) && !archive.contains(canary), "{}", sim.slug);
        let archive: Value = serde_json::from_str(&archive).expect("JSON");
        assert_eq!(archive["log"]["version"], "1.2");
        assert!(archive["log"]["entries"].as_array().is_some_and(|entries| entries.len() >= 2));
    }
}

/// Conditions repeat what a user wrote: wherever they are shown, secrets are not.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_of_a_condition_is_shown() {
    let app = App::start().await;
    let client = Client::of(&app, "weavy").await;
    let request = json!({
        "server": "weavy", "path": "/v1/Data/*", "header": { "Authorization": "Bearer C4n4ry" },
        "query": { "api_key": "C4n4ry" }, "body": { "password": "C4n4ry" },
    });
    let expectation = json!({ "request": request, "times": { "exactly": 1 } });
    let mut when = request.clone();
    when.as_object_mut().unwrap().remove("server");
    app.fault(json!({ "server": "weavy", "when": when, "then": { "status": 500 } })).await;
    let control = async |method: Method, path: &str, body: &Value| {
        send(app.control(method, &format!("/sandboxes/default/{path}")).json(body)).await
    };
    assert_eq!(control(Method::POST, "expectations", &expectation).await.status, 201);
    send(client.read()).await;
    let verified = control(Method::POST, "verify", &expectation).await;
    assert_eq!(verified.status, 200, "{}", verified.body);
    let mut shown = vec![verified.body];
    for path in ["faults", "expectations", "report", "report?format=junit", "scenario", "journal"] {
        shown.push(control(Method::GET, path, &Value::Null).await.body);
    }
    for text in shown {
        assert!(!text.contains("C4n4ry"), "{text}");
    }
}
