//! An HTTP Archive as other tools write it: browsers, Insomnia, mitmproxy, and the journal's own.
//!
//! Tools are read as they are, not as the format says: nulls for what is not there, statuses below zero, parameters beside
//! the address, bodies that are cut or still compressed, halves of characters.

use std::borrow::Cow;
use std::fmt::{self, Formatter};
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::read::MultiGzDecoder;
use jiff::Timestamp;
use serde::de::{IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;
use serde_json::error::{Category, Error};

use crate::base::urlencoded;
use crate::journal::BASE64;

/// How large a recording may be, read or made: what is read of one takes nine times as much memory, 1.8 GiB of 200 MiB.
pub const MAX_BYTES: u64 = 128 << 20;

/// How many entries a recording may have.
pub const MAX_ENTRIES: usize = 100_000;

/// How large a compressed body may become.
const MAX_BODY: u64 = 64 << 20;

/// The member of an entry that names its server; other tools pass over what begins with an underscore.
pub const SERVER: &str = "_server";

/// One request and its answer.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// When; nothing where the archive does not say.
    pub at: Option<Timestamp>,
    /// The simulator's slug, where Erpsatz wrote the archive.
    pub server: Option<String>,
    /// The verb.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Names and values, in their order.
    pub headers: Vec<(String, String)>,
    /// The request's body.
    pub body: Vec<u8>,
    /// The answer's status; 0 where there was none.
    pub status: u16,
    /// Names and values, in their order.
    pub answer_headers: Vec<(String, String)>,
    /// The answer's body; nothing where the archive was written without it.
    pub answer: Option<Vec<u8>>,
}

/// An archive.
#[derive(Debug)]
pub struct Recording {
    /// Its entries, in its order.
    pub entries: Vec<Recorded>,
    /// Whether it ends in the middle of an entry, as of a recorder that was killed while it wrote: that one is left out.
    pub is_cut: bool,
}

/// Reads an archive.
///
/// # Errors
/// Why it is none, in one line that holds nothing of it.
pub fn read(bytes: &[u8]) -> Result<Recording, String> {
    let bytes = crate::base::text::without_mark(bytes);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is UTF-16, and an HTTP archive (HAR) is UTF-8".to_owned());
    }
    let (archive, is_cut) = match serde_json::from_slice(bytes) {
        Ok(archive) => (archive, false),
        Err(error) => (whole_entries(bytes, &error).ok_or_else(|| reason(&error))?, true),
    };
    let Archive { log } = archive;
    if log.entries.len() > MAX_ENTRIES {
        return Err(format!("it has {} entries, and {MAX_ENTRIES} are read at most", log.entries.len()));
    }
    Ok(Recording { entries: log.entries.into_iter().map(Entry::read).collect(), is_cut })
}

/// Why it is no archive. The words of the reader repeat values, so only those are told that are about names of ours.
fn reason(error: &Error) -> String {
    let told = error.to_string();
    let missing = told.split(" at line").next().filter(|told| told.starts_with("missing field"));
    let why = match error.classify() {
        Category::Eof => "it ends in the middle",
        Category::Data => missing.unwrap_or("something else stands there than in an archive"),
        Category::Syntax | Category::Io => "it is no JSON",
    };
    format!("this is no HTTP archive (HAR): {why}, line {}, column {}", error.line(), error.column())
}

/// What Erpsatz wrote of an archive before it was killed: each entry is a line of its own.
fn whole_entries(bytes: &[u8], error: &Error) -> Option<Archive> {
    let is_ours = bytes.starts_with(br#"{"log":{"version":"1.2","creator":{"name":"Erpsatz""#);
    let end = bytes.iter().rposition(|byte| *byte == b'\n').filter(|_| is_ours && error.is_eof())?;
    let whole = bytes[..end].strip_suffix(b",").unwrap_or(&bytes[..end]);
    serde_json::from_slice(&[whole, b"]}}"].concat()).ok()
}

#[derive(Deserialize)]
struct Archive {
    log: Log,
}

#[derive(Deserialize)]
struct Log {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default, rename = "startedDateTime", deserialize_with = "or_none")]
    started: Text,
    #[serde(default, rename = "_server")]
    server: Option<Text>,
    request: Request,
    #[serde(default, deserialize_with = "or_none")]
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: Text,
    url: Text,
    #[serde(default, deserialize_with = "or_none")]
    headers: Vec<Pair>,
    #[serde(default, rename = "queryString", deserialize_with = "or_none")]
    query: Vec<Pair>,
    #[serde(default, rename = "postData")]
    body: Option<Content>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default)]
    status: Option<Number>,
    #[serde(default, deserialize_with = "or_none")]
    headers: Vec<Pair>,
    #[serde(default, deserialize_with = "or_none")]
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<Text>,
    #[serde(default)]
    encoding: Option<Text>,
    #[serde(default)]
    size: Option<Number>,
    /// The fields of a form.
    #[serde(default, deserialize_with = "or_none")]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: Text,
    #[serde(default, deserialize_with = "or_none")]
    value: Text,
}

/// A text, whatever it is made of: tools write halves of characters for bytes that are none.
#[derive(Default)]
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
            }
        }
        from.deserialize_bytes(Bytes)
    }
}

/// What tools write as null is as if it were not there.
fn or_none<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

impl Entry {
    fn read(self) -> Recorded {
        let Self { started, server, request, response } = self;
        let status = response.status.and_then(|status| status.as_u64()).filter(|status| *status <= 999);
        let (headers, answer_headers) = (pairs(request.headers), pairs(response.headers));
        Recorded {
            at: started.0.parse().ok(),
            server: server.map(|server| server.0),
            method: request.method.0.to_ascii_uppercase(),
            url: with_query(request.url.0, &request.query),
            body: request.body.map(|body| body.bytes()).unwrap_or_default(),
            headers,
            status: status.and_then(|status| u16::try_from(status).ok()).unwrap_or_default(),
            answer: response.content.answer(&answer_headers),
            answer_headers,
        }
    }
}

impl Content {
    /// The body of an answer; nothing where the archive has none of it, not all of it, or it is compressed in a way that
    /// is not undone here.
    fn answer(&self, headers: &[(String, String)]) -> Option<Vec<u8>> {
        let size = self.size.as_ref().and_then(Number::as_u64).unwrap_or_default();
        if self.text.is_none() && size > 0 {
            return None;
        }
        let bytes = self.bytes();
        let coding = headers.iter().find(|(name, _)| name == "content-encoding");
        let coding = coding.map(|(_, coding)| coding.to_ascii_lowercase()).unwrap_or_default();
        // Nearly every tool writes what came out of it.
        if coding.contains("gzip") && bytes.starts_with(&[0x1f, 0x8b]) {
            return inflated(&bytes);
        }
        let is_odd = !matches!(coding.as_str(), "" | "identity") && std::str::from_utf8(&bytes).is_err();
        // Browsers cut long bodies.
        let is_short = bytes.len() as u64 + u64::from(UNCOUNTED) < size;
        let is_cut = is_short && serde_json::from_slice::<IgnoredAny>(&bytes).is_err();
        (!is_odd && !is_cut).then_some(bytes)
    }

    fn bytes(&self) -> Vec<u8> {
        let text = self.text.as_ref().map(|text| text.0.as_str()).unwrap_or_default();
        if self.encoding.as_ref().is_some_and(|encoding| encoding.0 == BASE64) {
            return STANDARD.decode(text).unwrap_or_else(|_| text.into());
        }
        if text.is_empty() && !self.params.is_empty() {
            return form(&self.params).into_bytes();
        }
        text.into()
    }
}

/// How many bytes of a body may be missing that are no part of its text: a byte order mark.
const UNCOUNTED: u8 = 3;

/// What a compressed body holds; nothing where it is none, or too much.
fn inflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    MultiGzDecoder::new(bytes).take(MAX_BODY + 1).read_to_end(&mut body).ok()?;
    (body.len() as u64 <= MAX_BODY).then_some(body)
}

/// An address with the parameters that a tool has beside it.
fn with_query(url: String, parameters: &[Pair]) -> String {
    let (place, query) = url.split_once('?').unwrap_or((&url, ""));
    let query = query.split('#').next().unwrap_or_default();
    let mut known: Vec<_> = urlencoded::pairs(query).collect();
    let mut is_new = |pair: &&Pair| {
        // Some write the parameters as they stand in the address, some decoded.
        let written = format!("{}={}", pair.name.0, pair.value.0);
        let decoded = urlencoded::pairs(&written).next();
        let is_it = |one: &(Cow<'_, str>, Cow<'_, str>)| {
            one.0 == pair.name.0 && one.1 == pair.value.0 || decoded.as_ref() == Some(one)
        };
        known.iter().position(is_it).map(|place| known.swap_remove(place)).is_none()
    };
    let new: Vec<&Pair> = parameters.iter().filter(&mut is_new).collect();
    if new.is_empty() {
        return url;
    }
    let mark = if query.is_empty() { "" } else { "&" };
    format!("{place}?{query}{mark}{}", form(new))
}

fn form<'p>(pairs: impl IntoIterator<Item = &'p Pair>) -> String {
    let pairs = pairs.into_iter().map(|pair| format!("{}={}", escaped(&pair.name.0), escaped(&pair.value.0)));
    pairs.collect::<Vec<_>>().join("&")
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn pairs(pairs: Vec<Pair>) -> Vec<(String, String)> {
    // Browsers write the parts of HTTP/2's request line as headers (`:path`).
    let pairs = pairs.into_iter().filter(|pair| !pair.name.0.starts_with(':'));
    pairs.map(|pair| (pair.name.0.to_ascii_lowercase(), pair.value.0)).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn what_tools_leave_out_or_write_otherwise_is_read() {
        let archive = r#"{"log":{"entries":[
            {"startedDateTime":"2026-03-02T09:00:00.123+01:00","request":{"method":"post","url":"https://a.example/x",
             "headers":[{"name":":path","value":"/x"},{"name":"Accept","value":"*/*"}],
             "postData":{"params":[{"name":"a b","value":"c&d"}]}},
             "response":{"status":200,"headers":[],"content":{"size":3,"text":"YWJj","encoding":"base64"}}},
            {"request":{"method":"GET","url":"https://a.example/y"},"response":{"status":200,"content":{"size":9}}},
            {"request":{"method":"GET","url":"https://a.example/z"}}]}}"#;
        let read = read(archive.as_bytes()).unwrap().entries;
        assert_eq!(read[0].at.unwrap().to_string(), "2026-03-02T08:00:00.123Z");
        assert_eq!((read[0].method.as_str(), read[0].headers.len()), ("POST", 1));
        assert_eq!(read[0].body, b"a%20b=c%26d");
        assert_eq!(read[0].answer.as_deref(), Some(&b"abc"[..]));
        assert_eq!((read[1].at, read[1].answer.as_deref()), (None, None));
        assert_eq!(read[2].status, 0);
    }

    #[test]
    fn what_is_none_is_said_in_one_line_that_repeats_nothing_of_it() {
        let cut = r#"{"log":{"entries":[{"request":{"method":"GET","url":"https://a.example/CANARY"#;
        let wrong = r#"{"log":{"entries":[{"request":{"method":["CANARY"],"url":"CANARY"}}]}}"#;
        let size =
            r#"{"log":{"entries":[{"request":{"method":"GET","url":"x"},"response":{"status":"CANARY"}}]}}"#;
        for text in ["", "{}", "[1]", "{\"log\":{}}", "\"CANARY\"", "CANARY", cut, wrong, size] {
            let why = read(text.as_bytes()).unwrap_err();
            assert!(why.starts_with("this is no HTTP archive") && !why.contains('\n'), "{why}");
            assert!(!why.contains("CANARY"), "{why}");
        }
        let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(read(&wide).unwrap_err().contains("UTF-16"));
    }

    /// One entry with this request and this answer.
    fn one(request: &str, response: &str) -> Recorded {
        let archive = format!(r#"{{"log":{{"entries":[{{"request":{request},"response":{response}}}]}}}}"#);
        read(archive.as_bytes()).unwrap().entries.remove(0)
    }

    const GET: &str = r#"{"method":"GET","url":"https://a.example/x"}"#;

    #[test]
    fn what_is_not_there_is_null_or_below_zero() {
        let request = r#"{"method":"GET","url":"https://a.example/x","headers":null,"queryString":null,"postData":null}"#;
        for response in [
            "null",
            "{}",
            r#"{"status":-1,"headers":null,"content":null}"#,
            r#"{"status":null,"content":{"size":-1,"text":null,"encoding":null}}"#,
        ] {
            assert_eq!(one(request, response).status, 0, "{response}");
        }
    }

    #[test]
    fn parameters_beside_the_address_are_a_part_of_it() {
        let url = |url: &str, parameters: &str| {
            let request = format!(r#"{{"method":"GET","url":"{url}","queryString":[{parameters}]}}"#);
            one(&request, "{}").url
        };
        let order = r#"{"name":"$orderby","value":"Name desc"}"#;
        let there = "https://a.example/x?$orderby=Name%20desc";
        assert_eq!(url(there, order), there);
        assert_eq!(url(there, r#"{"name":"$orderby","value":"Name%20desc"}"#), there);
        assert_eq!(url("https://a.example/x", order), "https://a.example/x?%24orderby=Name%20desc");
        assert_eq!(url("https://a.example/x?a=1#b", order), "https://a.example/x?a=1&%24orderby=Name%20desc");
        let twice = r#"{"name":"a","value":"1"},{"name":"a","value":"1"}"#;
        assert_eq!(url("https://a.example/x?a=1", twice), "https://a.example/x?a=1&a=1");
    }

    #[test]
    fn a_body_that_is_not_whole_is_none_and_a_compressed_one_is_undone() {
        let answer = |content: &str, coding: &str| {
            let headers = format!(r#"[{{"name":"Content-Encoding","value":"{coding}"}}]"#);
            one(GET, &format!(r#"{{"status":200,"headers":{headers},"content":{content}}}"#)).answer
        };
        assert_eq!(answer(r#"{"size":90,"text":"{\"a\":1,"}"#, "gzip"), None);
        assert_eq!(answer(r#"{"size":10,"text":"{\"a\":1}"}"#, "gzip").as_deref(), Some(&br#"{"a":1}"#[..]));
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"{}").unwrap();
        let packed = STANDARD.encode(packed.finish().unwrap());
        let content = format!(r#"{{"text":"{packed}","encoding":"base64"}}"#);
        assert_eq!(answer(&content, "gzip").as_deref(), Some(&b"{}"[..]));
        assert_eq!(answer(r#"{"text":"H4sIAAAAAAAA/w==","encoding":"base64"}"#, "gzip"), None);
        assert_eq!(answer(r#"{"text":"iwGAe30D","encoding":"base64"}"#, "br"), None);
        assert_eq!(answer(r#"{"text":"{}"}"#, "br").as_deref(), Some(&b"{}"[..]));
    }

    #[test]
    fn bytes_that_are_no_characters_are_read() {
        let halves = one(GET, r#"{"status":200,"content":{"text":"\udcff{}"}}"#);
        assert!(halves.answer.unwrap().ends_with(b"{}"));
        let mut archive = format!(r#"{{"log":{{"entries":[{{"request":{GET},"response":{{"status":200,"content":{{"text":"X"}}}}}}]}}}}"#).into_bytes();
        let place = archive.iter().rposition(|byte| *byte == b'X').unwrap();
        archive[place] = 0xff;
        assert_eq!(read(&archive).unwrap().entries[0].answer.as_deref(), Some("\u{fffd}".as_bytes()));
    }

    #[test]
    fn what_a_killed_recorder_left_is_read_up_to_its_last_whole_entry() {
        let start = r#"{"log":{"version":"1.2","creator":{"name":"Erpsatz","version":"1"},"entries":["#;
        let entry = format!(r#"{{"request":{GET},"response":{{"status":200}}}}"#);
        let whole = format!("{start}\n{entry},\n{entry}\n]}}}}\n");
        assert!(!read(whole.as_bytes()).unwrap().is_cut);
        for (left, count) in [(entry.len() * 2, 1), (entry.len() + 4, 1), (entry.len() - 4, 0)] {
            let read = read(&whole.as_bytes()[..start.len() + left]).unwrap();
            assert_eq!((read.entries.len(), read.is_cut), (count, true), "{left}");
        }
        let other = whole.replace("Erpsatz", "Other");
        assert!(read(&other.as_bytes()[..other.len() - 9]).unwrap_err().contains("ends in the middle"));
    }
}
