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
        why.contains("exactly 2 times") && why.contains("came 1 times") && why.contains("nearest"),
        "{why}"
    );
    assert!(read("j.xml").contains("failures=\"1\"") && read("s.md").contains("- [ ]"));
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
    assert_eq!((text(&piped.stdout).as_str(), text(&piped.stderr).as_str()), ("out\n", "err\n"));
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
