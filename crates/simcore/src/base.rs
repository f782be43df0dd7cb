//! What every room stands on: errors without dialect, mistakes in words with the nearest name, durations, the clock,
//! seeded randomness.

pub mod clock;
pub mod decimal;
pub mod duration;
pub mod error;
pub mod mistake;
pub mod patience;
pub mod random;
pub mod request;
pub mod urlencoded;
