//! The page of verdicts holds what there is: each kind, its clients as they are run, its scenario.

use std::fs;

use simhost::judge::KINDS;

use super::root;

const PAGE: &str = include_str!("../../docs/verdicts.md");
const REFERENCE: &str = include_str!("../../docs/reference/judge.md");
const CLIENTS: &str = include_str!("../../examples/clients/verdicts.py");

/// The text of a function of the clients.
fn function(name: &str) -> &'static str {
    let start = CLIENTS.find(&format!("def {name}():\n")).unwrap_or_else(|| panic!("no client {name}"));
    let text = &CLIENTS[start..];
    text[..text.find("\n\n\n").unwrap_or(text.len())].trim_end()
}

#[test]
fn every_verdict_has_its_section_clients_and_scenario() {
    let sections: Vec<&str> = PAGE.split("\n## ").skip(1).collect();
    let titles: Vec<&str> = sections.iter().filter_map(|section| section.lines().next()).collect();
    let kinds: Vec<&str> = KINDS.iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(titles, kinds, "docs/verdicts.md has one section for each verdict, in the order of the list");
    for ((kind, severity, _), section) in KINDS.iter().zip(sections) {
        let severity = serde_json::to_value(severity).expect("a name");
        let severity = severity.as_str().expect("a text");
        assert!(section.contains(&format!("*{severity}.*")), "{kind} is of severity {severity}");
        assert!(
            REFERENCE.contains(&format!("| `{kind}` | {severity} |")),
            "docs/reference/judge.md leaves out {kind}"
        );
        for role in ["bad", "good"] {
            let client = function(&format!("{kind}_{role}"));
            assert!(section.contains(client), "docs/verdicts.md shows another {role} client of {kind}");
        }
        let name = format!("verdict-{}", kind.replace('_', "-"));
        assert!(section.contains(&format!("(reference/scenarios.md#{name})")), "{kind} names no scenario");
        let scenario = fs::read_to_string(root().join(format!("scenarios/{name}.yaml"))).expect("a scenario");
        assert!(scenario.contains(&format!("no_verdicts: [{kind}]")), "{name} does not ask for {kind}");
    }
}
