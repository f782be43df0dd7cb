//! `serve --until-eof`, and the contract of the control API as a command prints it.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::{erpsatz, run, text};

#[test]
fn serve_ends_with_stdin() {
    for set in [true, false] {
        let mut command = erpsatz(&["serve", "--random-ports", "--only", "weavy"]);
        if set {
            command.arg("--until-eof");
        } else {
            command.env("ERPSATZ_UNTIL_EOF", "true");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let ready = lines.next().expect("a line").expect("text");
        assert!(ready.starts_with("erpsatz ready"), "{ready}");
        assert!(child.try_wait().expect("a process").is_none(), "it serves while stdin is open");
        drop(child.stdin.take());
        assert!(child.wait().expect("it ends").success());
    }
}

#[test]
fn the_control_api_has_a_contract() {
    let printed = run(&["contract", "control", "--url", "http://erp.example:1"]);
    let document: Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"][0]["url"], "http://erp.example:1");
    assert!(document["components"]["schemas"]["Scenario"]["properties"]["states"].is_object());
    let refused = run(&["contract", "contrl"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
}
