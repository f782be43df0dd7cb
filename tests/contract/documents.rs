//! The contracts as documents: the same from the control API, from the command line and in `contracts/`.

use reqwest::Method;
use serde_json::Value;

use crate::support::{App, send};

/// The document that `.ci/coverage.sh --write` keeps.
fn kept(slug: &str) -> String {
    let ending = if slug == "clavus" { "graphql" } else { "json" };
    let file = format!("{}/../contracts/{slug}.{ending}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[tokio::test]
async fn the_kept_documents_are_what_the_servers_say() {
    let app = App::start().await;
    for sim in erpsatz::registry::ALL {
        let answer = send(app.control(Method::GET, &format!("/servers/{}/contract", sim.slug))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let usual = format!("http://127.0.0.1:{}", sim.port);
        let said = answer.body.replace(&app.url(sim.slug), &usual);
        assert!(
            said.trim_end() == kept(sim.slug).trim_end(),
            "{}: run .ci/coverage.sh with --write",
            sim.slug
        );
    }
}

#[tokio::test]
async fn every_operation_states_its_evidence() {
    for sim in erpsatz::registry::ALL {
        let text = kept(sim.slug);
        let Ok(document) = serde_json::from_str::<Value>(&text) else { continue };
        assert_eq!(document["openapi"], "3.1.0", "{}", sim.slug);
        let paths = document["paths"].as_object().expect("paths");
        assert!(!paths.is_empty(), "{} has no paths", sim.slug);
        for (path, operation) in paths.iter().flat_map(|(path, verbs)| {
            verbs.as_object().expect("verbs").values().map(move |operation| (path, operation))
        }) {
            assert!(operation["x-evidence"].is_string(), "{path}");
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{path}");
            for (status, response) in operation["responses"].as_object().expect("responses") {
                let shared = response["$ref"].as_str().and_then(|place| document.pointer(&place[1..]));
                let response = shared.unwrap_or(response);
                assert!(response["x-evidence"].is_string(), "{path} {status}");
            }
        }
    }
}

#[tokio::test]
async fn people_read_them_without_a_network() {
    let app = App::start().await;
    let index = send(app.control(Method::GET, "/")).await;
    assert!(index.header("content-type").starts_with("text/html"));
    for sim in erpsatz::registry::ALL {
        let page = send(app.control(Method::GET, &format!("/contracts/{}", sim.slug))).await;
        assert_eq!(page.status, 200);
        assert!(!page.body.contains("https://"), "{}", page.body);
        assert!(page.header("content-security-policy").contains("default-src 'self'"));
    }
    let script = send(app.control(Method::GET, "/assets/redoc.js")).await;
    assert_eq!((script.status.as_u16(), script.header("content-encoding")), (200, "gzip"));
    assert_eq!(send(app.control(Method::GET, "/contracts/clavs")).await.status, 404);
}
