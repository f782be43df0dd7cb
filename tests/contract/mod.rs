//! Checks that every simulator passes, whatever its vendor.

mod dialect;
mod faults;
mod files;
mod journal;
mod sandboxes;

pub(crate) use files::tables;
