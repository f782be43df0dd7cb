//! What every room stands on: errors without dialect, mistakes in words with the nearest name, durations, the clock,
//! seeded randomness, text in bytes, scalars as they are written.

pub mod clock;
pub mod duration;
pub mod error;
pub mod mistake;
pub mod random;
pub mod text;
pub mod written;
