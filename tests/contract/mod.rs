//! Checks that every simulator passes, whatever its vendor.

mod dialect;
mod documents;
mod edges;
mod examples;
mod faults;
mod files;
mod journal;
mod samples;
mod sandboxes;
mod violations;

pub(crate) use files::tables;
