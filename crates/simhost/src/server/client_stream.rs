//! How long a client that is slow is waited for: each of these costs it its own connection and delays nobody else.
//!
//! | a client that | is let go |
//! |---|---|
//! | does not send the head of a request | after [`ClientTimeout::head`] |
//! | sends its body slower than 16 KiB a second | that long after it should have come, with 408 |
//! | does not read its answer | when nothing of it could be sent for that long |

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Instant;

use axum::http::StatusCode;
use futures_util::FutureExt;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use crate::base::client_timeout::ClientTimeout;

/// How much of what a client sent last is kept, to tell what could not be read.
const RECENT: usize = 1024;

/// What is no HTTP, for clients that should expect it.
const GARBAGE: &[u8] = b"\x00\x01\x02 erpsatz: this is no HTTP \xff\xfe\r\n\r\n";

/// A connection whose client has to read what it is sent, and whose refusals by the HTTP library are ours to word.
pub(crate) struct ClientStream {
    client_timeout: ClientTimeout,
    /// Runs while nothing can be sent.
    stalled: Option<Pin<Box<Sleep>>>,
    refused: Option<StatusCode>,
    /// The beginning of what came since the last answer.
    recent: Vec<u8>,
    connection: Connection,
}

/// A connection and how it ends; the service finds it in the extensions of its requests.
#[derive(Clone, Debug)]
pub struct Connection(Arc<Mutex<Shared>>);

#[derive(Debug)]
struct Shared {
    stream: Option<TcpStream>,
    end: End,
    /// When it was opened, until its first request has come.
    opened: Option<Instant>,
}

#[derive(Debug, Default)]
enum End {
    #[default]
    Plain,
    Reset,
    Garbage,
    PendingRefusal(Leftover),
}

/// What is left of a connection on which the HTTP library gave up.
#[derive(Debug)]
pub(crate) struct Leftover {
    /// The refusal that is still to be sent.
    pub(crate) status: Option<StatusCode>,
    /// Where to.
    pub(crate) stream: TcpStream,
    /// The beginning of what came.
    pub(crate) head: Vec<u8>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        #[expect(clippy::disallowed_methods, reason = "pauses between requests are real time")]
        let opened = Some(Instant::now());
        Self(Arc::new(Mutex::new(Shared { stream: Some(stream), end: End::Plain, opened })))
    }

    /// When it was opened, for the first request on it; nothing for others.
    pub(crate) fn opened(&self) -> Option<Instant> {
        self.shared().opened.take()
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the client has closed its side, as it does when it goes, or when it has nothing more to say.
    pub fn is_closed(&self) -> bool {
        let shared = self.shared();
        let Some(stream) = &shared.stream else { return true };
        let ready = stream.ready(Interest::READABLE).now_or_never();
        ready.is_some_and(|ready| ready.is_ok_and(Ready::is_read_closed))
    }

    /// The connection is to be reset (RST) instead of closed.
    pub fn reset(&self) {
        self.shared().end = End::Reset;
    }

    /// Bytes that are no HTTP come before the connection closes.
    pub fn garbage(&self) {
        self.shared().end = End::Garbage;
    }

    pub(crate) fn leftover(&self) -> Option<Leftover> {
        match std::mem::take(&mut self.shared().end) {
            End::PendingRefusal(leftover) => Some(leftover),
            _ => None,
        }
    }
}

impl ClientStream {
    pub(crate) fn new(connection: Connection, client_timeout: ClientTimeout) -> Self {
        Self { client_timeout, stalled: None, refused: None, recent: Vec::new(), connection }
    }

    /// What `act` makes of the socket.
    fn socket<T>(&self, act: impl FnOnce(Pin<&mut TcpStream>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &mut self.connection.shared().stream {
            Some(stream) => act(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// What came of an attempt to send, or that the client was waited for long enough.
    fn sent(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if sent.is_ready() {
            self.stalled = None;
            self.recent.clear();
            return sent;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.client_timeout.duration())));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Whether these bytes are a refusal of the HTTP library's own, which is then kept back.
    fn intercepts(&mut self, bytes: &[u8]) -> bool {
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
const REFUSALS: [(StatusCode, &str); 3] = [
    (StatusCode::BAD_REQUEST, "400 Bad Request"),
    (StatusCode::URI_TOO_LONG, "414 URI Too Long"),
    (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "431 Request Header Fields Too Large"),
];

impl Drop for ClientStream {
    fn drop(&mut self) {
        let recent = &mut self.recent;
        let mut shared = self.connection.shared();
        let Some(stream) = shared.stream.take() else { return };
        // A connection ends as its client ends it: there is nobody to tell what fails here.
        match shared.end {
            End::Reset => drop(stream.set_zero_linger()),
            End::Garbage => drop(stream.try_write(GARBAGE)),
            End::Plain | End::PendingRefusal(_) => {
                let (status, head) = (self.refused, std::mem::take(recent));
                if status.is_some() || !head.is_empty() {
                    shared.end = End::PendingRefusal(Leftover { status, stream, head });
                }
            }
        }
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = into.filled().len();
        let read = self.socket(|stream| stream.poll_read(context, into));
        let room = RECENT.saturating_sub(self.recent.len());
        let came = &into.filled()[before..];
        self.recent.extend_from_slice(&came[..came.len().min(room)]);
        read
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.intercepts(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        let sent = self.socket(|stream| stream.poll_write(context, bytes));
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if bytes.first().is_some_and(|head| self.intercepts(head)) {
            return Poll::Ready(Ok(bytes.iter().map(|slice| slice.len()).sum()));
        }
        let sent = self.socket(|stream| stream.poll_write_vectored(context, bytes));
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.shared().stream.as_ref().is_some_and(TcpStream::is_write_vectored)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket(|stream| stream.poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.refused.is_some() {
            return Poll::Ready(Ok(()));
        }
        self.socket(|stream| stream.poll_shutdown(context))
    }
}
