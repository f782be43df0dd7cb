//! A recording, by server: whose each entry is, what is passed over, and without the sandbox's prefix.

use axum::http::Method;
use indexmap::IndexMap;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use simcore::{Loaded, Simulator};
use simhost::journal::har::Recorded;
use simhost::tls::names::fits;

/// What stands in no address as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'|')
    .add(b'\\')
    .add(b'^');

/// What a browser is told that has the answer already: it is in no recording.
const NOT_MODIFIED: u16 = 304;

/// What a client and the real service said to each other.
#[derive(Debug, Default)]
pub struct Recording {
    /// The entries of each server, in the order of time.
    pub servers: IndexMap<&'static str, Vec<Exchange>>,
    /// What was passed over.
    pub skipped: Skipped,
}

/// How many entries were passed over, and why.
#[derive(Clone, Copy, Debug, Default)]
pub struct Skipped {
    /// Their host is no vendor's.
    pub other_hosts: usize,
    /// They ask what may be asked.
    pub options: usize,
    /// They have no answer.
    pub unanswered: usize,
}

/// A request of the recording, and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Its place in the file, from 1.
    pub number: usize,
    /// When it was.
    pub at: Timestamp,
    /// The verb.
    pub method: Method,
    /// The path, encoded.
    pub path: String,
    /// The query, encoded, without its question mark.
    pub query: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// Names in lower case, and values.
    pub answer_headers: Vec<(String, String)>,
    /// Whether the answer's body was recorded.
    pub has_body: bool,
    /// The answer's body.
    pub answer: Vec<u8>,
    /// The answer's body where it is JSON.
    pub json: Option<Value>,
}

impl Skipped {
    /// All of them.
    pub fn total(self) -> usize {
        self.other_hosts + self.options + self.unanswered
    }
}

impl Exchange {
    /// A header of the request.
    pub fn header(&self, name: &str) -> Option<&str> {
        find(&self.headers, name)
    }

    /// A header of the answer.
    pub fn answer_header(&self, name: &str) -> Option<&str> {
        find(&self.answer_headers, name)
    }

    /// Whether the service did what it was asked to.
    pub fn is_success(&self) -> bool {
        is_success(self.status)
    }
}

/// Whether a status says that what was asked is done.
pub(crate) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

impl Recording {
    /// The entries of these simulators; `server` is the one of hosts that are nobody's.
    pub fn new(entries: Vec<Recorded>, loaded: &[Loaded], server: Option<&str>) -> Self {
        let mut recording = Self::default();
        let mut last = Timestamp::UNIX_EPOCH;
        for (place, entry) in entries.into_iter().enumerate() {
            last = entry.at.unwrap_or(last);
            let url = entry.url.clone();
            let (host, path, query) = parts(&url);
            let named = entry.server.as_deref().or(server);
            let Some(sim) = simulator(host, named, loaded) else {
                recording.skipped.other_hosts += 1;
                continue;
            };
            let Ok(method) = entry.method.parse::<Method>() else {
                recording.skipped.unanswered += 1;
                continue;
            };
            if method == Method::OPTIONS {
                recording.skipped.options += 1;
            } else if entry.status < 200 || entry.status == NOT_MODIFIED {
                recording.skipped.unanswered += 1;
            } else {
                let exchange = exchange(entry, (place + 1, last), method, (without_prefix(path), query));
                recording.servers.entry(sim.slug).or_default().push(exchange);
            }
        }
        recording.servers.values_mut().for_each(|entries| entries.sort_by_key(|entry| entry.at));
        recording
    }

    /// How many entries there are to ask.
    pub fn len(&self) -> usize {
        self.servers.values().map(Vec::len).sum()
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.servers.is_empty()
    }
}

fn exchange(
    entry: Recorded,
    (number, at): (usize, Timestamp),
    method: Method,
    (path, query): (&str, &str),
) -> Exchange {
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    let answer = entry.answer.clone().unwrap_or_default();
    Exchange {
        number,
        at,
        method,
        path: escaped(path),
        query: escaped(query),
        headers: entry.headers,
        body: entry.body,
        status: entry.status,
        answer_headers: entry.answer_headers,
        has_body: entry.answer.is_some(),
        json: serde_json::from_slice(&answer).ok(),
        answer,
    }
}

/// Host with port, path and query of an address.
fn parts(url: &str) -> (&str, &str, &str) {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at(end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (host, if path.is_empty() { "/" } else { path }, query)
}

fn without_prefix(path: &str) -> &str {
    let Some(rest) = path.strip_prefix("/~") else { return path };
    rest.find('/').map_or("/", |end| &rest[end..])
}

/// Whose host it is: by the vendors' names, by who is named, by the usual port on this machine.
fn simulator(host: &str, named: Option<&str>, loaded: &[Loaded]) -> Option<&'static Simulator> {
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|letter| letter.is_ascii_digit()) => (name, port),
        _ => (host, ""),
    };
    let sims = || loaded.iter().map(|server| server.sim);
    let is_near = matches!(name, "127.0.0.1" | "localhost" | "[::1]") || name.ends_with(".localhost");
    let vendors = sims().find(|sim| sim.hosts.iter().any(|pattern| fits(pattern, name)));
    let by_port = || sims().find(|sim| is_near && sim.port.to_string() == port);
    vendors.or_else(|| sims().find(|sim| Some(sim.slug) == named)).or_else(by_port)
}

impl Skipped {
    /// It for users of JSON: how many of each.
    pub fn to_json(self) -> Value {
        json!({ "other_hosts": self.other_hosts, "options": self.options, "unanswered": self.unanswered })
    }
}

#[cfg(test)]
mod tests {
    use super::{parts, without_prefix};

    #[test]
    fn addresses_come_apart() {
        for (url, expected) in [
            ("https://a.example/x/y?z=1#w", ("a.example", "/x/y", "z=1")),
            ("http://u:p@127.0.0.1:8083/~t42/x", ("127.0.0.1:8083", "/~t42/x", "")),
            ("https://a.example?z", ("a.example", "/", "z")),
            ("", ("", "/", "")),
        ] {
            assert_eq!(parts(url), expected, "{url}");
        }
        assert_eq!(
            [without_prefix("/~t42/x"), without_prefix("/~t42"), without_prefix("/x")],
            ["/x", "/", "/x"]
        );
    }
}
