//! What the control API does, from the shell.

use std::fs;

use serde_json::Value;

use super::{Serving, erpsatz, text};

/// The servers ask for it, so that each command shows that it gives it.
const TOKEN: &str = "of-this-test";

/// Runs a command against a server: its stdout, when it exits as expected.
fn ask(control: &str, args: &[&str], code: i32) -> String {
    let whole = [args, &["--control", control, "--control-token", TOKEN]].concat();
    let output = erpsatz(&whole).output().expect("it runs");
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}: {}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    text(&output.stdout)
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn rules_records_and_worlds() {
    let server = Serving::start(&["--control-token", TOKEN]);
    let ask = |args: &[&str], code| ask(server.control(), args, code);
    assert_eq!(ask(&["sandbox", "new", "t1", "--seed", "4", "--scenario", "robot-offline"], 0), "t1\n");
    assert!(ask(&["sandbox", "list"], 0).contains("robot-offline"));
    assert_eq!(json(&ask(&["sandbox", "list", "--json"], 0))["total"], 2);
    ask(&["load", "default", "--sandbox", "t1"], 0);
    ask(&["load", "nothing", "--sandbox", "t1"], 2);
    ask(&["load", "nothing.yaml", "--sandbox", "t1"], 1);

    let rule = "{ server: comarch-xt, when: { method: GET, nth: 1 }, then: { status: 503 } }";
    assert_eq!(ask(&["fault", "add", rule], 0), "fault-1\n");
    assert!(ask(&["fault", "list"], 0).contains("hits 0"));
    assert_eq!(json(&ask(&["fault", "list", "--json", "--sandbox", "t1"], 0))["total"], 0);
    ask(&["fault", "rm", "fault-1"], 0);
    ask(&["fault", "rm", "fault-1"], 1);
    ask(&["fault", "rm", "--all"], 0);
    ask(&["fault", "rm"], 2);
    ask(&["fault", "add", "nonsense"], 1);

    assert!(ask(&["data", "list", "comarch-xt"], 0).contains("customers"));
    assert_eq!(
        ask(&["data", "list", "comarch-xt", "customers", "--limit", "2", "--offset", "1"], 0).lines().count(),
        2
    );
    let product = r#"{ "NoProduit": "VIS-4", "Description": "Vis d'acier" }"#;
    ask(&["data", "put", "onlineerp", "Product", product, "--company", "1"], 0);
    assert_eq!(ask(&["data", "list", "onlineerp", "Product", "--q", "vis d'acier"], 0), "");
    assert_eq!(
        ask(&["data", "list", "onlineerp", "Product", "--q", "vis d'acier", "--company", "1"], 0)
            .lines()
            .count(),
        1
    );
    ask(&["data", "put", "onlineerp", "Product", "VIS-4", "{ Description: Vis }", "--company", "1"], 0);
    let found = ask(&["data", "get", "onlineerp", "Product", "VIS-4", "--company", "1", "--json"], 0);
    assert_eq!(json(&found)["Description"], "Vis");
    ask(&["data", "rm", "onlineerp", "Product", "VIS-4", "--company", "1"], 0);
    ask(&["data", "get", "onlineerp", "Product", "VIS-4", "--company", "1"], 1);

    ask(&["sandbox", "rm", "t1"], 0);
    ask(&["sandbox", "rm", "t1"], 1);
}

#[test]
fn back_office_snapshots_settings_and_expectations() {
    let server = Serving::start(&["--control-token", TOKEN]);
    let ask = |args: &[&str], code| ask(server.control(), args, code);
    assert!(ask(&["action"], 0).contains("lock-record entity=… id=…"));
    // An id is a text, however it looks.
    assert_eq!(
        json(&ask(&["action", "onlineerp", "lock-record", "entity=Product", "id=1001"], 0))["id"],
        "1001"
    );
    ask(&["action", "onlineerp", "lock-record"], 1);
    ask(&["snapshot", "take", "before"], 0);
    assert!(ask(&["snapshot", "list"], 0).starts_with("before "));
    assert!(
        ask(&["settings", "comarch-xt", "token_lifetime=61", "edition=pl"], 0)
            .contains("token_lifetime=61\n")
    );
    ask(&["snapshot", "restore", "before"], 0);
    ask(&["snapshot", "rm", "before"], 0);
    assert_ne!(json(&ask(&["settings", "comarch-xt", "--json"], 0))["token_lifetime"], 61);
    ask(&["settings", "comarch-xt", "token_lifetme=1"], 1);

    assert_eq!(
        ask(&["expect", "{ request: { server: weavy, path: /v1/Authenticate }, times: { exactly: 1 } }"], 0),
        "expectation-1\n"
    );
    assert!(
        ask(&["verify", "{ request: { server: weavy, path: /v1/Authenticate }, times: { exactly: 1 } }"], 3)
            .contains("not met")
    );
    assert_eq!(json(&ask(&["verify", "{ no_violations: true }", "--json"], 0))["met"], true);
}

#[test]
fn a_sandbox_is_written_as_files_and_read_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().to_str().expect("UTF-8");
    let exported = |control: &str, name: &str, to: &str| {
        ask(control, &["sandbox", "export", name, to], 0);
    };
    let server = Serving::start(&["--control-token", TOKEN]);
    ask(server.control(), &["sandbox", "new", "t1"], 0);
    ask(server.control(), &["settings", "comarch-xt", "token_lifetime=61", "--sandbox", "t1"], 0);
    let put = [
        "data",
        "put",
        "onlineerp",
        "Product",
        r#"{ "NoProduit": "VIS-4" }"#,
        "--company",
        "2",
        "--sandbox",
        "t1",
    ];
    ask(server.control(), &put, 0);
    exported(server.control(), "t1", kept);

    let again = Serving::start(&[
        "--control-token",
        TOKEN,
        "--scenarios",
        kept,
        "--seed-data",
        kept,
        "--scenario",
        "t1",
    ]);
    assert!(ask(again.control(), &["settings", "comarch-xt"], 0).contains("token_lifetime=61\n"));
    let other = tempfile::tempdir().expect("a folder");
    exported(again.control(), "default", other.path().to_str().expect("UTF-8"));
    for sim in erpsatz::registry::ALL {
        let (here, there) =
            (folder.path().join(sim.slug).join("t1"), other.path().join(sim.slug).join("default"));
        let mut files = 0;
        for file in fs::read_dir(&here).expect("a folder") {
            let file = file.expect("a file").file_name();
            let read =
                |folder: &std::path::Path| json(&fs::read_to_string(folder.join(&file)).expect("a text"));
            // Members of lines come back in another order, which says nothing.
            assert!(read(&here) == read(&there), "{} {}", sim.slug, file.display());
            files += 1;
        }
        assert!(files > 1, "{}", sim.slug);
    }
}
