//! A disk that is full and a folder that cannot be written: a clear error in the vendor's envelope, nothing damaged,
//! and the service goes on once there is space again.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use erpsatz::registry;
use reqwest::Method;
use serde_json::json;

use crate::process::{Process, kept_in, serve};
use crate::support::samples::Client;
use crate::support::{App, send};

/// A small file system in memory, unmounted at the end.
struct Disk(tempfile::TempDir);

impl Disk {
    /// Nothing, said loudly, where file systems cannot be mounted.
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let disk = mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], folder.path());
        if !disk {
            crate::say("SKIPPED: a full disk: mounting a tmpfs needs root");
            return None;
        }
        Some(Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no byte free.
    fn fill(&self) {
        let mut block = 1 << 20;
        while block > 0 {
            let file = self.path().join(format!("ballast-{block}"));
            while std::fs::File::options()
                .create(true)
                .append(true)
                .open(&file)
                .is_ok_and(|mut file| std::io::Write::write_all(&mut file, &vec![0; block]).is_ok())
            {
            }
            block /= 16;
        }
    }

    /// Makes room for that many bytes again; not where there are no longer so many.
    fn can_leave(&self, bytes: u64) -> bool {
        let largest = self.path().join(format!("ballast-{}", 1 << 20));
        let fits = largest.metadata().unwrap().len() >= bytes;
        if fits {
            self.leave(bytes);
        }
        fits
    }

    /// Makes room for that many bytes again.
    fn leave(&self, bytes: u64) {
        let largest = self.path().join(format!("ballast-{}", 1 << 20));
        let file = std::fs::File::options().write(true).open(largest).unwrap();
        file.set_len(file.metadata().unwrap().len() - bytes).unwrap();
    }

    fn free(&self) {
        for entry in std::fs::read_dir(self.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.file_name().unwrap().to_string_lossy().starts_with("ballast") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn mount(args: &[&str], folder: &Path) -> bool {
    Command::new("mount").args(args).arg(folder).status().is_ok_and(|status| status.success())
}

/// Writes until the server has no space left, then checks that it says so in its vendor's words, goes on reading and
/// has lost nothing. Gives how many records there are.
async fn exhaust(client: &Client<'_>, from: usize) -> usize {
    let before = client.count().await;
    let mut written = 0;
    for n in from..from + 5000 {
        let answer = send(client.write(n)).await;
        if answer.status.is_success() {
            written += 1;
            continue;
        }
        assert_eq!(answer.status, 500, "{}: {}", client.slug, answer.body);
        in_the_envelope(client, &answer.body).await;
        // Every call of an 8sens session writes when it was last used.
        if client.slug != "8sens" {
            assert_eq!(send(client.read()).await.status, 200, "{}: it reads on", client.slug);
        }
        assert_eq!(client.count().await, before + written, "{}", client.slug);
        return before + written;
    }
    panic!("{}: the disk is not full", client.slug)
}

/// The body has the keys that the vendor's errors have.
async fn in_the_envelope(client: &Client<'_>, body: &str) {
    let other = send(client.bare(Method::GET, "/no/such/route")).await;
    let keys = |text: &str| match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(object)) => object.keys().cloned().collect::<Vec<_>>(),
        _ => panic!("{}: no envelope: {text}", client.slug),
    };
    // What GraphQL itself answers has an envelope of its own.
    assert!(keys(body) == keys(&other.body) || keys(body) == ["errors"], "{}: {body}", client.slug);
}

async fn clients(app: &App) -> Vec<Client<'_>> {
    let mut clients = Vec::new();
    for sim in registry::ALL {
        clients.push(Client::of(app, sim.slug).await);
    }
    clients
}

async fn freeze(app: &App) -> reqwest::StatusCode {
    send(app.control(Method::PATCH, "/sandboxes/default/clock").json(&json!({ "frozen": true }))).await.status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_survived() {
    let Some(disk) = Disk::mount("24m") else { return };
    let process = Process::start(&kept_in(disk.path()));
    let app = process.app();
    let clients = clients(&app).await;
    disk.fill();
    let mut counts = Vec::new();
    for client in &clients {
        counts.push(exhaust(client, 1).await);
    }
    let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
    assert_eq!(freeze(&app).await, 500, "the control API says so too");
    let after = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
    assert_eq!(clock["frozen"], after["frozen"], "and what it could not keep is not done");
    let sandbox = json!({ "name": "late" });
    assert_eq!(send(app.control(Method::POST, "/sandboxes").json(&sandbox)).await.status, 500);
    assert_eq!(send(app.control(Method::GET, "/sandboxes/late")).await.status, 404);

    disk.free();
    assert_eq!(send(app.control(Method::POST, "/sandboxes").json(&sandbox)).await.status, 201);
    assert_eq!(freeze(&app).await, 200);
    for (client, count) in clients.iter().zip(&mut counts) {
        assert!(send(client.write(90_000)).await.status.is_success(), "{}: service resumes", client.slug);
        *count += 1;
        assert_eq!(client.count().await, *count, "{}", client.slug);
    }
    process.kill();
    let process = Process::start(&kept_in(disk.path()));
    let app = process.app();
    for (client, count) in self::clients(&app).await.iter().zip(counts) {
        assert_eq!(client.count().await, count, "{}: after a restart", client.slug);
    }
}

/// The ways in which a world is replaced.
const REPLACED: [(Method, &str, &str); 3] = [
    (Method::POST, "/sandboxes/default/reset", ""),
    (Method::POST, "/sandboxes/default/snapshots/s/restore", ""),
    (
        Method::PUT,
        "/sandboxes/default/scenario",
        "name: other\nclock: { start: 2030-01-01T00:00:00Z, frozen: true }",
    ),
];

/// There is a little more space at each attempt, so that one of them ends wherever a replacement can: the old world is
/// whole, on all servers, until the new one is.
#[tokio::test(flavor = "multi_thread")]
async fn a_world_is_replaced_whole_or_not_at_all() {
    for (method, path, body) in REPLACED {
        let Some(disk) = Disk::mount("64m") else { return };
        let process = Process::start(&kept_in(disk.path()));
        let app = process.app();
        assert_eq!(freeze(&app).await, 200);
        let snapshot = app.control(Method::PUT, "/sandboxes/default/snapshots/s");
        assert_eq!(send(snapshot).await.status, 201);
        let mut before = Vec::new();
        for client in clients(&app).await {
            assert!(send(client.write(1)).await.status.is_success(), "{}", client.slug);
            before.push(client.count().await);
        }
        let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.body;
        disk.fill();
        let mut refused = 0;
        while send(app.control(method.clone(), path).body(body)).await.status == 500 {
            refused += 1;
            assert!(disk.can_leave(128 << 10), "{path}: it is refused with all the space that there is");
            let now = send(app.control(Method::GET, "/sandboxes/default/clock")).await.body;
            assert_eq!(now, clock, "{path}");
            for (sim, before) in registry::ALL.iter().zip(&before) {
                let kept = app.control(Method::GET, &format!("/sandboxes/default/data/{}", sim.slug));
                let kept = send(kept).await;
                assert_eq!(kept.status, 200, "{}: {path}: {}", sim.slug, kept.body);
                let client = Client::of(&app, sim.slug).await;
                assert_eq!(client.count().await, *before, "{}: {path}: attempt {refused}", sim.slug);
            }
        }
        assert!(refused > 1, "{path}: there was space from the beginning");
        disk.free();
        for (sim, before) in registry::ALL.iter().zip(&before) {
            let client = Client::of(&app, sim.slug).await;
            assert_eq!(client.count().await, before - 1, "{}: {path}: it is the new world", sim.slug);
        }
        process.kill();
        drop(Process::start(&kept_in(disk.path())));
    }
}

/// A reset that the disk has no room for changes nothing: no database, no clock, no fault rule. There is room for one
/// database, so that it does not fail with the first.
#[tokio::test(flavor = "multi_thread")]
async fn a_reset_that_does_not_fit_leaves_the_old_world() {
    let Some(disk) = Disk::mount("24m") else { return };
    let process = Process::start(&kept_in(disk.path()));
    let app = process.app();
    let clients = clients(&app).await;
    let mut started = Vec::new();
    for client in &clients {
        started.push(client.count().await);
        assert!(send(client.write(1)).await.status.is_success(), "{}", client.slug);
    }
    assert_eq!(freeze(&app).await, 200);
    let world = async || {
        let clock = send(app.control(Method::GET, "/sandboxes/default/clock")).await.json();
        let mut counts = Vec::new();
        for client in &clients {
            counts.push(client.count().await);
        }
        (clock, counts)
    };
    let before = world().await;
    disk.fill();
    disk.leave(1_500_000);
    for call in ["reset", "scenario"] {
        let request = match call {
            "reset" => app.control(Method::POST, "/sandboxes/default/reset"),
            _ => app.control(Method::PUT, "/sandboxes/default/scenario").json(&json!({ "seed": 7 })),
        };
        assert_eq!(send(request).await.status, 500, "{call}");
        assert_eq!(world().await, before, "{call}");
    }
    disk.free();
    assert!(send(app.control(Method::POST, "/sandboxes/default/reset")).await.status.is_success());
    let clients = self::clients(&app).await;
    for (client, started) in clients.iter().zip(started) {
        assert_eq!(client.count().await, started, "{}", client.slug);
    }
}

/// The disk is full when a database is made: it is made whole once there is space again.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_did_not_fit_is_made_later() {
    let Some(disk) = Disk::mount("8m") else { return };
    let process = Process::start(&kept_in(disk.path()));
    let app = process.app();
    disk.fill();
    for sim in registry::ALL {
        let answer = send(app.request(sim.slug, Method::GET, "/")).await;
        assert_eq!(answer.status, 500, "{}: {}", sim.slug, answer.body);
    }
    disk.free();
    for client in clients(&app).await {
        assert_eq!(send(client.read()).await.status, 200, "{}", client.slug);
    }
    process.kill();
    drop(Process::start(&kept_in(disk.path())));
}

/// Whoever runs the test, the server is somebody whom a folder's rights bind.
fn bound_by_rights(folder: &Path) -> Command {
    let mut command = serve(&kept_in(folder));
    if std::fs::metadata("/proc/self").unwrap().uid() == 0 {
        std::os::unix::fs::chown(folder, Some(NOBODY), Some(NOBODY)).unwrap();
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

const NOBODY: u32 = 65534;

fn writable(folder: &Path, yes: bool) {
    std::fs::set_permissions(folder, Permissions::from_mode(if yes { 0o755 } else { 0o555 })).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_folder_is_said_and_survived() {
    let folder = tempfile::tempdir().unwrap();
    writable(folder.path(), false);
    let refused = bound_by_rights(folder.path()).output().unwrap();
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.lines().count() == 1 && said.contains("Permission denied"), "{said}");

    writable(folder.path(), true);
    let process = Process::spawn(&mut bound_by_rights(folder.path()));
    let app = process.app();
    let clients = clients(&app).await;
    let default = folder.path().join("default");
    writable(folder.path(), false);
    writable(&default, false);
    assert_eq!(freeze(&app).await, 500);
    for client in &clients {
        let late = send(client.bare(Method::GET, "/~late/")).await;
        assert_eq!(late.status, 500, "{}: {}", client.slug, late.body);
        assert_eq!(send(client.read()).await.status, 200, "{}: it reads on", client.slug);
    }
    writable(folder.path(), true);
    writable(&default, true);
    assert_eq!(freeze(&app).await, 200);
    for client in &clients {
        assert_ne!(send(client.bare(Method::GET, "/~late/")).await.status, 500, "{}", client.slug);
        assert!(send(client.write(1)).await.status.is_success(), "{}: service resumes", client.slug);
    }
    process.kill();
    drop(Process::spawn(&mut bound_by_rights(folder.path())));
}
