//! The requests of a capsule as a script of curl.

use serde_json::Value;
use simhost::server::opened::Opened;

use super::smallest::{Smallest, is_of_rules};

/// Headers that curl makes itself.
const OWN: [&str; 5] = ["host", "content-length", "transfer-encoding", "connection", "expect"];

/// The script: the servers' URLs come from the variables that `exec` sets.
pub(super) fn of(capsule: &Opened, smallest: &Smallest) -> String {
    let sandbox = capsule.head["sandbox"].as_str().unwrap_or_default();
    let mut lines = vec![
        "#!/bin/sh".to_owned(),
        "# Run it as: erpsatz exec --scenario SCENARIO.yaml -- sh THIS. Secrets are placeholders: put in your own.".to_owned(),
    ];
    lines.extend(smallest.fails.iter().map(|fails| format!("# {}", fails.replace(['\n', '\r'], " "))));
    for event in &capsule.events {
        let change = &event["change"];
        if change.is_null() {
            lines.extend(request(&event["request"], sandbox));
        } else if !(smallest.has_rules_of_control && is_of_rules(change)) {
            let text = |name: &str| change[name].as_str().unwrap_or_default();
            let url = format!(
                "\"$ERPSATZ_CONTROL_URL\"{}",
                quoted(&format!("/sandboxes/{sandbox}{}", text("path")))
            );
            lines.push(format!("curl -sS -X {} {url}{}", text("method"), data(change)));
        }
    }
    lines.join("\n") + "\n"
}

fn request(request: &Value, sandbox: &str) -> Option<String> {
    let text = |name: &str| request[name].as_str().unwrap_or_default();
    if request.is_null() || !request["unreadable"].is_null() {
        return None;
    }
    let variable = format!("ERPSATZ_{}_URL", text("server").to_uppercase().replace('-', "_"));
    let query = if text("query").is_empty() { String::new() } else { format!("?{}", text("query")) };
    let prefix = if sandbox == "default" { String::new() } else { format!("/~{sandbox}") };
    let mut line = format!("curl -sS -X {} ", text("method"));
    for pair in request["headers"].as_array().into_iter().flatten() {
        let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
        if !OWN.contains(&name) {
            line.extend(["-H ", &quoted(&format!("{name}: {value}")), " "]);
        }
    }
    let target = quoted(&format!("{prefix}{}{query}", text("path")));
    Some(format!("{line}\"${variable}\"{target}{}", data(request)))
}

fn data(of: &Value) -> String {
    match (of["body"].as_str(), of["body_base64"].as_str()) {
        (Some(text), _) => format!(" --data-binary {}", quoted(text)),
        (None, Some(encoded)) => format!(" --data-binary \"$(printf %s {} | base64 -d)\"", quoted(encoded)),
        (None, None) => String::new(),
    }
}

/// As a shell takes it letter by letter.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
