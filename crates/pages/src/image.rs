//! A whole database as pages, most of them shared.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a page: SQLite's usual size, which no database here changes.
pub const PAGE: usize = 4096;

type Page = [u8; PAGE];

/// The state of a database: pages that many have in common, and those that differ from them. A copy costs as much as
/// there are pages that differ, and shares those too.
#[derive(Clone)]
pub struct Image {
    base: Arc<[u8]>,
    /// What tells `base` from those of other images.
    id: u64,
    changed: BTreeMap<usize, Arc<Page>>,
    /// How many pages it has: `base` has as many, or fewer.
    pages: usize,
}

/// Bytes that are no whole number of pages of [`PAGE`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotPages;

impl std::fmt::Display for NotPages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "it is no database with pages of {PAGE} bytes")
    }
}

impl std::error::Error for NotPages {}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image of {} pages, {} of them its own", self.pages, self.changed.len())
    }
}

fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl PartialEq for Image {
    fn eq(&self, other: &Self) -> bool {
        self.pages == other.pages && (0..self.pages).all(|number| self.page(number) == other.page(number))
    }
}

impl Eq for Image {}

impl Image {
    /// A database without a table.
    pub fn empty() -> Self {
        Self { base: Arc::default(), id: next_id(), changed: BTreeMap::new(), pages: 0 }
    }

    /// The database that these bytes are.
    ///
    /// # Errors
    /// When they are not made of pages of [`PAGE`] bytes.
    pub fn new(bytes: impl Into<Arc<[u8]>>) -> Result<Self, NotPages> {
        /// Where the header of a database says how large its pages are.
        const SIZE: std::ops::Range<usize> = 16..18;
        let base: Arc<[u8]> = bytes.into();
        let says = base.get(SIZE).map(|size| usize::from(size[0]) << 8 | usize::from(size[1]));
        if !base.len().is_multiple_of(PAGE) || says.is_some_and(|size| size != PAGE) {
            return Err(NotPages);
        }
        let pages = base.len() / PAGE;
        Ok(Self { base, id: next_id(), changed: BTreeMap::new(), pages })
    }

    /// The bytes of the database as a file has them.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.len());
        for number in 0..self.pages {
            bytes.extend_from_slice(self.page(number));
        }
        bytes
    }

    /// How many bytes the database has.
    pub fn len(&self) -> usize {
        self.pages * PAGE
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.pages == 0
    }

    /// How many bytes it does not share with what it began as.
    pub fn own_bytes(&self) -> usize {
        self.changed.len() * PAGE
    }

    /// The number of the image that it was and still is: nothing once a page was written.
    pub fn untouched(&self) -> Option<u64> {
        self.changed.is_empty().then_some(self.id)
    }

    /// A page. What was never written is zero, as in a file.
    fn page(&self, number: usize) -> &[u8] {
        static ZERO: Page = [0; PAGE];
        match self.changed.get(&number) {
            Some(page) => &page[..],
            None => self.base.get(number * PAGE..(number + 1) * PAGE).unwrap_or(&ZERO),
        }
    }

    /// Reads from `offset` on; how many bytes there were.
    pub(crate) fn read(&self, into: &mut [u8], offset: usize) -> usize {
        let end = self.len().min(offset.saturating_add(into.len()));
        let mut at = offset;
        while at < end {
            let (number, inside) = (at / PAGE, at % PAGE);
            let length = (end - at).min(PAGE - inside);
            into[at - offset..][..length].copy_from_slice(&self.page(number)[inside..inside + length]);
            at += length;
        }
        end.saturating_sub(offset)
    }

    /// Writes at `offset`; pages that are shared are copied first.
    pub(crate) fn write(&mut self, bytes: &[u8], offset: usize) {
        let mut done = 0;
        while done < bytes.len() {
            let (number, inside) = ((offset + done) / PAGE, (offset + done) % PAGE);
            let length = (bytes.len() - done).min(PAGE - inside);
            self.page_mut(number)[inside..inside + length].copy_from_slice(&bytes[done..done + length]);
            self.pages = self.pages.max(number + 1);
            done += length;
        }
    }

    fn page_mut(&mut self, number: usize) -> &mut Page {
        let Self { base, changed, .. } = self;
        let page = changed.entry(number).or_insert_with(|| {
            let mut page = [0; PAGE];
            if let Some(old) = base.get(number * PAGE..(number + 1) * PAGE) {
                page.copy_from_slice(old);
            }
            Arc::new(page)
        });
        Arc::make_mut(page)
    }

    /// Cuts the database to so many bytes.
    pub(crate) fn truncate(&mut self, size: usize) {
        let pages = size.div_ceil(PAGE);
        if pages < self.pages {
            self.changed.split_off(&pages);
            // What is written behind the new end is not what stood there before.
            if self.base.len() > pages * PAGE {
                self.base = Arc::from(&self.base[..pages * PAGE]);
                self.id = next_id();
            }
            self.pages = pages;
        }
    }
}
