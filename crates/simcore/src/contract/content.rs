//! What of a request a contract speaks of: its body as JSON, its parameters by name.

use std::borrow::Cow;

use serde_json::Value;

use super::{Content, FORM, Parameter};
use crate::base::request::RequestView;
use crate::base::urlencoded::pairs;

/// The media type that a body is announced as.
pub(super) fn media<'a>(request: &RequestView<'a>) -> &'a str {
    let sent = request.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    sent.unwrap_or_default().split(';').next().unwrap_or_default().trim()
}

impl Content {
    /// Whether a body of this media type is documented.
    pub(super) fn takes(&self, media: &str) -> bool {
        self.media.iter().any(|known| known.eq_ignore_ascii_case(media))
    }

    /// The body of a request as JSON; nothing when it is of another media type, or cannot be read.
    pub(super) fn read<'r>(&self, request: &RequestView<'r>) -> Option<Cow<'r, Value>> {
        let media = media(request);
        if request.body.is_empty() || !self.takes(media) {
            return None;
        }
        let is_form = media.eq_ignore_ascii_case(FORM);
        if let Some(json) = request.json.filter(|_| !is_form) {
            return Some(Cow::Borrowed(json));
        }
        let text = String::from_utf8_lossy(request.body);
        if is_form {
            let member = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
                (name.into_owned(), Value::from(value.into_owned()))
            };
            return Some(Cow::Owned(pairs(&text).map(member).collect()));
        }
        serde_json::from_str(text.trim_start_matches('\u{feff}')).ok().map(Cow::Owned)
    }
}

impl Parameter {
    /// Whether `name` is read as this parameter.
    pub fn is_named(&self, name: &str) -> bool {
        let mut names = self.aliases.iter().copied().chain([self.name.as_ref()]);
        names.any(|known| known.eq_ignore_ascii_case(name))
    }
}
