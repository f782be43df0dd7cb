//! Lines on stdout and stderr that hold nobody up: each stream has a thread of its own that writes them, and a bounded
//! queue. What does not fit, because nobody reads, is dropped and counted.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use serde_json::json;

/// How many lines wait at most, and how many bytes.
const LINES: usize = 4096;
const BYTES: usize = 4 << 20;

/// How long the last lines are waited for when the process ends.
const LAST: Duration = Duration::from_millis(500);

static STDERR: OnceLock<Output> = OnceLock::new();
static STDOUT: OnceLock<Output> = OnceLock::new();

/// Whether every line on stderr is JSON.
static JSON: AtomicBool = AtomicBool::new(false);

/// A stream and what waits for it.
pub(crate) struct Output {
    queue: SyncSender<Said>,
    waiting: Arc<AtomicUsize>,
    dropped: Arc<AtomicU64>,
}

enum Said {
    Bytes(Vec<u8>),
    /// Everything before it is to be written; then its sender is told.
    Last(SyncSender<()>),
}

/// What everything but the result goes to.
pub(crate) fn stderr() -> &'static Output {
    STDERR.get_or_init(|| Output::over(io::stderr()))
}

/// What the result goes to.
pub(crate) fn stdout() -> &'static Output {
    STDOUT.get_or_init(|| Output::over(io::stdout()))
}

/// From now on every line on stderr is JSON.
pub(crate) fn speak_json() {
    JSON.store(true, Ordering::Relaxed);
}

/// Says something to people on stderr; to programs, where every line is JSON.
pub(crate) fn tell(message: &str) {
    stderr().line(&worded(message));
}

/// The wall clock, as lines show it.
#[expect(clippy::disallowed_methods, reason = "log lines are written in real time")]
pub(crate) fn now() -> String {
    format!("{:.3}", jiff::Timestamp::now())
}

/// Waits a moment for what has been said to be written.
pub(crate) fn flush() {
    for output in [STDERR.get(), STDOUT.get()].into_iter().flatten() {
        output.flush();
    }
}

fn worded(message: &str) -> String {
    if JSON.load(Ordering::Relaxed) {
        json!({ "at": now(), "level": "info", "message": message }).to_string()
    } else {
        message.to_owned()
    }
}

impl Output {
    fn over(mut stream: impl Write + Send + 'static) -> Self {
        let (queue, lines) = sync_channel(LINES);
        let (waiting, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicU64::new(0)));
        let (left, lost) = (waiting.clone(), dropped.clone());
        let write = move || {
            for said in lines {
                match said {
                    // A reader that has gone away is no failure.
                    Said::Bytes(bytes) => {
                        let _ = stream.write_all(&bytes).and_then(|()| stream.flush());
                        left.fetch_sub(bytes.len(), Ordering::Relaxed);
                        let lost = lost.swap(0, Ordering::Relaxed);
                        if lost > 0 {
                            let said =
                                worded(&format!("erpsatz: {lost} lines were dropped: nobody read them"));
                            let _ = writeln!(stream, "{said}");
                        }
                    }
                    Said::Last(written) => drop(written.send(())),
                }
            }
        };
        // Without a thread nothing is written, and everything is counted as dropped.
        let _ = thread::Builder::new().name("output".to_owned()).spawn(write);
        Self { queue, waiting, dropped }
    }

    /// Says one line.
    pub(crate) fn line(&self, line: &str) {
        self.bytes(format!("{line}\n").into_bytes());
    }

    /// Says these bytes, whole or not at all.
    pub(crate) fn bytes(&self, bytes: Vec<u8>) {
        let length = bytes.len();
        if self.waiting.fetch_add(length, Ordering::Relaxed) + length > BYTES
            || self.queue.try_send(Said::Bytes(bytes)).is_err()
        {
            self.waiting.fetch_sub(length, Ordering::Relaxed);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn flush(&self) {
        let (written, all) = sync_channel(1);
        let mut last = Said::Last(written);
        for _ in 0..LAST.as_millis() / 10 {
            match self.queue.try_send(last) {
                Ok(()) => {
                    // Whoever does not read by then is not waited for.
                    let _ = all.recv_timeout(LAST);
                    return;
                }
                Err(TrySendError::Full(kept)) => last = kept,
                Err(TrySendError::Disconnected(_)) => return,
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// stderr for writers of log lines.
pub(crate) struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        stderr().bytes(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Takes nothing until it is let.
    struct Stuck(Arc<(Mutex<Vec<u8>>, Mutex<()>)>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            drop(self.0.1.lock().unwrap());
            self.0.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_waits_for_a_reader_that_does_not_read() {
        let stream = Arc::new((Mutex::default(), Mutex::default()));
        let stuck = stream.1.lock().unwrap();
        let output = Output::over(Stuck(stream.clone()));
        for n in 0..3 * LINES {
            output.line(&format!("line {n}"));
        }
        assert!(output.dropped.load(Ordering::Relaxed) >= LINES as u64, "what does not fit is dropped");
        drop(stuck);
        output.flush();
        output.line("after");
        output.flush();
        let written = String::from_utf8(stream.0.lock().unwrap().clone()).unwrap();
        assert!(written.starts_with("line 0\n") && written.contains("lines were dropped"), "and counted");
        assert!(written.ends_with("after\n"));
    }
}
