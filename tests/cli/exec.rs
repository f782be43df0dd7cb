//! `exec`, `report` and `scenario`.

use super::{erpsatz, run, text};

const SCENARIO: &str = "name: two-reads
description: A client that reads twice.
expect:
  - request: { server: onlineerp, path: /api/Entity/Product }
    times: { exactly: 2 }
";

/// A request in bare shell: what a client in any language does.
fn client(reads: usize) -> String {
    let one = "address=${ERPSATZ_ONLINEERP_URL#http://}; exec 3<>/dev/tcp/${address%:*}/${address#*:}; \
               printf 'GET /api/Entity/Product HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3 >/dev/null; ";
    one.repeat(reads)
}

#[test]
fn the_command_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(path("s.yaml"), SCENARIO).unwrap();
    let exec = |reads: usize| {
        let (scenario, junit, summary) = (path("s.yaml"), path("j.xml"), path("s.md"));
        let options = ["exec", "--scenario", &scenario, "--junit", &junit, "--summary", &summary, "--"];
        erpsatz(&options).args(["bash", "-c", &client(reads)]).output().unwrap()
    };
    let good = exec(2);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stderr));
    let read = |name: &str| std::fs::read_to_string(path(name)).unwrap();
    assert!(read("j.xml").contains("failures=\"0\"") && read("s.md").contains("- [x]"), "{}", read("s.md"));
    let bad = exec(1);
    assert_eq!(bad.status.code(), Some(3));
    let why = text(&bad.stderr);
    assert!(
        why.contains("exactly 2 times: came once\n    #1 ") && why.contains("/api/Entity/Product  401\n"),
        "{why}"
    );
    assert!(read("j.xml").contains("failures=\"1\"") && read("s.md").contains("- [ ]"));
    assert!(read("s.md").contains("- [x]"), "what others wrote into the summary stays");
    for needed in [
        "package=\"erpsatz\"",
        "<properties/>",
        "classname=\"two-reads\"",
        "type=\"expectation\"",
        "<system-out",
    ] {
        assert!(read("j.xml").contains(needed), "{needed}, as Ant's schema wants it: {}", read("j.xml"));
    }
}

/// What a journal says without `duration_us`, the only real time in it, and without the ports, which are free ones.
fn steady(journal: &str) -> String {
    let mut parts = journal.split("\"duration_us\":");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    let timeless = rest.fold(first, |text, part| text + "\"duration_us\":_" + part);
    let mut parts = timeless.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    let rest = parts.map(|part| part.trim_start_matches(|letter: char| letter.is_ascii_digit()));
    rest.fold(first, |text, part| text + "127.0.0.1:_" + part)
}

/// Reads and writes that draw on everything random: keys that the server makes, a rate, a spread delay.
const RANDOM: &str = "name: random
seed: 9
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults:
  - { server: weavy, when: { rate: 0.5, path: /v1/Authenticate }, then: { status: 503, delay: { from: 1ms, to: 5ms } } }
steps:
  - { on: { request: { server: weavy }, count: 3 }, do: [ { advance: 5m } ] }
";

#[test]
fn two_starts_of_one_scenario_give_the_same_journal() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("s.yaml");
    std::fs::write(&scenario, RANDOM).unwrap();
    let call = r#"
        call() {
          address=${1#http://}; exec 3<>/dev/tcp/${address%:*}/${address#*:}
          printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: %s\r\n\r\n%s' \
            "$2" "$3" "$address" "${#4}" "$4" >&3
          cat <&3
        }
        login='{"projectCode":"DEMO","userName":"api","password":"api"}'
        for _ in 1 2 3 4 5 6 7 8; do call "$ERPSATZ_WEAVY_URL" POST /v1/Authenticate "$login" >/dev/null; done
        call "$ERPSATZ_WEAVY_URL" GET /v1/Data/DEMO/customer "" >/dev/null
        call "$ERPSATZ_CLAVUS_URL" POST /api/downloadFile '{}' >/dev/null
        call "$ERPSATZ_CONTROL_URL" GET /sandboxes/default/journal ""
    "#;
    let run = || {
        let options = ["exec", "--scenario", scenario.to_str().unwrap(), "--", "bash", "-c", call];
        let done = erpsatz(&options).output().unwrap();
        assert!(done.status.success(), "{}", text(&done.stderr));
        let answer = text(&done.stdout);
        let (_, journal) = answer.split_once("\r\n\r\n").expect("an answer");
        steady(journal)
    };
    let (first, second) = (run(), run());
    assert_eq!(first, second);
    assert_eq!(first.matches("duration_us").count(), 10, "{first}");
    let injected = first.matches("\"status\":503").count();
    assert!((1..8).contains(&injected), "the rate strikes some: {injected}");
}

#[test]
fn the_commands_own_code_comes_first() {
    for (command, code) in [
        (&["sh", "-c", "exit 7"][..], 7),
        (&["sh", "-c", "kill -9 $$"], 137),
        (&["no-such-command-anywhere"], 127),
        (
            &[
                "sh",
                "-c",
                "test -n \"$ERPSATZ_ONLINEERP_USER\" -a -n \"$ERPSATZ_ONLINEERP_PASSWORD\" -a -n \"$ERPSATZ_CONTROL_URL\"",
            ],
            0,
        ),
    ] {
        let done = erpsatz(&["exec", "--"]).args(command).output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{command:?}: {}", text(&done.stderr));
    }
    assert_eq!(run(&["exec"]).status.code(), Some(2), "no command is misuse");
    let piped = erpsatz(&["exec", "--", "sh", "-c", "echo out; echo err >&2"]).output().unwrap();
    let last = "erpsatz: 1 sandbox, 0 expectations met, 0 missed, 0 verdicts, 0 violations\n";
    assert_eq!((text(&piped.stdout).as_str(), text(&piped.stderr)), ("out\n", format!("err\n{last}")));
}

/// Whatever `exec` itself has to say: the run that missed, its last line, what is left running, a command that there is
/// not.
#[test]
fn every_line_of_its_own_is_json_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("s.yaml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let scenario = scenario.to_str().unwrap();
    let leaves = "setsid sh -c 'sleep 300 >/dev/null 2>&1 & exit 0'; exit 0";
    for (command, code, said) in [
        (&["bash", "-c", &client(1)][..], 3, "exactly 2 times"),
        (&["sh", "-c", leaves], 3, "--kill-all"),
        (&["no-such-command-anywhere"], 127, "no-such-command-anywhere"),
    ] {
        let options = ["exec", "--log-format", "json", "--scenario", scenario, "--"];
        let ended = erpsatz(&options).args(command).output().unwrap();
        let lines = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{lines}");
        let mut found = false;
        for line in lines.lines() {
            let line: serde_json::Value =
                serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            assert!(line["at"].is_string(), "{line}");
            let message = line["message"].as_str().expect("a message");
            found |= message.contains(said);
            if let Some(process) = message.split("(process ").nth(1).and_then(|rest| rest.split(')').next()) {
                let _ = std::process::Command::new("kill").arg(process).status();
            }
        }
        assert!(found, "{said}: {lines}");
    }
}

#[test]
fn scenarios_are_listed_shown_and_checked() {
    assert!(text(&run(&["scenario", "list"]).stdout).contains("\ndefault "));
    assert!(text(&run(&["scenario", "show", "default"]).stdout).contains("name: default"));
    let unknown = run(&["scenario", "show", "defalt"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(text(&unknown.stderr).contains("did you mean `default`"));
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.yaml"), folder.path().join("bad.yaml"));
    std::fs::write(&good, SCENARIO).unwrap();
    std::fs::write(&bad, SCENARIO.replace("onlineerp", "onlinerp")).unwrap();
    let check = |files: &[&std::path::Path]| erpsatz(&["scenario", "check"]).args(files).output().unwrap();
    assert!(check(&[&good]).status.success());
    let refused = check(&[&good, &bad]);
    assert_eq!(refused.status.code(), Some(1));
    let why = text(&refused.stderr);
    assert!(
        why.contains("bad.yaml") && why.contains("line 4") && why.contains("did you mean `onlineerp`"),
        "{why}"
    );
}

/// After a change of settings: `cargo run -- scenario schema > scenarios/schema.json`.
#[test]
fn the_schema_in_the_repository_is_the_one_printed() {
    let printed = run(&["scenario", "schema"]);
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/schema.json");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), text(&printed.stdout));
}

/// What `exec` logs is the command's to hear only when asked.
#[test]
fn requests_are_logged_when_asked() {
    let script = r"exec 3<>/dev/tcp/127.0.0.1/${ERPSATZ_ONLINEERP_URL##*:}
        printf 'GET /api/Entity/Product HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3; cat <&3 >/dev/null";
    for (options, are_logged) in [(&[][..], false), (&["--log-level", "info"], true)] {
        let ended =
            erpsatz(&["exec"]).args(options).args(["--", "bash", "-c", script]).output().expect("it runs");
        let said = text(&ended.stderr);
        assert_eq!(said.contains("onlineerp GET /api/Entity/Product 401"), are_logged, "{said}");
    }
}
