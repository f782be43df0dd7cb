//! A sandbox's time: the wall clock plus an offset, or a frozen instant.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::base::diagnostics::{MAX_NAME, short};

/// From when on a clock can stand, and until when: the years that every vendor can write.
const FIRST: Timestamp = Timestamp::constant(-62_135_596_800, 0);
const LAST: Timestamp = Timestamp::constant(253_370_764_799, 0);

/// Reads an instant, or none, at which a clock can stand.
///
/// # Errors
/// A sentence that says from when to when it can.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text: Option<String> = Option::deserialize(deserializer)?;
    text.map(|text| instant(&text)).transpose().map_err(de::Error::custom)
}

/// The instant that a text is, when a clock can stand there.
///
/// # Errors
/// A sentence that says from when to when it can.
pub(crate) fn instant(text: &str) -> Result<Timestamp, String> {
    match text.parse() {
        Ok(at) => check(at).map(|()| at),
        Err(_) => {
            let text = short(text, MAX_NAME);
            Err(format!("`{text}` is no such instant as 2026-03-02T08:00:00Z, and {}", beyond()))
        }
    }
}

fn check(at: Timestamp) -> Result<(), String> {
    if (FIRST..=LAST).contains(&at) { Ok(()) } else { Err(beyond()) }
}

fn beyond() -> String {
    format!("a clock stands between {FIRST} and {LAST}")
}

/// Simulated time. It only ever moves forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// Stands still until it is moved.
    Frozen {
        /// What it shows.
        at: Timestamp,
    },
    /// Runs with the wall clock.
    Running {
        /// How far it is ahead of the wall clock.
        ahead: SignedDuration,
    },
}

impl Clock {
    /// A clock that shows `start`, or the wall clock's time without one.
    pub fn new(start: Option<Timestamp>, frozen: bool) -> Self {
        let clock =
            Self::Running { ahead: start.map_or(SignedDuration::ZERO, |start| start.duration_since(wall())) };
        if frozen { Self::Frozen { at: start.unwrap_or_else(|| clock.now()) } } else { clock }
    }

    /// What the clock shows; the last instant that can be written when it was moved past it.
    pub fn now(self) -> Timestamp {
        match self {
            Self::Frozen { at } => at,
            Self::Running { ahead } => wall().checked_add(ahead).unwrap_or(Timestamp::MAX),
        }
    }

    /// Whether it stands still.
    pub fn is_frozen(self) -> bool {
        matches!(self, Self::Frozen { .. })
    }

    /// Moves it to `at`.
    ///
    /// # Errors
    /// A sentence when `at` lies before what the clock shows, or where it cannot stand.
    pub fn set(&mut self, at: Timestamp) -> Result<(), String> {
        if at < self.now() {
            return Err(format!("the clock shows {} and cannot be moved back to {at}", self.now()));
        }
        check(at)?;
        *self = match self {
            Self::Frozen { .. } => Self::Frozen { at },
            Self::Running { .. } => Self::new(Some(at), false),
        };
        Ok(())
    }

    /// Moves it on by `by`.
    ///
    /// # Errors
    /// A sentence when it cannot stand there.
    pub fn advance(&mut self, by: SignedDuration) -> Result<(), String> {
        let at = self.now().checked_add(by).map_err(|_| beyond())?;
        check(at)?;
        match self {
            Self::Frozen { at: shown } => *shown = at,
            Self::Running { ahead } => *ahead = ahead.checked_add(by).ok_or_else(beyond)?,
        }
        Ok(())
    }

    /// Stops it, or lets it run on from what it shows.
    pub fn freeze(&mut self, frozen: bool) {
        if frozen != self.is_frozen() {
            *self = Self::new(Some(self.now()), frozen);
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where the wall clock enters")]
fn wall() -> Timestamp {
    Timestamp::now()
}
