//! No build passes by mistake: every world that there was is judged.

use super::{Serving, erpsatz, text};

/// Expects one read of the products of OnlineERP.
const READS: &str = "name: reads
expect: [ { request: { server: onlineerp, method: GET, path: /api/Entity/Product } } ]
";

/// What a fixture in any language does: `call METHOD URL [BODY]`, and `read SANDBOX`.
const SHELL: &str = r#"
    call() {
      rest=${2#http://}; host=${rest%%/*}; path=/${rest#*/}
      exec 3<>/dev/tcp/${host%:*}/${host#*:}
      printf '%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: %s\r\n\r\n%s' "$1" "$path" "$host" "${#3}" "$3" >&3
      cat <&3
    }
    control() { call "$1" "$ERPSATZ_CONTROL_URL$2" "$3" >/dev/null; }
    products() { call GET "$ERPSATZ_ONLINEERP_URL/~$1/api/Entity/Product" >/dev/null; }
    customers() { call GET "$ERPSATZ_ONLINEERP_URL/~$1/api/Entity/Customer" >/dev/null; }
    reads='{"name":"reads","expect":[{"request":{"server":"onlineerp","method":"GET","path":"/api/Entity/Product"}}]}'
"#;

/// What a request without a body gets.
fn ask(serving: &Serving, slug: &str, request: &str) -> String {
    serving.ask(slug, &format!("{request} HTTP/1.1\r\nHost: 127.0.0.1"))
}

/// The exit code of `exec` with these options over a script, and what it said.
fn exec(options: &[&str], script: &str) -> (i32, String) {
    let script = format!("{SHELL}{script}\ntrue");
    let mut command = erpsatz(&["exec"]);
    let ended = command.args(options).args(["--", "bash", "-c", &script]).output().unwrap();
    (ended.status.code().unwrap(), text(&ended.stderr))
}

#[test]
fn a_sandbox_that_got_no_request_is_judged() {
    let (code, said) = exec(&[], r#"control PUT /sandboxes/t1/scenario "$reads""#);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("sandbox t1, scenario reads") && said.contains("never came"), "{said}");
    let (code, said) = exec(&[], r#"control PUT /sandboxes/default/scenario "$reads"; customers t2"#);
    assert_eq!(code, 3, "what was sent to default counts though others were asked: {said}");
}

#[test]
fn default_counts_when_nothing_was_asked_of_anybody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("reads.yaml");
    std::fs::write(&file, READS).unwrap();
    let options = ["--scenario", file.to_str().unwrap()];
    let (code, said) = exec(&options, "true");
    assert_eq!(code, 3, "{said}");
    let (code, said) = exec(&options, "products t1");
    assert_eq!(code, 0, "default was there for nobody: {said}");
    assert!(
        said.ends_with("erpsatz: 1 sandbox, 1 expectation met, 0 missed, 0 verdicts, 1 violation\n"),
        "{said}"
    );
}

#[test]
fn what_ended_keeps_its_result() {
    for (how, said_of_world) in [
        ("control DELETE /sandboxes/t1", "sandbox t1, scenario reads"),
        ("control POST /sandboxes/t1/reset", "sandbox t1, world 1 of 2, ended by a reset, scenario reads"),
        (
            "control PUT /sandboxes/t1/scenario 'seed: 1'",
            "sandbox t1, world 1 of 2, ended by another scenario, scenario reads",
        ),
    ] {
        let script = format!(r#"control PUT /sandboxes/t1/scenario "$reads"; customers t1; {how}"#);
        let (code, said) = exec(&[], &script);
        assert_eq!(code, 3, "{how}: {said}");
        assert!(said.contains(said_of_world) && said.contains("never came"), "{how}: {said}");
    }
    let twice = r#"control PUT /sandboxes/t1/scenario "$reads"
        customers t1; control POST /sandboxes/t1/reset; products t1; control POST /sandboxes/t1/reset"#;
    let (code, said) = exec(&[], twice);
    assert_eq!(code, 0, "a world in which nothing of the kind was asked: {said}");
    let (code, _) = exec(
        &["--worlds", "last"],
        r#"control PUT /sandboxes/t1/scenario "$reads"; control POST /sandboxes/t1/reset; products t1"#,
    );
    assert_eq!(code, 0);
}

#[test]
fn an_evicted_sandbox_keeps_its_result() {
    let script = r#"control PUT /sandboxes/t1/scenario "$reads"; customers t1; customers t2; customers t3"#;
    let (code, said) = exec(&["--max-sandboxes", "1"], script);
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("sandbox t1"), "{said}");
}

#[test]
fn worlds_are_judged_apart_and_after_a_restore_counts_go_on() {
    let one = r#"{"name":"one","expect":[{"request":{"server":"onlineerp","path":"/api/Entity/Product"},"times":{"exactly":1}}]}"#;
    let script = |rest: &str| format!("one='{one}'; control PUT /sandboxes/t1/scenario \"$one\"; {rest}");
    let restored = "control PUT /sandboxes/t1/snapshots/s; products t1; control POST /sandboxes/t1/snapshots/s/restore; products t1";
    let (code, said) = exec(&[], &script(restored));
    assert_eq!(code, 0, "each world has its own count: {said}");
    let restored = "products t1; control PUT /sandboxes/t1/snapshots/s; control POST /sandboxes/t1/snapshots/s/restore; products t1";
    let (code, said) = exec(&[], &script(restored));
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("world 2 of 2") && said.contains("came 2 times"), "{said}");
    let (code, said) = exec(
        &["--worlds", "last"],
        &script("products t1; products t1; control POST /sandboxes/t1/reset; products t1"),
    );
    assert_eq!(code, 0, "{said}");
}

#[test]
fn what_makes_it_fail_can_be_said() {
    let violation = "products t1; call PATCH \"$ERPSATZ_ONLINEERP_URL/~t1/api/Entity/Product\" >/dev/null";
    for (options, code) in [(&[][..], 0), (&["--fail-on", "violations"], 3), (&["--fail-on", "none"], 0)] {
        let (ended, said) = exec(options, violation);
        assert_eq!(ended, code, "{options:?}: {said}");
        assert!(said.contains("verb `PATCH`"), "{said}");
    }
    let (code, said) = exec(&["--fail-on", "violatons"], "true");
    assert_eq!(code, 2, "{said}");
    assert!(said.contains("did you mean `violations`"), "{said}");
    let own =
        r#"control POST /sandboxes '{"name":"t1","scenario":'"$reads"',"fail_on":"none"}'; customers t1"#;
    let (code, said) = exec(&[], own);
    assert_eq!(code, 0, "a sandbox's own beats the command's: {said}");
    let judged = r#"control PUT /sandboxes/t1/scenario "$reads"; customers t1; control POST /sandboxes/t1/judged; control DELETE /sandboxes/t1"#;
    let (code, said) = exec(&[], judged);
    assert_eq!(code, 0, "somebody else has judged it: {said}");
    assert!(said.contains("1 missed"), "{said}");
}

#[test]
fn violations_are_still_known_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (data, scenario) = (folder.path().join("data"), folder.path().join("s.yaml"));
    std::fs::write(&scenario, "name: clean\nexpect: [ { no_violations: true } ]\n").unwrap();
    let (data, scenario) = (data.to_str().unwrap(), scenario.to_str().unwrap());
    let options = ["--data-dir", data, "--scenario", scenario];
    let mut first = Serving::start(&options);
    ask(&first, "onlineerp", "PATCH /api/Entity/Product");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    let second = Serving::start(&options);
    let report = ask(&second, "control", "GET /sandboxes/default/report");
    assert!(report.contains(r#""ok":false"#) && report.contains(r#""violations_total":"#), "{report}");
    assert!(report.contains("PATCH"), "the violation itself is still there: {report}");
}

#[test]
fn the_report_says_what_the_journal_dropped_and_does_not_need_it() {
    let serving = Serving::start(&["--journal-entries", "1"]);
    for path in ["PATCH /api/Entity/Product", "GET /api/Entity/Product", "GET /api/Entity/Customer"] {
        ask(&serving, "onlineerp", path);
    }
    let report = ask(&serving, "control", "GET /sandboxes/default/report");
    assert!(report.contains(r#""dropped":2"#), "{report}");
    assert!(report.contains(r#""request":"PATCH /api/Entity/Product""#), "{report}");
    for format in ["markdown", "junit"] {
        let report = ask(&serving, "control", &format!("GET /sandboxes/default/report?format={format}"));
        assert!(report.contains("dropped 2 older entries"), "{report}");
    }
}

#[test]
fn a_service_can_be_asked_for_the_whole_run() {
    let serving = Serving::start(&[]);
    ask(&serving, "onlineerp", "PATCH /~gone/api/Entity/Product");
    ask(&serving, "control", "DELETE /sandboxes/gone");
    let run = ask(&serving, "control", "GET /report?fail_on=violations");
    assert!(run.contains(r#""sandbox":"gone""#) && run.contains(r#""failed":true"#), "{run}");
    let report = |options: &[&str]| {
        erpsatz(&["report", "--all", "--control", serving.control()]).args(options).output().unwrap()
    };
    assert_eq!(report(&[]).status.code(), Some(0));
    let failed = report(&["--fail-on", "violations"]);
    assert_eq!(failed.status.code(), Some(3));
    assert!(text(&failed.stderr).contains("sandbox gone"), "{}", text(&failed.stderr));
    for (format, part) in [("junit", "<testsuite "), ("markdown", "| gone |"), ("text", "erpsatz: ")] {
        let shown = ask(&serving, "control", &format!("GET /report?format={format}&fail_on=violations"));
        assert!(shown.contains(part), "{format}: {shown}");
    }
}

/// Two pages in no order are advice, which is said only when asked for.
#[test]
fn advice_is_said_when_asked_for() {
    let page = "GET /api/Entity/Product?$top=2&$skip={n} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0";
    let script = format!(
        "for n in 0 2; do exec 3<>/dev/tcp/127.0.0.1/${{ERPSATZ_ONLINEERP_URL##*:}}
        printf '{}\\r\\nConnection: close\\r\\n\\r\\n' $n >&3; cat <&3 >/dev/null; done",
        page.replace("\r\n", "\\r\\n").replace("{n}", "%s")
    );
    let serving = Serving::start(&[]);
    for n in ["0", "2"] {
        serving.ask("onlineerp", &page.replace("{n}", n));
    }
    for (options, is_said) in [(&[][..], false), (&["--advice"], true)] {
        let (_, said) = exec(options, &script);
        assert_eq!(said.contains("advice unordered_pages"), is_said, "{said}");
        let report =
            erpsatz(&["report", "--all", "--control", serving.control()]).args(options).output().unwrap();
        assert_eq!(
            text(&report.stderr).contains("advice unordered_pages"),
            is_said,
            "{}",
            text(&report.stderr)
        );
    }
}

#[test]
fn a_service_can_be_asked_for_the_last_worlds() {
    let serving = Serving::start(&[]);
    ask(&serving, "onlineerp", "PATCH /~t1/api/Entity/Product");
    ask(&serving, "control", "POST /sandboxes/t1/reset");
    for (worlds, code) in [("all", 3), ("last", 0)] {
        let report = ["report", "--all", "--fail-on", "violations", "--worlds", worlds];
        let report = erpsatz(&report).args(["--control", serving.control()]).output().unwrap();
        assert_eq!(report.status.code(), Some(code), "{worlds}: {}", text(&report.stderr));
    }
}

#[test]
fn lives_of_one_name_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let (junit, summary) = (folder.path().join("r.xml"), folder.path().join("r.md"));
    let options = ["--junit", junit.to_str().unwrap(), "--summary", summary.to_str().unwrap()];
    let script = r#"for life in 1 2 3; do
        control PUT /sandboxes/t1/scenario "$reads"; customers t1; control DELETE /sandboxes/t1
    done"#;
    let (code, said) = exec(&options, script);
    assert_eq!(code, 3, "{said}");
    let (xml, md) = (std::fs::read_to_string(&junit).unwrap(), std::fs::read_to_string(&summary).unwrap());
    for life in 1..=3 {
        let title = format!("t1, life {life} of 3");
        assert!(said.contains(&title) && md.contains(&title), "{said}\n{md}");
        assert!(xml.contains(&format!("\"t1: life {life}: ")), "{xml}");
    }
}

#[test]
fn two_reports_in_one_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report");
    let name = file.to_str().unwrap();
    let (code, said) = exec(&["--junit", name, "--summary", name], "echo ran >&2");
    assert!(code == 2 && said.lines().count() == 1 && said.contains("--summary"), "{code}: {said}");
    assert!(!file.exists());
}

/// The screen in the documentation is the one that is printed.
#[test]
fn a_failing_run_says_what_the_documentation_shows() {
    const SCENARIO: &str = "name: nightly-sync
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults:
  - { id: busy, server: onlineerp, when: { path: /api/Entity/Product, nth: 1 }, then: { status: 503 } }
  - { id: slow, server: onlineerp, when: { path: /api/Entity/Customer }, then: { delay: 1s } }
expect:
  - request: { server: onlineerp, method: GET, path: /api/Entity/Product, status: 200 }
  - record: { server: onlineerp, entity: Product, where: { NoProduit: NEW }, times: { exactly: 1 } }
";
    let folder = tempfile::tempdir().unwrap();
    let (file, report) = (folder.path().join("nightly.yaml"), folder.path().join("report.xml"));
    std::fs::write(&file, SCENARIO).unwrap();
    let script = r"host=${ERPSATZ_ONLINEERP_URL#http://}
        exec 3<>/dev/tcp/${host%:*}/${host#*:}
        printf 'GET /api/Entity/Product?limit=5 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCOMPANY_ID: 0\r\nAuthorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0\r\n\r\n' >&3
        cat <&3 >/dev/null";
    let options = ["--scenario", file.to_str().unwrap(), "--junit", report.to_str().unwrap()];
    let (code, said) = exec(&options, script);
    assert_eq!(code, 3, "{said}");
    let page = include_str!("../../docs/ci.md");
    let (_, block) = page.split_once("\n```\nerpsatz: sandbox").expect("a screen");
    let (block, _) = block.split_once("```").expect("its end");
    let said = said.replace(report.to_str().unwrap(), "report.xml");
    assert_eq!(said, format!("erpsatz: sandbox{block}"));
}
