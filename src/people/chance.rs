//! Chance that nobody can guess: the system's own.

use ring::rand::{SecureRandom as _, SystemRandom};

/// Bytes nobody can guess.
///
/// # Panics
/// When the system has no randomness to give: nothing that opens anything may be made then.
pub fn fresh_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("invariant: the system gives randomness");
    bytes
}
