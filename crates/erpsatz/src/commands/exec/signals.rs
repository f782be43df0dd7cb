//! The signals that `exec` catches for its command.

use std::io;
use std::thread;

use rustix::process::Signal;
use signal_hook::consts::{
    SIGABRT, SIGBUS, SIGCHLD, SIGFPE, SIGILL, SIGKILL, SIGPIPE, SIGSEGV, SIGSTOP, SIGSYS, SIGTRAP, SIGTSTP,
    SIGTTIN, SIGTTOU,
};
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::origin::{Origin, WithOrigin};
use signal_hook::low_level::siginfo::Cause;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Those that cannot be caught, those about this process itself (its children, its terminal, its pipes) and faults.
const OWN: [i32; 14] = [
    SIGKILL, SIGSTOP, SIGCHLD, SIGPIPE, SIGTTIN, SIGTTOU, SIGTSTP, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE,
    SIGSEGV, SIGSYS,
];

/// The highest number that any supported system has.
const HIGHEST: i32 = 64;

/// A signal that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    /// Its number.
    pub(super) number: i32,
    /// Whether the system sent it: the terminal does so to every process of its foreground group.
    pub(super) from_terminal: bool,
}

/// The signals that came, in order.
pub(super) struct Signals(UnboundedReceiver<Received>);

impl Signals {
    /// Catches every signal that can be caught and is meant for the command. One that was ignored when this process
    /// started stays ignored, and the command inherits that.
    pub(super) fn arm() -> io::Result<Self> {
        let ignored = ignored();
        let mut caught = SignalsInfo::<WithOrigin>::new(std::iter::empty::<i32>())?;
        let handle = caught.handle();
        let is_wanted = |number: &i32| !OWN.contains(number) && ignored & (1 << (number - 1)) == 0;
        for number in (1..=HIGHEST).filter(is_wanted).filter(|number| named(*number).is_some()) {
            if let Err(error) = handle.add_signal(number) {
                tracing::debug!(number, %error, "a signal that cannot be caught");
            }
        }
        let (sender, receiver) = unbounded_channel();
        let work = move || {
            for origin in caught.forever() {
                if sender.send(Received::from(origin)).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("signals".to_owned()).spawn(work)?;
        Ok(Self(receiver))
    }

    /// Those that have come so far.
    pub(super) fn pending(&mut self) -> Vec<Received> {
        std::iter::from_fn(|| self.0.try_recv().ok()).collect()
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Received {
        match self.0.recv().await {
            Some(received) => received,
            None => std::future::pending().await,
        }
    }
}

impl From<Origin> for Received {
    fn from(origin: Origin) -> Self {
        // macOS tells no cause, and no process where the system itself is the sender.
        let is_system = match origin.cause {
            Cause::Kernel => true,
            Cause::Unknown => origin.process.is_none(),
            _ => false,
        };
        Self { number: origin.signal, from_terminal: is_system }
    }
}

/// The signal of that number, when there is one that can be sent.
#[cfg(target_os = "linux")]
pub(super) fn named(number: i32) -> Option<Signal> {
    use rustix_libc_wrappers::process::SignalExt as _;
    Signal::from_raw(number)
}

/// The signal of that number, when there is one that can be sent.
#[cfg(not(target_os = "linux"))]
pub(super) fn named(number: i32) -> Option<Signal> {
    Signal::from_named_raw(number)
}

/// The signals that are ignored, a bit each, the lowest for number 1.
#[cfg(target_os = "linux")]
pub(super) fn ignored() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "what the system says of this process")]
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default()
}

/// Other systems do not say.
#[cfg(not(target_os = "linux"))]
pub(super) fn ignored() -> u64 {
    0
}
