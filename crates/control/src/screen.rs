//! A run as a terminal shows it: a block for each world that failed, then what there is to say of all others together.

use indexmap::IndexMap;
use serde_json::Value;

use crate::outcome::{
    concerned, cuts, idle_faults, items, missed, others, severity, summary, text, title, verdict, violations,
};
use crate::text::{counted, shown};

/// How many lines there are at most of what did not fail.
const MAX_OTHERS: usize = 20;

/// How many lines of violations or verdicts a block has at most.
const MAX_LINES: usize = 20;

/// The widest path of a table.
const WIDEST: usize = 80;

/// The run, with its last line. `advice` is whether verdicts of that severity are shown.
pub fn screen(run: &Value, advice: bool) -> String {
    let mut lines = blocks(run, advice);
    lines.push(summary(run));
    let mut screen = lines.join("\n");
    screen.push('\n');
    screen
}

/// The run without its last line.
pub fn blocks(run: &Value, advice: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for item in items(run, "items") {
        for world in items(item, "worlds").iter().filter(|world| world["failed"] == true) {
            block(&mut lines, item, world, advice);
        }
    }
    rest(&mut lines, run, advice);
    lines
}

fn block(lines: &mut Vec<String>, item: &Value, world: &Value, advice: bool) {
    let scenario = shown(text(world, "scenario")).into_owned();
    let scenario = if scenario.is_empty() { String::new() } else { format!(", scenario {scenario}") };
    lines.push(format!("erpsatz: sandbox {}{scenario}", title(item, world)));
    let expectations = items(world, "expectations").iter().filter(|one| one["met"] != true);
    for expectation in expectations.filter(|_| world["counts"] == true) {
        lines.push(format!("  missed: {}: {}", shown(text(expectation, "description")), missed(expectation)));
        table(lines, &concerned(expectation));
        lines.extend(others(expectation).iter().map(|other| format!("    {}", shown(other))));
    }
    let verdicts: Vec<&Value> =
        items(world, "verdicts").iter().filter(|one| advice || severity(one) != "advice").collect();
    list(lines, "verdicts", &verdicts.iter().map(|one| verdict(one)).collect::<Vec<_>>());
    list(lines, "violations", &violations(world).iter().map(crate::outcome::Group::line).collect::<Vec<_>>());
    let idle = idle_faults(world);
    if !idle.is_empty() {
        lines.push(format!("  faults that did not fire: {}", shown(&idle.join(", "))));
    }
    lines.extend(cuts(world).iter().map(|cut| format!("  {cut}")));
}

fn list(lines: &mut Vec<String>, heading: &str, entries: &[String]) {
    if entries.is_empty() {
        return;
    }
    lines.push(format!("  {heading}:"));
    lines.extend(entries.iter().take(MAX_LINES).map(|entry| format!("    {}", shown(entry))));
    if let more @ 1.. = entries.len().saturating_sub(MAX_LINES) {
        lines.push(format!("    and {more} more"));
    }
}

/// Requests as rows: id, time, verb, path, status, fault; then what differs from what was expected.
fn table(lines: &mut Vec<String>, rows: &[[String; 7]]) {
    let cell = |text: &String| -> String {
        let text = shown(text);
        match text.char_indices().nth(WIDEST) {
            Some((at, _)) => format!("{}…", &text[..at]),
            None => text.into_owned(),
        }
    };
    let rows: Vec<(Vec<String>, _)> =
        rows.iter().map(|row| (row[..6].iter().map(cell).collect(), shown(&row[6]))).collect();
    let widths: Vec<usize> = (0..6)
        .map(|column| rows.iter().map(|(row, _)| row[column].chars().count()).max().unwrap_or_default())
        .collect();
    for (row, difference) in &rows {
        let cells = row.iter().zip(&widths).filter(|(_, width)| **width > 0);
        let cells: Vec<String> = cells.map(|(cell, width)| format!("{cell:<width$}")).collect();
        lines.push(format!("    {}", format!("{}  {difference}", cells.join("  ")).trim_end()));
    }
}

/// Of all that did not fail: how often which verdict or violation, in which sandboxes, and the first request.
fn rest(lines: &mut Vec<String>, run: &Value, advice: bool) {
    let mut kinds: IndexMap<String, (u64, Vec<&str>, String)> = IndexMap::new();
    for item in items(run, "items") {
        let sandbox = text(item, "sandbox");
        for world in items(item, "worlds").iter().filter(|world| world["failed"] != true) {
            let mut note = |kind: String, count: u64, first: String| {
                let (all, sandboxes, _) = kinds.entry(kind).or_insert((0, Vec::new(), first));
                *all += count;
                if !sandboxes.contains(&sandbox) {
                    sandboxes.push(sandbox);
                }
            };
            for one in items(world, "verdicts").iter().filter(|one| advice || severity(one) != "advice") {
                let first = one["requests"][0].as_u64().map(|id| format!("#{id}")).unwrap_or_default();
                note(
                    format!("{} {} on {}", severity(one), text(one, "verdict"), text(one, "server")),
                    1,
                    first,
                );
            }
            for group in violations(world) {
                let one = group.first;
                let kind = format!(
                    "violation on {}, {} `{}`",
                    text(one, "server"),
                    text(one, "rule"),
                    text(one, "position")
                );
                note(kind, group.count, format!("#{} {}: {}", one["id"], text(one, "request"), group.said()));
            }
        }
    }
    if kinds.is_empty() {
        return;
    }
    lines.push("erpsatz: what did not fail the run:".to_owned());
    let room = if kinds.len() > MAX_OTHERS { MAX_OTHERS - 1 } else { MAX_OTHERS };
    for (kind, (count, sandboxes, first)) in kinds.iter().take(room) {
        let more = sandboxes.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = sandboxes.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let first = if first.is_empty() { String::new() } else { format!("; first {first}") };
        lines.push(format!("  {count} × {} in {named}{more}{}", shown(kind), shown(&first)));
    }
    if let more @ 1.. = kinds.len().saturating_sub(room) {
        lines.push(format!("  and {}", counted(more as u64, "kind more", "kinds more")));
    }
}
