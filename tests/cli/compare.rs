//! `compare` and `--record`: what the command line takes and says.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::{run, text};

/// One answer of a tenant of OnlineERP, with this status, to a product that there is not.
fn recording(folder: &Path, host: &str, status: u16) -> PathBuf {
    let entry = json!({
        "startedDateTime": "2026-03-02T08:00:00Z",
        "request": {
            "method": "GET",
            "url": format!("https://{host}/api/Entity/Product/CANARY-1"),
            "headers": [{ "name": "COMPANY_ID", "value": "4711" }],
        },
        "response": {
            "status": status,
            "headers": [{ "name": "Content-Type", "value": "application/json; charset=utf-8" }],
            "content": { "size": 60, "text": "{\"Message\":\"Product « CANARY-1 » est introuvable.\"}" },
        },
    });
    let file = folder.join("mine.har");
    std::fs::write(&file, json!({ "log": { "entries": [entry] } }).to_string()).unwrap();
    file
}

const HOST: &str = "acme.onlineerp.solution.quebec";

#[test]
fn a_recording_is_compared_and_learned_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = recording(folder.path(), HOST, 410).display().to_string();
    let overlay = folder.path().join("mine.yaml").display().to_string();
    let found = run(&["compare", &file, "--learn", &overlay, "--json"]);
    assert_eq!(found.status.code(), Some(3), "{}", text(&found.stderr));
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    assert_eq!((&found["total"], &found["asked"], &found["skipped"]), (&1.into(), &1.into(), &0.into()));
    let item = &found["items"][0];
    let expected = json!({
        "server": "onlineerp", "operation": "GET /api/Entity/Product/{id}", "kind": "status", "where": "",
        "recorded": "410", "ours": "404", "count": 1, "requests": [1], "fact": "errors.RECORD_NOT_FOUND",
        "evidence": "assumed", "learnable": true,
    });
    assert_eq!(*item, expected);
    let learned = std::fs::read_to_string(&overlay).unwrap();
    assert!(learned.contains("recorded: \"2026-03-02\"") && learned.contains("status: 410"), "{learned}");
    assert!(!learned.contains("CANARY"), "{learned}");
    let profile = format!("onlineerp={overlay}");
    let equal = run(&["compare", &file, "--profile", &profile]);
    assert_eq!(equal.status.code(), Some(0), "{}{}", text(&equal.stdout), text(&equal.stderr));
    assert!(
        text(&equal.stdout).contains("confirmed: onlineerp errors.RECORD_NOT_FOUND"),
        "{}",
        text(&equal.stdout)
    );
    let later = recording(folder.path(), HOST, 404).display().to_string();
    let later = run(&["compare", &later, "--profile", &profile]);
    assert!(
        text(&later.stdout).contains("contradicted: onlineerp errors.RECORD_NOT_FOUND"),
        "{}",
        text(&later.stdout)
    );
}

#[test]
fn values_are_told_only_when_asked_for_and_hosts_of_nobody_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = recording(folder.path(), "erp.example", 410).display().to_string();
    let skipped = run(&["compare", &file]);
    assert_eq!(skipped.status.code(), Some(0));
    assert!(
        text(&skipped.stderr).contains("nothing was compared") && text(&skipped.stderr).contains("--server")
    );
    assert!(
        text(&skipped.stdout).contains("0 requests asked, 1 skipped (other hosts 1,"),
        "{}",
        text(&skipped.stdout)
    );
    for keeps in [false, true] {
        let mut args = vec!["compare", &file, "--server", "onlineerp"];
        args.extend(keeps.then_some("--keep-values"));
        let found = run(&args);
        assert_eq!(found.status.code(), Some(3), "{}", text(&found.stderr));
        assert!(!text(&found.stdout).contains("CANARY"), "{}", text(&found.stdout));
    }
}

#[test]
fn what_is_no_recording_is_said_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("no.har");
    std::fs::write(&file, "[]").unwrap();
    let name = file.display().to_string();
    for args in [&["compare", &name][..], &["compare", "missing.har"]] {
        let refused = run(args);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(text(&refused.stderr).lines().count(), 1, "{}", text(&refused.stderr));
    }
    let refused = run(&["compare", &name, "--server", "onlinerp"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("onlineerp"), "{}", text(&refused.stderr));
}

#[test]
fn recording_needs_to_be_let_out() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.har").display().to_string();
    for command in ["serve", "exec"] {
        let mut args = vec![command, "--random-ports", "--record", &file, "--record-writes"];
        args.extend(["--", "true"].into_iter().filter(|_| command == "exec"));
        let refused = run(&args);
        assert_eq!(refused.status.code(), Some(2), "{}", text(&refused.stderr));
        assert!(text(&refused.stderr).contains("--allow-outbound"), "{}", text(&refused.stderr));
    }
    assert!(!folder.path().join("mine.har").exists());
    let done = run(&["exec", "--record", &file, "--allow-outbound", "--", "true"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(text(&done.stderr).contains("0 requests recorded in"), "{}", text(&done.stderr));
}

/// A large archive is refused by its size, before any of it is read: this one has nothing in it.
#[test]
fn a_recording_that_is_too_large_is_refused_unread() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.har");
    std::fs::File::create(&file).unwrap().set_len(200 << 20).unwrap();
    let refused = run(&["compare", file.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("it has 200 MiB, and 128 are read at most: record less at a time"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
