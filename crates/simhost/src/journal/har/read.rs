//! An HTTP Archive as other tools write it: browsers, Insomnia, mitmproxy, and the journal's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::Deserialize;

use crate::journal::BASE64;

/// How many entries a recording may have.
pub const MAX_ENTRIES: usize = 100_000;

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

/// The entries of an archive, in its order.
///
/// # Errors
/// Why it is none, in one line.
pub fn read(bytes: &[u8]) -> Result<Vec<Recorded>, String> {
    let bytes = crate::base::text::without_mark(bytes);
    let Archive { log } =
        serde_json::from_slice(bytes).map_err(|error| format!("this is no HTTP archive (HAR): {error}"))?;
    if log.entries.len() > MAX_ENTRIES {
        return Err(format!("it has {} entries, and {MAX_ENTRIES} are read at most", log.entries.len()));
    }
    Ok(log.entries.into_iter().map(Entry::read).collect())
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
    #[serde(default, rename = "startedDateTime")]
    started: String,
    #[serde(default, rename = "_server")]
    server: Option<String>,
    request: Request,
    #[serde(default)]
    response: Response,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default, rename = "postData")]
    body: Option<Content>,
}

#[derive(Default, Deserialize)]
struct Response {
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: Vec<Pair>,
    #[serde(default)]
    content: Content,
}

#[derive(Default, Deserialize)]
struct Content {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    encoding: Option<String>,
    #[serde(default)]
    size: Option<i64>,
    /// The fields of a form.
    #[serde(default)]
    params: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    name: String,
    #[serde(default)]
    value: String,
}

impl Entry {
    fn read(self) -> Recorded {
        let Self { started, server, request, response } = self;
        let is_left_out =
            response.content.text.is_none() && response.content.size.is_some_and(|size| size > 0);
        Recorded {
            at: started.parse().ok(),
            server,
            method: request.method.to_ascii_uppercase(),
            url: request.url,
            headers: pairs(request.headers),
            body: request.body.map(Content::bytes).unwrap_or_default(),
            status: response.status,
            answer_headers: pairs(response.headers),
            answer: (!is_left_out).then(|| response.content.bytes()),
        }
    }
}

impl Content {
    fn bytes(self) -> Vec<u8> {
        let text = self.text.unwrap_or_default();
        if self.encoding.as_deref() == Some(BASE64) {
            return STANDARD.decode(&text).unwrap_or_else(|_| text.into_bytes());
        }
        if text.is_empty() && !self.params.is_empty() {
            let fields =
                self.params.iter().map(|field| format!("{}={}", escaped(&field.name), escaped(&field.value)));
            return fields.collect::<Vec<_>>().join("&").into_bytes();
        }
        text.into_bytes()
    }
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn pairs(pairs: Vec<Pair>) -> Vec<(String, String)> {
    // Browsers write the parts of HTTP/2's request line as headers (`:path`).
    let pairs = pairs.into_iter().filter(|pair| !pair.name.starts_with(':'));
    pairs.map(|pair| (pair.name.to_ascii_lowercase(), pair.value)).collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn what_tools_leave_out_or_write_otherwise_is_read() {
        let archive = r#"{"log":{"entries":[
            {"startedDateTime":"2026-03-02T09:00:00.123+01:00","request":{"method":"post","url":"https://a.example/x",
             "headers":[{"name":":path","value":"/x"},{"name":"Accept","value":"*/*"}],
             "postData":{"params":[{"name":"a b","value":"c&d"}]}},
             "response":{"status":200,"headers":[],"content":{"size":3,"text":"YWJj","encoding":"base64"}}},
            {"request":{"method":"GET","url":"https://a.example/y"},"response":{"status":200,"content":{"size":9}}},
            {"request":{"method":"GET","url":"https://a.example/z"}}]}}"#;
        let read = read(archive.as_bytes()).unwrap();
        assert_eq!(read[0].at.unwrap().to_string(), "2026-03-02T08:00:00.123Z");
        assert_eq!((read[0].method.as_str(), read[0].headers.len()), ("POST", 1));
        assert_eq!(read[0].body, b"a%20b=c%26d");
        assert_eq!(read[0].answer.as_deref(), Some(&b"abc"[..]));
        assert_eq!((read[1].at, read[1].answer.as_deref()), (None, None));
        assert_eq!(read[2].status, 0);
    }

    #[test]
    fn what_is_none_is_said_in_one_line() {
        for text in ["", "{}", "[1]", "{\"log\":{}}"] {
            let why = read(text.as_bytes()).unwrap_err();
            assert!(why.starts_with("this is no HTTP archive") && !why.contains('\n'), "{why}");
        }
    }
}
