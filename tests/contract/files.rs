//! `--data-dir`: what was acknowledged survives, and reset covers every table there is.

use std::path::Path;

use erpsatz::{Config, registry};
use reqwest::Method;
use rusqlite::Connection;
use serde_json::json;

use crate::support::samples::Client;
use crate::support::{App, send};

fn in_folder(folder: &Path) -> Config {
    let mut config = Config::default();
    config.options.data_dir = Some(folder.to_owned());
    config
}

#[tokio::test(flavor = "multi_thread")]
async fn data_clock_and_faults_live_through_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::with(in_folder(folder.path())).await;
    app.load("t1", "name: fixed\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    let mut counts = Vec::new();
    for sim in registry::ALL {
        let client = Client::within(&app, sim.slug, "/~t1").await;
        let answer = send(client.write(1)).await;
        assert!(answer.status.is_success(), "{}: {}", sim.slug, answer.body);
        counts.push(client.count().await);
        let when = json!({ "path": "/x" });
        let rule = json!({ "id": sim.slug, "server": sim.slug, "when": when, "undocumented": true, "then": { "drop": true } });
        assert_eq!(send(app.control(Method::POST, "/sandboxes/t1/faults").json(&rule)).await.status, 201);
    }
    app.stop().await;

    let app = App::with(in_folder(folder.path())).await;
    for (sim, count) in registry::ALL.iter().zip(counts) {
        assert_eq!(Client::within(&app, sim.slug, "/~t1").await.count().await, count, "{}", sim.slug);
    }
    let clock = send(app.control(Method::GET, "/sandboxes/t1/clock")).await.json();
    assert_eq!(clock, json!({ "now": "2026-03-02T08:00:00Z", "frozen": true }));
    let faults = send(app.control(Method::GET, "/sandboxes/t1/faults")).await.json();
    assert_eq!(faults["total"], registry::ALL.len());
    assert_eq!(send(app.control(Method::DELETE, "/sandboxes/t1")).await.status, 204);
    assert!(!folder.path().join("t1").exists());
}

/// Every table of a database, with its rows as text.
pub(crate) fn tables(file: &Path) -> Vec<(String, Vec<String>)> {
    let conn = open(file);
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let names: Vec<String> =
        conn.prepare(names).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let rows = |name: &str| -> Vec<String> {
        let mut statement = conn.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        let columns = statement.column_count();
        let text = |row: &rusqlite::Row<'_>| {
            (0..columns).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|")
        };
        statement.query_map([], |row| Ok(text(row))).unwrap().map(Result::unwrap).collect()
    };
    names.iter().map(|name| (name.clone(), rows(name))).collect()
}

fn open(file: &Path) -> Connection {
    let conn = Connection::open(file).unwrap();
    simcore::store::functions::register(&conn).unwrap();
    // This SQLite enforces them unless it is told not to.
    conn.pragma_update(None, "foreign_keys", false).unwrap();
    conn
}

/// Walks the schema: whatever table there is, known to this test or not, reset must bring it back.
#[tokio::test(flavor = "multi_thread")]
async fn reset_covers_every_table() {
    let folder = tempfile::tempdir().unwrap();
    let app = App::with(in_folder(folder.path())).await;
    app.load("default", "name: fixed\nclock: { start: 2026-03-02T08:00:00Z, frozen: true }").await;
    for sim in registry::ALL {
        send(app.request(sim.slug, Method::GET, "/")).await;
        let file = folder.path().join("default").join(format!("{}.sqlite", sim.slug));
        let fresh = tables(&file);
        assert!(fresh.iter().any(|(name, _)| name == "_meta"), "{}", sim.slug);
        let conn = open(&file);
        for (name, _) in fresh.iter().filter(|(name, _)| name != "sqlite_stat1") {
            conn.execute(&format!("DELETE FROM \"{name}\""), []).unwrap();
            conn.execute_batch("CREATE TABLE IF NOT EXISTS _left_behind (x)").unwrap();
        }
        drop(conn);
        assert!(tables(&file).iter().all(|(_, rows)| rows.is_empty()), "{}", sim.slug);
        assert_eq!(send(app.control(Method::POST, "/sandboxes/default/reset")).await.status, 204);
        assert_eq!(tables(&file), fresh, "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_or_torn_file_is_refused() {
    for content in [
        &b"this is no database, but it is long enough to be one .........................................."[..],
        b"SQLite format 3\0torn",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let app = App::with(in_folder(folder.path())).await;
        send(app.request("onlineerp", Method::GET, "/")).await;
        app.stop().await;
        let sandbox = folder.path().join("default");
        for ending in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(sandbox.join(format!("onlineerp.sqlite{ending}")));
        }
        std::fs::write(sandbox.join("onlineerp.sqlite"), content).unwrap();
        let refused =
            erpsatz::Erpsatz::start_with(in_folder(folder.path())).await.err().expect("it does not start");
        let line = refused.to_string();
        assert!(line.contains("onlineerp.sqlite") && !line.contains('\n'), "{line}");
    }
}
