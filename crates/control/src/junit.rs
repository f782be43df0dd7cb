//! Reports as JUnit XML, in the part of it that Ant's schema and both of Jenkins' have in common.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use serde_json::Value;

use crate::report::{items, missed, remarks, text};

type Xml = Writer<Vec<u8>>;

/// Reports of sandboxes as JUnit: a suite a sandbox, a case an expectation. Time is simulated, so the same run gives
/// the same bytes.
///
/// # Errors
/// When a text cannot be written as XML.
pub fn junit(reports: &[Value]) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 4);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites").write_inner_content(|xml| {
        reports.iter().enumerate().try_for_each(|(place, report)| suite(xml, place, report))
    })?;
    let mut document = String::from_utf8(xml.into_inner()).map_err(io::Error::other)?;
    document.push('\n');
    Ok(document)
}

fn suite(xml: &mut Xml, place: usize, report: &Value) -> io::Result<()> {
    let expectations = items(report, "expectations");
    let failures = expectations.iter().filter(|expectation| expectation["met"] != true).count();
    let (scenario, sandbox) = (text(report, "scenario"), text(report, "sandbox"));
    let suite = xml.create_element("testsuite").with_attributes(attributes(&[
        ("id", &place.to_string()),
        ("name", &format!("{scenario} in sandbox {sandbox}")),
        ("package", "erpsatz"),
        ("hostname", "localhost"),
        // Without fraction and zone, as Ant's schema wants it.
        ("timestamp", text(report, "at").get(..19).unwrap_or_default()),
        ("time", "0"),
        ("tests", &expectations.len().to_string()),
        ("failures", &failures.to_string()),
        ("errors", "0"),
    ]));
    suite.write_inner_content(|xml| {
        xml.create_element("properties").write_empty()?;
        expectations.iter().try_for_each(|expectation| case(xml, scenario, expectation))?;
        let remarks = clean(&remarks(report).join("\n"));
        xml.create_element("system-out").write_text_content(BytesText::new(&remarks))?;
        xml.create_element("system-err").write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn case(xml: &mut Xml, scenario: &str, expectation: &Value) -> io::Result<()> {
    let case = xml.create_element("testcase").with_attributes(attributes(&[
        ("classname", scenario),
        ("name", text(expectation, "description")),
        ("time", "0"),
    ]));
    if expectation["met"] == true {
        case.write_empty()?;
        return Ok(());
    }
    case.write_inner_content(|xml| {
        let failure = attributes(&[("type", "expectation"), ("message", &missed(expectation))]);
        xml.create_element("failure").with_attributes(failure).write_empty()?;
        Ok(())
    })?;
    Ok(())
}

fn attributes<'a>(pairs: &[(&'a str, &str)]) -> Vec<(&'a str, Cow<'a, str>)> {
    pairs.iter().map(|(name, value)| (*name, clean(value).into())).collect()
}

/// Without the characters that XML has no way to write.
fn clean(text: &str) -> String {
    let is_writable = |letter: &char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().filter(is_writable).collect()
}
