//! The whole server under random operations. A failing run prints its seed; `ERPSATZ_TEST_SEED` plays it again, and
//! `ERPSATZ_TEST_STEPS` says how long it goes on.

mod again;
mod canaries;
mod hostile;
mod model;
mod operations;
mod replay;
mod state;

/// Draws that repeat: the same seed, the same run.
struct Draws {
    seed: u64,
    drawn: u64,
}

impl Draws {
    fn new(usual: u64) -> Self {
        let seed = std::env::var("ERPSATZ_TEST_SEED").map_or(usual, |text| text.parse().expect("a number"));
        Self { seed, drawn: 0 }
    }

    /// A number below `bound`.
    fn below(&mut self, bound: usize) -> usize {
        self.drawn += 1;
        let drawn = u64::from_le_bytes(simcore::base::random::bytes(self.seed, "test", self.drawn));
        usize::try_from(drawn % bound as u64).expect("it fits")
    }

    fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

impl Drop for Draws {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("play it again with ERPSATZ_TEST_SEED={}", self.seed);
        }
    }
}

/// How many steps a test takes.
fn steps(usual: usize) -> usize {
    std::env::var("ERPSATZ_TEST_STEPS").map_or(usual, |text| text.parse().expect("a number"))
}
