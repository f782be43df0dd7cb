//! The journal from the shell, and answers in JSON.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::{Serving, erpsatz, run, text};

/// `journal` shows the newest so many, of one server, and follows what comes.
#[test]
fn a_journal_is_narrowed_and_followed() {
    let serving = Serving::start(&[]);
    let journal = |args: &[&str]| {
        let mut command = erpsatz(&["journal", "--control", serving.control()]);
        command.args(args);
        command
    };
    for path in ["/one", "/two"] {
        serving.ask("onlineerp", &format!("GET {path} HTTP/1.1\r\nHost: x"));
    }
    serving.ask("weavy", "GET /three HTTP/1.1\r\nHost: x");
    let shown = |args: &[&str]| text(&journal(args).output().unwrap().stdout);
    assert_eq!(shown(&["--limit", "1"]).lines().count(), 1);
    assert!(shown(&["--limit", "1"]).contains("/three"), "the newest");
    let of_one = shown(&["--server", "onlineerp"]);
    assert!(of_one.contains("/one") && of_one.contains("/two") && !of_one.contains("/three"), "{of_one}");
    let newest: Value =
        serde_json::from_str(&shown(&["--json", "--limit", "1", "--server", "onlineerp"])).unwrap();
    let status = newest["status"].to_string();
    for (filter, found) in [
        (&["--path", "/t*"][..], &["/two", "/three"][..]),
        (&["--method", "POST"], &[]),
        (&["--status", &status, "--server", "onlineerp"], &["/one", "/two"]),
        (&["--status", "599"], &[]),
        (&["--since", "1", "--server", "onlineerp"], &["/two"]),
        (&["--path", "/one & more"], &[]),
    ] {
        let lines = shown(filter);
        assert_eq!(lines.lines().count(), found.len(), "{filter:?}: {lines}");
        assert!(lines.lines().zip(found).all(|(line, path)| line.contains(path)), "{filter:?}: {lines}");
    }
    let mut follower = journal(&["--follow", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follower.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let known: Vec<Value> = (0..3).map(|_| next()["path"].clone()).collect();
    assert_eq!(known, ["/one", "/two", "/three"]);
    serving.ask("weavy", "GET /four HTTP/1.1\r\nHost: x");
    assert_eq!(next()["path"], "/four");
    follower.kill().unwrap();
    follower.wait().unwrap();
}

/// What a request did, and what of it is outside the contract, stands on its line; bodies below it.
#[test]
fn a_journal_says_what_requests_did() {
    let serving = Serving::start(&[]);
    let journal = |args: &[&str], environment: &[(&str, &str)]| {
        let mut command = erpsatz(&["journal", "--control", serving.control()]);
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
        text(&command.args(args).envs(environment.iter().copied()).output().unwrap().stdout)
    };
    let signed = "Authorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0\r\nCOMPANY_ID: 0";
    serving.ask(
        "onlineerp",
        &format!("GET /api/Entity/Product?$top=2&nonsense=1 HTTP/1.1\r\nHost: x\r\n{signed}"),
    );
    let line = journal(&[], &[]);
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.starts_with("#1 ") && line.contains(" onlineerp 200 GET "), "{line}");
    assert!(line.contains("violation: ") && line.contains("delivered Product 2 of "), "{line}");
    let bodies = journal(&["--bodies"], &[]);
    assert!(bodies.lines().count() > 3 && bodies.contains("\"NoProduit\""), "{bodies}");
    assert!(journal(&[], &[("CLICOLOR_FORCE", "1")]).contains('\u{1b}'));
    assert!(!journal(&[], &[("NO_COLOR", "1")]).contains('\u{1b}') && !line.contains('\u{1b}'));
}

const TENANT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tenant/onlineerp.yaml");

/// One set of options does for all commands that are about a running Erpsatz or its servers.
#[test]
fn every_command_takes_the_same_three_options() {
    for command in [
        &["fault"][..],
        &["data"],
        &["action"],
        &["snapshot"],
        &["load"],
        &["sandbox"],
        &["sandbox", "export"],
        &["settings"],
        &["expect"],
        &["verify"],
        &["journal"],
        &["why"],
        &["profile", "check"],
        &["profile", "show"],
        &["profile", "schema"],
        &["ca"],
        &["compare"],
        &["capsule", "save"],
        &["capsule", "show"],
        &["capsule", "replay"],
        &["capsule", "to-scenario"],
        &["contract"],
        &["report"],
        &["reset"],
        &["clock"],
    ] {
        let help = text(&erpsatz(command).arg("--help").output().unwrap().stdout);
        for option in ["--control <URL>", "--sandbox <NAME>", "--json"] {
            assert!(help.contains(option), "{command:?} has no {option}: {help}");
        }
    }
}

/// A contract is that of what runs, where it is named.
#[test]
fn the_contract_of_a_running_server_has_its_corrections() {
    let serving = Serving::start(&["--only", "onlineerp", "--profile", &format!("onlineerp={TENANT}")]);
    let of = |more: &[&str]| text(&erpsatz(&["contract", "onlineerp"]).args(more).output().unwrap().stdout);
    assert!(!of(&[]).contains("/api/v2/Fournisseurs/{id}"));
    assert!(of(&["--control", serving.control()]).contains("/api/v2/Fournisseurs/{id}"));
    let unknown = run(&["contract", "weavi", "--control", serving.control()]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("weavi"), "{}", text(&unknown.stderr));
}

/// With `--json` stdout is JSON, whatever the command.
#[test]
fn every_command_answers_in_json_where_that_is_asked() {
    let serving = Serving::start(&[]);
    for command in [
        &["health"][..],
        &["clock"],
        &["clock", "advance", "1s"],
        &["reset"],
        &["report"],
        &["report", "--all"],
        &["ca"],
        &["sandbox", "new", "t1"],
        &["sandbox", "list"],
        &["snapshot", "take", "a b%c", "--sandbox", "t1"],
        &["snapshot", "list", "--sandbox", "t1"],
        &["snapshot", "restore", "a b%c", "--sandbox", "t1"],
        &["snapshot", "rm", "a b%c", "--sandbox", "t1"],
        &["fault", "add", "{ server: weavy, when: {}, then: { status: 503 } }"],
        &["fault", "list"],
        &["fault", "rm", "--all"],
        &["settings", "weavy"],
        &["action"],
        &["load", "default"],
        &["data", "list", "weavy"],
        &["expect", "{ no_violations: true }"],
        &["verify", "{ no_violations: true }"],
        &["sandbox", "rm", "--sandbox", "t1"],
        &["contract", "weavy"],
        &["contract", "clavus"],
        &["contract", "control"],
        &["profile", "show", "onlineerp"],
        &["profile", "schema"],
        &["profile", "check", &format!("onlineerp={TENANT}")],
    ] {
        let done = erpsatz(command).args(["--json", "--control", serving.control()]).output().unwrap();
        assert!(done.status.success(), "{command:?}: {}", text(&done.stderr));
        let read: Result<Value, _> = serde_json::from_slice(&done.stdout);
        assert!(read.is_ok(), "{command:?}: {}", text(&done.stdout));
    }
    for url in ["ftp://127.0.0.1:8080", "127.0.0.1:8080", "http://"] {
        let refused = run(&["health", "--control", url]);
        let said = text(&refused.stderr);
        assert!(refused.status.code() == Some(2) && said.contains("write http://HOST:PORT"), "{url}: {said}");
    }
}

/// `exec` has no options that mean nothing there.
#[test]
fn what_is_serves_own_is_not_offered_by_exec() {
    let help = text(&run(&["exec", "--help"]).stdout);
    for option in ["--json", "--until-eof", "--ready-file"] {
        assert!(!help.contains(&format!(" {option} ")) && !help.contains(&format!("{option}\n")), "{option}");
        let refused = run(&["exec", option, "--", "true"]);
        assert_eq!(refused.status.code(), Some(2), "{option}");
    }
}
