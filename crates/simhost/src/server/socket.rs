//! A client's connection, plain or encrypted: faults that end it work on either.

use std::io::{self, IoSlice, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_rustls::server::TlsStream;

use crate::base::client_timeout::ClientTimeout;

/// How many bytes are read to tell what a client speaks.
const FIRST: usize = 1024;

/// A TCP connection whose client has to read what it is sent.
#[derive(Debug)]
pub(crate) struct Tcp {
    stream: TcpStream,
    client_timeout: ClientTimeout,
    /// Runs while nothing can be sent.
    stalled: Option<Pin<Box<Sleep>>>,
}

/// What a client's bytes come from and go to. TLS may be inside TLS: in the tunnel of a proxy.
#[derive(Debug)]
pub(crate) struct Socket {
    /// What was read already and is to be read again.
    ahead: Bytes,
    layer: Layer,
}

#[derive(Debug)]
enum Layer {
    Plain(Tcp),
    Encrypted(Box<TlsStream<Socket>>),
}

impl Tcp {
    /// What came of an attempt to send, or that the client was waited for long enough.
    fn sent(&mut self, context: &mut Context<'_>, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if sent.is_ready() {
            self.stalled = None;
            return sent;
        }
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(self.client_timeout.duration())));
        ready!(stalled.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Socket {
    pub(crate) fn new(stream: TcpStream, client_timeout: ClientTimeout) -> Self {
        Self { ahead: Bytes::new(), layer: Layer::Plain(Tcp { stream, client_timeout, stalled: None }) }
    }

    pub(crate) fn encrypted(stream: TlsStream<Self>) -> Self {
        Self { ahead: Bytes::new(), layer: Layer::Encrypted(Box::new(stream)) }
    }

    /// With bytes that were read already and come before all others.
    pub(crate) fn with_ahead(mut self, bytes: Bytes) -> Self {
        self.ahead = if self.ahead.is_empty() { bytes } else { [bytes, self.ahead].concat().into() };
        self
    }

    /// What everything goes through in the end.
    pub(crate) fn tcp(&self) -> &TcpStream {
        match &self.layer {
            Layer::Plain(tcp) => &tcp.stream,
            Layer::Encrypted(stream) => stream.get_ref().0.tcp(),
        }
    }

    /// The first byte that the client sends, which is read again; nothing when it sends none.
    pub(crate) async fn first(&mut self) -> io::Result<Option<u8>> {
        if self.ahead.is_empty() {
            let mut bytes = [0; FIRST];
            let read = self.read(&mut bytes).await?;
            self.ahead = Bytes::copy_from_slice(&bytes[..read]);
        }
        Ok(self.ahead.first().copied())
    }

    /// Sends what can be sent without waiting; says how much that was.
    pub(crate) fn send_now(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.layer {
            Layer::Plain(tcp) => tcp.stream.try_write(bytes),
            Layer::Encrypted(stream) => {
                let (socket, session) = stream.get_mut();
                session.writer().write_all(bytes)?;
                while session.wants_write() {
                    session.write_tls(&mut Now(socket))?;
                }
                Ok(bytes.len())
            }
        }
    }

    fn layer<T>(&mut self, act: impl FnOnce(Pin<&mut dyn Duplex>) -> T) -> T {
        match &mut self.layer {
            Layer::Plain(tcp) => act(Pin::new(tcp)),
            Layer::Encrypted(stream) => act(Pin::new(&mut **stream)),
        }
    }
}

/// Writes that do not wait.
struct Now<'a>(&'a mut Socket);

impl Write for Now<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.send_now(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

trait Duplex: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Duplex for T {}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.sent(context, sent)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.sent(context, sent)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return self.layer(|layer| layer.poll_read(context, into));
        }
        let size = self.ahead.len().min(into.remaining());
        into.put_slice(&self.ahead[..size]);
        self.ahead.advance(size);
        if self.ahead.is_empty() {
            self.ahead = Bytes::new();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.layer(|layer| layer.poll_write(context, bytes))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.layer(|layer| layer.poll_write_vectored(context, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        match &self.layer {
            Layer::Plain(tcp) => tcp.is_write_vectored(),
            Layer::Encrypted(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.layer(|layer| layer.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.layer(|layer| layer.poll_shutdown(context))
    }
}
