//! What a sandbox is to the run, over all its worlds.

use serde::{Deserialize, Serialize};

use crate::judge::life::Life;
use crate::rules::fail_on::FailOn;

/// What a sandbox is to the run, over all its worlds.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Which sandbox of its name it is.
    #[serde(default)]
    pub(super) life: Life,
    /// How many scenarios it had before.
    pub(super) epoch: u32,
    /// Whether its scenario, or an expectation, was sent to it.
    pub(super) sent: bool,
    /// Whether something was asked, in its world, of an operation that expectations name.
    pub(super) asked: bool,
    /// Whether somebody else has judged its world.
    pub(super) judged: bool,
    /// What makes it fail, where it was made with that.
    pub(super) fail_on: Option<FailOn>,
}

impl Standing {
    /// Nothing has been asked in a new world, and nobody has judged it.
    pub(super) fn begin_world(&mut self) {
        (self.asked, self.judged) = (false, false);
    }
}
