//! What went wrong, without a dialect: the simulator's `render` turns it into the vendor's bytes.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

use crate::base::diagnostics::{MAX_MESSAGE, short};
use crate::base::said::Said;

/// What a panic says in a log: a text that stands in the program. One that was put together while it ran may hold a part
/// of the request, so the place, which the panic hook logs, has to do.
pub fn panic_text(payload: &(dyn Any + Send)) -> String {
    let fixed = payload.downcast_ref::<&'static str>().copied();
    format!("panic: {}", fixed.unwrap_or("its text is withheld, it may hold a part of the request"))
}

/// What the handlers of a simulator return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of refusal an [`Error`] is. Those that the core raises have a kind of their own, so that a vendor can
/// give each its own words and codes; everything a vendor raises itself is [`ErrorKind::Vendor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No route has this path.
    Route,
    /// The path exists, the verb does not; `Allow` is set by the gate.
    Method,
    /// The caller is unknown or may not enter.
    Auth,
    /// The body has a media type that is not served.
    MediaType,
    /// The body is larger than `--max-body`.
    TooLarge,
    /// The headers are larger than 64 KiB, or the head is more than can be read.
    Headers,
    /// The request line is longer than can be read.
    Uri,
    /// The request cannot be read at all.
    Unreadable,
    /// The body broke off, or its chunks cannot be told apart.
    Cut,
    /// The body came slower than clients are waited for.
    Late,
    /// The body is compressed in a way that the server does not undo.
    Encoding,
    /// The body is not what its media type says.
    Syntax,
    /// An amount, given or computed, is beyond what amounts may be; the details name it.
    Amount,
    /// A defect: a panic, or the database failed.
    Internal,
    /// A fault rule answered with a status.
    Injected,
    /// A fault rule's rate limit was reached.
    RateLimited,
    /// The world that the request belongs to has ended.
    Ended,
    /// Raised by the simulator's own code.
    Vendor,
}

/// One detail of a refusal: which part of the request is wrong, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    /// The field or parameter, as a dotted path (`lines[0].quantity`).
    pub field: String,
    /// One sentence in the vendor's language, or a value that the vendor documents.
    pub message: String,
    /// The sentence, until its words are known.
    pub said: Option<Said>,
}

/// A refusal on its way to the client.
#[derive(Clone, Debug)]
pub struct Error {
    /// The HTTP status.
    pub status: StatusCode,
    /// What sort of refusal it is.
    pub kind: ErrorKind,
    /// The vendor's error code, empty where the vendor has none.
    pub code: Cow<'static, str>,
    /// The vendor's sentence; empty lets the profile choose one by kind.
    pub message: String,
    /// Which refusal of the profile it is.
    pub said: Option<Box<Said>>,
    /// Which fields are wrong.
    pub details: Vec<Detail>,
    /// Headers the answer carries (`Allow`, `Retry-After`, `WWW-Authenticate`).
    pub headers: HeaderMap,
    /// What happened inside: for the log, never for the client.
    pub cause: Option<String>,
    /// Whether it may pass by itself: somebody else has the record open.
    pub is_temporary: bool,
    /// What of the contract the request was outside of, in a sentence for the report; the verb or path without it.
    pub outside: Option<String>,
    /// Whether time did it: what was good once has expired.
    pub by_clock: bool,
    /// More for those who ask why.
    pub hint: Option<Box<Hint>>,
}

/// What is told of a refusal to those who ask why, and never to the client.
#[derive(Clone, Debug, Default)]
pub struct Hint {
    /// Which of several credentials is refused: the header's name, or what of the body.
    pub about: Option<&'static str>,
    /// What would have passed.
    pub nearest: Option<String>,
}

impl Error {
    /// A refusal of the given status and kind, with no words yet.
    pub fn new(status: StatusCode, kind: ErrorKind) -> Self {
        Self {
            status,
            kind,
            code: Cow::Borrowed(""),
            message: String::new(),
            said: None,
            details: Vec::new(),
            headers: HeaderMap::new(),
            cause: None,
            is_temporary: false,
            outside: None,
            by_clock: false,
            hint: None,
        }
    }

    /// A refusal by the vendor's own rules.
    pub fn vendor(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { code: Cow::Borrowed(code), message: message.into(), ..Self::new(status, ErrorKind::Vendor) }
    }

    /// A defect of ours; `cause` goes to the log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self {
            cause: Some(cause.to_string()),
            ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, ErrorKind::Internal)
        }
    }

    /// The world that a request belongs to has ended: the sandbox was reset, restored, given another scenario or
    /// deleted. The gate cuts the connection.
    pub fn ended() -> Self {
        let message = "the sandbox was reset or removed meanwhile";
        Self { kind: ErrorKind::Ended, ..Self::vendor(StatusCode::CONFLICT, "ended", message) }
    }

    /// All that is known of it in one line, for a report or the log of a scenario that cannot be loaded.
    pub fn explain(&self) -> String {
        let details = self.details.iter().map(|detail| format!("`{}`: {}", detail.field, detail.message));
        let parts = [self.message.clone()].into_iter().chain(details).chain(self.cause.clone());
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
    }

    /// The same, which may pass by itself.
    #[must_use]
    pub fn temporary(self) -> Self {
        Self { is_temporary: true, ..self }
    }

    /// The same, of something that was good once and has expired.
    #[must_use]
    pub fn by_clock(self) -> Self {
        Self { by_clock: true, ..self }
    }

    /// The same, of one of several credentials.
    #[must_use]
    pub fn about(mut self, credential: &'static str) -> Self {
        self.hint.get_or_insert_default().about = Some(credential);
        self
    }

    /// The same, with what would have passed.
    #[must_use]
    pub fn nearest(mut self, nearest: impl Into<String>) -> Self {
        self.hint.get_or_insert_default().nearest = Some(nearest.into());
        self
    }

    /// The same, with no part that is longer than what somebody reads.
    pub fn bounded(&self) -> Cow<'_, Self> {
        let is_long = |text: &str| text.len() > MAX_MESSAGE;
        let details = &self.details;
        if !is_long(&self.message)
            && !details.iter().any(|detail| is_long(&detail.field) || is_long(&detail.message))
        {
            return Cow::Borrowed(self);
        }
        let cut = |text: &str| short(text, MAX_MESSAGE / 4).into_owned();
        let details = details.iter().map(|detail| Detail {
            field: cut(&detail.field),
            message: cut(&detail.message),
            said: None,
        });
        Cow::Owned(Self { message: cut(&self.message), details: details.collect(), ..self.clone() })
    }

    /// The same with a detail more.
    #[must_use]
    pub fn detail(mut self, field: impl Into<String>, message: impl Into<String>) -> Self {
        self.details.push(Detail { field: field.into(), message: message.into(), said: None });
        self
    }

    /// The same with a detail more, in words of the profile.
    #[must_use]
    pub fn detail_said(mut self, field: impl Into<String>, said: Said) -> Self {
        self.details.push(Detail { field: field.into(), message: String::new(), said: Some(said) });
        self
    }

    /// The name of the refusal of the profile whose words it has.
    pub fn refusal(&self) -> Option<&str> {
        self.said.as_ref().filter(|said| said.is_worded).map(|said| &*said.name)
    }

    /// The same of another kind.
    #[must_use]
    pub fn of_kind(self, kind: ErrorKind) -> Self {
        Self { kind, ..self }
    }

    /// The same with a header; a value that no header can carry is left out.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

impl From<Said> for Error {
    /// A refusal of the profile: its status is 400 until the profile has been asked.
    fn from(said: Said) -> Self {
        Self { said: Some(Box::new(said)), ..Self::new(StatusCode::BAD_REQUEST, ErrorKind::Vendor) }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(format_args!("SQLite: {error}"))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format_args!("stored JSON: {error}"))
    }
}

impl IntoResponse for Error {
    /// An empty answer that carries the error; the gate lets the simulator render it.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::panic_text;

    #[test]
    fn a_panic_repeats_nothing_of_a_request() {
        let secret = std::hint::black_box("é5ecret");
        for (panic, text) in [
            (catch_unwind(|| panic!("as it stands")), "panic: as it stands"),
            (catch_unwind(|| panic!("of {secret}")), "panic: its text is withheld"),
            (catch_unwind(|| drop(secret[1..].to_owned())), "panic: its text is withheld"),
        ] {
            let said = panic_text(&*panic.expect_err("a panic"));
            assert!(said.starts_with(text) && !said.contains("5ecret"), "{said}");
        }
    }
}
