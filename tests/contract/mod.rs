//! Checks that every simulator passes, whatever its vendor.

mod dialect;
mod faults;
mod files;
mod journal;
mod sandboxes;
mod violations;
