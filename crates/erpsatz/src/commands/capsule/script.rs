//! The requests of a capsule as a script of curl.
//!
//! What everybody knows to be a secret is a variable that `exec` sets, and what an answer gave is taken from the answer
//! that the script gets.

use std::fmt::Write as _;
use std::time::Duration;

use erpsatz::{Config, StartError, load_simulators};
use serde_json::Value;
use simcore::simulator::{Loaded, find};
use simhost::server::opened::Opened;

use super::smallest::{Smallest, is_of_rules};
use crate::commands::servers::variable;

/// Headers that curl makes itself, and the life of a sandbox, which is another one.
const OWN: [&str; 6] =
    ["host", "content-length", "transfer-encoding", "connection", "expect", "erpsatz-sandbox-id"];

/// Larger ones go through a pipe: a command has no argument of more than 128 KiB on Linux.
const MAX_ARGUMENT: usize = 64 << 10;

/// What stands around a variable's name until the text is quoted: no request holds it.
const MARK: char = '\u{1}';

/// Writes the requests of one capsule.
struct Writer {
    capsule: Opened,
    servers: Vec<Loaded>,
    sandbox: String,
    /// How many secrets came from answers.
    taken: usize,
}

/// The script: the servers' URLs come from the variables that `exec` sets.
///
/// # Errors
/// Never with the servers that are built in.
pub(super) fn of(capsule: &Opened, smallest: &Smallest) -> Result<String, StartError> {
    let mut capsule = capsule.clone();
    let events = std::mem::take(&mut capsule.events);
    let sandbox = capsule.head["sandbox"].as_str().unwrap_or_default().to_owned();
    let servers = load_simulators(&Config::default())?;
    let mut writer = Writer { capsule, servers, sandbox, taken: 0 };
    let mut lines = vec![
        "#!/bin/sh".to_owned(),
        "# Run it as: erpsatz exec --scenario SCENARIO.yaml -- sh THIS. A secret of your own is a placeholder here: put it in.".to_owned(),
    ];
    lines.extend(smallest.fails.iter().map(|fails| format!("# {}", fails.replace(['\n', '\r'], " "))));
    for event in &events {
        let change = &event["change"];
        if change.is_null() {
            lines.extend(writer.request(&event["request"]));
        } else if !(smallest.has_rules_of_control && is_of_rules(change)) {
            lines.push(writer.change(change));
        }
    }
    Ok(lines.join("\n") + "\n")
}

impl Writer {
    fn change(&self, change: &Value) -> String {
        let text = |name: &str| change[name].as_str().unwrap_or_default();
        let path = quoted(&format!("/sandboxes/{}{}", self.sandbox, text("path")));
        let (before, data) = self.data(change, &[]);
        format!("{before}curl -sS {} \"$ERPSATZ_CONTROL_URL\"{path}{data}", verb(text("method")))
    }

    /// What everybody knows becomes a variable: of this server, where it knows it too.
    fn name_known(&mut self, server: &str) {
        let servers = &self.servers;
        self.capsule.know(|slug, name| {
            let credentials = |slug: &str| find(servers, slug).map(|(_, server)| server.sim.credentials).ok();
            let (_, known) = credentials(slug)?.iter().find(|(key, _)| *key == name)?;
            let own = credentials(server).and_then(|own| own.iter().find(|(_, value)| value == known));
            Some(marked(&own.map_or_else(|| variable(slug, name), |(key, _)| variable(server, key))))
        });
    }

    fn request(&mut self, request: &Value) -> Option<String> {
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        if request.is_null() || !request["unreadable"].is_null() {
            return None;
        }
        self.name_known(text("server"));
        let names = find(&self.servers, text("server")).map_or(&[][..], |(_, server)| server.sim.secrets);
        let mut line = format!("curl -sS {} ", verb(text("method")));
        let (before, data) = self.data(request, names);
        for pair in request["headers"].as_array().into_iter().flatten() {
            let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
            if OWN.contains(&name) {
                continue;
            }
            let (option, value) = match self.capsule.real_basic(value).filter(|_| name == "authorization") {
                Some((user, password)) => ("-u", format!("{user}:{password}")),
                // With a colon curl would leave an empty one out.
                None if value.is_empty() => ("-H", format!("{name};")),
                None => ("-H", format!("{name}: {}", self.capsule.real_header(name, value, names))),
            };
            let _ = write!(line, "{option} {} ", quoted(&value));
        }
        let has = |wanted: &str| {
            let mut headers = request["headers"].as_array().into_iter().flatten();
            headers.any(|pair| pair[0] == wanted)
        };
        if !data.is_empty() && !has("content-type") {
            line += "-H 'content-type:' ";
        }
        let prefix = if self.sandbox == "default" { String::new() } else { format!("/~{}", self.sandbox) };
        let query = match text("query") {
            "" => String::new(),
            query => format!("?{}", self.capsule.real(query, names)),
        };
        let target = format!("{prefix}{}{query}", self.capsule.real(text("path"), names));
        line += if target.contains(['[', ']', '{', '}']) { "-g " } else { "" };
        line += if target.contains("/.") { "--path-as-is " } else { "" };
        line += &impatient(request);
        let url = variable(text("server"), "URL");
        let line = format!("{before}{line}\"${url}\"{}{data}", quoted(&target));
        // What failed on its way fails again, and the script goes on as the client did.
        let fails = if request["status"].is_null() || !request["fault"].is_null() { " || true" } else { "" };
        Some(self.with_secrets_of_answer(&line, fails, &request["response"]))
    }

    /// The line, and what takes the secrets out of its answer that later requests may bear.
    fn with_secrets_of_answer(&mut self, line: &str, fails: &str, response: &Value) -> String {
        let body = response["body"].as_str().unwrap_or_default();
        let mut found = Vec::new();
        if let Ok(answer) = serde_json::from_str(body) {
            self.secrets_of(&answer, &mut found);
        }
        if found.is_empty() {
            return format!("{line}{fails}");
        }
        let mut lines = vec![format!("answer=$({line}){fails}"), "printf '%s\\n' \"$answer\"".to_owned()];
        for (key, placeholder) in found {
            self.taken += 1;
            let name = format!("SECRET_{}", self.taken);
            let pattern = format!("s/.*\"{key}\": *\"\\([^\"]*\\)\".*/\\1/p");
            lines.push(format!(
                "{name}=$(printf '%s\\n' \"$answer\" | sed -n {} | head -n 1)",
                quoted(&pattern)
            ));
            self.capsule.put(&placeholder, marked(&name));
        }
        lines.join("\n")
    }

    /// The members of an answer whose value is a placeholder that was not met before, by name.
    fn secrets_of(&self, answer: &Value, found: &mut Vec<(String, String)>) {
        match answer {
            Value::Array(items) => items.iter().for_each(|item| self.secrets_of(item, found)),
            Value::Object(members) => {
                for (key, member) in members {
                    match member.as_str() {
                        Some(text) if self.is_new(text) => found.push((key.clone(), text.to_owned())),
                        _ => self.secrets_of(member, found),
                    }
                }
            }
            _ => {}
        }
    }

    fn is_new(&self, text: &str) -> bool {
        !self.capsule.is_known(text) && self.capsule.placeholders().any(|placeholder| placeholder == text)
    }

    /// What stands before curl, and its argument, for the body.
    fn data(&self, of: &Value, names: &[&str]) -> (String, String) {
        let piped = |command: String| (format!("{command} | "), " --data-binary @-".to_owned());
        match (of["body"].as_str(), of["body_base64"].as_str()) {
            _ if of["unread"] == "too_large" => {
                // What it held was not kept: its size alone was refused.
                let most = self.capsule.head["max_body"].as_u64().unwrap_or_default();
                piped(format!("head -c {} /dev/zero", most.saturating_add(1)))
            }
            (Some(text), _) => {
                let text = self.capsule.real(text, names);
                match quoted(&text) {
                    quoted if quoted.len() > MAX_ARGUMENT => piped(format!("printf %s {quoted}")),
                    quoted => (String::new(), format!(" --data-raw {quoted}")),
                }
            }
            (None, Some(encoded)) => piped(format!("printf %s {} | base64 -d", quoted(encoded))),
            (None, None) => Default::default(),
        }
    }
}

/// The verb as curl takes it: told `-X HEAD`, it waits for a body.
fn verb(method: &str) -> String {
    if method == "HEAD" { "--head".to_owned() } else { format!("-X {}", plain(method)) }
}

/// A word that needs no quotes as it is.
fn plain(word: &str) -> String {
    if !word.is_empty() && word.bytes().all(|letter| letter.is_ascii_alphanumeric()) {
        word.to_owned()
    } else {
        quoted(word)
    }
}

/// How long curl waits, where the client did not wait for the answer: less than it took.
fn impatient(request: &Value) -> String {
    let took = request["real"]["took_us"].as_u64().unwrap_or_default();
    if request["real"]["gone"] != true {
        return String::new();
    }
    format!("--max-time {:.2} ", Duration::from_micros(took / 2).as_secs_f64().max(0.1))
}

fn marked(variable: &str) -> String {
    format!("{MARK}{variable}{MARK}")
}

/// As a shell takes it letter by letter, but for marked variables.
fn quoted(text: &str) -> String {
    let parts = text.split(MARK).enumerate().map(|(place, part)| match place % 2 {
        0 => format!("'{}'", part.replace('\'', "'\\''")),
        _ => format!("\"${part}\""),
    });
    let joined: String = parts.filter(|part| part != "''").collect();
    if joined.is_empty() { "''".to_owned() } else { joined }
}
