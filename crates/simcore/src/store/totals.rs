//! What is remembered of lists from one page to the next.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foldhash::quality::RandomState;

use crate::base::error::Result;

/// How many rows lists have, and where pages ended: who reads a list page by page has it counted once, and does not pass
/// over what was read again, until something is written.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    lists: Mutex<KnownLists>,
    /// Lists of images, for databases in memory.
    of_images: Arc<OfImages>,
}

/// How many rows the lists of images have, by image and list: sandboxes that have written nothing have the same.
#[derive(Debug, Default)]
pub(crate) struct OfImages(Mutex<HashMap<(u64, u64), u64, RandomState>>);

impl OfImages {
    /// How many lists are remembered.
    const MOST: usize = 4096;

    fn all(&self) -> MutexGuard<'_, HashMap<(u64, u64), u64, RandomState>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is remembered of lists while so many rows have been written, by their identities.
#[derive(Debug, Default)]
struct KnownLists {
    writes: u64,
    /// The image that the database was when its connection was opened.
    image: Option<u64>,
    totals: HashMap<u64, u64, RandomState>,
    /// How many rows came up to the end of the page that was read last, and the row there.
    ends: HashMap<u64, (u64, i64), RandomState>,
}

impl Totals {
    /// How many lists are remembered.
    const MOST: usize = 64;

    /// Those of a database in memory.
    pub(crate) fn beside(of_images: &Arc<OfImages>) -> Arc<Self> {
        Arc::new(Self { of_images: of_images.clone(), ..Self::default() })
    }

    /// The database is another, or has a new connection; `image` is the image that it is.
    pub(crate) fn forget(&self, image: Option<u64>) {
        *self.lists() = KnownLists { image, ..KnownLists::default() };
    }

    fn lists(&self) -> MutexGuard<'_, KnownLists> {
        self.lists.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, writes: u64) -> MutexGuard<'_, KnownLists> {
        let mut known = self.lists();
        if known.writes != writes || known.totals.len().max(known.ends.len()) >= Self::MOST {
            let image = known.image.filter(|_| known.writes == writes);
            *known = KnownLists { writes, image, ..KnownLists::default() };
        }
        known
    }

    /// What is remembered of a list, or else what `count` says; `writes` is how many rows were ever written.
    pub(crate) fn of(&self, list: u64, writes: u64, count: impl FnOnce() -> Result<u64>) -> Result<u64> {
        let mut known = self.known(writes);
        if let Some(total) = known.totals.get(&list) {
            return Ok(*total);
        }
        let image = known.image;
        let counted = image.and_then(|image| self.of_images.all().get(&(image, list)).copied());
        let total = counted.map_or_else(count, Ok)?;
        if let Some(image) = image {
            let mut all = self.of_images.all();
            if all.len() >= OfImages::MOST {
                all.clear();
            }
            all.insert((image, list), total);
        }
        known.totals.insert(list, total);
        Ok(total)
    }

    /// The row after which a page of a list begins, when the page before it was read last.
    pub(crate) fn row_before(&self, list: u64, writes: u64, offset: u64) -> Option<i64> {
        let known = self.known(writes).ends.get(&list).copied();
        known.filter(|(end, _)| *end == offset).map(|(_, row)| row)
    }

    /// A page of a list ended there.
    pub(crate) fn ended(&self, list: u64, writes: u64, end: u64, row: i64) {
        self.known(writes).ends.insert(list, (end, row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_of_a_list_ends_with_a_write() {
        let totals = Totals::default();
        assert_eq!(totals.of(1, 7, || Ok(5)).unwrap(), 5);
        totals.ended(1, 7, 1000, 42);
        assert_eq!(totals.row_before(1, 7, 1000), Some(42));
        assert_eq!(totals.row_before(1, 7, 2000), None, "another page was read last");
        assert_eq!(totals.row_before(2, 7, 1000), None, "it is another list");
        assert_eq!(totals.of(1, 7, || Ok(6)).unwrap(), 5);
        assert_eq!(totals.row_before(1, 8, 1000), None, "something was written");
        assert_eq!(totals.of(1, 8, || Ok(6)).unwrap(), 6);
    }

    #[test]
    fn databases_that_are_one_image_are_counted_once() {
        let images = Arc::default();
        let new = |image| {
            let totals = Totals::beside(&images);
            totals.forget(image);
            totals
        };
        assert_eq!(new(Some(1)).of(1, 0, || Ok(5)).unwrap(), 5);
        let same = new(Some(1));
        assert_eq!(same.of(1, 0, || Ok(6)).unwrap(), 5);
        assert_eq!(same.of(1, 1, || Ok(6)).unwrap(), 6, "it was written to");
        assert_eq!(same.of(1, 0, || Ok(7)).unwrap(), 7, "and is no image any more");
        assert_eq!(new(Some(2)).of(1, 0, || Ok(6)).unwrap(), 6, "another image");
        assert_eq!(new(None).of(1, 0, || Ok(8)).unwrap(), 8);
    }

    #[test]
    fn few_lists_are_remembered() {
        let totals = Totals::default();
        for list in 0..1000 {
            totals.ended(list, 0, 10, 1);
        }
        assert!(totals.known(0).ends.len() <= Totals::MOST);
    }
}
