//! `profile`: what holds, and what is wrong with a correction.

use crate::{run, text};

const TENANT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/tenant/onlineerp.yaml");

#[test]
fn what_holds_is_shown_with_its_evidence_and_with_what_a_correction_makes_of_it() {
    let usual = run(&["profile", "show", "onlineerp"]);
    assert!(usual.status.success(), "{}", text(&usual.stderr));
    let usual = text(&usual.stdout);
    assert!(usual.contains("GET /api/Entity/Supplier [assumed]"), "{usual}");
    assert!(usual.contains("RECORD_NOT_FOUND: 404"), "{usual}");
    let corrected = run(&["profile", "show", "onlineerp", "--profile", &format!("onlineerp={TENANT}")]);
    assert!(corrected.status.success(), "{}", text(&corrected.stderr));
    let corrected = text(&corrected.stdout);
    assert!(corrected.contains("GET /api/v2/Fournisseurs/{id} [recorded]"), "{corrected}");
    assert!(
        corrected.contains("RECORD_NOT_FOUND: 410 GONE \"{entity} {id} n'est plus là.\" [recorded]"),
        "{corrected}"
    );
    assert!(!corrected.contains("DELETE /api/Entity/Customer"), "{corrected}");
    let facts = run(&["coverage", "onlineerp", "--facts", "--profile", &format!("onlineerp={TENANT}")]);
    assert!(text(&facts.stdout).contains("recorded"), "{}", text(&facts.stderr));
}

#[test]
fn every_mistake_of_a_file_is_told_at_once_with_its_place() {
    let fine = run(&["profile", "check", &format!("onlineerp={TENANT}")]);
    assert!(fine.status.success(), "{}", text(&fine.stderr));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.yaml");
    std::fs::write(&file, "settings:\n  robott: {default: offline}\nerrors:\n  NOPE: {status: 404}\n")
        .unwrap();
    let refused = run(&["profile", "check", &format!("onlineerp={}", file.display())]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    for place in ["wrong.yaml:2:3: ", "`robott`", "wrong.yaml:4:3: ", "`NOPE`"] {
        assert!(said.contains(place), "{place}: {said}");
    }
}

#[test]
fn the_schema_of_a_server_knows_its_names() {
    for (args, known) in [(&["profile", "schema"][..], false), (&["profile", "schema", "onlineerp"], true)] {
        let printed = run(args);
        assert!(printed.status.success(), "{}", text(&printed.stderr));
        let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).unwrap();
        assert!(schema["properties"]["errors"].is_object(), "{schema}");
        assert_eq!(text(&printed.stdout).contains("RECORD_NOT_FOUND"), known);
    }
}

#[test]
fn of_several_files_of_a_server_the_later_ones_lie_over_the_earlier_ones() {
    let folder = tempfile::tempdir().unwrap();
    let option = |name: &str, content: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        format!("onlineerp={}", file.display())
    };
    let earlier = option(
        "earlier.yaml",
        "errors: { RECORD_NOT_FOUND: { status: 410, message: '404' }, LOCKED: { message: null } }\n\
         entities: { Zone: { keys: [Code], access: { acomba: [GET] }, fields: { Code: { kind: text } } } }",
    );
    let later = option(
        "later.yaml",
        "errors: { RECORD_NOT_FOUND: { status: 404 }, LOCKED: { message: Pris. } }\n\
         entities: { Zone: { fields: { Code: { required: true } } } }",
    );
    let shown = run(&["profile", "show", "onlineerp", "--profile", &earlier, "--profile", &later]);
    let shown = text(&shown.stdout);
    for line in [
        "RECORD_NOT_FOUND: 404 \"404\" [client]",
        "\"Pris.\" [client]",
        "Zone [client]",
        "Code: text required [client]",
    ] {
        assert!(shown.contains(line), "{line}: {shown}");
    }
    let checked = run(&["profile", "check", &earlier, &later]);
    assert_eq!(text(&checked.stdout).matches(": fine").count(), 2, "{}", text(&checked.stderr));
    // Alone, the later one corrects what is not there.
    assert_eq!(run(&["profile", "check", &later]).status.code(), Some(1));
    let wrong = option("wrong.yaml", "errors:\n  NOPE: { status: 404 }\n");
    let refused = run(&["profile", "check", &earlier, &wrong]);
    assert_eq!(refused.status.code(), Some(1));
    let said = text(&refused.stderr);
    assert!(said.contains("wrong.yaml:2:3: ") && !said.contains("earlier.yaml"), "{said}");
}
