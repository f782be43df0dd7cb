//! What every room stands on: errors without dialect, mistakes in words with the nearest name, durations, the clock,
//! seeded randomness, text in bytes, scalars as they are written.

pub mod aside;
pub mod client_timeout;
pub mod clock;
pub mod decimal;
pub mod diagnostics;
pub mod duration;
pub mod error;
pub mod map;
pub mod origin;
pub mod places;
pub mod random;
pub mod renames;
pub mod request;
#[macro_use]
pub mod said;
pub mod secret;
pub mod structure;
pub mod text;
pub mod urlencoded;
pub mod written;
