//! Checks that every simulator passes, whatever its vendor.

mod dialect;
mod documents;
mod faults;
mod files;
mod journal;
mod sandboxes;
mod violations;
