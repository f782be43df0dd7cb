//! Many sandboxes on all servers: each costs what it changed and keeps it while others come; what they took goes back
//! when they are deleted.

use erpsatz::registry;
use reqwest::Method;
use serde_json::json;

use crate::extremes::ends_without_a_panic;
use crate::process::Process;
use crate::support::samples::Client;
use crate::support::{App, send};

/// What a sandbox may take that has asked all servers, in KiB.
const EACH: u64 = 300;
/// What its journal may take besides, in KiB: answers are not what is measured here.
const JOURNAL: u64 = 64;
/// What the connections may take that are open at a time, and an allocator for itself, in KiB.
const OPEN: u64 = 256 << 10;
/// So many come at a time.
const AT_ONCE: usize = 4;
/// Of so many sandboxes one writes too.
const WRITES: usize = 10;

/// Reads on all servers; one of [`WRITES`] leaves a record on each.
async fn use_all(app: &App, n: usize) {
    for sim in registry::ALL {
        let client = Client::within(app, sim.slug, &format!("/~s{n}")).await;
        let read = send(client.read()).await;
        assert_eq!(read.status, 200, "s{n}: {}: {}", sim.slug, read.body);
        if n.is_multiple_of(WRITES) {
            let written = send(client.write(1)).await;
            assert!(written.status.is_success(), "s{n}: {}: {}", sim.slug, written.body);
        }
    }
}

/// `ERPSATZ_TEST_SANDBOXES` is 10,000 in `.ci/long.sh`. By default they have more databases than may have a connection.
#[tokio::test(flavor = "multi_thread")]
async fn sandboxes_on_all_servers_cost_little_and_give_it_back() {
    let process = Process::start(&["--journal-bytes", &(JOURNAL << 10).to_string()]);
    let app = process.app();
    let count = crate::scale("ERPSATZ_TEST_SANDBOXES", 250);
    let resident = || process.figure("VmRSS");
    let before = resident();
    let each = async |first: usize| {
        for n in (first..count).step_by(AT_ONCE) {
            use_all(&app, n).await;
        }
    };
    tokio::join!(each(0), each(1), each(2), each(3));
    let sandboxes = send(app.control(Method::GET, "/sandboxes")).await.json();
    assert_eq!(sandboxes["total"], count + 1);
    let full = resident();
    for sim in registry::ALL {
        let first = Client::within(&app, sim.slug, "/~s0").await.count().await;
        let second = Client::within(&app, sim.slug, "/~s1").await.count().await;
        assert_eq!(first, second + 1, "{}: what s0 wrote is its own, and there", sim.slug);
    }
    let deleted = send(app.control(Method::DELETE, "/sandboxes")).await;
    assert_eq!(deleted.status, 204, "{}", deleted.body);
    let after = resident();
    crate::say(&format!(
        "{count} sandboxes on all servers: {before} KiB before, {full} with them, {after} after"
    ));
    let most = (EACH + JOURNAL) * u64::try_from(count).unwrap() + OPEN;
    assert!(full < before + most, "{full} KiB");
    assert!(full < 4 << 20, "{full} KiB");
    // Other threads keep pages of theirs until they need some.
    assert!(after < before + OPEN.max((full - before) / 5), "{after} KiB");
    ends_without_a_panic(process);
}

/// What 30 sandboxes of one scenario and 100 snapshots may take, in KiB. With an image of its own for each sandbox it
/// was twice as much, with one for each snapshot six times.
const SHARED: u64 = 40 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn worlds_of_one_scenario_and_their_snapshots_share_pages() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let data = json!({ "data": "none", "generate": { "Product": 10_000 } });
    let scenario = json!({ "servers": { "onlineerp": data } });
    let new = async |name: &str| {
        let wish = json!({ "name": name, "scenario": scenario });
        let made = send(app.control(Method::POST, "/sandboxes").json(&wish)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let client = Client::within(&app, "onlineerp", &format!("/~{name}")).await;
        let first = client.request(Method::GET, "/api/Entity/Product?$top=1", String::new());
        assert_eq!(send(first).await.status, 200);
        client
    };
    let first = new("w0").await;
    let before = process.figure("VmRSS");
    for n in 1..30 {
        new(&format!("w{n}")).await;
    }
    for n in 0..100 {
        assert!(send(first.write(n)).await.status.is_success());
        let path = format!("/sandboxes/w0/snapshots/s{n}");
        assert_eq!(send(app.control(Method::PUT, &path)).await.status, 201);
    }
    let count = async || {
        let path = "/sandboxes/w0/data/onlineerp/Product?limit=0";
        send(app.control(Method::GET, path)).await.json()["total"].as_u64().unwrap()
    };
    assert_eq!(count().await, 10_100);
    let restored = send(app.control(Method::POST, "/sandboxes/w0/snapshots/s9/restore")).await;
    assert_eq!(restored.status, 204, "{}", restored.body);
    assert_eq!(count().await, 10_010);
    let after = process.figure("VmRSS");
    crate::say(&format!(
        "30 sandboxes of 10,000 products, 100 snapshots: {before} KiB before, {after} after"
    ));
    assert!(after < before + SHARED, "{before} KiB before, {after} after");
}
