//! The file that is recorded to: an HTTP archive that is whole after each entry.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::request::Parts;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::journal::mask::Known;
use crate::journal::{Entry, har};
use crate::server::body;
use crate::simulator::Loaded;

/// How large an answer of a real service may be.
pub(super) const MAX_ANSWER: usize = 64 << 20;

/// What ends an archive.
const END: &str = "\n]}}\n";

/// A file that is a whole archive after each entry.
pub(super) struct Archive {
    file: File,
    size: u64,
    is_empty: bool,
}

impl Archive {
    #[expect(clippy::disallowed_methods, reason = "the file that the command line names")]
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let mut options = File::options();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let version = env!("CARGO_PKG_VERSION");
        let start = format!(
            "{{\"log\":{{\"version\":\"1.2\",\"creator\":{{\"name\":\"Erpsatz\",\"version\":\"{version}\"}},\"entries\":["
        );
        file.write_all(format!("{start}{END}").as_bytes())?;
        Ok(Self { file, size: start.len() as u64, is_empty: true })
    }

    /// Adds an entry; false when there is no room for it. Each is a line of its own, so that what a killed process left
    /// is read up to the last whole one.
    pub(super) fn add(&mut self, entry: &str) -> io::Result<bool> {
        if self.size + entry.len() as u64 > har::MAX_BYTES {
            return Ok(false);
        }
        let text = format!("{}\n{entry}", if self.is_empty { "" } else { "," });
        self.file.seek(SeekFrom::Start(self.size))?;
        self.file.write_all(format!("{text}{END}").as_bytes())?;
        self.size += text.len() as u64;
        self.is_empty = false;
        Ok(true)
    }
}

/// What a real service answers.
pub(super) struct Answered {
    pub(super) head: axum::http::response::Parts,
    pub(super) body: Bytes,
    /// Whether the connection ended before the body did.
    pub(super) breaks_off: bool,
}

/// One request and its answer, before it is an entry.
pub(super) struct Exchange<'a> {
    pub(super) at: Timestamp,
    pub(super) began: std::time::Instant,
    pub(super) parts: Parts,
    pub(super) body: Bytes,
    /// Nothing where none came.
    pub(super) answered: Option<&'a Answered>,
}

impl Exchange<'_> {
    /// It as an entry of an archive; `origin` is the scheme and the host.
    pub(super) fn record(self, server: &Loaded, origin: &str, known: Arc<Known>) -> Value {
        let answered = self.answered;
        // What is compressed is written as what came out of it: secrets in it are masked.
        let body = answered.map(|answered| {
            let read = body::readable(&answered.head.headers, &answered.body, true, MAX_ANSWER);
            read.ok().filter(|_| !answered.breaks_off)
        });
        known.meet_headers(&self.parts.headers, server.sim.secrets);
        let entry = Entry { known, ..self.entry(server, body.clone().flatten().unwrap_or_default()) };
        let mut record =
            har::archive(std::iter::once(entry), |_| origin.to_owned())["log"]["entries"][0].take();
        if let (Some(answered), Some(None)) = (answered, body) {
            let why = if answered.breaks_off { "the body breaks off" } else { "the body cannot be read" };
            let media = record["response"]["content"]["mimeType"].take();
            // A size without a text is a body that the archive does not have.
            let size = answered.body.len().max(1);
            record["response"]["content"] = json!({ "size": size, "mimeType": media, "comment": why });
        }
        record
    }

    fn entry(self, server: &Loaded, response_body: Bytes) -> Entry {
        let Self { at, began, parts, body, answered } = self;
        let status = answered.map(|answered| answered.head.status.as_u16());
        Entry {
            method: parts.method,
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: parts.headers,
            body,
            handled_status: status,
            status,
            duration_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
            response_headers: answered.map_or_else(HeaderMap::new, |answered| answered.head.headers.clone()),
            response_body,
            ..Entry::blank(server.sim, server.usual_contract(), at, began)
        }
    }
}
