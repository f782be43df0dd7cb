//! How long a client that is slow is waited for: each of these costs it its own connection and delays nobody else.
//!
//! | a client that | is let go |
//! |---|---|
//! | does not send the head of a request | after [`Patience::head`] |
//! | sends its body slower than 16 KiB a second | that long after it should have come, with 408 |
//! | does not read its answer | when nothing of it could be sent for that long |

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::http::StatusCode;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::base::patience::Patience;

/// A connection whose client has to read what it is sent, and whose refusals by the HTTP library are ours to word.
pub(crate) struct Patient {
    stream: Option<TcpStream>,
    patience: Patience,
    /// Runs while nothing can be sent.
    stalled: Option<Pin<Box<Sleep>>>,
    refused: Option<StatusCode>,
    left: Left,
}

/// What is left of a connection on which the HTTP library refused a request: the answer is still to be sent.
pub(crate) type Left = Arc<Mutex<Option<(StatusCode, TcpStream)>>>;

impl Patient {
    pub(crate) fn new(stream: TcpStream, patience: Patience, left: Left) -> Self {
        Self { stream: Some(stream), patience, stalled: None, refused: None, left }
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        self.stream.as_mut().map(Pin::new).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    /// What came of an attempt to send, or that the client was waited for long enough.
    fn sent(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if sent.is_ready() {
            self.stalled = None;
            return sent;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.patience.duration())));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether these bytes are a refusal of the HTTP library's own, which is then kept back.
    fn keeps_back(&mut self, bytes: &[u8]) -> bool {
        self.refused = self.refused.or_else(|| {
            let begins = |(status, line): &(StatusCode, &str)| {
                let head = format!("HTTP/1.1 {line}\r\nconnection: close\r\ncontent-length: 0\r\ndate: ");
                bytes.starts_with(head.as_bytes()).then_some(*status)
            };
            REFUSALS.iter().find_map(begins)
        });
        self.refused.is_some()
    }
}

/// What the HTTP library refuses by itself, with nothing but a head. Every answer of ours has its `date` elsewhere.
const REFUSALS: [(StatusCode, &str); 2] = [
    (StatusCode::URI_TOO_LONG, "414 URI Too Long"),
    (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "431 Request Header Fields Too Large"),
];

impl Drop for Patient {
    fn drop(&mut self) {
        if let (Some(status), Some(stream)) = (self.refused, self.stream.take()) {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some((status, stream));
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.stream()?.poll_read(context, into)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.keeps_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let sent = self.stream()?.poll_write(context, bytes);
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bytes.first().is_some_and(|head| self.keeps_back(head)) {
            return Poll::Ready(Ok(bytes.iter().map(|slice| slice.len()).sum()));
        }
        let sent = self.stream()?.poll_write_vectored(context, bytes);
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.as_ref().is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.refused.is_some() {
            return Poll::Ready(Ok(()));
        }
        self.stream()?.poll_shutdown(context)
    }
}
