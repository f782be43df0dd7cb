//! What happens in sandboxes, told as it happens to those who listen. Events carry names and ids, never values.

use tokio::sync::broadcast;
use tokio::sync::broadcast::Receiver;

/// How many events a listener may be behind before it misses some.
pub const MAX_BEHIND: usize = 1024;

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A request was journaled.
    Entry,
    /// A sandbox: `created`, `reset`, `deleted`.
    Sandbox,
    /// The clock was moved, frozen or released.
    Clock,
    /// A fault rule: `added`, `removed`, `hit`.
    Fault,
    /// Records were written, by whomever.
    Data,
    /// A snapshot: `taken`, `restored`, `deleted`.
    Snapshot,
    /// Another scenario was loaded.
    Scenario,
    /// An expectation was added, removed or counted a request.
    Expectation,
    /// A back-office action ran.
    Action,
    /// The process stops: streams end.
    Stop,
}

impl Topic {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entry => "entry",
            Self::Sandbox => "sandbox",
            Self::Clock => "clock",
            Self::Fault => "fault",
            Self::Data => "data",
            Self::Snapshot => "snapshot",
            Self::Scenario => "scenario",
            Self::Expectation => "expectation",
            Self::Action => "action",
            Self::Stop => "stop",
        }
    }
}

/// Something that happened in a sandbox.
#[derive(Clone, Debug)]
pub struct Event {
    /// What it is about.
    pub topic: Topic,
    /// The sandbox's name.
    pub sandbox: String,
    /// What became of it, in one word.
    pub what: &'static str,
    /// Which one, where there are several: a rule, snapshot, action, or `SLUG/ENTITY`.
    pub id: Option<String>,
}

/// Where events go.
#[derive(Debug)]
pub struct Events(broadcast::Sender<Event>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::Sender::new(MAX_BEHIND))
    }
}

impl Events {
    /// Tells those who listen; costs next to nothing when nobody does, and never waits.
    pub fn tell(&self, sandbox: &str, topic: Topic, what: &'static str, id: Option<&str>) {
        if self.is_heard() {
            let event = Event { topic, sandbox: sandbox.to_owned(), what, id: id.map(str::to_owned) };
            // An error means that the last listener has just gone.
            let _ = self.0.send(event);
        }
    }

    /// Whether anybody listens.
    pub fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Listens from now on.
    pub fn listen(&self) -> Receiver<Event> {
        self.0.subscribe()
    }
}
