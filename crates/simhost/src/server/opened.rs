//! A capsule that is read, and its requests as they are sent again.

use std::collections::{HashMap, HashSet};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method, Request, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use serde_json::Value;

use crate::base::secret::basic;
use crate::journal::Entry;
use crate::journal::mask::{is_secret_header, secret_places};
use crate::sandbox::capsule::{Bounds, FORMAT, MAX_CAPSULE, MAX_UNPACKED};
use crate::server::again::Again;
use crate::server::gate::SANDBOX_HEADER;
use crate::server::transport::Transport;

/// What is said of a file that is something else.
const NO_CAPSULE: &str = "it is no capsule";

/// What is said of a file that ends too early.
const TORN: &str = "it is torn: its end is missing";

/// More than any recorded body has.
pub const MAX_BODY: usize = 1 << 30;

/// A capsule that is read.
#[derive(Clone, Debug, Default)]
pub struct Opened {
    /// Versions, scenario, seed, clock, profiles, records before.
    pub head: Value,
    /// What happened: each `{"request": …}` or `{"change": …}`.
    pub events: Vec<Value>,
    /// Clock, report and records at the end.
    pub end: Value,
    /// What stands in the place of each placeholder, as far as it is known.
    values: HashMap<String, String>,
}

impl Opened {
    /// Reads the file.
    ///
    /// # Errors
    /// One sentence, when it is no capsule of a format that is known.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() > MAX_CAPSULE {
            return Err(format!("it has more than {} MiB, which no capsule has", MAX_CAPSULE >> 20));
        }
        let mut lines = lines(bytes)?.into_iter();
        let head = lines.next().unwrap_or_default();
        match head["capsule"].as_u64() {
            Some(FORMAT) => {}
            Some(format) => return Err(of_another_format(format, &head)),
            None => return Err(NO_CAPSULE.to_owned()),
        }
        let mut events: Vec<Value> = lines.collect();
        let end = events.pop().map(|mut last: Value| last["end"].take()).filter(|end| !end.is_null());
        let end = end.ok_or_else(|| TORN.to_owned())?;
        let is_event = |event: &Value| event["request"].is_object() != event["change"].is_object();
        if let Some(place) = events.iter().position(|event| !is_event(event)) {
            return Err(format!("it is damaged: its line {} is neither a request nor a change", place + 2));
        }
        Ok(Self { head, events, end, values: HashMap::new() })
    }

    /// Puts in what everybody knows: credentials that a server has by itself.
    pub fn know(&mut self, credential: impl Fn(&str, &str) -> Option<String>) {
        for told in self.head["placeholders"].as_array().into_iter().flatten() {
            let text = |name: &str| told[name].as_str().unwrap_or_default();
            if let Some(value) = credential(text("server"), text("credential")) {
                self.values.insert(text("placeholder").to_owned(), value);
            }
        }
    }

    /// What stands in the place of secrets.
    pub fn placeholders(&self) -> impl Iterator<Item = &str> {
        let all = self.head["placeholders"].as_array().into_iter().flatten();
        all.filter_map(|told| told["placeholder"].as_str())
    }

    /// Says what stands for a placeholder.
    pub fn put(&mut self, placeholder: &str, value: String) {
        self.values.insert(placeholder.to_owned(), value);
    }

    /// Whether it is known what stands for a placeholder.
    pub fn is_known(&self, placeholder: &str) -> bool {
        self.values.contains_key(placeholder)
    }

    /// What a text of the capsule stands for: placeholders where secrets stand by name, and long ones anywhere.
    pub fn real(&self, text: &str, names: &[&str]) -> String {
        let mut real = String::with_capacity(text.len());
        let mut from = 0;
        for place in secret_places(text, names) {
            real.push_str(&text[from..place.start]);
            let held = &text[place.clone()];
            real.push_str(self.values.get(held).map_or(held, String::as_str));
            from = place.end;
        }
        real.push_str(&text[from..]);
        for (placeholder, value) in self.values.iter().filter(|(placeholder, _)| is_long(placeholder)) {
            if placeholder != value && real.contains(placeholder.as_str()) {
                real = real.replace(placeholder.as_str(), value);
            }
        }
        real
    }

    /// What the whole of a value stands for.
    fn real_value(&self, value: &str) -> String {
        self.values.get(value).cloned().unwrap_or_else(|| self.real(value, &[]))
    }

    /// What a header of the capsule stands for.
    pub fn real_header(&self, name: &str, value: &str, names: &[&str]) -> String {
        if !is_secret_header(name, names) {
            return self.real(value, names);
        }
        let Some((scheme, rest)) = value.split_once(' ') else { return self.real_value(value) };
        if let Some((user, password)) = self.real_basic(value) {
            return format!("{scheme} {}", STANDARD.encode(format!("{user}:{password}")));
        }
        match self.values.get(value) {
            Some(whole) => whole.clone(),
            None => format!("{scheme} {}", self.real_value(rest)),
        }
    }

    /// User and password of Basic credentials in a header of the capsule.
    pub fn real_basic(&self, value: &str) -> Option<(String, String)> {
        let (_, encoded) =
            value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
        let (user, password) = basic(encoded)?;
        Some((user, self.real_value(&password)))
    }

    /// The body of an event.
    pub fn body(&self, event: &Value, names: &[&str]) -> Bytes {
        match (event["body"].as_str(), event["body_base64"].as_str()) {
            (Some(text), _) => self.real(text, names).into(),
            (None, Some(encoded)) => STANDARD.decode(encoded).unwrap_or_default().into(),
            (None, None) => Bytes::new(),
        }
    }

    /// A recorded request as its simulator's gate takes it, in a run that began at that time.
    ///
    /// # Errors
    /// One sentence, when it cannot be built.
    pub fn request(&self, event: &Value, names: &[&str], began: Instant) -> Result<Request<Body>, String> {
        let text = |name: &str| event[name].as_str().unwrap_or_default();
        let query = match text("query") {
            "" => String::new(),
            query => format!("?{}", self.real(query, names)),
        };
        let target = format!("{}{}{query}", text("prefix"), self.real(text("path"), names));
        let uri: Uri = target.parse().map_err(|_| format!("its path `{target}` cannot be sent"))?;
        let method: Method = text("method").parse().map_err(|_| "its verb cannot be sent".to_owned())?;
        let mut headers = HeaderMap::new();
        for pair in event["headers"].as_array().into_iter().flatten() {
            let (name, value) = (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
            let Ok(name) = name.parse::<HeaderName>() else { continue };
            let value = HeaderValue::from_str(&self.real_header(name.as_str(), value, names));
            if let Ok(value) = value
                && !is_made_anew(&name)
            {
                headers.append(name, value);
            }
        }
        if text("prefix").is_empty()
            && let Some(name) = self.head["sandbox"].as_str()
            && let Ok(name) = HeaderValue::from_str(name)
        {
            headers.insert(SANDBOX_HEADER, name);
        }
        let body = self.body(event, names);
        if !body.is_empty() {
            headers.insert(CONTENT_LENGTH, body.len().into());
        }
        let mut request = Request::new(Body::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        let is_encrypted = event["encrypted"] == true;
        request.extensions_mut().insert(Transport { is_encrypted, user: None });
        let connection = event["real"]["connection"].as_u64().unwrap_or_default();
        // What a proxy on the same machine says of the client is believed.
        let peer =
            SocketAddr::from(([127, 0, 0, 1], u16::try_from(connection % (1 << 16)).unwrap_or_default()));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(again(event, began));
        Ok(request)
    }

    /// Learns from the answer to a request that was sent again what stands for placeholders in the recorded one.
    pub fn learn(&mut self, event: &Value, played: &Entry) {
        let all: HashSet<String> = self.placeholders().map(str::to_owned).collect();
        let answer = &event["response"];
        if let (Some(recorded), Ok(text)) = (answer["body"].as_str(), str::from_utf8(&played.response_body)) {
            self.align(&all, recorded, text, played.secrets);
        }
        for pair in answer["headers"].as_array().into_iter().flatten() {
            let (name, recorded) =
                (pair[0].as_str().unwrap_or_default(), pair[1].as_str().unwrap_or_default());
            let actual = played.response_headers.get(name).and_then(|value| value.to_str().ok());
            if let Some(actual) = actual.filter(|actual| actual.len() == recorded.len()) {
                if is_secret_header(name, played.secrets) && all.contains(recorded) {
                    self.values.entry(recorded.to_owned()).or_insert_with(|| actual.to_owned());
                }
                self.align(&all, recorded, actual, played.secrets);
            }
        }
    }

    fn align(&mut self, all: &HashSet<String>, recorded: &str, actual: &str, names: &[&str]) {
        if recorded.len() != actual.len() {
            return;
        }
        for place in secret_places(recorded, names) {
            let (placeholder, value) = (&recorded[place.clone()], actual.get(place));
            if let Some(value) = value.filter(|_| all.contains(placeholder)) {
                self.values.entry(placeholder.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
        for placeholder in all.iter().filter(|placeholder| is_long(placeholder)) {
            if !self.values.contains_key(placeholder)
                && let Some(at) = recorded.find(placeholder.as_str())
                && let Some(value) = actual.get(at..at + placeholder.len())
            {
                self.values.insert(placeholder.clone(), value.to_owned());
            }
        }
    }
}

/// How a recorded request came, in a run that began at that time.
fn again(event: &Value, began: Instant) -> Again {
    let real = &event["real"];
    // No run is longer: what a broken file says adds up all the same.
    let micros = |name: &str| real[name].as_u64().map(|micros| Duration::from_micros(micros.min(1 << 50)));
    let came = began + micros("came_us").unwrap_or_default();
    let answered = event["response"]["headers"].as_array().into_iter().flatten();
    Again {
        came,
        took: micros("took_us").unwrap_or_default(),
        opened: micros("opened_us_before").and_then(|before| came.checked_sub(before)),
        has_gone: real["gone"] == true,
        unread: serde_json::from_value(event["unread"].clone()).ok(),
        closes: answered.into_iter().any(|pair| pair[0] == "connection" && pair[1] == "close"),
    }
}

/// The lines of a capsule, unpacked.
fn lines(bytes: &[u8]) -> Result<Vec<Value>, String> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Err(NO_CAPSULE.to_owned());
    }
    let mut unpacked = BufReader::new(MultiGzDecoder::new(bytes));
    let (mut lines, mut bounds, mut line) = (Vec::new(), Bounds::default(), Vec::new());
    loop {
        line.clear();
        // One byte more than there may be shows that it is too much.
        let read = (&mut unpacked).take(MAX_UNPACKED as u64 + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(lines),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(TORN.to_owned()),
            Err(_) => return Err("it is damaged: it cannot be unpacked".to_owned()),
        }
        let text = line.strip_suffix(b"\n").unwrap_or(&line);
        bounds.count(text).map_err(|much| format!("it has {much}, which no capsule has"))?;
        let value: Value = serde_json::from_slice(text).map_err(|_| {
            if lines.is_empty() {
                NO_CAPSULE.to_owned()
            } else {
                format!("it is damaged: its line {} is no JSON", lines.len() + 1)
            }
        })?;
        lines.push(value);
    }
}

fn of_another_format(format: u64, head: &Value) -> String {
    let version = head["erpsatz"].as_str().unwrap_or_default();
    let version: String = version.chars().filter(|letter| !letter.is_control()).take(40).collect();
    format!(
        "its format is {format}, of Erpsatz {version}, and this one reads format {FORMAT}: take that Erpsatz"
    )
}

/// Whether a placeholder is so long, and no number, that no text holds it by chance.
fn is_long(placeholder: &str) -> bool {
    placeholder.len() >= 8 && !placeholder.bytes().all(|letter| letter.is_ascii_digit())
}

/// Whether a header of a recorded request is one that whoever sends it again makes anew.
fn is_made_anew(name: &HeaderName) -> bool {
    // Another life of the sandbox would be refused.
    let is_of_life = name.as_str() == "erpsatz-sandbox-id";
    is_of_life || matches!(name.as_str(), "content-length" | "transfer-encoding" | "connection" | "expect")
}
