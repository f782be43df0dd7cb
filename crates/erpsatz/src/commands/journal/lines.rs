//! An entry of the journal for people.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Effects, Style};
use control::text::shown;
use serde_json::Value;

/// How many records or entities of one kind are named.
const MOST: usize = 5;

/// How entries look.
pub(super) struct Lines {
    /// Whether they are aligned, and what is said of a request stands on lines of its own.
    pub(super) is_wide: bool,
    /// Whether bodies are shown.
    pub(super) bodies: bool,
}

const DIM: Style = Style::new().effects(Effects::DIMMED);
const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const ODD: Style = AnsiColor::Yellow.on_default();
const DONE: Style = AnsiColor::Cyan.on_default();

impl Lines {
    /// The entry, without a line break at its end.
    pub(super) fn of(&self, entry: &Value) -> String {
        let (id, at, server) = (&entry["id"], text(entry, "at"), text(entry, "server"));
        let query = if text(entry, "query").is_empty() { "" } else { "?" };
        let place = format!("{}{query}{}", text(entry, "path"), text(entry, "query"));
        let (place, method, code) = (shown(&place), shown(text(entry, "method")), status(entry));
        let style = style_of(entry);
        let mut all = if self.is_wide {
            format!(
                "{DIM}{id:>6} {at}{DIM:#} {server:<10} {style}{code:>3}{style:#} {method:<7} {place}",
                id = format!("#{id}")
            )
        } else {
            format!("{DIM}#{id} {at}{DIM:#} {server} {style}{code}{style:#} {method:<6} {place}")
        };
        for (style, note) in notes(entry) {
            all += if self.is_wide { "\n       " } else { "  " };
            let _ = write!(all, "{style}{}{style:#}", shown(&note));
        }
        if self.bodies {
            for (sign, body) in [('>', &entry["body"]), ('<', &entry["response"]["body"])] {
                for line in body_text(body).lines() {
                    let _ = write!(all, "\n       {DIM}{sign}{DIM:#} {}", shown(line));
                }
            }
        }
        all
    }
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn items<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What the client saw.
fn status(entry: &Value) -> String {
    entry["status"].as_u64().map_or_else(|| "cut".to_owned(), |status| status.to_string())
}

fn style_of(entry: &Value) -> Style {
    match entry["status"].as_u64() {
        Some(200..300) => AnsiColor::Green.on_default(),
        Some(300..400) => DONE,
        Some(400..500) => ODD,
        _ => BAD,
    }
}

/// Fault, why it could not be read, violations, effects.
fn notes(entry: &Value) -> Vec<(Style, String)> {
    let mut notes = Vec::new();
    for (name, called) in [("fault", "fault"), ("unreadable", "unreadable:")] {
        if !text(entry, name).is_empty() {
            notes.push((BAD, format!("{called} {}", text(entry, name))));
        }
    }
    let violations = items(entry, "violations").iter();
    notes.extend(violations.map(|violation| (ODD, format!("violation: {}", text(violation, "message")))));
    for kind in ["created", "changed", "deleted", "unchanged", "refused", "delivered"] {
        let all = items(&entry["effects"], kind);
        if !all.is_empty() {
            let style = if kind == "refused" { ODD } else { DONE };
            notes.push((style, format!("{kind} {}", named(kind, all))));
        }
    }
    notes
}

/// `Product 1, 2, 3; CustomerInvoice 7`.
fn named(kind: &str, all: &[Value]) -> String {
    let mut named = String::new();
    let mut before = "";
    for (place, item) in all.iter().take(MOST).enumerate() {
        let entity = text(item, "entity");
        if place > 0 {
            named += if entity == before && kind != "delivered" { ", " } else { "; " };
        }
        if entity != before || kind == "delivered" {
            named += entity;
            named += " ";
        }
        named += &one(kind, item);
        before = entity;
    }
    match all.len().saturating_sub(MOST) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn one(kind: &str, item: &Value) -> String {
    let key = item["key"].as_str().map_or_else(String::new, str::to_owned);
    match kind {
        "delivered" => format!("{} of {}", item["rows"], item["total"]),
        "changed" => {
            let fields: Vec<&str> = items(item, "fields").iter().filter_map(Value::as_str).collect();
            format!("{key} ({})", fields.join(" "))
        }
        "refused" => {
            let index = item["index"].as_u64().map(|index| format!("item {index}"));
            let place: Vec<String> = index.into_iter().chain([key]).filter(|part| !part.is_empty()).collect();
            if place.is_empty() {
                text(item, "reason").to_owned()
            } else {
                format!("{}: {}", place.join(" "), text(item, "reason"))
            }
        }
        _ => key,
    }
}

/// A body as it is read best; nothing where there is none.
fn body_text(body: &Value) -> String {
    match body {
        Value::Null => String::new(),
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(json @ (Value::Object(_) | Value::Array(_))) => format!("{json:#}"),
            _ => text.clone(),
        },
        json => format!("{json:#}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn plain(is_wide: bool, bodies: bool, entry: &Value) -> String {
        anstream::adapter::strip_str(&Lines { is_wide, bodies }.of(entry)).to_string()
    }

    #[test]
    fn an_entry_says_what_was_asked_and_what_came_of_it() {
        let entry = json!({
            "id": 7, "at": "2026-03-02T08:00:00Z", "server": "weavy", "method": "POST", "path": "/v1/x", "query": "a=b",
            "status": 200, "fault": "f1", "violations": [{ "message": "`X` is no field\u{1b}[2J" }],
            "effects": {
                "created": [{ "entity": "product", "key": "1" }, { "entity": "product", "key": "2" }],
                "changed": [{ "entity": "customer", "key": "C1", "fields": ["name", "city"] }],
                "refused": [{ "entity": "product", "index": 3, "reason": "it exists" }],
                "delivered": [{ "entity": "customer", "rows": 20, "total": 57, "offset": 0 }],
            },
            "body": { "a": 1 }, "response": { "body": "plain\nend" },
        });
        let head = "#7 2026-03-02T08:00:00Z weavy 200 POST   /v1/x?a=b";
        let notes = [
            "fault f1",
            "violation: `X` is no field\\u{1b}[2J",
            "created product 1, 2",
            "changed customer C1 (name city)",
            "refused product item 3: it exists",
            "delivered customer 20 of 57",
        ];
        assert_eq!(plain(false, false, &entry), format!("{head}  {}", notes.join("  ")));
        let wide = plain(true, true, &entry);
        let lines: Vec<&str> = wide.lines().map(str::trim).collect();
        assert_eq!(lines[0], "#7 2026-03-02T08:00:00Z weavy      200 POST    /v1/x?a=b");
        assert_eq!(lines[1..7], notes);
        assert_eq!(lines[7..], ["> {", ">   \"a\": 1", "> }", "< plain", "< end"]);
    }

    #[test]
    fn what_was_not_answered_is_cut_and_many_records_are_counted() {
        let created: Vec<Value> = (0..8).map(|n| json!({ "entity": "p", "key": n.to_string() })).collect();
        let entry = json!({ "id": 1, "status": null, "method": "GET", "path": "/", "effects": { "created": created } });
        let line = plain(false, true, &entry);
        assert!(line.contains(" cut GET "), "{line}");
        assert!(line.ends_with("created p 0, 1, 2, 3, 4 and 3 more"), "{line}");
    }
}
