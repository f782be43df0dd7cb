//! Records made in a thread of their own, ahead of the one that stores them.

use std::sync::mpsc::sync_channel;
use std::thread;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::make::Maker;
use crate::base::error::Result;

/// How many records are handed over at a time, and how many times that are waiting at most.
const BATCH: u64 = 64;
const WAITING: usize = 8;

/// A record, and where the maker's series stand after it.
type Made = (Map<String, Value>, Vec<u64>);

/// Makes `count` records, dated by `at`, and gives each to `store`, which says whether it could be stored. Gives how many
/// were, up to the first that could not; the maker stands where it made that one.
///
/// # Errors
/// What `store` says.
pub(super) fn make(
    maker: &mut Maker<'_>,
    count: u64,
    at: impl Fn(u64) -> Timestamp + Sync,
    mut store: impl FnMut(u64, Result<Map<String, Value>>) -> Result<bool, String>,
) -> Result<u64, String> {
    let mut stored = 0;
    let refused = thread::scope(|scope| {
        let (send, receive) = sync_channel::<Vec<Result<Made>>>(WAITING);
        let (maker, at) = (&mut *maker, &at);
        scope.spawn(move || {
            let mut one = |number| {
                let record = maker.record(None, at(number), number, 0)?;
                Ok((record, maker.numbers()))
            };
            for first in (1..=count).step_by(usize::try_from(BATCH).unwrap_or(1)) {
                let last = count.min(first + BATCH - 1);
                // Nobody waits for more once something was refused.
                if send.send((first..=last).map(&mut one).collect()).is_err() {
                    return;
                }
            }
        });
        for made in receive.iter().flatten() {
            let (record, numbers) =
                made.map_or_else(|error| (Err(error), Vec::new()), |(one, at)| (Ok(one), at));
            if !store(stored + 1, record)? {
                return Ok(Some(numbers));
            }
            stored += 1;
        }
        Ok::<_, String>(None)
    })?;
    if let Some(numbers) = refused {
        maker.go_back(&numbers);
    }
    Ok(stored)
}
