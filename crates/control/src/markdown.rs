//! A run as Markdown, for the summary of a CI run: a table of all sandboxes first, then what there is to say of each.

use serde_json::Value;

use crate::outcome::{
    Group, concerned, cuts, idle_faults, items, missed, others, severity, summary, text, title, verdict,
    violations,
};
use crate::text::markdown as plain;

/// The run as Markdown; anybody's text in it is plain text.
pub fn markdown(run: &Value) -> String {
    let mut lines = vec![
        format!("{}\n", plain(&summary(run))),
        "| sandbox | scenario | result | expectations met | missed | verdicts | violations |".to_owned(),
        "| --- | --- | --- | ---: | ---: | ---: | ---: |".to_owned(),
    ];
    let worlds = || {
        items(run, "items").iter().flat_map(|item| items(item, "worlds").iter().map(move |one| (item, one)))
    };
    for (item, world) in worlds() {
        let number = |name: &str| world["totals"][name].as_u64().unwrap_or_default();
        lines.push(format!(
            "| {} | {} | {} | {} | {} | {} | {} |",
            plain(&title(item, world)),
            plain(text(world, "scenario")),
            result(world),
            number("met"),
            number("missed"),
            number("verdicts"),
            number("violations")
        ));
    }
    for (item, world) in worlds() {
        details(&mut lines, item, world);
    }
    lines.push(String::new());
    lines.join("\n")
}

fn result(world: &Value) -> &'static str {
    if world["failed"] == true {
        "**failed**"
    } else if world["judged"] == true {
        "judged elsewhere"
    } else if world["counts"] != true {
        "nothing was asked"
    } else if world["ok"] == true {
        "met"
    } else {
        "not met"
    }
}

fn details(lines: &mut Vec<String>, item: &Value, world: &Value) {
    let expectations = if world["counts"] == true { items(world, "expectations") } else { &[] };
    let (violations, idle) = (violations(world), idle_faults(world));
    let verdicts = items(world, "verdicts");
    if expectations.is_empty() && violations.is_empty() && verdicts.is_empty() && idle.is_empty() {
        return;
    }
    lines.push(format!("\n## {}: {}\n", plain(&title(item, world)), result(world)));
    for expectation in expectations {
        let description = plain(text(expectation, "description"));
        if expectation["met"] == true {
            lines.push(format!("- [x] {description}"));
            continue;
        }
        lines.push(format!("- [ ] {description}: {}", missed(expectation)));
        lines.extend(others(expectation).iter().map(|other| format!("  - {}", plain(other))));
        table(lines, &concerned(expectation));
    }
    for one in verdicts {
        let advice = if severity(one) == "advice" { "" } else { text(one, "advice") };
        let advice = if advice.is_empty() { String::new() } else { format!(" {}", plain(advice)) };
        lines.push(format!("- {}{advice}", plain(&verdict(one))));
    }
    lines.extend(
        violations.iter().map(Group::line).map(|line| format!("- outside the contract: {}", plain(&line))),
    );
    lines.extend(idle.iter().map(|fault| format!("- fault that did not fire: {}", plain(fault))));
    lines.extend(cuts(world).iter().map(|cut| format!("- {cut}")));
}

fn table(lines: &mut Vec<String>, rows: &[[String; 7]]) {
    if rows.is_empty() {
        return;
    }
    lines.push(String::new());
    lines.push("  | request | time | method | path | status | fault | difference |".to_owned());
    lines.push("  | --- | --- | --- | --- | --- | --- | --- |".to_owned());
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
        lines.push(format!("  | {} |", cells.join(" | ")));
    }
    lines.push(String::new());
}
