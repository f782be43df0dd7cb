//! Requests over plain sockets: as little work as can be, so that the servers have the cores.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::now;

/// How many connections send at once; each waits for its answer before it sends again.
const CONNECTIONS: usize = 16;

/// Numbers that no two requests share, whichever server they go to.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// One kind of request.
#[derive(Clone, Copy)]
pub(crate) struct ErrorKind {
    /// What the table calls it.
    pub(crate) name: &'static str,
    /// Its bytes, made from a number that comes once.
    pub(crate) bytes: fn(u64) -> Vec<u8>,
    /// What it must be answered with.
    pub(crate) status: u16,
}

/// A request as OnlineERP wants it; the floor does not look at the credentials.
pub(crate) fn request(method: &str, path: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Basic REVNTy1MSUNFTkNFOmRlbW8tc2VjcmV0\r\n\
         company_id: 0\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

/// Sends requests of one kind for `time` and gives how many were answered in a second.
///
/// # Errors
/// When one is answered with anything but the expected status.
pub(crate) fn run(address: SocketAddr, kind: ErrorKind, time: Duration) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let answered = Arc::new(AtomicU64::new(0));
    runtime.block_on(async {
        let begun = now();
        let mut connections = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let answered = answered.clone();
            connections.spawn(async move {
                let mut stream = tokio::net::TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                let mut buffer = Vec::with_capacity(16 << 10);
                while begun.elapsed() < time {
                    stream.write_all(&(kind.bytes)(NUMBER.fetch_add(1, Ordering::Relaxed))).await?;
                    buffer.clear();
                    while length(&buffer)?.is_none_or(|length| buffer.len() < length) {
                        ensure!(stream.read_buf(&mut buffer).await? > 0, "the connection was cut");
                    }
                    check(&buffer, kind.status)?;
                    answered.fetch_add(1, Ordering::Relaxed);
                }
                Ok(())
            });
        }
        while let Some(done) = connections.join_next().await {
            done??;
        }
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let count = answered.load(Ordering::Relaxed) as f64;
        Ok(count / begun.elapsed().as_secs_f64())
    })
}

/// One connection whose requests are sent one after the other.
pub(crate) struct Client(TcpStream);

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self(stream))
    }

    /// Sends a request and gives the milliseconds until its whole answer is there.
    pub(crate) fn send(&mut self, request: &[u8], status: u16) -> Result<f64> {
        let begun = now();
        self.0.write_all(request)?;
        let mut buffer = Vec::new();
        let mut chunk = [0; 16 << 10];
        while length(&buffer)?.is_none_or(|length| buffer.len() < length) {
            let read = self.0.read(&mut chunk)?;
            ensure!(read > 0, "the connection was cut");
            buffer.extend_from_slice(&chunk[..read]);
        }
        check(&buffer, status)?;
        Ok(crate::milliseconds(begun.elapsed()))
    }
}

/// How long the answer that begins `bytes` is, once its head is there.
fn length(bytes: &[u8]) -> Result<Option<usize>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end])?;
    let content = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    Ok(Some(end + 4 + content.map_or(Ok(0), str::parse)?))
}

fn check(answer: &[u8], status: u16) -> Result<()> {
    let text = answer.get(9..12).context("no status")?;
    ensure!(text == status.to_string().as_bytes(), "unexpected: {}", String::from_utf8_lossy(answer));
    Ok(())
}
