//! A run as JUnit XML, in the part of it that Ant's schema and both of Jenkins' have in common.

use std::borrow::Cow;
use std::collections::HashSet;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

use crate::outcome::{
    Group, concerned, cuts, idle_faults, items, missed, others, severity, text, verdict, violations,
};
use crate::text::shown;

type Xml = Writer<Vec<u8>>;

/// A test case: its name, and what failed.
struct Case {
    name: String,
    /// Its type, message and lines.
    failure: Option<(&'static str, String, Vec<String>)>,
}

/// A run as JUnit: a suite a sandbox, a case an expectation and whatever else makes the run fail. Time is simulated, so
/// the same run gives the same bytes.
///
/// # Errors
/// When a text cannot be written as XML.
pub fn junit(run: &Value) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 4);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut names = HashSet::new();
    xml.create_element("testsuites").write_inner_content(|xml| {
        items(run, "items")
            .iter()
            .enumerate()
            .try_for_each(|(place, item)| suite(xml, place, item, &mut names))
    })?;
    let mut document = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    document.push('\n');
    Ok(document)
}

fn suite(xml: &mut Xml, place: usize, item: &Value, names: &mut HashSet<String>) -> io::Result<()> {
    let (scenario, sandbox) = (text(item, "scenario"), text(item, "sandbox"));
    let worlds = items(item, "worlds");
    let cases: Vec<Case> = worlds.iter().flat_map(|world| cases(item, world, names)).collect();
    let failures = cases.iter().filter(|case| case.failure.is_some()).count();
    let life = if item["lives"].is_u64() { format!(", life {}", item["life"]) } else { String::new() };
    let name = unique(&format!("suite {sandbox}{life}"), names).split_off("suite ".len());
    let suite = xml.create_element("testsuite").with_attributes(attributes(&[
        ("id", &place.to_string()),
        ("name", &name),
        ("package", "erpsatz"),
        ("hostname", "localhost"),
        // Without fraction and zone, as Ant's schema wants it.
        ("timestamp", text(item, "at").get(..19).unwrap_or_default()),
        ("time", "0"),
        ("tests", &cases.len().to_string()),
        ("failures", &failures.to_string()),
        ("errors", "0"),
    ]));
    suite.write_inner_content(|xml| {
        xml.create_element("properties").write_empty()?;
        cases.iter().try_for_each(|case| write_case(xml, scenario, case))?;
        let remarks: Vec<String> = worlds.iter().flat_map(remarks).collect();
        let remarks = remarks.iter().map(|remark| printable(remark)).collect::<Vec<_>>().join("\n");
        xml.create_element("system-out").write_text_content(BytesText::new(&remarks))?;
        xml.create_element("system-err").write_empty()?;
        Ok(())
    })?;
    Ok(())
}

/// The cases of one world.
fn cases(item: &Value, world: &Value, names: &mut HashSet<String>) -> Vec<Case> {
    let life = if item["lives"].is_u64() { format!("life {}: ", item["life"]) } else { String::new() };
    let prefix = match items(item, "worlds").len() {
        0 | 1 => format!("{}: {life}", text(item, "sandbox")),
        _ => format!("{}: {life}world {}: ", text(item, "sandbox"), world["world"]),
    };
    let mut found = Vec::new();
    let expectations = if world["counts"] == true { items(world, "expectations") } else { &[] };
    let fails_on =
        |word: &str| world["judged"] != true && items(world, "fail_on").iter().any(|one| one == word);
    for expectation in expectations {
        let is_missed = expectation["met"] != true && fails_on("expectations");
        let failure = is_missed.then(|| {
            let rows = concerned(expectation).into_iter().map(|row| row.join(" ").trim_end().to_owned());
            let detail: Vec<String> = rows.chain(others(expectation)).collect();
            ("expectation", missed(expectation), detail)
        });
        found.push((text(expectation, "description").to_owned(), failure));
    }
    if fails_on("violations") {
        let lines: Vec<String> = violations(world).iter().map(Group::line).collect();
        found.push(("no request is outside the contract".to_owned(), failure("violation", &lines)));
    }
    for (word, is_meant) in [("errors", "error"), ("warnings", "warning")] {
        if fails_on(word) || word == "errors" && fails_on("warnings") {
            let meant = items(world, "verdicts").iter().filter(|one| severity(one) == is_meant);
            let lines: Vec<String> = meant.map(verdict).collect();
            found.push((format!("no verdict of severity {is_meant}"), failure("verdict", &lines)));
        }
    }
    let named =
        |(name, failure): (String, _)| Case { name: unique(&format!("{prefix}{name}"), names), failure };
    found.into_iter().map(named).collect()
}

fn failure(kind: &'static str, lines: &[String]) -> Option<(&'static str, String, Vec<String>)> {
    lines.first().map(|first| (kind, first.clone(), lines.to_vec()))
}

/// A name that no other has.
fn unique(name: &str, names: &mut HashSet<String>) -> String {
    let name = shown(name).into_owned();
    if names.insert(name.clone()) {
        return name;
    }
    let mut others = (2_u64..).map(|number| format!("{name} ({number})"));
    others.find(|other| names.insert(other.clone())).unwrap_or(name)
}

/// What else there is to say of a world.
fn remarks(world: &Value) -> Vec<String> {
    let verdicts = items(world, "verdicts").iter().map(verdict);
    let groups = violations(world);
    let violations = groups.iter().take(20).map(|group| format!("outside the contract: {}", group.line()));
    let hits = items(world, "faults").iter().filter(|fault| fault["hits"] != 0);
    let hits = hits.map(|fault| format!("fault `{}`: {} hits", text(fault, "id"), fault["hits"]));
    let idle = idle_faults(world).into_iter().map(|fault| format!("fault {fault} did not fire"));
    verdicts.chain(violations).chain(hits).chain(idle).chain(cuts(world)).collect()
}

fn write_case(xml: &mut Xml, scenario: &str, case: &Case) -> io::Result<()> {
    let element = xml.create_element("testcase").with_attributes(attributes(&[
        ("classname", scenario),
        ("name", &case.name),
        ("time", "0"),
    ]));
    let Some((kind, message, detail)) = &case.failure else {
        element.write_empty()?;
        return Ok(());
    };
    element.write_inner_content(|xml| {
        let failure = xml.create_element("failure");
        let failure = failure.with_attributes(attributes(&[("type", kind), ("message", message)]));
        let detail: Vec<String> = detail.iter().map(|line| printable(line)).collect();
        failure.write_text_content(BytesText::new(&detail.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

fn attributes<'a>(pairs: &[(&'a str, &str)]) -> Vec<(&'a str, Cow<'a, str>)> {
    pairs.iter().map(|(name, value)| (*name, printable(value).into())).collect()
}

/// On one line, without the characters that nobody sees or that XML has no way to write.
fn printable(text: &str) -> String {
    shown(text).into_owned()
}
