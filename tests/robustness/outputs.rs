//! Streams that nobody reads, files that are none, signals: nothing of it holds a server up.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use erpsatz::registry;
use reqwest::{Method, RequestBuilder};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::process::{Process, kept_in, serve};
use crate::support::samples::Client;
use crate::support::{App, send};

/// More log lines than a pipe holds, and nobody reads it.
#[tokio::test(flavor = "multi_thread")]
async fn an_unread_stderr_holds_nobody_up() {
    let process = Process::start(&["--log-level", "info", "--log-format", "json"]);
    let app = process.app();
    let client = Client::of(&app, "onlineerp").await;
    for _ in 0..1500 {
        assert_eq!(send(client.read()).await.status, 200);
    }
    process.terminate();
    let (code, said) = process.output();
    assert_eq!(code, Some(0));
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let request = lines.iter().find(|line| line["path"] == "/api/Entity/Product").expect("a request");
    for name in ["at", "sandbox", "server", "method", "path", "status", "duration_us"] {
        assert!(!request[name].is_null(), "{name}: {request}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_one_line_for_people() {
    let process = Process::start(&["--log-level", "info"]);
    let app = process.app();
    send(app.request("weavy", Method::GET, "/no/such/route?secret=C4n4ry")).await;
    process.terminate();
    let (_, said) = process.output();
    let line = said.lines().find(|line| line.contains("/no/such/route")).expect("a line");
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!(&words[1..6], ["default", "weavy", "GET", "/no/such/route", "404"], "{line}");
    assert!(words[6].parse::<u64>().is_ok() && words.len() == 7 && !said.contains("C4n4ry"), "{said}");
}

fn generating(folder: &Path) -> String {
    let file = folder.join("many.yaml");
    let text = "name: many\nservers: { comarch-xt: { generate: { products: 1000000 } } }\n";
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_start_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = serve(&["--scenario", &generating(folder.path())]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // It catches signals by then, and generates for long after.
    while !caught(child.id(), 15) {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Whether a process catches that signal.
fn caught(pid: u32, signal: u32) -> bool {
    let status = crate::proc::read(pid, "status");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask");
    u64::from_str_radix(mask.trim(), 16).expect("a mask") & (1 << (signal - 1)) != 0
}

fn signal(process: &Process, name: &str) {
    assert!(Command::new("kill").args([name, &process.id().to_string()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_drains_unless_it_was_ignored() {
    let process = Process::start::<&str>(&[]);
    signal(&process, "-HUP");
    assert_eq!(process.wait().code(), Some(0));

    let plain = serve::<&str>(&[]);
    let mut ignoring = Command::new("sh");
    ignoring.args(["-c", r#"trap "" HUP; exec "$0" "$@""#]).arg(plain.get_program()).args(plain.get_args());
    let process = Process::spawn(ignoring.stdin(Stdio::null()));
    signal(&process, "-HUP");
    let app = process.app();
    assert_eq!(send(app.control(Method::GET, "/healthz")).await.status, 200);
}

#[test]
fn a_ready_file_replaces_files_only() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let start = |file: &Path, more: &[&str]| {
        let mut command = serve::<&str>(&[]);
        Process::spawn(command.arg("--ready-file").arg(file).args(more))
    };
    let holds = |file: &Path| std::fs::read_to_string(file).is_ok_and(|text| text.contains("\"control\""));

    std::fs::write(at("plain"), "old").unwrap();
    std::fs::write(at("plain.new"), "mine").unwrap();
    drop(start(&at("plain"), &["--host", "0.0.0.0"]));
    assert!(holds(&at("plain")), "it is replaced");
    assert_eq!(
        std::fs::metadata(at("plain")).unwrap().permissions().mode() & 0o777,
        0o600,
        "it holds a token"
    );
    assert_eq!(std::fs::read_to_string(at("plain.new")).unwrap(), "mine");

    std::fs::write(at("target"), "old").unwrap();
    std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
    drop(start(&at("link"), &[]));
    assert!(at("link").is_symlink() && holds(&at("target")), "it is written through");

    assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    let process = start(&at("fifo"), &[]);
    assert!(holds(&at("fifo")), "whoever reads it is told");
    process.terminate();
    assert_eq!(process.wait().code(), Some(0));
    let unread = start(&at("fifo"), &[]);
    unread.terminate();
    assert_eq!(unread.wait().code(), Some(0), "it waits for no reader");
    assert!(std::fs::symlink_metadata(at("fifo")).unwrap().file_type().is_fifo());
}

/// Every table and view with its columns.
fn tables(conn: &Connection) -> Vec<(String, Vec<String>)> {
    let names = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite%'";
    let mut names = conn.prepare(names).unwrap();
    let names: Vec<String> = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let columns = |name: &String| {
        let all = conn.prepare(&format!("SELECT * FROM \"{name}\"")).unwrap();
        all.column_names().map(str::to_owned).collect()
    };
    names.iter().map(|name| (name.clone(), columns(name))).collect()
}

/// Any SQLite reads the files: nothing in them asks for a function or a collation of ours, and they say what refers to
/// what.
#[tokio::test(flavor = "multi_thread")]
async fn files_open_in_ordinary_tools() {
    let folder = tempfile::tempdir().unwrap();
    let process = Process::start(&kept_in(folder.path()));
    let app = process.app();
    let open = |slug: &str| Connection::open(folder.path().join(format!("default/{slug}.sqlite"))).unwrap();
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        assert!(send(client.write(1)).await.status.is_success());
        let conn = open(sim.slug);
        for (table, columns) in tables(&conn) {
            for column in columns {
                let text =
                    format!("SELECT * FROM \"{table}\" WHERE \"{column}\" = 'x' ORDER BY \"{column}\"");
                let ran = conn.prepare(&text).and_then(|mut it| it.query([])?.next().map(drop));
                assert!(ran.is_ok(), "{}: {table}.{column}: {ran:?}", sim.slug);
            }
        }
        let broken: Vec<String> = conn
            .prepare("PRAGMA foreign_key_check")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert!(broken.is_empty(), "{}: {broken:?}", sim.slug);
    }
    for (slug, rows) in [
        ("comarch-xt", "invoices_Items AS line JOIN products ON products.Id = line.ProductId"),
        ("onlineerp", "CustomerInvoice_LigneFacture AS line JOIN Product ON NoProduit = line.strNoProduit"),
        ("8sens", "commande_lignes AS line JOIN commande ON commande._id = line._record"),
        ("clavus", "folders_values AS value JOIN columns ON columns.name = value.\"column\""),
    ] {
        let count = format!("SELECT count(*) FROM {rows}");
        let count: i64 = open(slug).query_row(&count, [], |row| row.get(0)).unwrap();
        assert!(count > 0, "{slug}: lines of documents are rows of a view");
    }
    for (slug, table, target) in [
        ("comarch-xt", "invoices", "customers"),
        ("onlineerp", "SupplierInvoice", "Supplier"),
        ("8sens", "commande", "client"),
        ("weavy", "customercontact", "customer"),
        ("clavus", "keys", "users"),
    ] {
        let named = "SELECT count(*) FROM pragma_foreign_key_list(?) WHERE \"table\" = ?";
        let named: i64 = open(slug).query_row(named, [table, target], |row| row.get(0)).unwrap();
        assert!(named >= 2, "{slug}: {table} names {target}, and whose it is");
    }
}

/// A call with so many records in its body.
fn import(app: &App, records: usize) -> RequestBuilder {
    let call = app.request("onlineerp", Method::POST, "/api/Entity/Customer").header("COMPANY_ID", "1");
    let body = format!("[{}1]", r#"{"a":"b"},"#.repeat(records));
    call.basic_auth("DEMO-LICENCE", Some("demo-secret")).body(body)
}

/// Calls that take long, by name: more of each than the runtime has threads, and all of them are answered after others
/// that come later.
#[tokio::test(flavor = "multi_thread")]
async fn long_work_holds_up_nobody_else() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    for sim in registry::ALL {
        Client::of(&app, sim.slug).await;
    }
    // As much to read as takes long beside whatever else a machine does.
    for _ in 0..8 {
        assert!(send(import(&app, 1 << 16)).await.status.is_client_error());
    }
    let wanted = json!({ "request": { "server": "onlineerp", "body": { "Notes.none": 1 } } });
    let verify = || app.control(Method::POST, "/sandboxes/default/verify").json(&wanted);
    let journal = || app.control(Method::GET, "/sandboxes/default/journal");
    let large = || import(&app, 1 << 17);
    let kinds: [(&str, &dyn Fn() -> RequestBuilder); 3] =
        [("verify", &verify), ("journal", &journal), ("import", &large)];
    for (what, call) in kinds {
        let calls: Vec<_> = (0..3).map(|_| tokio::spawn(send(call()))).collect();
        for _ in 0..2 {
            assert_eq!(send(app.control(Method::GET, "/healthz")).await.status, 200);
            for sim in registry::ALL {
                let other = app.request(sim.slug, Method::GET, "/~other/no/such");
                assert!(send(other).await.status.is_client_error(), "{}", sim.slug);
            }
        }
        let done = calls.iter().filter(|call| call.is_finished()).count();
        assert_eq!(done, 0, "{what}: the others waited for them");
        for call in calls {
            assert!(call.await.unwrap().status.as_u16() < 500, "{what}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_are_neither_looked_for_nor_repeated() {
    let process = Process::start::<&str>(&[]);
    let app = process.app();
    let long = "x".repeat(4 << 20);
    let scenario = format!("name: a\nservers: {{ {long}: {{ }} }}\n");
    let unknown = app.control(Method::PUT, "/sandboxes/default/scenario").body(scenario);
    let setting = json!({ "servers": { "weavy": { "settings": { long.as_str(): 1 } } } });
    let setting = app.control(Method::PUT, "/sandboxes/default/scenario").json(&setting);
    let key = app.control(Method::PUT, "/sandboxes/default/scenario").json(&json!({ long.as_str(): 1 }));
    for request in [unknown, setting, key] {
        let answer = send(request).await;
        assert_eq!(answer.status, 400);
        assert!(answer.body.len() < 20_000, "{} bytes", answer.body.len());
    }
    for sim in registry::ALL {
        let client = Client::of(&app, sim.slug).await;
        let body = json!({ long.as_str(): 1, "query": format!("{{ {long} }}") }).to_string();
        let answer = send(client.request(client.write_method(), client.write_path(), body)).await;
        assert!(answer.status.as_u16() < 500, "{}", sim.slug);
    }
}
