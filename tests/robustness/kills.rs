//! `kill -9` under load: what was acknowledged is there afterwards, and it starts again whenever it was killed.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use erpsatz::registry;
use futures_util::future::join_all;
use reqwest::Method;
use rusqlite::Connection;

use crate::process::{Process, kept_in};
use crate::support::samples::Client;
use crate::support::try_send;

/// What each server has acknowledged, by the number of the write.
type Acknowledged = Vec<Arc<Mutex<HashSet<usize>>>>;

/// Writes to every server, two clients each, until the server is gone.
async fn load(process: Process, next: &AtomicUsize, acknowledged: &Acknowledged, lasting: Duration) {
    let app = process.app();
    let mut clients = Vec::new();
    for sim in registry::ALL {
        clients.push(Client::of(&app, sim.slug).await);
    }
    let write = async |client: &Client<'_>, acknowledged: &Mutex<HashSet<usize>>| {
        loop {
            let n = next.fetch_add(1, Ordering::Relaxed);
            let Ok(answer) = try_send(client.write(n)).await else { return };
            assert!(answer.status.is_success(), "{}: {}", client.slug, answer.body);
            acknowledged.lock().unwrap().insert(n);
        }
    };
    let writers = clients.iter().zip(acknowledged).map(async |(client, acknowledged)| {
        tokio::join!(write(client, acknowledged), write(client, acknowledged))
    });
    let before: Vec<usize> = acknowledged.iter().map(|set| set.lock().unwrap().len()).collect();
    let sets = acknowledged.clone();
    let kill = tokio::task::spawn_blocking(move || {
        std::thread::sleep(lasting);
        // However slow the machine is, there is a load.
        while sets.iter().zip(&before).any(|(set, before)| set.lock().unwrap().len() < before + 2) {
            std::thread::sleep(Duration::from_millis(1));
        }
        process.kill();
    });
    join_all(writers).await;
    kill.await.expect("it was killed");
}

/// Every write that was acknowledged before is there, and no file is damaged.
async fn verify(process: &Process, folder: &Path, acknowledged: &Acknowledged) {
    let app = process.app();
    for (sim, acknowledged) in registry::ALL.iter().zip(acknowledged) {
        let written = Client::of(&app, sim.slug).await.written().await;
        let lost: Vec<usize> = acknowledged.lock().unwrap().difference(&written).copied().collect();
        assert!(lost.is_empty(), "{}: lost {lost:?}", sim.slug);
        let file = folder.join("default").join(format!("{}.sqlite", sim.slug));
        let conn = Connection::open(file).unwrap();
        simcore::store::functions::register(&conn).unwrap();
        let health: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(health, "ok", "{}", sim.slug);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_lives_through_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let next = AtomicUsize::new(1);
    let acknowledged: Acknowledged = registry::ALL.iter().map(|_| Arc::default()).collect();
    for round in 0..crate::scale("ERPSATZ_TEST_KILLS", 20) {
        let process = Process::start(&kept_in(folder.path()));
        verify(&process, folder.path(), &acknowledged).await;
        let lasting = Duration::from_millis(20 + (round as u64 * 37) % 200);
        load(process, &next, &acknowledged, lasting).await;
    }
    let process = Process::start(&kept_in(folder.path()));
    verify(&process, folder.path(), &acknowledged).await;
    let counts: Vec<usize> = acknowledged.iter().map(|set| set.lock().unwrap().len()).collect();
    crate::say(&format!("acknowledged and found again: {counts:?}"));
}

/// Sandboxes come and go while it is killed: what is half there must not keep the next start from coming up.
#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_sandboxes_come_and_go_leaves_no_ruin() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..crate::scale("ERPSATZ_TEST_KILLS", 20) {
        let process = Process::start(&kept_in(folder.path()));
        let app = process.app();
        let come_and_go = async {
            for n in 0.. {
                let name = format!("s{round}-{n}");
                for sim in registry::ALL {
                    let path = format!("/~{name}/");
                    if try_send(app.request(sim.slug, Method::GET, &path)).await.is_err() {
                        return;
                    }
                }
                let _ = try_send(app.control(Method::DELETE, &format!("/sandboxes/{name}"))).await;
            }
        };
        let kill = tokio::task::spawn_blocking(move || {
            std::thread::sleep(Duration::from_millis(5 + round as u64 * 7));
            process.kill();
        });
        come_and_go.await;
        kill.await.unwrap();
    }
    drop(Process::start(&kept_in(folder.path())));
}
