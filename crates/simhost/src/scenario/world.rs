//! What a sandbox is besides its databases and its journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::clock::Clock;
use crate::rules::expect::Count;
use crate::rules::fault::Faults;
use crate::rules::step::Progress;
use crate::scenario::Ready;

/// What a sandbox is besides its databases and its journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// The seed of everything random.
    pub seed: u64,
    /// Simulated time.
    pub clock: Clock,
    /// What the clock showed when the scenario began.
    pub started: Timestamp,
    /// The fault rules in force.
    pub faults: Faults,
    /// What has come of the scenario's steps, in their order.
    pub steps: Vec<Progress>,
    /// What has been counted for its expectations, in their order.
    pub counts: Vec<Count>,
    /// How many requests were outside the contract.
    pub violations: u64,
}

impl World {
    /// The state of a sandbox that begins with `ready`.
    pub fn new(ready: &Ready, seed: u64) -> Self {
        let clock = ready.scenario.clock();
        let mut faults = Faults::default();
        ready.scenario.faults.iter().for_each(|rule| drop(faults.add(rule.clone())));
        let steps = vec![Progress::default(); ready.scenario.steps.len()];
        let counts = vec![Count::default(); ready.scenario.expect.len()];
        Self { seed, clock, started: clock.now(), faults, steps, counts, violations: 0 }
    }
}
