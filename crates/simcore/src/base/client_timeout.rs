//! How long slow clients are waited for.

use std::time::Duration;

use tokio::time::Instant;

/// How fast a body has to come once the timeout is used up, in bytes a second.
const BODY_RATE: u64 = 16 << 10;

/// How long slow clients are waited for, in real time (`--client-timeout`).
#[derive(Clone, Copy, Debug)]
pub struct ClientTimeout(Duration);

impl Default for ClientTimeout {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

impl ClientTimeout {
    /// That long, but no longer than a day: timers do not reach as far as durations do.
    pub fn of(duration: Duration) -> Self {
        Self(duration.min(Duration::from_secs(86_400)))
    }

    /// So long.
    pub fn duration(self) -> Duration {
        self.0
    }

    /// How long the head of a request may take, from the connection or the answer before it on.
    pub fn head(self) -> Duration {
        self.0
    }

    /// When the rest of a body must be there of which `received` bytes have come.
    pub fn body_deadline(self, began: Instant, received: usize) -> Instant {
        began + self.0 + Duration::from_secs(received as u64 / BODY_RATE)
    }
}
