//! Requests over plain sockets: as little work as can be, so that the servers have the cores.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::task::JoinSet;

use crate::now;

/// Numbers that no two requests share, whichever server they go to.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// One kind of request.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
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

/// What came of a load.
#[derive(Clone, Copy)]
pub(crate) struct Measured {
    /// Answers a second.
    pub(crate) rate: f64,
    /// How long half of the answers took at most, in microseconds.
    pub(crate) p50: f64,
    /// The same for 99 of 100.
    pub(crate) p99: f64,
}

/// Sends requests of one kind for `time` over so many connections, each of which waits for its answer before it sends
/// again.
///
/// # Errors
/// When one is answered with anything but the expected status.
pub(crate) fn run(address: SocketAddr, kind: Kind, connections: usize, time: Duration) -> Result<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    runtime.block_on(async {
        let begun = now();
        let mut open = JoinSet::new();
        for _ in 0..connections {
            open.spawn(ask(address, kind, begun, time));
        }
        let mut took: Vec<u32> = Vec::new();
        while let Some(done) = open.join_next().await {
            took.extend(done??);
        }
        let seconds = begun.elapsed().as_secs_f64();
        took.sort_unstable();
        let of =
            |share: usize| took.get(took.len() * share / 100).map_or(f64::NAN, |ns| f64::from(*ns) / 1e3);
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let count = took.len() as f64;
        Ok(Measured { rate: count / seconds, p50: of(50), p99: of(99) })
    })
}

/// One connection's part of it: how many nanoseconds each answer took.
async fn ask(address: SocketAddr, kind: Kind, begun: Instant, time: Duration) -> Result<Vec<u32>> {
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut took) = (Vec::with_capacity(16 << 10), Vec::with_capacity(1 << 12));
    while begun.elapsed() < time {
        let request = (kind.bytes)(NUMBER.fetch_add(1, Ordering::Relaxed));
        let sent = now();
        stream.write_all(&request).await?;
        buffer.clear();
        while length(&buffer)?.is_none_or(|length| buffer.len() < length) {
            ensure!(stream.read_buf(&mut buffer).await? > 0, "the connection was cut");
        }
        took.push(u32::try_from(sent.elapsed().as_nanos()).unwrap_or(u32::MAX));
        check(&buffer, kind.status)?;
    }
    Ok(took)
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
    let named = |line: &str| Some(line.split_once(": ")?.1.to_owned());
    let is_length =
        |line: &&str| line.get(..15).is_some_and(|name| name.eq_ignore_ascii_case("content-length:"));
    let content = head.lines().find(is_length).and_then(named);
    // Some servers send pieces; the last of them is empty.
    if content.is_none() && head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return Ok(bytes.ends_with(b"\r\n0\r\n\r\n").then_some(bytes.len()));
    }
    Ok(Some(end + 4 + content.map_or(Ok(0), |length| length.parse())?))
}

fn check(answer: &[u8], status: u16) -> Result<()> {
    let text = answer.get(9..12).context("no status")?;
    ensure!(text == status.to_string().as_bytes(), "unexpected: {}", String::from_utf8_lossy(answer));
    Ok(())
}
