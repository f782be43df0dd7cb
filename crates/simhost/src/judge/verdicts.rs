//! The verdicts, a file a group of them: each observes every finished request and tells what it has found.

pub(super) mod exports;
pub(super) mod licences;
pub(super) mod lists;
pub(super) mod overwritten;
pub(super) mod pace;
pub(super) mod refusals;
pub(super) mod sent;
pub(super) mod sessions;
pub(super) mod twice;
pub(super) mod waste;
