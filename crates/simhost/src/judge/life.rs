//! Which sandbox of a name it is: one that was made anew, after deletion, eviction or loss, is another.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::base::error::{Error, Result};

/// The header in which every answer says which sandbox gave it, and in which a request may say which it means.
pub const LIFE_HEADER: HeaderName = HeaderName::from_static("erpsatz-sandbox-id");

/// One life of a sandbox, among all that ever had its name, in whatever process: of two the younger is the greater
/// (UUID version 7: the time in milliseconds, then chance).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Life(Uuid);

impl Default for Life {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Display for Life {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Life {
    /// One that never was.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The life that a text names.
    pub fn read(text: &str) -> Option<Self> {
        Uuid::parse_str(text).ok().map(Self)
    }

    /// As the header says it.
    pub fn to_header(self) -> HeaderValue {
        // A UUID is visible ASCII.
        HeaderValue::try_from(self.to_string()).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// Whether the headers of a request mean the sandbox whose id is `own`; most say nothing.
///
/// # Errors
/// 409 when they name another life of it.
pub fn check(headers: &HeaderMap, own: &HeaderValue) -> Result<()> {
    let is_own = |named: &HeaderValue| named.as_bytes().eq_ignore_ascii_case(own.as_bytes());
    if headers.get_all(LIFE_HEADER).iter().all(is_own) { Ok(()) } else { Err(another()) }
}

/// The request means a life of the sandbox that is over.
pub fn another() -> Error {
    let message = "the sandbox was lost: the request means one that is gone, and this is another of its name";
    Error::vendor(StatusCode::CONFLICT, "sandbox_lost", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_younger_is_the_greater() {
        let lives: Vec<Life> = (0..1000).map(|_| Life::new()).collect();
        assert!(lives.is_sorted_by(|left, right| left < right));
        assert_eq!(Life::read(&lives[0].to_string()), Some(lives[0]));
        assert_eq!(Life::read("t42"), None);
    }

    #[test]
    fn a_request_means_one_life_or_any() {
        let own = Life::new().to_header();
        let named = |values: &[&HeaderValue]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(LIFE_HEADER, (*value).clone());
            }
            check(&headers, &own).map_err(|error| error.status)
        };
        let other = Life::new().to_header();
        let loud = HeaderValue::try_from(own.to_str().unwrap().to_ascii_uppercase()).unwrap();
        for meant in [&[][..], &[&own], &[&own, &own], &[&loud]] {
            assert_eq!(named(meant), Ok(()), "{meant:?}");
        }
        let empty = HeaderValue::from_static("");
        for meant in [&[&other][..], &[&own, &other], &[&empty]] {
            assert_eq!(named(meant), Err(StatusCode::CONFLICT), "{meant:?}");
        }
    }
}
