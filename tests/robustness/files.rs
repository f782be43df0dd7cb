//! Data files that are torn, or not ours: refused at start with one clear line, and left as they were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use erpsatz::registry;
use rusqlite::Connection;

use crate::process::{Process, kept_in, refused};
use crate::support::samples::Client;
use crate::support::send;

/// A folder with data of every server, as a run leaves it that was stopped, or killed.
async fn data(killed: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        for n in 1..5 {
            assert!(send(client.write(n)).await.status.is_success());
        }
    }
    if killed {
        process.kill();
    } else {
        process.terminate();
        assert_eq!(process.wait().code(), Some(0));
    }
    folder
}

/// Every file below a folder with its bytes, but for SQLite's own index of a log, which holds nothing of ours.
fn bytes(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(bytes(&path));
        } else if path.extension().is_none_or(|extension| extension != "sqlite-shm") {
            found.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    found
}

/// It does not start: exit 1, one line that names the file, and the folder is as it was.
fn is_refused(folder: &Path, named: &str, what: &str) {
    let before = bytes(folder);
    let refused = refused(&kept_in(folder));
    let said = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{what}: {said}");
    assert!(refused.stdout.is_empty(), "{what}");
    assert_eq!(said.lines().count(), 1, "{what}: {said}");
    assert!(said.starts_with("erpsatz: ") && said.contains(named), "{what}: {said}");
    let after = bytes(folder);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>(), "{what}");
    assert!(before == after, "{what}: a file was written to");
}

/// What may happen to a database, by name.
type Damage = (&'static str, fn(&Path));

const DAMAGES: &[Damage] = &[
    ("empty", |file| std::fs::write(file, b"").unwrap()),
    ("garbage", |file| std::fs::write(file, b"no database at all, ".repeat(500)).unwrap()),
    ("cut to half its pages", |file| shorten(file, |length| length / 2 / 4096 * 4096)),
    ("cut within a page", |file| shorten(file, |length| length * 3 / 4 + 100)),
    ("cut after its header", |file| shorten(file, |_| 100)),
    ("its first letter flipped", |file| flip(file, 0)),
    ("its page size flipped", |file| flip(file, 16)),
    ("its first page's kind flipped", |file| flip(file, 100)),
    ("another program's", |file| {
        foreign(file, "CREATE TABLE notes (text); INSERT INTO notes VALUES ('mine')");
    }),
    ("another program's with a table of our name", |file| {
        foreign(file, "CREATE TABLE _meta (name TEXT, value); INSERT INTO _meta VALUES ('stamp', 1)");
    }),
    ("another server's", |file| {
        std::fs::copy(file.with_file_name("weavy.sqlite"), file).unwrap();
    }),
    ("a newer version's", |file| {
        let conn = Connection::open(file).unwrap();
        conn.execute("UPDATE _meta SET value = value + 1 WHERE name = 'stamp'", []).unwrap();
    }),
];

fn shorten(file: &Path, to: impl Fn(u64) -> u64) {
    let length = file.metadata().unwrap().len();
    std::fs::File::options().write(true).open(file).unwrap().set_len(to(length)).unwrap();
}

fn flip(file: &Path, at: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    bytes[at] ^= 0xff;
    std::fs::write(file, bytes).unwrap();
}

fn foreign(file: &Path, sql: &str) {
    std::fs::remove_file(file).unwrap();
    let conn = Connection::open(file).unwrap();
    conn.pragma_update(None, "journal_mode", "WAL").unwrap();
    conn.execute_batch(sql).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_or_foreign_database_is_refused_and_left_alone() {
    let good = data(false).await;
    for (what, damage) in DAMAGES {
        let folder = copy(good.path());
        damage(&folder.path().join("default").join("onlineerp.sqlite"));
        is_refused(folder.path(), "onlineerp.sqlite", what);
    }
    drop(Process::start(&kept_in(copy(good.path()).path())));
}

/// After a kill the newest writes stand in SQLite's log: it too is left as it was.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_refused_database_is_left_alone() {
    let killed = data(true).await;
    let file = killed.path().join("default").join("onlineerp.sqlite");
    assert!(file.with_extension("sqlite-wal").metadata().unwrap().len() > 0, "there is a log");
    let folder = copy(killed.path());
    let default = folder.path().join("default");
    std::fs::copy(default.join("weavy.sqlite"), default.join("onlineerp.sqlite")).unwrap();
    is_refused(folder.path(), "onlineerp.sqlite", "another server's beside a log");
    drop(Process::start(&kept_in(copy(killed.path()).path())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_or_foreign_state_is_refused_and_left_alone() {
    let good = data(false).await;
    for (what, text) in [
        ("empty", ""),
        ("garbage", "\u{0}\u{1}garbage"),
        ("torn", "{\"scenario\":{\"name\":\"default\""),
        ("another program's", "{\"name\":\"mine\"}"),
    ] {
        let folder = copy(good.path());
        std::fs::write(folder.path().join("default/world.json"), text).unwrap();
        is_refused(folder.path(), "world.json", what);
    }
    let folder = copy(good.path());
    std::fs::remove_file(folder.path().join("default/world.json")).unwrap();
    is_refused(folder.path(), "world.json", "gone");
}

fn copy(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for (path, bytes) in bytes(folder) {
        let to = copy.path().join(path.strip_prefix(folder).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
    copy
}
