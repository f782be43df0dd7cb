//! Restore and reset bring back everything there is: every table of every database and the whole state beside them, as
//! `--data-dir` keeps them, and every answer that follows, to the byte.

use std::collections::BTreeMap;
use std::path::Path;

use erpsatz::Config;
use reqwest::Method;
use serde_json::{Value, json};

use super::operations::{run, sign_in};
use super::{Draws, steps};
use crate::contract::tables;
use crate::support::{App, samples, send};

const FROZEN: &str = "
name: whole
seed: 7
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults:
  - { id: now-and-then, server: comarch-xt, when: { rate: 0.1 }, then: { status: 500 } }
steps:
  - { name: third, on: { request: { server: clavus }, count: 3 }, do: [ { advance: PT1M } ], repeat: true }
  - { name: hour, at: PT1H, do: [ { settings: { server: onlineerp, set: { post_effects: false } } } ] }
expect:
  - { request: { server: weavy }, times: { at_least: 1 } }
";

/// What it is, once what requests have counted is in the files, which takes a moment: a change through control waits for
/// that.
async fn written(app: &App, folder: &Path) -> BTreeMap<String, Vec<String>> {
    let frozen = app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "frozen": true }));
    assert_eq!(send(frozen).await.status, 200);
    dump(folder)
}

/// All that a sandbox is, by file: the rows of every table, whatever tables there are, and the state beside them.
fn dump(folder: &Path) -> BTreeMap<String, Vec<String>> {
    let mut dump = BTreeMap::new();
    for entry in std::fs::read_dir(folder.join("default")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".sqlite") {
            for (table, rows) in tables(&path) {
                dump.insert(format!("{name} {table}"), rows);
            }
        } else if name == "judge.json" || name == ".erpsatz" || name.ends_with(".json.new") {
            // What the judge knows is of requests that the two did not share. What is being written takes the place of
            // the file once it is.
        } else if name == "world.json" {
            let state: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
            // How many worlds there were before is the run's, not the world's.
            for (key, value) in state.as_object().unwrap().iter().filter(|(key, _)| *key != "standing") {
                dump.insert(format!("{name} {key}"), vec![without_ids(value.clone()).to_string()]);
            }
        // What is kept of a snapshot is no part of the world that it was taken of.
        } else if !name.ends_with(".snapshot") {
            let is_log = name.ends_with("-wal") || name.ends_with("-shm");
            assert!(is_log, "{name}: a file that this test does not know: is it part of reset and snapshot?");
        }
    }
    dump
}

/// Without the ids of requests, which never start again.
fn without_ids(mut value: Value) -> Value {
    match &mut value {
        Value::Object(members) => {
            members.retain(|name, value| name != "id" || !value.is_number());
            members.values_mut().for_each(|member| *member = without_ids(member.take()));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = without_ids(item.take())),
        _ => {}
    }
    value
}

fn assert_same(left: &BTreeMap<String, Vec<String>>, right: &BTreeMap<String, Vec<String>>, when: &str) {
    for key in left.keys().chain(right.keys()) {
        assert_eq!(left.get(key), right.get(key), "{when}: {key}");
    }
}

fn assert_same_answers(left: &[String], right: &[String], when: &str) {
    for (place, (left, right)) in left.iter().zip(right).enumerate() {
        assert_eq!(left, right, "{when}: answer {place}");
    }
}

/// A server of its own on a folder of its own, every database in use.
async fn start(folder: &Path) -> App {
    let mut config = Config::default();
    config.options.data_dir = Some(folder.to_owned());
    let app = App::with(config).await;
    app.load("default", FROZEN).await;
    for sample in samples::ALL {
        // Nothing but what `sandboxes/default` shows of a server: that it is in use.
        let path = format!("/sandboxes/default/data/{}/{}", sample.slug, sample.entity);
        send(app.control(Method::GET, &path)).await;
    }
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_snapshot_is_the_same_world() {
    let folder = tempfile::tempdir().unwrap();
    let app = start(folder.path()).await;
    let mut draws = Draws::new(1);
    let clients = sign_in(&app).await;
    run(&app, &clients, &mut draws, 300).await;

    let call = async |method: Method, path: &str, status: u16| {
        let answer = send(app.control(method, &format!("/sandboxes/default/{path}"))).await;
        assert_eq!(answer.status, status, "{path}: {}", answer.body);
    };
    call(Method::PUT, "snapshots/kept", 201).await;
    let kept = written(&app, folder.path()).await;
    let count = steps(1000);
    let seed = draws.seed + 1000;
    let straight = run(&app, &clients, &mut Draws { seed, drawn: 0 }, count).await;
    let after = written(&app, folder.path()).await;
    assert_ne!(kept, after, "something happened");

    call(Method::POST, "snapshots/kept/restore", 204).await;
    assert_same(&kept, &written(&app, folder.path()).await, "restored");
    run(&app, &clients, &mut draws, 300).await;
    call(Method::POST, "snapshots/kept/restore", 204).await;
    assert_same(&kept, &written(&app, folder.path()).await, "restored after a detour");
    let again = run(&app, &clients, &mut Draws { seed, drawn: 0 }, count).await;
    assert_same_answers(&straight, &again, "after the detour");
    assert_same(&after, &written(&app, folder.path()).await, "at the end");
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_is_a_fresh_start() {
    let (used, fresh) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let app = start(used.path()).await;
    let mut draws = Draws::new(2);
    let clients = sign_in(&app).await;
    run(&app, &clients, &mut draws, 500).await;
    assert_eq!(send(app.control(Method::POST, "/sandboxes/default/reset")).await.status, 204);

    let other = start(fresh.path()).await;
    assert_same(
        &written(&other, fresh.path()).await,
        &written(&app, used.path()).await,
        "reset against a fresh start",
    );
    let seed = draws.seed + 1000;
    let (clients, others) = (sign_in(&app).await, sign_in(&other).await);
    let here = run(&app, &clients, &mut Draws { seed, drawn: 0 }, steps(1000)).await;
    let there = run(&other, &others, &mut Draws { seed, drawn: 0 }, steps(1000)).await;
    assert_same_answers(&here, &there, "reset against a fresh start");
    assert_same(&written(&other, fresh.path()).await, &written(&app, used.path()).await, "at the end");
    let statuses = |status: &str| here.iter().filter(|answer| answer.contains(status)).count();
    assert!(statuses(": 20") > steps(1000) / 3, "most of it is refused: {here:#?}");
}
