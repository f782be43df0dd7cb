//! What a sandbox is besides its databases and its journal.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::base::clock::Clock;
use crate::rules::counting::Expectations;
use crate::rules::fault::Faults;
use crate::rules::step::Progress;
use crate::scenario::Ready;
use crate::scenario::tally::Tally;

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
    /// The expectations in force, and what has been counted for them.
    pub expectations: Expectations,
    /// What has been counted of all requests.
    pub tally: Tally,
}

impl World {
    /// The state of a sandbox that begins with `ready`.
    pub fn new(ready: &Ready, seed: u64) -> Self {
        let clock = ready.scenario.clock();
        let mut faults = Faults::default();
        ready.scenario.faults.iter().for_each(|rule| drop(faults.add(rule.clone())));
        let steps = vec![Progress::default(); ready.scenario.steps.len()];
        let mut expectations = Expectations::default();
        for expectation in &ready.scenario.expect {
            expectations.add(expectation.clone(), 0);
        }
        let tally = Tally::default();
        Self { seed, clock, started: clock.now(), faults, steps, expectations, tally }
    }
}
