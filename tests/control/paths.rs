//! No path that a request names is ever opened: not as a sandbox, a scenario, a snapshot, a set of data or a file.

use std::fs;
use std::path::{Path, PathBuf};

use erpsatz::{Config, registry};
use reqwest::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::get;
use crate::support::samples::Client;
use crate::support::{App, send};

/// What is in the bait, and nowhere else.
const BAIT: &str = "b41t";

/// A server with its data in a folder, and beside that folder files that requests try to reach.
async fn served_folder() -> (App, TempDir) {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("bait.yaml"), format!("name: {BAIT}")).unwrap();
    fs::create_dir_all(outside.path().join("onlineerp/bait")).unwrap();
    let product = json!([{ "NoProduit": BAIT }]).to_string();
    fs::write(outside.path().join("onlineerp/bait/Product.json"), product).unwrap();
    let mut config = Config::default();
    config.options.data_dir = Some(outside.path().join("data"));
    (App::with(config).await, outside)
}

/// Ways to name a file outside, from somewhere below it.
fn ways(outside: &Path, name: &str) -> Vec<String> {
    let path = outside.join(name).display().to_string();
    let stem = path.trim_end_matches(".yaml").to_owned();
    let encoded = path.replace('/', "%2f");
    let mut ways =
        vec![path.clone(), stem.clone(), format!("file://{path}"), encoded, path.replace('/', "\\")];
    for up in ["../", "../../", "./../", "..//..//", "%2e%2e/", "..%2f..%2f", "....//"] {
        ways.extend([format!("{up}{name}"), format!("{up}{}", name.trim_end_matches(".yaml"))]);
    }
    ways
}

/// The answer to a request whose path goes out as it stands: a client would have cleaned it up.
async fn raw(url: &str, request_line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.unwrap();
    let length = body.len();
    let head = format!(
        "{request_line} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {length}"
    );
    stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Everything below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_bodies_are_names() {
    let (app, outside) = served_folder().await;
    for way in ways(outside.path(), "bait.yaml") {
        for body in [
            json!({ "name": way }),
            json!({ "name": "x", "extends": way }),
            json!({ "name": "x", "servers": { "onlineerp": { "data": way } } }),
        ] {
            let load = app.control(Method::PUT, "/sandboxes/default/scenario").json(&body);
            assert_eq!(send(load).await.status, 400, "{body}");
        }
        let create = app.control(Method::POST, "/sandboxes");
        assert_eq!(send(create.json(&json!({ "name": "t1", "scenario": way }))).await.status, 400, "{way}");
        let create = app.control(Method::POST, "/sandboxes");
        assert_eq!(send(create.json(&json!({ "name": way }))).await.status, 400, "{way}");
    }
    for way in ways(outside.path(), "onlineerp/bait") {
        let scenario = json!({ "name": "x", "servers": { "onlineerp": { "data": way } } });
        let load = app.control(Method::PUT, "/sandboxes/default/scenario").json(&scenario);
        assert_eq!(send(load).await.status, 400, "{way}");
    }
    assert_eq!(get(&app, "/sandboxes/default").await["scenario"], "default");
    assert_eq!(get(&app, "/sandboxes").await["total"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_in_urls_are_names() {
    let (app, outside) = served_folder().await;
    for sim in registry::ALL {
        send(Client::of(&app, sim.slug).await.read()).await;
    }
    let before = files(outside.path());
    let control = app.control_url();
    for way in ways(outside.path(), "bait.yaml").into_iter().chain(["..".to_owned(), "%2e%2e".to_owned()]) {
        for (line, body) in [
            (format!("GET /sandboxes/{way}"), ""),
            (format!("PUT /sandboxes/{way}/scenario"), "name: default"),
            (format!("PUT /sandboxes/{way}/snapshots/s"), ""),
            (format!("GET /sandboxes/default/data/{way}/Product"), ""),
            (format!("GET /sandboxes/default/data/onlineerp/{way}"), ""),
            (format!("GET /sandboxes/default/data/onlineerp/Product/{way}"), ""),
            (format!("POST /sandboxes/default/actions/onlineerp/{way}"), "{}"),
            (format!("GET /servers/{way}/contract"), ""),
        ] {
            let answer = raw(control, &line, body).await;
            assert!(answer.starts_with("HTTP/1.1 4"), "{line}: {answer}");
            assert!(!answer.contains(&format!("\"{BAIT}\"")), "{line}: {answer}");
        }
        // The id of a snapshot is any text, kept in memory.
        raw(control, &format!("PUT /sandboxes/default/snapshots/{way}"), "").await;
        for sim in registry::ALL {
            for line in
                [format!("GET /~{way}/x"), format!("GET {}/{way}", sim.base_path), format!("GET /{way}")]
            {
                let answer = raw(&app.url(sim.slug), &line, "").await;
                assert!(answer.starts_with("HTTP/1.1 4"), "{} {line}: {answer}", sim.slug);
            }
            let request = app.request(sim.slug, Method::GET, "/x").header("Erpsatz-Sandbox", &way);
            assert_eq!(send(request).await.status, 400, "{} {way}", sim.slug);
        }
    }
    // What is kept of a snapshot has a name of its own, whatever the snapshot's is.
    let kept = outside.path().join("data/default");
    let is_kept = |file: &PathBuf| {
        file.parent() == Some(kept.as_path()) && file.extension().is_some_and(|ending| ending == "snapshot")
    };
    let mut after = files(outside.path());
    after.retain(|file| !is_kept(file));
    assert_eq!(after, before, "nothing was written anywhere else");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_clavus_is_a_record() {
    let (app, outside) = served_folder().await;
    for way in ways(outside.path(), "bait.yaml") {
        let link = app.request("clavus", Method::POST, "/api/downloadFile").bearer_auth("demo-key");
        assert_eq!(send(link.json(&json!({ "fileId": way }))).await.status, 404, "{way}");
        let answer = raw(&app.url("clavus"), &format!("GET /__s3/{way}?X-Amz-Signature=x"), "").await;
        assert!(answer.starts_with("HTTP/1.1 4") && !answer.contains(BAIT), "{way}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_no_utf_8_is_refused_in_words() {
    let app = App::start().await;
    for path in ["/sandboxes/%ff", "/sandboxes/default/data/weavy/customer/%ff", "/scenarios/%c3%28"] {
        let answer = raw(app.control_url(), &format!("GET {path}"), "").await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{path}: {answer}");
        assert!(answer.contains(r#""code":"bad_path""#), "{path}: {answer}");
    }
}
