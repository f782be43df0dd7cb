//! The proxy turned round: twins on this machine stand in for the vendors' hosts.

use std::path::Path;

use erpsatz::{Config, Intercept, Record, StartError};
use serde_json::Value;
use simhost::sandbox::sandboxes::Options;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

use super::intercept::tunnel;
use super::{port, read, rest, root};
use crate::support::{Answer, App};
use tokio::io::AsyncWriteExt as _;

const HOSTS: [(&str, &str); 3] =
    [("app.erpxt.de", "comarch-xt"), ("api.weavy.divalto.com", "weavy"), ("api-v2.clavus.io", "clavus")];

fn config(record: Record, anywhere: bool) -> Config {
    let mut options = Options::default();
    options.reach.anywhere = anywhere;
    Config {
        intercept: Some(Intercept { record: Some(record), ..Intercept::default() }),
        options,
        ..Config::default()
    }
}

async fn recorder(twin: &App, file: &Path, writes: bool, trusts: bool) -> App {
    let addresses = HOSTS.map(|(host, slug)| (host.to_owned(), ([127, 0, 0, 1], port(twin, slug)).into()));
    let root = root(twin).await;
    let roots = CertificateDer::pem_slice_iter(root.as_bytes()).map(|der| der.unwrap().to_vec());
    let roots = if trusts { roots.collect() } else { Vec::new() };
    let record =
        Record { file: file.to_owned(), writes, addresses: addresses.to_vec(), roots, progress: None };
    App::with(config(record, true)).await
}

async fn ask(app: &App, host: &str, head: &str, body: &str) -> Answer {
    let mut session = tunnel(app, host, "").await;
    let length = body.len();
    let request =
        format!("{head} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n");
    let token = "Authorization: Bearer demo-key\r\nContent-Type: application/json\r\n\r\n";
    session.write_all(format!("{request}{token}{body}").as_bytes()).await.unwrap();
    read(&rest(&mut session).await.0)
}

pub(super) fn entries(file: &Path) -> Vec<Value> {
    let archive: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    archive["log"]["entries"].as_array().unwrap().clone()
}

const AUTHENTICATE: &str =
    r#"{"scope":"API","projectCode":"DEMO","userName":"api","password":"api-secret-word"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn reads_pass_to_the_real_service_and_are_written_down_without_secrets() {
    let (twin, folder) = (App::start().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("mine.har");
    let app = recorder(&twin, &file, false, true).await;
    let teams = ask(
        &app,
        "api-v2.clavus.io",
        "POST /api/external/graphql",
        r#"{"query":"{ erpEnrAPI { getTeams { id } } }"}"#,
    );
    assert_eq!(teams.await.status, 200);
    let refused = ask(&app, "api.weavy.divalto.com", "POST /v1/Authenticate", AUTHENTICATE).await;
    assert_eq!(refused.status, 401, "{}", refused.body);
    assert_eq!(ask(&app, "app.erpxt.de", "GET /api2/public/products", "").await.status, 401);
    // What was asked was answered by the twin, and none of it by this one.
    assert_eq!((twin.journal("default").await.len(), app.journal("default").await.len()), (3, 0));
    let entries = entries(&file);
    let urls: Vec<&str> = entries.iter().map(|entry| entry["request"]["url"].as_str().unwrap()).collect();
    let expected = [
        "https://api-v2.clavus.io/api/external/graphql",
        "https://api.weavy.divalto.com/v1/Authenticate",
        "https://app.erpxt.de/api2/public/products",
    ];
    assert_eq!(urls, expected);
    assert!(
        entries[0]["response"]["content"]["text"].as_str().unwrap().contains("getTeams"),
        "{}",
        entries[0]
    );
    let whole = std::fs::read_to_string(&file).unwrap();
    assert!(!whole.contains("demo-key") && !whole.contains("api-secret-word"), "{whole}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_write_never_reaches_the_real_service() {
    let (twin, folder) = (App::start().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("mine.har");
    let app = recorder(&twin, &file, false, true).await;
    let mutation = r#"{"query":"mutation { upsertProspect(firstName: \"a\") { id } }"}"#;
    for (host, head, body) in [
        ("app.erpxt.de", "POST /api2/public/products", "{}"),
        ("app.erpxt.de", "DELETE /api2/public/products/1", ""),
        ("app.erpxt.de", "OPTIONS /api2/public/products", ""),
        ("app.erpxt.de", "GET /api2/public/products?_method=DELETE", ""),
        ("api.weavy.divalto.com", "POST /v1/Data/DEMO/BulkImport", "{}"),
        ("api.weavy.divalto.com", "DELETE /v1/Authenticate/x", ""),
        ("api-v2.clavus.io", "POST /api/external/graphql", mutation),
    ] {
        let answer = ask(&app, host, head, body).await;
        assert_eq!(answer.status, 403, "{head}");
        assert!(answer.body.starts_with("erpsatz: "), "{}", answer.body);
    }
    assert_eq!((twin.journal("default").await.len(), entries(&file).len()), (0, 0));
    let app = recorder(&twin, &file, true, true).await;
    let written = ask(&app, "api-v2.clavus.io", "POST /api/external/graphql", mutation).await;
    assert_eq!((written.status.as_u16(), entries(&file).len()), (200, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_cannot_be_verified_is_not_spoken_to() {
    let (twin, folder) = (App::start().await, tempfile::tempdir().unwrap());
    let app = recorder(&twin, &folder.path().join("mine.har"), false, false).await;
    let answer = ask(&app, "app.erpxt.de", "GET /api2/public/products", "").await;
    assert_eq!(answer.status, 502, "{}", answer.body);
    assert!(twin.journal("default").await.iter().all(|entry| entry["method"] == ""), "nothing was said");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_needs_to_be_let_out() {
    let folder = tempfile::tempdir().unwrap();
    let record = Record { file: folder.path().join("mine.har"), ..Record::default() };
    match erpsatz::Erpsatz::start_with(config(record, false)).await {
        Err(StartError::Misused(why)) => assert!(why.contains("--allow-outbound"), "{why}"),
        other => panic!("{:?}", other.err()),
    }
}
