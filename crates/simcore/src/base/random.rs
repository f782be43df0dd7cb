//! Randomness that repeats: every draw is a function of a seed, a stream and a position.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// `N` bytes: the draw number `position` of `stream` under `seed`. Each draw starts at a block of its own, so its
/// size changes no other.
pub fn bytes<const N: usize>(seed: u64, stream: &str, position: u64) -> [u8; N] {
    let mut drawn = [0; N];
    generator(seed, stream, position).fill_bytes(&mut drawn);
    drawn
}

/// As many draws as one likes: those of `stream` under `seed` at `position`.
pub fn generator(seed: u64, stream: &str, position: u64) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..16].copy_from_slice(&fingerprint(stream.as_bytes()).to_le_bytes());
    key[16..24].copy_from_slice(&position.to_le_bytes());
    ChaCha8Rng::from_seed(key)
}

/// A whole number from 0 up to, not including, `end`; 0 when there is none.
pub fn below(draws: &mut impl Rng, end: u64) -> u64 {
    draws.next_u64().checked_rem(end).unwrap_or(0)
}

/// One of `all`; none when it is empty.
pub fn one_of<'a, T>(draws: &mut impl Rng, all: &'a [T]) -> Option<&'a T> {
    let place = below(draws, all.len() as u64);
    all.get(usize::try_from(place).unwrap_or(0))
}

/// A number from 0 up to, not including, 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact in an f64")]
pub fn fraction(seed: u64, stream: &str, position: u64) -> f64 {
    (u64::from_le_bytes(bytes(seed, stream, position)) >> 11) as f64 / (1u64 << 53) as f64
}

/// FNV-1a: a fingerprint that is the same on every machine and in every version, for streams and schema stamps.
pub fn fingerprint(text: &[u8]) -> u64 {
    text.iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::{bytes, fraction};

    #[test]
    fn draws_repeat_and_differ_by_seed_stream_and_position() {
        let draw: [u8; 16] = bytes(1, "ids", 0);
        assert_eq!(draw, bytes::<16>(1, "ids", 0));
        for other in [bytes(2, "ids", 0), bytes(1, "tokens", 0), bytes(1, "ids", 1)] {
            assert_ne!(draw, other);
        }
        assert!((0..1000).all(|n| (0.0..1.0).contains(&fraction(7, "rate", n))));
    }
}
