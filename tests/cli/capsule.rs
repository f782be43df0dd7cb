//! `erpsatz capsule` and `exec --capsule`.

use serde_json::Value;

use super::{Serving, erpsatz, run, text};

const SCENARIO: &str = "name: failing
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
faults:
  - { id: down, server: onlineerp, when: { nth: 2 }, then: { status: 503 } }
  - { id: slow, server: onlineerp, when: { path: /api/Entity/Customer }, then: { delay: 1ms } }
steps:
  - { on: { request: { server: onlineerp, path: /api/Entity/Product }, count: 1 }, do: [ { advance: PT1M } ] }
expect:
  - { request: { server: onlineerp, path: /api/Entity/Product, status: 2xx }, times: { exactly: 3 } }
  - { request: { server: onlineerp, path: /api/Entity/Product }, times: { at_least: 1 } }
";

const ASK: &str = "GET /api/Entity/Product?$top=1 HTTP/1.1\r\nHost: x\r\n\
    Authorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0\r\nCOMPANY_ID: 0";

/// Saved from a running one, played again by another process, told, and made small.
#[test]
fn a_run_comes_home_as_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (scenario, file, script) = (path("failing.yaml"), path("run.capsule"), path("run.sh"));
    std::fs::write(&scenario, SCENARIO).unwrap();
    let serving = Serving::start(&["--scenario", &scenario, "--control-token", "sesame"]);
    for _ in 0..3 {
        serving.ask("onlineerp", ASK);
    }
    let with = |args: &[&str]| {
        erpsatz(args).args(["--control", serving.control(), "--control-token", "sesame"]).output().unwrap()
    };
    let saved = with(&["capsule", "save", &file, "--sandbox", "default"]);
    assert!(saved.status.success(), "{}", text(&saved.stderr));
    assert_eq!(text(&saved.stdout), format!("3 requests in {file}\n"));
    let told: Value =
        serde_json::from_str(&text(&with(&["capsule", "save", &file, "--json"]).stdout)).unwrap();
    assert_eq!((&told["requests"], &told["whole"], &told["dropped"]), (&3.into(), &true.into(), &0.into()));

    let again = run(&["capsule", "replay", &file]);
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    assert!(text(&again.stdout).contains("3 requests played again"), "{}", text(&again.stdout));
    let overlay = path("ours.yaml");
    std::fs::write(&overlay, "errors: { ROBOT_OFFLINE: { status: 503, message: 'Robot parti.' } }").unwrap();
    let other = run(&["capsule", "replay", &file, "--json", "--profile", &format!("onlineerp={overlay}")]);
    assert_eq!(other.status.code(), Some(3), "{}", text(&other.stderr));
    let told: Value = serde_json::from_str(&text(&other.stdout)).unwrap();
    assert_eq!(told["difference"]["request"], 2);
    assert!(told["difference"]["what"].as_str().unwrap().contains("Robot parti."), "{told}");

    let page = text(&run(&["capsule", "show", &file]).stdout);
    assert!(
        page.contains("#2") && page.contains("-> 503  fault down") && page.contains("missed: "),
        "{page}"
    );
    let whole: Value =
        serde_json::from_str(&text(&run(&["capsule", "show", &file, "--json"]).stdout)).unwrap();
    assert_eq!(whole["head"]["scenario"]["name"], "failing");

    let small = run(&["capsule", "to-scenario", &file, "--script", &script]);
    let yaml = text(&small.stdout);
    assert!(small.status.success(), "{}", text(&small.stderr));
    assert!(yaml.contains("down") && !yaml.contains("slow") && !yaml.contains("steps:"), "{yaml}");
    assert!(yaml.contains("2xx") && !yaml.contains("at_least: 1"), "{yaml}");
    std::fs::write(&scenario, &yaml).unwrap();
    assert!(run(&["scenario", "check", &scenario]).status.success(), "{yaml}");
    let lines = std::fs::read_to_string(&script).unwrap();
    let curl = lines.lines().filter(|line| line.starts_with("curl ")).count();
    assert_eq!(curl, 3, "{lines}");
    assert!(!lines.contains("demo-secret") && lines.contains("$ERPSATZ_ONLINEERP_URL"), "{lines}");
    let told =
        run(&["capsule", "to-scenario", &file, "--json", "--profile", &format!("onlineerp={overlay}")]);
    let told: Value = serde_json::from_str(&text(&told.stdout)).unwrap();
    assert_eq!(told["scenario"]["faults"].as_array().map(Vec::len), Some(1), "{told}");
}

/// A token that a step lets die: the step stays, and the script signs in for itself.
#[cfg(unix)]
#[test]
fn its_smallest_scenario_and_script_fail_as_it_did() {
    const TOKEN: &str = "name: token
clock: { start: 2026-03-02T08:00:00Z, frozen: true }
servers:
  comarch-xt: { settings: { token_lifetime: 600 } }
steps:
  - { on: { request: { server: comarch-xt, path: /api2/public/products }, count: 1 }, do: [ { advance: 11m } ] }
  - { on: { request: { server: comarch-xt, path: /api2/public/customers } }, do: [ { advance: 1m } ] }
expect:
  - { request: { server: comarch-xt, path: /api2/public/products, status: 200 }, times: { exactly: 2 } }
";
    const CLIENT: &str = r#"B="$ERPSATZ_COMARCH_XT_URL/api2/public"
T=$(curl -sS -u "$ERPSATZ_COMARCH_XT_CLIENT_ID:$ERPSATZ_COMARCH_XT_CLIENT_SECRET" -d grant_type=client_credentials "$B/token" |
  sed 's/.*"access_token":"\([^"]*\)".*/\1/')
for skip in 0 20; do curl -sS -o /dev/null -H "Authorization: Bearer $T" "$B/products?\$orderby=Id&\$top=20&\$skip=$skip"; done"#;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (scenario, script) = (path("token.yaml"), path("run.sh"));
    std::fs::write(&scenario, TOKEN).unwrap();
    let done = run(&["exec", "--scenario", &scenario, "--capsule", &path("kept"), "--", "sh", "-c", CLIENT]);
    assert_eq!(done.status.code(), Some(3), "{}", text(&done.stderr));
    let small = run(&["capsule", "to-scenario", &path("kept/default.capsule"), "--script", &script]);
    let yaml = text(&small.stdout);
    assert!(yaml.contains("PT11M"), "the step that fails it: {yaml}");
    assert!(!yaml.contains("customers"), "the step that has no part in it: {yaml}");
    let lines = std::fs::read_to_string(&script).unwrap();
    assert!(!lines.contains("demo-secret"), "{lines}");
    std::fs::write(&scenario, &yaml).unwrap();
    for (what, command) in [("the client", ["-c", CLIENT]), ("the script", ["-e", &script])] {
        let again = run(&["exec", "--scenario", &scenario, "--", "sh", command[0], command[1]]);
        let said = text(&again.stderr);
        assert_eq!(again.status.code(), Some(3), "{what}: {said}");
        assert!(said.contains("products, answered 200: exactly 2 times: came once"), "{what}: {said}");
    }
}

#[test]
fn what_is_no_capsule_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.capsule");
    std::fs::write(&file, "not one").unwrap();
    for what in ["replay", "show", "to-scenario"] {
        for file in [file.to_str().unwrap(), "/nothing.capsule"] {
            let done = run(&["capsule", what, file]);
            assert_eq!(done.status.code(), Some(1), "{what}");
            assert!(text(&done.stderr).contains(file), "{}", text(&done.stderr));
        }
    }
}

/// Each world that fails is kept as it ends: by a reset, and with the process.
#[cfg(unix)]
#[test]
fn exec_keeps_runs_that_fail() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("failing.yaml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let kept = folder.path().join("kept");
    let ask = "curl -sS -o /dev/null -u DEMO-LICENCE:demo-secret -H 'COMPANY_ID: 0' \"$ERPSATZ_ONLINEERP_URL/api/Entity/Product\"";
    let command = format!("{ask}; erpsatz_reset; {ask}")
        .replace("erpsatz_reset", "curl -sS -X POST \"$ERPSATZ_CONTROL_URL/sandboxes/default/reset\"");
    let (scenario, dir) = (scenario.to_str().unwrap(), kept.to_str().unwrap());
    let done = run(&["exec", "--scenario", scenario, "--capsule", dir, "--", "sh", "-c", &command]);
    assert_eq!(done.status.code(), Some(3), "{}", text(&done.stderr));
    for name in ["default.capsule", "default.2.capsule"] {
        let file = kept.join(name);
        assert!(text(&done.stderr).contains(file.to_str().unwrap()), "{}", text(&done.stderr));
        let again = run(&["capsule", "replay", file.to_str().unwrap()]);
        assert!(again.status.success(), "{name}: {}{}", text(&again.stdout), text(&again.stderr));
    }
    let fine = run(&["exec", "--capsule", dir, "--fail-on", "none", "--scenario", scenario, "--", "true"]);
    assert!(fine.status.success() && !kept.join("default.3.capsule").exists());
}

/// A sandbox that is deleted is kept as well; a server that ends keeps what is there.
#[cfg(unix)]
#[test]
fn serve_keeps_runs_that_fail() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("failing.yaml");
    std::fs::write(&scenario, SCENARIO).unwrap();
    let kept = folder.path().join("kept");
    let serving =
        Serving::start(&["--scenario", scenario.to_str().unwrap(), "--capsule", kept.to_str().unwrap()]);
    serving.ask("onlineerp", &ASK.replace("GET /api", "GET /~t1/api"));
    let gone = serving.ask("control", "DELETE /sandboxes/t1 HTTP/1.1\r\nHost: 127.0.0.1");
    assert!(gone.starts_with("HTTP/1.1 204"), "{gone}");
    assert!(kept.join("t1.capsule").exists());
}
