//! The corpus: `corpus/*.txt`, played to real servers. Every bad client is told by exactly its verdicts, and nobody else is.
//!
//! A case begins with `== SERVER NAME [SETTINGS]` (YAML under the server of a scenario). Its parts are `-- bad VERDICT…` and
//! `-- good`, each played in a sandbox of its own whose clock stands still; `VERDICT*` is one of less weight than usual.
//! What lines of a part may be is said in [`super::player`].

use std::collections::BTreeSet;
use std::io::Write as _;

use erpsatz::Config;
use reqwest::Method;
use simhost::judge::KINDS;

use super::player::Player;
use crate::support::{App, send};

const FILES: [(&str, &str); 6] = [
    ("onlineerp", include_str!("corpus/onlineerp.txt")),
    ("8sens", include_str!("corpus/eightsens.txt")),
    ("comarch-xt", include_str!("corpus/comarch-xt.txt")),
    ("weavy", include_str!("corpus/weavy.txt")),
    ("clavus", include_str!("corpus/clavus.txt")),
    ("innocent", include_str!("corpus/innocent.txt")),
];

/// One part of a case.
struct Part<'a> {
    server: &'a str,
    name: &'a str,
    settings: &'a str,
    /// The verdicts, `*` after those of less weight; none for a good client.
    verdicts: BTreeSet<&'a str>,
    lines: Vec<&'a str>,
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut head = ("", "", "");
    let mut parts: Vec<Part<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(case) = line.strip_prefix("== ") {
            let (server, rest) = case.split_once(' ').expect("a server and a name");
            let (name, settings) = rest.split_once(' ').unwrap_or((rest, ""));
            head = (server, name, settings);
        } else if let Some(expected) = line.strip_prefix("-- ") {
            let mut words = expected.split(' ');
            assert!(matches!(words.next(), Some("bad" | "good")), "{line}");
            let (server, name, settings) = head;
            parts.push(Part { server, name, settings, verdicts: words.collect(), lines: Vec::new() });
        } else {
            parts.last_mut().expect("a part").lines.push(line);
        }
    }
    parts
}

/// What a part begins with: the default scenario with a clock that stands still.
const CLOCK: &str = "clock: { start: 2026-03-02T08:00:00Z, frozen: true }\n";

/// Plays a part; what the judge says when it is not what was expected.
async fn played(app: &App, number: usize, part: &Part<'_>) -> Option<String> {
    let sandbox = format!("c{number}");
    // A sandbox that needs no settings of its own comes from the image that all share.
    let make = app.control(Method::POST, "/sandboxes").json(&serde_json::json!({ "name": sandbox }));
    assert_eq!(send(make).await.status, 201);
    if !part.settings.is_empty() {
        let settings = format!("servers: {{ {}: {{ {} }} }}\n", part.server, part.settings);
        app.load(&sandbox, &format!("{CLOCK}{settings}")).await;
    }
    let mut player = Player::new(app, part.server, &sandbox);
    for line in &part.lines {
        player.play(line).await;
    }
    let report = send(app.control(Method::GET, &format!("/sandboxes/{sandbox}/report"))).await.json();
    let said = report["verdicts"].as_array().expect("verdicts");
    let lighter = |verdict: &serde_json::Value| {
        let usual = KINDS.iter().find(|(name, _, _)| verdict["verdict"] == *name).expect("a known kind").1;
        let usual = serde_json::to_value(usual).expect("a name");
        if verdict["severity"] == usual { "" } else { "*" }
    };
    let named: BTreeSet<String> = said
        .iter()
        .map(|verdict| format!("{}{}", verdict["verdict"].as_str().expect("a name"), lighter(verdict)))
        .collect();
    let is_as_expected = named.iter().map(String::as_str).eq(part.verdicts.iter().copied());
    (!is_as_expected).then(|| {
        format!("{} {}: expected {:?}, but {}", part.server, part.name, part.verdicts, report["verdicts"])
    })
}

async fn all_as_expected(file: &str) {
    let text = FILES.iter().find(|(name, _)| *name == file).expect("a file").1;
    let mut file = tempfile::NamedTempFile::with_suffix(".yaml").expect("a file");
    file.write_all(CLOCK.as_bytes()).expect("it is written");
    let scenario = file.path().to_string_lossy().into_owned();
    let app = App::with(Config { scenario, ..Config::default() }).await;
    let mut wrong = Vec::new();
    for (number, part) in parts(text).iter().enumerate() {
        wrong.extend(played(&app, number, part).await);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn onlineerp() {
    all_as_expected("onlineerp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eightsens() {
    all_as_expected("8sens").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn comarch_xt() {
    all_as_expected("comarch-xt").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn weavy() {
    all_as_expected("weavy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clavus() {
    all_as_expected("clavus").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn innocents() {
    all_as_expected("innocent").await;
}

#[test]
fn there_are_enough_of_each() {
    let all: Vec<Part<'_>> = FILES.iter().flat_map(|(_, text)| parts(text)).collect();
    let bad = all.iter().filter(|part| !part.verdicts.is_empty());
    assert!(bad.clone().count() >= 60, "{} bad clients", bad.count());
    let innocent = parts(FILES[5].1);
    assert!(innocent.len() >= 20 && innocent.iter().all(|part| part.verdicts.is_empty()));
    let told: BTreeSet<&str> =
        all.iter().flat_map(|part| &part.verdicts).map(|name| name.trim_end_matches('*')).collect();
    let known: BTreeSet<&str> = KINDS.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(told, known, "every verdict has a client that earns it");
}
