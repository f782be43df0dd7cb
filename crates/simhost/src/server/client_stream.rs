//! How long a client that is slow is waited for: each of these costs it its own connection and delays nobody else.
//!
//! | a client that | is let go |
//! |---|---|
//! | does not send the head of a request, or of a TLS session | after [`ClientTimeout::head`](crate::base::client_timeout::ClientTimeout::head) |
//! | sends its body slower than 16 KiB a second | that long after it should have come, with 408 |
//! | does not read its answer | when nothing of it could be sent for that long |

use std::fmt;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use axum::http::StatusCode;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};

use crate::server::socket::Socket;

/// How much of what a client sent last is kept, to tell what could not be read.
const RECENT: usize = 1024;

/// What is no HTTP, for clients that should expect it.
const GARBAGE: &[u8] = b"\x00\x01\x02 erpsatz: this is no HTTP \xff\xfe\r\n\r\n";

/// A connection whose refusals by the HTTP library are ours to word.
pub(crate) struct ClientStream {
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
    stream: Option<Socket>,
    end: End,
    next: Option<HandOver>,
    /// When it was opened, until its first request has come.
    opened: Option<Instant>,
}

/// What takes over a connection that is a tunnel from now on.
pub(crate) struct HandOver {
    upgrade: OnUpgrade,
    take: Box<dyn FnOnce(Socket) -> BoxFuture<'static, ()> + Send>,
}

impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HandOver")
    }
}

impl HandOver {
    /// Takes the connection over, to its end.
    pub(crate) async fn go(self) {
        // Without an upgrade the connection broke before the tunnel began.
        let Ok(upgraded) = self.upgrade.await else { return };
        let Ok(parts) = upgraded.downcast::<TokioIo<ClientStream>>() else { return };
        if let Some(socket) = parts.io.into_inner().into_socket() {
            (self.take)(socket.with_ahead(parts.read_buf)).await;
        }
    }
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
    pub(crate) stream: Socket,
    /// The beginning of what came.
    pub(crate) head: Vec<u8>,
}

impl Connection {
    /// Over a socket that was opened at that time.
    pub(crate) fn new(stream: Socket, opened: Instant) -> Self {
        let (stream, opened) = (Some(stream), Some(opened));
        Self(Arc::new(Mutex::new(Shared { stream, end: End::Plain, next: None, opened })))
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
        let ready = stream.tcp().ready(Interest::READABLE).now_or_never();
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

    /// What comes once this request has been answered: `take` gets the connection as a tunnel.
    pub(crate) fn hand_over(
        &self,
        upgrade: OnUpgrade,
        take: impl FnOnce(Socket) -> BoxFuture<'static, ()> + Send + 'static,
    ) {
        self.shared().next = Some(HandOver { upgrade, take: Box::new(take) });
    }

    /// What was left to be done when HTTP ended.
    pub(crate) fn next(&self) -> Option<HandOver> {
        self.shared().next.take()
    }

    pub(crate) fn leftover(&self) -> Option<Leftover> {
        match std::mem::take(&mut self.shared().end) {
            End::PendingRefusal(leftover) => Some(leftover),
            _ => None,
        }
    }
}

impl ClientStream {
    pub(crate) fn new(connection: Connection) -> Self {
        Self { refused: None, recent: Vec::new(), connection }
    }

    /// The connection, where there still is one.
    fn into_socket(mut self) -> Option<Socket> {
        self.recent.clear();
        self.connection.shared().stream.take()
    }

    /// What `act` makes of the socket.
    fn socket<T>(&self, act: impl FnOnce(Pin<&mut Socket>) -> Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match &mut self.connection.shared().stream {
            Some(stream) => act(Pin::new(stream)),
            None => Poll::Ready(Err(io::ErrorKind::NotConnected.into())),
        }
    }

    /// What was sent answers what came.
    fn sent(&mut self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if sent.is_ready() {
            self.recent.clear();
        }
        sent
    }

    /// Whether these bytes are a refusal of the HTTP library's own, which is then kept back.
    fn intercepts(&mut self, bytes: &[u8]) -> bool {
        // Nearly everything that is sent is no refusal, which its first bytes tell.
        if self.refused.is_none() && !bytes.starts_with(b"HTTP/1.1 4") {
            return false;
        }
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
        let Some(mut stream) = shared.stream.take() else { return };
        // A connection ends as its client ends it: there is nobody to tell what fails here.
        match shared.end {
            End::Reset => drop(stream.tcp().set_zero_linger()),
            End::Garbage => drop(stream.send_now(GARBAGE)),
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
        self.sent(sent)
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
        self.sent(sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.connection.shared().stream.as_ref().is_some_and(Socket::is_write_vectored)
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
