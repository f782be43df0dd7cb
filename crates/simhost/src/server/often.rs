//! Lines of the log that clients can cause as often as they like: the same one is said once in a while.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// How long nothing is said that was just said.
const PAUSE: Duration = Duration::from_secs(10);

/// How many different lines are kept apart at a time; those beyond are one.
const MAX_LINES: usize = 100;

/// How often each line came since it was said last.
static CAME: LazyLock<Mutex<Counts>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Counts(HashMap<(&'static str, String), u64>);

impl Counts {
    /// Counts a line; gives what it counts as when it is to be said now.
    fn note(&mut self, server: &'static str, why: &str) -> Option<String> {
        let known = self.0.contains_key(&(server, why.to_owned()));
        let why = if known || self.0.len() < MAX_LINES { why } else { "more than one can say" };
        let count = self.0.entry((server, why.to_owned())).or_default();
        *count += 1;
        (*count == 1).then(|| why.to_owned())
    }

    /// How often the line came that was not said.
    fn left(&mut self, server: &'static str, why: &str) -> u64 {
        self.0.remove(&(server, why.to_owned())).unwrap_or(1) - 1
    }
}

/// Warns of what a client did, unless that was just done; how often it was done meanwhile is said in the end.
pub(super) fn warn(server: &'static str, status: Option<u16>, why: &str) {
    let counts = || CAME.lock().unwrap_or_else(PoisonError::into_inner);
    let Some(counted) = counts().note(server, why) else { return };
    tracing::warn!(server, status, "{why}");
    let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
    runtime.spawn(async move {
        tokio::time::sleep(PAUSE).await;
        let left = counts().left(server, &counted);
        if left > 0 {
            tracing::warn!(server, status, "{left} times more within {PAUSE:?}: {counted}");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_often_is_said_once_and_counted() {
        let mut counts = Counts::default();
        assert_eq!(counts.note("a", "x").as_deref(), Some("x"));
        for _ in 0..499 {
            assert_eq!(counts.note("a", "x"), None);
        }
        assert!(counts.note("b", "x").is_some(), "of another server");
        assert_eq!(counts.left("a", "x"), 499);
        assert!(counts.note("a", "x").is_some(), "and again later");
        for n in 0..3 * MAX_LINES {
            counts.note("a", &n.to_string());
        }
        assert!(counts.0.len() <= MAX_LINES + 1, "{}", counts.0.len());
    }
}
