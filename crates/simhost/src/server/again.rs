//! A recorded request that is sent again: how it came, which neither its head nor its body tells.

use std::time::{Duration, Instant};

use axum::http::header::CONNECTION;

use crate::base::error::{Error, ErrorKind};
use crate::server::body;

/// An extension of the request. Nobody waits for the answer: faults that delay or stay silent take no real time.
#[derive(Clone, Debug)]
pub struct Again {
    /// When it came, in real time, as far from the others as then.
    pub came: Instant,
    /// How long it took then.
    pub took: Duration,
    /// When its connection was opened, where it was the first on it.
    pub opened: Option<Instant>,
    /// Whether its client had gone before it was answered.
    pub has_gone: bool,
    /// Why its body was not read to its end, where it was not: it comes to the same end again.
    pub unread: Option<ErrorKind>,
    /// Whether its connection was closed with the answer.
    pub closes: bool,
}

impl Again {
    /// What its body was refused with.
    pub(super) fn unread(&self) -> Option<Error> {
        let error = body::refused(self.unread?);
        Some(if self.closes { error.header(CONNECTION, "close") } else { error })
    }
}
