//! The world of a sandbox behind its lock, and beside it what every request asks.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard};

use super::locked;
use crate::base::clock::Clock;
use crate::scenario::world::World;

/// The world of a sandbox. What every request asks of it does not wait for who works on it: the end of a request holds it
/// while the judge looks on.
pub(super) struct CurrentWorld {
    world: Mutex<World>,
    summary: Mutex<Summary>,
}

/// What is known of a world without its lock: as it was when it was last let go.
#[derive(Clone, Copy)]
pub(super) struct Summary {
    /// Its clock.
    pub(super) clock: Clock,
    /// Whether it has neither fault rules nor expectations.
    pub(super) is_plain: bool,
}

/// The world while it is worked on.
pub(super) struct WorldGuard<'a> {
    world: MutexGuard<'a, World>,
    summary: &'a Mutex<Summary>,
}

impl CurrentWorld {
    pub(super) fn new(world: World) -> Self {
        let summary = Mutex::new(Summary::of(&world));
        Self { world: Mutex::new(world), summary }
    }

    pub(super) fn lock(&self) -> WorldGuard<'_> {
        WorldGuard { world: locked(&self.world), summary: &self.summary }
    }

    pub(super) fn summary(&self) -> Summary {
        *locked(&self.summary)
    }
}

impl Summary {
    fn of(world: &World) -> Self {
        let is_plain = world.faults.rules().is_empty() && world.expectations.states().is_empty();
        Self { clock: world.clock, is_plain }
    }
}

impl Deref for WorldGuard<'_> {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl DerefMut for WorldGuard<'_> {
    fn deref_mut(&mut self) -> &mut World {
        &mut self.world
    }
}

impl Drop for WorldGuard<'_> {
    fn drop(&mut self) {
        *locked(self.summary) = Summary::of(&self.world);
    }
}
